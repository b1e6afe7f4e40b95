// Which log lines are shown. Pure.

/**
 * @typedef {{text: string, levels: Set<string>}} LogFilter
 */

/**
 * @param {{level: string, text: string}} line
 * @param {LogFilter} filter `text` without regard to case; every word of it has to be there
 */
export function admits(line, filter) {
  if (!filter.levels.has(line.level)) return false;
  const text = line.text.toLowerCase();
  return filter.text.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * How many of the oldest lines have to go, so that no more than `limit` stay.
 * @param {number} present
 * @param {number} coming
 * @param {number} limit
 */
export function surplus(present, coming, limit) {
  return Math.max(0, Math.min(present, present + coming - limit));
}
