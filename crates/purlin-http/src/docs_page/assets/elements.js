// Makes elements. Text from a document becomes text and nothing else: there is no way from here to
// markup, so a description cannot bring a script along.

/**
 * An element `name` such as `p` or `span.badge`, with properties and children: elements, texts,
 * lists of them, or nothing.
 */
export function element(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** The paragraphs of a description; what stands between backticks is code. */
export function prose(text) {
  if (typeof text !== "string" || text.trim() === "") return [];
  const paragraphs = text.trim().split(/\n\s*\n/);
  return paragraphs.map((paragraph) => element("p", {}, inline(paragraph)));
}

function inline(text) {
  const parts = text.split(/`([^`]+)`/);
  return parts.map((part, at) => (at % 2 === 1 ? element("code", {}, part) : part));
}

/** A block of code with a button that copies it. */
export function copyable(code, name) {
  const button = element("button.copy", { type: "button", onclick: copy }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(code);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy by hand";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }
  return element("div.code", {},
    element("div.code-head", {}, element("span", {}, name), button),
    element("pre", { tabindex: 0 }, element("code", {}, code)));
}
