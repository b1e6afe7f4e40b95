// The log pane: goes on where the page left off, follows until the reader scrolls up, filters by level and text. Lines
// are put in as text, never as HTML.
import { admits, surplus } from "./log-filter.js";
import { StreamKeeper } from "./stream.js";
import { changed } from "./swap.js";

/** Lines kept in the page; the oldest go first. The server keeps all. */
const lineLimit = 5000;
/** A log may well be quiet; after this long the stream is opened anew all the same, in case the line is dead. */
const silenceLimitMilliseconds = 180_000;
/** So near the end counts as at the end. */
const endPixels = 24;
/** How far back a line that comes late is put in its place. */
const lateLineLimit = 1000;

/** @param {HTMLElement} section */
export function mount(section) {
  const pane = section.querySelector(".log");
  const list = pane?.querySelector("ol");
  if (!pane || !list) return;
  section.dataset.own = "";
  const part = (name) => section.querySelector(name);
  const jump = part(".log-jump");
  const follow = part("[data-log-follow]");
  const count = part("[data-log-count]");
  const state = part("[data-log-state]");
  const showsJob = section.hasAttribute("data-shows-job");
  const filter = { text: "", levels: new Set(["debug", "info", "notice", "warning", "error"]) };
  let isFollowing = true;
  let isFiltered = false;
  let shown = list.children.length;
  /**
   * `look` is the line's type, `place` its place among its program's lines, where it has them.
   * @type {{number: number, at: string, level: string, text: string, job?: string, look?: string, place?: number}[]}
   */
  let waiting = [];
  let isDrawing = false;

  const toEnd = () => { pane.scrollTop = pane.scrollHeight; };
  const setFollowing = (on) => {
    isFollowing = on;
    follow.checked = on;
    jump.hidden = on;
  };

  pane.addEventListener("scroll", () => {
    const isAtEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < endPixels;
    if (isAtEnd !== isFollowing) setFollowing(isAtEnd);
  }, { passive: true });
  // The box may come back ticked otherwise over a reload.
  follow.checked = true;
  follow.addEventListener("change", () => {
    setFollowing(follow.checked);
    if (isFollowing) toEnd();
  });
  jump.addEventListener("click", () => {
    setFollowing(true);
    toEnd();
    pane.focus();
  });
  part("[data-log-wrap]").addEventListener("change", (event) => {
    pane.classList.toggle("is-unwrapped", !event.target.checked);
    if (isFollowing) toEnd();
  });
  part("[data-log-text]").addEventListener("input", (event) => {
    filter.text = event.target.value.trim();
    refilter();
  });
  for (const box of section.querySelectorAll("[data-log-level]")) {
    // A browser keeps boxes over a reload; the lines then come with what it kept.
    const apply = () => { filter.levels[box.checked ? "add" : "delete"](box.value); };
    apply();
    box.addEventListener("change", () => { apply(); refilter(); });
  }

  /** The first of the last lines that belongs behind `place`: a program's lines may overtake each other on the way. */
  function later(parent, place) {
    let found;
    const last = Math.max(0, parent.children.length - lateLineLimit);
    for (let index = parent.children.length - 1; index >= last; index -= 1) {
      const item = parent.children[index];
      if (item.dataset.place === undefined) continue;
      if (Number(item.dataset.place) < place) break;
      found = item;
    }
    return found;
  }

  function refilter() {
    isFiltered = filter.text !== "" || filter.levels.size < 5;
    shown = 0;
    for (const item of list.children) {
      const isIn = admits({ level: item.dataset.level, text: item.lastElementChild.textContent }, filter);
      item.hidden = !isIn;
      if (isIn) shown += 1;
    }
    tellCount();
    if (isFollowing) toEnd();
  }

  function tellCount() {
    const all = list.children.length;
    const words = isFiltered ? `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} lines` :
      `${all.toLocaleString("en")} ${all === 1 ? "line" : "lines"}`;
    count.textContent = all >= lineLimit ? `${words}, the newest` : words;
  }

  function element(line) {
    const item = document.createElement("li");
    item.className = line.look ? `l-${line.level} t-${line.look}` : `l-${line.level}`;
    item.dataset.level = line.level;
    if (line.place !== undefined) item.dataset.place = String(line.place);
    const time = item.appendChild(document.createElement("time"));
    time.dateTime = line.at;
    time.textContent = line.at.slice(11, 23);
    time.title = line.at;
    item.appendChild(document.createElement("b")).textContent = line.level;
    if (showsJob && line.job) {
      const job = item.appendChild(document.createElement("a"));
      job.className = "of";
      job.href = `/jobs/${encodeURIComponent(line.job)}`;
      job.textContent = line.job;
    }
    item.appendChild(document.createElement("span")).textContent = line.text;
    if (isFiltered && !admits(line, filter)) item.hidden = true;
    return item;
  }

  function draw() {
    isDrawing = false;
    const lines = waiting.slice(-lineLimit);
    waiting = [];
    if (lines.length === 0) return;
    part(".log-none").hidden = true;
    for (let left = surplus(list.children.length, lines.length, lineLimit); left > 0; left -= 1) {
      if (!list.firstElementChild.hidden) shown -= 1;
      list.firstElementChild.remove();
    }
    const made = document.createDocumentFragment();
    for (const line of lines) {
      const item = element(line);
      if (!item.hidden) shown += 1;
      const next = line.place === undefined ? undefined : later(list, line.place);
      if (next) next.before(item);
      else if (line.place === undefined) made.append(item);
      else {
        const behind = later(made, line.place);
        if (behind) behind.before(item);
        else made.append(item);
      }
    }
    list.append(made);
    tellCount();
    if (isFollowing) toEnd();
  }

  // Lines that wrap anew in a narrower window don't push the end out of sight.
  new ResizeObserver(() => { if (isFollowing) toEnd(); }).observe(list);
  toEnd();
  if (isFiltered || filter.levels.size < 5) refilter();
  if (!section.dataset.log) return;

  const url = new URL(section.dataset.log, location.origin);
  let last = Number(url.searchParams.get("after")) || 0;
  let isOpen = false;
  /** Whether lines may still come, as the server last said. */
  let isLive = section.dataset.logEnded === undefined;
  const tellState = () => { state.textContent = !isLive ? "ended" : isOpen ? "live" : "reconnecting"; };
  const keeper = new StreamKeeper(() => {
    url.searchParams.set("after", String(last));
    return url.pathname + url.search;
  }, {
    lines(event) {
      for (const line of JSON.parse(event.data)) {
        if (line.number <= last) continue;
        last = line.number;
        waiting.push(line);
      }
      if (waiting.length > 2 * lineLimit) waiting = waiting.slice(-lineLimit);
      if (!isDrawing) {
        isDrawing = true;
        requestAnimationFrame(draw);
      }
    },
    state(event) {
      isLive = JSON.parse(event.data).live;
      tellState();
    },
  }, (open) => {
    isOpen = open;
    tellState();
  }, silenceLimitMilliseconds);
  if (isLive) keeper.open();
  // One that has ended may go on: somebody retries the job. Then something of the page changes.
  else document.addEventListener(changed, () => keeper.open(), { once: true });
}
