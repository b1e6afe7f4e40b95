// Makes one element like another and touches only what differs: focus, selection, scroll and what the reader opened
// stay as they are.

/** Attributes that belong to the reader once the page is shown. */
const readers = new Set(["open"]);

/**
 * @param {Element} from stays in the page
 * @param {Element} to is used up
 * @param {(changed: Element) => void} [onBadge] called for a status mark that turns into another
 * @returns {Element} what is in the page now
 */
export function morph(from, to, onBadge) {
  if (from.nodeName !== to.nodeName || from.id !== to.id) {
    from.replaceWith(to);
    return to;
  }
  if (from.hasAttribute("data-own")) return from;
  if (isBeingEdited(from)) return from;
  attributes(from, to, onBadge);
  children(from, to, onBadge);
  return from;
}

/** @param {Element} element */
function isBeingEdited(element) {
  return element === document.activeElement && /^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName);
}

function attributes(from, to, onBadge) {
  for (const { name, value } of to.attributes) {
    if (readers.has(name) || from.getAttribute(name) === value) continue;
    if (name === "class" && onBadge && from.classList.contains("badge")) onBadge(from);
    from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !readers.has(name) && name !== "data-told") from.removeAttribute(name);
  }
}

function children(from, to, onBadge) {
  const wanted = [...to.childNodes];
  let present = from.firstChild;
  for (const node of wanted) {
    const match = find(present, node);
    if (!match) {
      from.insertBefore(node, present);
      continue;
    }
    while (present && present !== match) present = drop(present);
    present = match.nextSibling;
    if (node.nodeType === Node.ELEMENT_NODE) morph(match, node, onBadge);
    else if (match.nodeValue !== node.nodeValue) match.nodeValue = node.nodeValue;
  }
  while (present) present = drop(present);
}

/** The next node from `start` on that can become `wanted`: of the same kind and, where it has an id, of the same id. */
function find(start, wanted) {
  const id = wanted.id ?? "";
  for (let node = start; node; node = node.nextSibling) {
    if (node.nodeType !== wanted.nodeType || node.nodeName !== wanted.nodeName) {
      if (id) continue;
      return null;
    }
    if ((node.id ?? "") === id) return node;
    if (!id) return null;
  }
  return null;
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
