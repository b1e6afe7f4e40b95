// The assignment map: titles where the pointer is, and the arrow keys.

/** @param {HTMLElement} map */
export function mount(map) {
  const cells = () => [...map.querySelectorAll("a.cell")];
  const first = map.querySelector("a.cell");
  if (first) first.tabIndex = 0;

  map.addEventListener("pointerover", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("a.cell") : null;
    if (cell && !cell.title) cell.title = title(cell);
  });
  map.addEventListener("focusin", (event) => {
    if (!event.target.matches?.("a.cell")) return;
    for (const cell of map.querySelectorAll('a.cell[tabindex="0"]')) cell.tabIndex = -1;
    event.target.tabIndex = 0;
    event.target.setAttribute("aria-label", event.target.title || title(event.target));
  });
  map.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("a.cell") : null;
    if (!cell) return;
    const next = neighbour(cells(), cell, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** @param {HTMLElement} cell */
function title(cell) {
  const row = cell.closest("[data-from]");
  const place = [...row.querySelectorAll(".cell")].indexOf(cell);
  const status = [...cell.classList].find((name) => name.startsWith("is-"))?.slice(3) ?? "";
  const heading = row.querySelector("th")?.textContent;
  const column = cell.closest("table")?.querySelectorAll("thead th[scope]")[place]?.textContent;
  const name = [heading, column].filter(Boolean).join(" · ");
  return `#${Number(row.dataset.from) + place} ${name}: ${status}`.replace("  ", " ").replace(" :", ":");
}

/** Left and right by index; up and down by where cells stand, since they flow. */
function neighbour(cells, cell, key) {
  const place = cells.indexOf(cell);
  if (key === "ArrowRight") return cells[place + 1];
  if (key === "ArrowLeft") return cells[place - 1];
  if (key === "Home") return cells[0];
  if (key === "End") return cells[cells.length - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const step = key === "ArrowDown" ? 1 : -1;
  const here = cell.getBoundingClientRect();
  for (let at = place + step; at >= 0 && at < cells.length; at += step) {
    const box = cells[at].getBoundingClientRect();
    if (box.top !== here.top && Math.abs(box.left - here.left) < here.width / 2) return cells[at];
  }
  return undefined;
}
