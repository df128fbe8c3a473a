"use strict";
// Sorting and choosing on the index. The page holds every row; without this script all of them are shown as they are.
const add = (parent, tag, facts) => parent.appendChild(Object.assign(document.createElement(tag), facts));

const sortBy = (table, column, head) => {
  const down = head.getAttribute("aria-sort") !== "descending";
  table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const compare = (one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    const order = Number.isNaN(Number(a) - Number(b)) ? a.localeCompare(b) : Number(a) - Number(b);
    return down ? -order : order;
  };
  const body = table.tBodies[0];
  [...body.rows].sort(compare).forEach((row) => body.appendChild(row));
};

document.querySelectorAll("table.board").forEach((table) => {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.dataset.fixed !== undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.title = "Sort by this column";
    button.addEventListener("click", () => sortBy(table, column, head));
    head.append(button);
  });
});

document.querySelectorAll("[data-choose]").forEach((place) => {
  const lines = [...document.querySelectorAll(place.dataset.choose)];
  const choices = [];
  const count = document.createElement("output");
  const show = () => {
    const shown = lines.filter((line) => choices.every((chosen) => chosen(line)));
    lines.forEach((line) => { line.hidden = !shown.includes(line); });
    count.textContent = `${shown.length} of ${lines.length}`;
    document.querySelectorAll("details[data-opens]").forEach((part) => {
      if (lines.some((line) => part.contains(line))) part.hidden = !shown.some((line) => part.contains(line));
    });
  };
  (place.dataset.by || "").split(" ").filter(Boolean).forEach((name) => {
    const label = add(place, "label", { textContent: `${name} ` });
    const select = add(label, "select", {});
    add(select, "option", { value: "", textContent: "all" });
    [...new Set(lines.map((line) => line.dataset[name]))].forEach((value) => add(select, "option", { value, textContent: value }));
    select.addEventListener("change", show);
    choices.push((line) => !select.value || line.dataset[name] === select.value);
  });
  const label = add(place, "label", { textContent: `${place.dataset.words} ` });
  const box = add(label, "input", { type: "search" });
  box.addEventListener("input", show);
  choices.push((line) => line.textContent.toLowerCase().includes(box.value.trim().toLowerCase()));
  place.append(count);
  show();
});
