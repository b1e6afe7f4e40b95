// Buttons that copy a command.

/** @param {HTMLElement} body */
export function mount(body) {
  body.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!button) return;
    const label = button.querySelector("span");
    const isCopied = await copy(button.dataset.copy);
    if (label) {
      label.textContent = isCopied ? "Copied" : "Select it";
      setTimeout(() => { label.textContent = "Copy"; }, 1600);
    }
    if (!isCopied) getSelection()?.selectAllChildren(button.parentElement.querySelector("code"));
  });
}

/** The clipboard is there on loopback and over TLS alone; elsewhere the command is selected for the reader. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
