// One film on the screen: its corners are dragged here and read in Python, which answers with angles and lines.
// `edit` goes from here to Python; `shown`, `outline` and `message` come back.

const RING = [0, 1, 3, 2]; // corners are kept as top left, top right, bottom left, bottom right
const WHERE = ["top left", "top right", "bottom left", "bottom right"];
const NEAR = { mouse: 14, pen: 18, touch: 26 }; // CSS px within which the nearest corner is grabbed
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DEEPEST = 12; // most times that the film is enlarged
const round = (value) => Math.round(value * 100) / 100;

function add(parent, tag, facts = {}, text = "") {
  const svg = parent.namespaceURI.endsWith("svg") || tag === "svg";
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

class Desk {
  constructor(model, el) {
    this.model = model;
    this.size = model.get("size"); // height, width
    this.view = { left: -0.5, top: -0.5, scale: 1 };
    this.corners = [];
    this.held = null; // what a pointer drags: a corner, or the film itself
    this.chosen = -1; // vertebra whose corner was touched last
    this.step = Date.now();
    this.sent = 0;
    this.build(el);
    this.watch = new ResizeObserver(() => this.frame());
    this.watch.observe(this.svg);
    this.answers = {
      "change:shown": () => this.answer(),
      "change:outline": () => this.outline.setAttribute("d", model.get("outline")),
      "change:message": () => this.say(),
    };
    for (const [name, call] of Object.entries(this.answers)) model.on(name, call);
    for (const call of Object.values(this.answers)) call();
  }

  end() {
    for (const [name, call] of Object.entries(this.answers)) this.model.off(name, call);
    this.watch.disconnect();
    URL.revokeObjectURL(this.address);
  }

  build(el) {
    const root = add(el, "section", { class: "spine-desk", "data-lm-suppress-shortcuts": "true" });
    const facts = this.model.get("facts");
    root.setAttribute("aria-label", `Film ${facts.name}`);
    for (const [name, colour] of Object.entries(this.model.get("colours"))) root.style.setProperty(`--${name}`, colour);
    root.style.setProperty("--high", this.size[0]);
    root.style.setProperty("--wide", this.size[1]);
    add(root, "h3", {}, facts.name);
    const sheet = add(root, "div", { class: "sheet" });
    this.drawing(add(sheet, "div", { class: "film" }));
    this.panel(add(sheet, "div", { class: "facts" }), facts);
    root.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") this.ask({ do: "undo" }, event);
    });
  }

  drawing(box) {
    const words = "Film with vertebrae. Tab goes from corner to corner, arrow keys move one, Escape leaves the film.";
    this.svg = add(box, "svg", { role: "application", "aria-label": words });
    this.address = URL.createObjectURL(new Blob([this.model.get("picture")], { type: "image/jpeg" }));
    const [height, width] = this.size;
    add(this.svg, "image", { href: this.address, x: -0.5, y: -0.5, width, height, preserveAspectRatio: "none" });
    this.outline = add(this.svg, "path", { class: "outline", "fill-rule": "evenodd" });
    this.bodies = add(this.svg, "g");
    this.lines = add(this.svg, "g");
    this.live = add(this.svg, "text", { class: "live" }); // the angle beside the corner that is dragged
    this.svg.addEventListener("pointerdown", (event) => this.grab(event));
    this.svg.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, (event) => this.drop(event));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  panel(box, facts) {
    this.largest = add(box, "div", { class: "largest", "aria-live": "polite" });
    this.list = add(box, "dl");
    this.facts = facts;
    this.message = add(box, "div", { class: "message", role: "status" });
    const tools = add(box, "div", { class: "tools" });
    const button = (text, title, call, name = "") => {
      const made = add(tools, "button", { type: "button", title, "aria-label": title, class: name }, text);
      made.addEventListener("click", call);
      return made;
    };
    button("Save as Labelme", "Save the corners as a Labelme file", () => this.ask({ do: "save" }), "save");
    this.undo = button("Undo", "Take the last step back (Ctrl Z)", () => this.ask({ do: "undo" }), "undo");
    button("Reset", "Back to what was read", () => this.ask({ do: "reset" }), "reset");
    const about = (word) => () => this.ask({ do: word, vertebra: this.chosen });
    const tells = "the vertebra whose corner was touched last";
    this.onOne = [
      button("Remove", `Remove ${tells}`, about("remove"), "remove"),
      button("Add below", `Add a vertebra below ${tells}`, about("add"), "add"),
    ];
    button("+", "Enlarge", () => this.zoom(1.6), "in");
    button("\u2212", "Reduce", () => this.zoom(1 / 1.6), "out");
    button("Fit", "Show the whole film", () => this.zoom(0), "fit");
    if (this.model.get("adjustable")) this.slider(box);
    const help = "Drag a corner, or Tab to it and use the arrow keys (with Shift ten pixels a step).";
    add(box, "p", { class: "help" }, `${help} Not a medical device.`);
  }

  slider(box) {
    const label = add(box, "label", { class: "threshold" });
    add(label, "span", {}, "Threshold of the outline");
    this.number = add(label, "output");
    const [min, max] = this.model.get("limits");
    this.range = add(label, "input", { type: "range", min, max, step: 0.01 });
    this.range.addEventListener("pointerdown", () => (this.step += 1));
    this.range.addEventListener("keydown", (event) => event.repeat || (this.step += 1));
    this.range.addEventListener("input", () => {
      this.number.textContent = Number(this.range.value).toFixed(2);
      this.send({ threshold: Number(this.range.value) });
    });
  }

  // What goes to Python: the newest edit replaces those that wait; all of one step are taken back together.
  send(what) {
    this.sent = Math.max(this.sent, (this.model.get("edit") || {}).number || 0) + 1;
    this.model.set("edit", { number: this.sent, step: this.step, ...what });
    this.model.save_changes();
  }

  ask(what, event) {
    if (event) event.preventDefault();
    this.step += 1;
    this.model.send(what);
  }

  // What comes back: angles and lines at once, corners when they answer the last edit of ours.
  answer() {
    const shown = this.model.get("shown");
    if (shown.number >= this.sent && !(this.held && this.held.corner)) {
      this.corners = shown.corners.map((quad) => quad.map((point) => [...point]));
      this.rebuild(shown);
      if (this.range && document.activeElement !== this.range) this.range.value = shown.threshold;
      if (this.number) this.number.textContent = shown.threshold.toFixed(2);
    }
    this.lines.replaceChildren();
    for (const [[x1, y1], [x2, y2]] of shown.lines) add(this.lines, "line", { class: "line", x1, y1, x2, y2 });
    this.marks.forEach((mark, k) => {
      for (const node of [mark.body, mark.name]) node.classList.toggle("end", shown.ends.includes(k));
    });
    this.tell(shown);
    this.follow();
  }

  follow() {
    const found = this.held && this.held.corner;
    this.live.textContent = found ? this.largest.textContent : "";
    if (!found) return;
    const [x, y] = this.corners[found.vertebra][found.corner];
    this.live.setAttribute("x", x);
    this.live.setAttribute("y", y - 22 * this.unit);
    this.live.setAttribute("font-size", 16 * this.unit);
  }

  tell(shown) {
    this.largest.textContent = shown.angles.length ? `${shown.angles[0].toFixed(1)}\u00b0` : "no angle";
    this.list.replaceChildren();
    for (const [name, value] of shown.words) {
      add(this.list, "dt", {}, name);
      add(this.list, "dd", {}, value);
    }
    this.undo.disabled = !shown.undo;
  }

  say() {
    const { text, error } = this.model.get("message");
    this.message.textContent = text || "";
    this.message.classList.toggle("error", Boolean(error));
  }

  rebuild(shown) {
    const count = this.corners.length;
    if (!this.marks || this.marks.length !== count || this.named !== shown.names.join()) {
      this.bodies.replaceChildren();
      this.named = shown.names.join();
      this.marks = shown.names.map((name, k) => this.mark(name, k));
      this.chosen = Math.min(this.chosen, count - 1);
    }
    this.draw();
    for (const tool of this.onOne) tool.disabled = this.chosen < 0;
  }

  mark(name, k) {
    const body = add(this.bodies, "polygon", { class: "body" });
    const text = add(this.bodies, "text", { "dominant-baseline": "central" }, name);
    const corners = WHERE.map((where, c) => {
      const words = { class: "hold", tabindex: 0, role: "button", "aria-label": `${name}, ${where} corner` };
      const hold = add(this.bodies, "circle", { ...words, "data-vertebra": k, "data-corner": c });
      hold.addEventListener("focus", () => this.choose(k));
      return [hold, add(this.bodies, "circle", { class: "corner" })];
    });
    return { body, name: text, corners };
  }

  choose(k) {
    this.chosen = k;
    for (const tool of this.onOne) tool.disabled = false;
  }

  // Film px per CSS px, by which all that has a size on the screen is drawn.
  get unit() {
    return this.size[1] / this.view.scale / Math.max(this.svg.clientWidth, 1);
  }

  frame() {
    const [height, width] = this.size;
    const { left, top, scale } = this.view;
    this.svg.setAttribute("viewBox", [left, top, width / scale, height / scale].map(round).join(" "));
    this.svg.classList.toggle("near", scale > 1);
    this.draw();
  }

  draw() {
    const unit = this.unit;
    (this.marks || []).forEach((mark, k) => {
      const quad = this.corners[k];
      mark.body.setAttribute("points", RING.map((c) => quad[c].map(round).join()).join(" "));
      const right = Math.max(quad[1][0], quad[3][0]);
      mark.name.setAttribute("x", right + 8 * unit);
      mark.name.setAttribute("y", (quad[1][1] + quad[3][1]) / 2);
      mark.name.setAttribute("font-size", 10 * unit);
      mark.corners.forEach((pair, c) => {
        for (const [node, radius] of [[pair[0], 11], [pair[1], 3.2]]) {
          node.setAttribute("cx", quad[c][0]);
          node.setAttribute("cy", quad[c][1]);
          node.setAttribute("r", radius * unit);
        }
      });
    });
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    const unit = this.unit;
    return [this.view.left + (event.clientX - box.left) * unit, this.view.top + (event.clientY - box.top) * unit];
  }

  nearest(point, reach) {
    let best = null;
    this.corners.forEach((quad, k) =>
      quad.forEach((corner, c) => {
        const away = Math.hypot(corner[0] - point[0], corner[1] - point[1]);
        if (away <= reach && (!best || away < best.away)) best = { vertebra: k, corner: c, away };
      }),
    );
    return best;
  }

  grab(event) {
    if (event.button !== 0 || this.held) return;
    const point = this.at(event);
    const found = this.nearest(point, (NEAR[event.pointerType] || NEAR.mouse) * this.unit);
    if (!found && this.view.scale === 1) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    if (!found) {
      this.held = { film: [event.clientX, event.clientY, this.view.left, this.view.top] };
      return;
    }
    this.step += 1;
    const start = [...this.corners[found.vertebra][found.corner]];
    this.held = { corner: found, start, point };
    const hold = this.marks[found.vertebra].corners[found.corner][0];
    hold.classList.add("held");
    hold.focus({ preventScroll: true });
  }

  drag(event) {
    if (!this.held) return;
    if (this.held.film) {
      const [x, y, left, top] = this.held.film;
      this.look(left - (event.clientX - x) * this.unit, top - (event.clientY - y) * this.unit, this.view.scale);
      return;
    }
    const { corner, start, point } = this.held;
    const now = this.at(event);
    this.move(corner.vertebra, corner.corner, [start[0] + now[0] - point[0], start[1] + now[1] - point[1]]);
  }

  drop() {
    const held = this.held;
    this.held = null;
    if (!held || !held.corner) return;
    this.marks[held.corner.vertebra].corners[held.corner.corner][0].classList.remove("held");
    this.answer();
  }

  move(vertebra, corner, point) {
    const most = [this.size[1] - 0.5, this.size[0] - 0.5];
    this.corners[vertebra][corner] = point.map((value, k) => round(Math.min(Math.max(value, -0.5), most[k])));
    this.draw();
    this.follow();
    this.send({ corners: this.corners });
  }

  key(event) {
    const { vertebra, corner } = event.target.dataset;
    if (vertebra === undefined) return;
    if (event.key === "Escape") this.undo.parentNode.querySelector("button").focus();
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) this.step += 1;
    const far = event.shiftKey ? 10 : 1;
    const [x, y] = this.corners[vertebra][corner];
    this.move(Number(vertebra), Number(corner), [x + far * way[0], y + far * way[1]]);
  }

  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), this.at(event));
  }

  // Enlarge about a point, by default the vertebra that was touched last; 0 shows the whole film.
  zoom(factor, about) {
    const { left, top, scale } = this.view;
    const quad = this.corners[this.chosen];
    const [height, width] = this.size;
    const middle = quad ? [0, 1].map((k) => quad.reduce((sum, point) => sum + point[k] / 4, 0)) : null;
    const next = factor ? Math.min(Math.max(scale * factor, 1), DEEPEST) : 1;
    if (about) {
      const share = scale / next;
      this.look(about[0] - (about[0] - left) * share, about[1] - (about[1] - top) * share, next);
      return;
    }
    const [x, y] = middle || [left + width / scale / 2, top + height / scale / 2];
    this.look(x - width / next / 2, y - height / next / 2, next);
  }

  look(left, top, scale) {
    const [height, width] = this.size;
    const within = (value, whole) => Math.min(Math.max(value, -0.5), whole - whole / scale - 0.5);
    this.view = { left: within(left, width), top: within(top, height), scale };
    this.frame();
  }
}

export default {
  render({ model, el }) {
    const desk = new Desk(model, el);
    return () => desk.end();
  },
};
