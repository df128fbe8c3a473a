// Takes films from the mouse or a file dialogue and hands them to Python in parts: one message may hold 10 MB at most.

const PART = 4 * 1024 * 1024;

function make(parent, tag, facts, text = "") {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) node.setAttribute(name, value);
  node.textContent = text;
  return parent.appendChild(node);
}

async function hand(model, files) {
  for (const file of files) {
    let begin = 0;
    do {
      const bytes = await file.slice(begin, begin + PART).arrayBuffer();
      begin += PART;
      model.send({ do: "part", name: file.name, last: begin >= file.size }, undefined, [new DataView(bytes)]);
    } while (begin < file.size);
  }
  model.send({ do: "read" });
}

export default {
  render({ model, el }) {
    const box = make(el, "div", { class: "spine-drop", "data-lm-suppress-shortcuts": "true" });
    const label = make(box, "label", {});
    make(label, "strong", {}, "Drop films here");
    make(label, "span", {}, "or choose them: PNG, JPEG, TIFF, DICOM. They stay on this machine.");
    const input = make(label, "input", { type: "file", multiple: "", "aria-label": "Films to read" });
    const message = make(box, "div", { class: "message", role: "status" });
    const take = (files) => {
      message.textContent = `Taking ${files.length} file${files.length === 1 ? "" : "s"} ...`;
      hand(model, files).catch((error) => (message.textContent = `Could not be taken: ${error.message}`));
    };
    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = "";
    });
    const over = (event) => {
      event.preventDefault();
      event.stopPropagation();
      box.classList.toggle("over", event.type === "dragover");
      if (event.type === "drop") take([...event.dataTransfer.files]);
    };
    for (const name of ["dragover", "dragleave", "drop"]) box.addEventListener(name, over);
    const say = () => (message.textContent = model.get("message"));
    model.on("change:message", say);
    say();
    return () => model.off("change:message", say);
  },
};
