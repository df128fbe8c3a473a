"""JupyterLab with settings of its own, and a notebook in it, for a browser to open."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
# A machine that is busy lists its kernels late, and the notebook then asks for its own.
READY = """(() => {
  const ask = document.querySelector('.jp-Dialog .jp-mod-accept');
  if (ask) ask.click();
  const panel = [...window.jupyterapp.shell.widgets('main')].find((widget) => widget.sessionContext);
  const kernel = panel?.sessionContext.session?.kernel;
  return !ask && kernel?.connectionStatus === 'connected';
})()"""
QUIET = {"fetchNews": "false", "checkForUpdates": False}


def _settings(folder, dark):
    """What a user would have chosen once: no news, the theme."""
    for name, content in (("notification", QUIET), ("themes", {"theme": f"JupyterLab {'Dark' if dark else 'Light'}"})):
        file = folder / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyter(folder, home, dark=False):
    """JupyterLab's address while it serves `folder`; everything of the user's lies in `home`."""
    _settings(home / "settings", dark)
    port = _free_port()
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    words += ["--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.expose_app_in_browser=True"]
    words += [f"--ServerApp.root_dir={folder}", "--ServerApp.allow_root=True", "--LabApp.news_url=None"]
    places = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    places |= {"HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    places |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, env=os.environ | places, cwd=folder)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, home / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address, process, log):
    for _ in range(1200):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


class Lab:
    """A notebook in a tab of the browser (`tests.report.chromium.Page`)."""

    def __init__(self, tab, address, notebook, width=1280, height=1000):
        self.tab = tab
        tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.call("Page.navigate", url=f"{address}/lab/tree/{notebook}?reset")
        self.until("window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')", "the notebook opens")
        self.until(READY, "the kernel is there")

    def run_all(self):
        self.tab.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def until(self, condition, words, seconds=240):
        """What the condition says in the page, once it is neither false nor empty."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.tab.evaluate(f"(() => {{ const x = {condition}; return x instanceof Object ? true : x; }})()")
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"never: {words}\n{self.tab.evaluate('document.body.innerText')}")

    def hand_over(self, selector, *files):
        """Choose files in the dialogue of an input."""
        root = self.tab.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.tab.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.tab.call("DOM.setFileInputFiles", files=[str(file) for file in files], nodeId=node)

    def middle(self, selector):
        """Where an element lies in the window, CSS px, after it was brought there."""
        words = (
            f"(() => {{ const node = document.querySelector({json.dumps(selector)});"
            "node.scrollIntoView({block: 'center'}); const box = node.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        return self.tab.evaluate(words)

    def mouse(self, kind, x, y, buttons=1):
        where = {"x": x, "y": y, "button": "left" if kind != "mouseMoved" or buttons else "none"}
        self.tab.call("Input.dispatchMouseEvent", type=kind, buttons=buttons, clickCount=1, **where)

    def click(self, selector):
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y, 0)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.tab.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)
