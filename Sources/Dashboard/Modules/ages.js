// Counts every `<time data-time>` on, by the server's clock, and gives the exact moment in the reader's zone on hover.
import { tell } from "./words.js";

/**
 * The server's clock as the page knows it. It runs on the browser's monotonic clock, so that a wrong or moved wall
 * clock shows no wrong age. Of all that the server said, the latest reading stands: the one that was on its way least.
 */
export class ServerClock {
  #base = -Infinity;

  /** @param {string | null | undefined} moment as the server said it */
  hear(moment) {
    const at = Date.parse(moment ?? "");
    if (Number.isFinite(at)) this.#base = Math.max(this.#base, at - performance.now());
  }

  /** Milliseconds since 1970, on the server. */
  now() {
    return Number.isFinite(this.#base) ? this.#base + performance.now() : Date.now();
  }
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * Writes all times under `root` as they are now; text that stays is not touched, so that a selection stays, too.
 * @param {ParentNode} root
 * @param {ServerClock} clock
 */
export function refresh(root, clock) {
  const now = clock.now();
  for (const time of root.querySelectorAll("time[data-time]")) {
    const at = Date.parse(time.getAttribute("datetime") ?? "");
    if (!Number.isFinite(at)) continue;
    const words = tell(time.dataset.time, now - at) ?? exact.format(at);
    if (time.textContent !== words) time.textContent = words;
  }
}

/**
 * @param {HTMLElement} element
 * @param {{clock: ServerClock}} feed
 */
export function mount(element, { clock }) {
  refresh(element, clock);
  setInterval(() => { if (!document.hidden) refresh(element, clock); }, 1000);
  document.addEventListener("visibilitychange", () => refresh(element, clock));
  element.addEventListener("pointerover", (event) => {
    const time = event.target instanceof Element ? event.target.closest("time[datetime]") : null;
    if (!time || time.dataset.told === time.dateTime) return;
    time.dataset.told = time.dateTime;
    const at = Date.parse(time.dateTime);
    if (Number.isFinite(at)) time.title = `${exact.format(at)} (${time.dateTime})`;
  });
}
