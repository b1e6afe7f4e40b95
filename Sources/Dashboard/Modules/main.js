// Mounts each part of a page that is there. Without this file every page is whole and still.
import { mount as ages, ServerClock } from "./ages.js";
import { mount as confirm } from "./confirm.js";
import { mount as copy } from "./copy.js";
import { mount as live } from "./live.js";
import { mount as log } from "./log.js";
import { mount as map } from "./map.js";

const { body } = document;
const clock = new ServerClock();
clock.hear(body.dataset.now);
const feed = { clock };

ages(body, feed);
confirm(body);
copy(body);
for (const section of document.querySelectorAll(".log-block")) log(section);
for (const element of document.querySelectorAll(".map")) map(element);
live(body, feed);

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = root.dataset.theme ?? (isDark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  try {
    // What the system says anyway isn't kept: the page then follows the system again.
    if ((next === "dark") === isDark) {
      delete root.dataset.theme;
      localStorage.removeItem("muster-theme");
    } else {
      root.dataset.theme = next;
      localStorage.setItem("muster-theme", next);
    }
  } catch {
    root.dataset.theme = next;
  }
});
