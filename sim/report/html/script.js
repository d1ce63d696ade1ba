"use strict";
// Sorting of tables and showing of personas; without this script everything stands there, unsorted.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const first = Array.from(body.rows);
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const after = before === "descending" ? "ascending" : before === "ascending" ? null : "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (after) head.setAttribute("aria-sort", after);
      body.append(...(after ? sorted(first, column, after === "ascending" ? 1 : -1) : first));
    });
  });
}

function sorted(rows, column, sign) {
  const ends = rows.filter((row) => row.classList.contains("strong"));
  const others = rows.filter((row) => !row.classList.contains("strong"));
  const value = (row) => row.cells[column] && row.cells[column].dataset.sort;
  others.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === undefined && y === undefined) return column ? 0 : sign * a.cells[column].textContent.localeCompare(b.cells[column].textContent);
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
    return sign * (Number(x) - Number(y));
  });
  return others.concat(ends);
}

const personas = document.getElementById("personas");
if (personas) {
  personas.hidden = false;
  personas.addEventListener("change", (event) => {
    for (const one of document.querySelectorAll("[data-persona]")) {
      if (one.dataset.persona === event.target.value) one.classList.toggle("away", !event.target.checked);
    }
  });
}
