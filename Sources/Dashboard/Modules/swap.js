// Puts the changes of a `swap` event into the page (see PageChanges in Live/PageDiff.swift).
import { morph } from "./morph.js";

/** The event of the document that says that something was put in. */
export const changed = "muster-changed";

/**
 * @typedef {{id: string, list?: string, after?: string, html?: string}} Placing
 * @typedef {{set: Placing[], remove: string[], keep?: Record<string, string[]>, digest: string}} Changes
 */

/**
 * @param {Changes} changes
 * @param {(region: Element) => void} onShown called for each region that is new or other than before
 * @returns {boolean} whether the page is now whole; if not, it has to be fetched anew
 */
export function apply(changes, onShown) {
  for (const id of changes.remove) leave(document.getElementById(id));
  if (changes.keep) {
    for (const list of document.querySelectorAll("[data-list]")) {
      const kept = new Set(changes.keep[list.id]);
      for (const child of [...list.children]) if (!kept.has(child.id)) leave(child);
    }
  }
  for (const placing of changes.set) place(placing, onShown);
  document.dispatchEvent(new Event(changed));
  return Object.entries(changes.keep ?? {}).every(([list, ids]) => order(document.getElementById(list), ids));
}

/** Brings the children of a list into the order of `ids`; false where one is missing. */
function order(list, ids) {
  if (!list) return false;
  let next = list.firstElementChild;
  for (const id of ids) {
    while (next?.classList.contains("is-leaving")) next = next.nextElementSibling;
    if (next?.id === id) {
      next = next.nextElementSibling;
      continue;
    }
    const element = document.getElementById(id);
    if (!element || element.parentNode !== list) return false;
    list.insertBefore(element, next);
  }
  return true;
}

/** @param {Placing} placing */
function place(placing, onShown) {
  let element = document.getElementById(placing.id);
  if (placing.html !== undefined) {
    const made = parse(placing.html);
    if (!made) return;
    if (element) {
      element.classList.remove("is-leaving");
      element = morph(element, made, () => flash(element));
    } else {
      element = made;
      mark(element, "has-come");
    }
  }
  if (!element) return;
  if (placing.list !== undefined) {
    const list = document.getElementById(placing.list);
    if (!list) return;
    const before = placing.after === undefined ? null : document.getElementById(placing.after);
    const next = before ? before.nextElementSibling : list.firstElementChild;
    if (element.parentNode !== list || (next !== element && element.previousElementSibling !== before)) {
      list.insertBefore(element, before ? before.nextSibling : list.firstChild);
    }
  }
  onShown(element);
}

/** @param {string} html of one element, a table's row among others */
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function flash(element) {
  element.classList.remove("has-changed");
  void element.getBoundingClientRect();
  mark(element, "has-changed");
}

/** Gives `element` a class that says what just happened to it, until its animation is over. */
function mark(element, passing) {
  const over = (event) => {
    if (event.target !== element) return;
    element.classList.remove(passing);
    element.removeEventListener("animationend", over);
  };
  element.classList.add(passing);
  element.addEventListener("animationend", over);
}

/** Rows don't vanish under the pointer: while their list is being read, what is gone is dimmed and taken away later. */
function leave(element) {
  const list = element?.parentElement;
  if (!list) return;
  if (!list.matches(":hover, :focus-within")) {
    element.remove();
    return;
  }
  element.classList.add("is-leaving");
  if (list.dataset.sweeps) return;
  list.dataset.sweeps = "1";
  const sweep = () => {
    if (list.matches(":hover, :focus-within")) return;
    for (const child of list.querySelectorAll(":scope > .is-leaving")) child.remove();
    delete list.dataset.sweeps;
    list.removeEventListener("pointerleave", sweep);
    list.removeEventListener("focusout", later);
  };
  const later = () => setTimeout(sweep);
  list.addEventListener("pointerleave", sweep);
  list.addEventListener("focusout", later);
}
