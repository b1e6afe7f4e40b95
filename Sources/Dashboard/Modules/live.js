// Keeps the page true: subscribes to the stream that the page names, puts in what changes, says when it can't.
import { refresh } from "./ages.js";
import { morph } from "./morph.js";
import { apply } from "./swap.js";
import { StreamKeeper } from "./stream.js";
import { age } from "./words.js";

/** After so long without the stream the page is shown as old. */
const oldAfterMilliseconds = 5000;

/** @param {ParentNode} root */
const logOf = (root) => root.querySelector("#log")?.dataset.log?.split("?")[0];

/**
 * @param {HTMLElement} body
 * @param {{clock: import("./ages.js").ServerClock}} feed
 */
export function mount(body, { clock }) {
  const path = body.dataset.live;
  if (!path) return;
  const sign = document.getElementById("link-state");
  const asOf = document.querySelector(".as-of time");
  let truth = { since: body.dataset.since, epoch: body.dataset.epoch, digest: body.dataset.digest };
  /** When the page was last known to be true, by the browser's monotonic clock. */
  let trueAt = performance.now();
  let isOpen = false;

  const url = () => `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams(truth)}`;

  const keeper = new StreamKeeper(url, {
    swap(event) {
      const changes = JSON.parse(event.data);
      const isWhole = apply(changes, (region) => refresh(region, clock));
      if (!isWhole) return void renew();
      truth.digest = changes.digest;
      const id = event.lastEventId;
      if (id) truth.since = id.slice(id.lastIndexOf("-") + 1);
    },
    beats(event) {
      const beats = JSON.parse(event.data);
      clock.hear(beats.now);
      if (asOf) asOf.dateTime = beats.now;
      for (const mark of document.querySelectorAll("[data-heard]")) {
        const heard = beats.sessions[mark.dataset.heard];
        const time = mark.querySelector("time");
        if (heard && time) time.setAttribute("datetime", heard);
      }
      refresh(document, clock);
    },
    reset() { void renew(); },
  }, (open) => {
    if (isOpen && !open) trueAt = performance.now();
    isOpen = open;
    show();
  });

  /** Keeps the old picture, marked as old, until the new one is whole. */
  async function renew() {
    keeper.close();
    isOpen = false;
    show();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401) return location.reload();
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.getElementById("main");
      if (!main) throw new Error("no page");
      // A log goes on by itself, by numbers of this epoch and of one session or job.
      if (page.body.dataset.epoch !== truth.epoch || logOf(main) !== logOf(document)) return location.reload();
      morph(document.getElementById("main"), document.adoptNode(main));
      document.title = page.title;
      const data = page.body.dataset;
      clock.hear(data.now);
      refresh(document, clock);
      if (!data.live) return;
      truth = { since: data.since, epoch: data.epoch, digest: data.digest };
      keeper.open();
    } catch {
      keeper.retry(renew);
    }
  }

  function show() {
    const silence = performance.now() - trueAt;
    const isOld = !isOpen && silence > oldAfterMilliseconds;
    body.classList.toggle("is-old", isOld);
    if (!sign) return;
    sign.classList.toggle("is-live", isOpen);
    sign.classList.toggle("is-lost", isOld);
    const words = isOpen ? "live" : isOld ? `reconnecting, page is ${age(silence)} old` : "connecting";
    if (sign.textContent !== words) sign.textContent = words;
  }

  setInterval(show, 1000);
  keeper.open();
  show();
}
