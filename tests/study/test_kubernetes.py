"""Jobs of Kubernetes, as a stand-in for kubectl takes them."""

import json

import pytest

from spinelib.study import kubernetes
from tests.cluster.stand_in import put

WORDS = ["--image", "box:1", "--claim", "films", "--threads", "2", "--memory", "4000", "--minutes", "90"]


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """The folder where the stand-in keeps the Jobs."""
    return put(tmp_path, monkeypatch)


def test_a_job_asks_for_what_the_rule_needs_on_the_volume_of_the_study(tmp_path, monkeypatch, kubectl, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.sh").write_text("exit 3\n")
    kubernetes.main(["submit", *WORDS, "--mount", str(tmp_path), "--gpu", "1", "job.sh"])
    name = capsys.readouterr().out.strip()
    (path,) = kubectl.glob("*.json")
    job = json.loads(path.read_text())
    assert name == f"default/{path.stem}"
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["activeDeadlineSeconds"] == 90 * 60
    pod = job["spec"]["template"]["spec"]
    (box,) = pod["containers"]
    # a card has to be a limit, and a request of the same size
    wanted = {"cpu": "2", "memory": "4000M", "nvidia.com/gpu": "1"}
    assert box["resources"] == {"limits": wanted, "requests": wanted}
    assert box["volumeMounts"] == [{"name": "study", "mountPath": str(tmp_path)}]
    assert pod["volumes"] == [{"name": "study", "persistentVolumeClaim": {"claimName": "films"}}]
    assert (box["workingDir"], box["command"]) == (str(tmp_path), ["/bin/sh", str(tmp_path / "job.sh")])
    assert pod["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("code", "word"), [("0", "success"), ("1", "failed"), (None, "running"), ("deleted", "failed")]
)
def test_what_became_of_a_job_is_one_word(kubectl, capsys, code, word):
    if code != "deleted":
        (kubectl / "one.json").write_text("{}")
    if code in ("0", "1"):
        (kubectl / "one.code").write_text(code)
    kubernetes.main(["status", "default/one"])
    assert capsys.readouterr().out.strip() == word


def test_what_stands_in_the_way_is_told(tmp_path, monkeypatch, kubectl):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="does not lie on the volume mounted at /elsewhere"):
        kubernetes.main(["submit", *WORDS, "--mount", "/elsewhere", "--gpu", "0", "job.sh"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="there is no kubectl here"):
        kubernetes.main(["status", "default/one"])
