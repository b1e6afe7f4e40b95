// Asks over the page before something is stopped or deleted: the question is the page that the link leads to, so that
// it is the same without scripts.

/** A question that doesn't come is gone to instead. */
const patienceMilliseconds = 2000;

/** @param {HTMLElement} body */
export function mount(body) {
  body.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("dialog [data-close]")) {
      event.preventDefault();
      target.closest("dialog").close();
      return;
    }
    const link = target?.closest("a[data-confirm]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    ask(link).catch(() => location.assign(link.href));
  });
}

/** @param {HTMLAnchorElement} link */
async function ask(link) {
  const answer = await fetch(link.href, {
    headers: { Accept: "text/html" }, signal: AbortSignal.timeout(patienceMilliseconds),
  });
  if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const question = page.querySelector(".confirm");
  if (!question) throw new Error("no question");
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  dialog.append(document.adoptNode(question));
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.showModal();
  dialog.querySelector("[data-close]")?.focus();
}
