// What a page shows, as lines of text: every element and its words, without what differs by the moment of looking
// (ages, the pointer's traces, marks of a change that just came in). Two pages that
// show the same give the same lines.
() => {
  const passing = new Set(["has-changed", "has-come", "is-leaving", "is-late"]);
  const attributes = ["id", "href", "aria-label", "aria-valuenow", "aria-current", "role", "value", "hidden"];
  const lines = [];
  const walk = (node, depth) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const words = node.data.replace(/\s+/g, " ").trim();
      if (words) lines.push(`${" ".repeat(depth)}${words}`);
      return;
    }
    if (!(node instanceof Element) || node.matches("script")) return;
    const classes = [...node.classList].filter((name) => !passing.has(name)).sort().join(".");
    const isAged = node.closest("[data-heard]") !== null || node.querySelector(":scope > time[data-time]") !== null;
    const said = attributes
      .filter((name) => node.hasAttribute(name) && !(isAged && name === "aria-label"))
      .map((name) => `${name}=${node.getAttribute(name)}`);
    if (node.tagName === "TIME") {
      // Which moment, not how long ago; and a moment that every heartbeat moves not even that.
      if (node.closest("[data-heard]") === null) said.push(node.getAttribute("datetime") ?? "");
      lines.push(`${" ".repeat(depth)}time ${said.join(" ")}`);
      return;
    }
    const name = node.tagName.toLowerCase() + (classes ? `.${classes}` : "");
    lines.push(`${" ".repeat(depth)}${name} ${said.join(" ")}`.trimEnd());
    for (const child of node.childNodes) walk(child, depth + 1);
  };
  walk(document.getElementById("main"), 0);
  return lines.join("\n");
}
