// How times are told. `Format.swift` and `TimeMark.swift` tell them by the same rules when a page is made; one table of
// cases (Tests/DashboardTests/js/words.json) tests both. Everything here is in milliseconds and pure.

/** @param {number} value */
const twoDigits = (value) => String(value).padStart(2, "0");

/**
 * How old something is: `42 s`, `3 min`, `2 h 05 min`, `3 d 4 h`.
 * @param {number} milliseconds
 */
export function age(milliseconds) {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (hours < 48) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * How long something takes: one step finer than an age.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const time = Math.max(0, milliseconds);
  if (time < 10_000) return `${Math.floor(time / 1000)}.${Math.floor((time % 1000) / 100)} s`;
  const seconds = Math.floor(time / 1000);
  if (seconds < 60 || seconds >= 3600) return age(time);
  return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
}

/** @param {number} left */
function untilWords(left) {
  if (left <= 0) return "any moment";
  if (left < 60_000) return `in ${age(Math.ceil(left / 5000) * 5000)}`;
  return `in ${age(left)}`;
}

/**
 * Tells a moment that is `passed` milliseconds ago (negative: still to come), as its `data-time` asks.
 * @param {string} kind
 * @param {number} passed
 * @returns {string | null} `null` for a kind that doesn't change with time
 */
export function tell(kind, passed) {
  switch (kind) {
    case "ago": return passed < 5000 ? "just now" : `${age(passed)} ago`;
    case "heard": return passed < 5000 ? "<5 s" : age(passed < 60_000 ? Math.floor(passed / 5000) * 5000 : passed);
    case "until": return untilWords(-passed);
    case "running": return passed < 60_000 ? age(passed) : duration(passed);
    default: return null;
  }
}
