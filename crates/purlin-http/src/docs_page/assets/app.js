// The page: reads the documents that the page names, and shows one of them.

import { access, byTag, object, operations, resolved } from "./document.js";
import { copyable, element, prose } from "./elements.js";
import { curl, exampleOf, written } from "./example.js";
import { bounds, tree, typeName } from "./schema.js";

const byId = (id) => document.getElementById(id);
const links = [...byId("documents").querySelectorAll("a")];
let shown = [];
let asked = 0;

/** Shows the document of `link`; of two asked for at once, the later one. */
async function open(link) {
  const turn = ++asked;
  for (const other of links) {
    if (other === link) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
  try {
    const answer = await fetch(link.href, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`the answer is ${answer.status}`);
    const root = object(await answer.json());
    if (turn === asked) show(root);
  } catch (error) {
    if (turn === asked) fail(link, error);
  }
}

function fail(link, error) {
  shown = [];
  byId("contents").replaceChildren();
  byId("operations").replaceChildren(element("p.notice", { role: "alert" },
    `${link.textContent} could not be read: ${error.message}`));
}

function show(root) {
  const info = object(root.info);
  const groups = byTag(root, operations(root));
  const about = new Map((Array.isArray(root.tags) ? root.tags : []).map((tag) => [object(tag).name, object(tag).description]));
  const title = String(info.title ?? "API");
  document.title = title;
  byId("title").textContent = title;
  shown = [];
  const contents = [];
  const sections = [];
  for (const [tag, members] of groups) {
    const entries = members.map((one) => entry(root, one));
    const list = element("ul", {}, entries.map(({ link }) => element("li", {}, link)));
    const menu = element("div.group", {}, element("h2", {}, tag), list);
    const section = element("section", {}, element("h2", {}, tag), prose(about.get(tag)), entries.map(({ article }) => article));
    contents.push(menu);
    sections.push(section);
    shown.push({ menu, section, entries });
  }
  const head = element("header.intro", {}, element("p.version", {}, title, " ", element("code", {}, String(info.version ?? ""))), prose(info.description));
  byId("contents").replaceChildren(...contents);
  byId("operations").replaceChildren(head, ...sections);
  search();
  if (location.hash.length > 1) byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** An operation in the contents and on the page, and the words it is found by. */
function entry(root, one) {
  const { method, path, operation, id, tag } = one;
  const isOld = operation.deprecated === true;
  const summary = String(operation.summary ?? "");
  const link = element(isOld ? "a.old" : "a", { href: `#${id}`, title: summary || undefined },
    verb(method), element("span.path", {}, path));
  const words = [method, path, summary, tag, operation.operationId].join(" ").toLowerCase();
  return { link, article: article(root, one, summary, isOld), words };
}

const verb = (method) => element(`span.verb.${method}`, {}, method.toUpperCase());

function article(root, one, summary, isOld) {
  const { method, path, operation, id, parameters } = one;
  const who = access(root, operation);
  const made = element("article", { id, "aria-labelledby": `${id}-title` },
    element("h3", { id: `${id}-title` },
      element("a.anchor", { href: `#${id}` }, verb(method), element("span.path", {}, pathParts(path)))),
    element("p.summary", {}, summary,
      isOld && element("span.badge.deprecated", {}, "deprecated"),
      element(who ? "span.badge.locked" : "span.badge.open", {}, who ?? "anybody"),
      operation.operationId && element("code.id", {}, String(operation.operationId))),
    prose(operation.description),
    parametersOf(root, parameters),
    requestOf(root, operation),
    answersOf(root, operation),
    copyable(curl(root, base(root), one, who !== undefined), "curl"));
  return made;
}

const pathParts = (path) => path.split(/(\{[^}]*\})/).map((part) =>
  part.startsWith("{") ? element("span.hole", {}, part) : part.split(/(?=\/)/).map((piece) => [element("wbr"), piece]));

/** Where the operations are: the first server of the document, else where the page is. */
function base(root) {
  const url = Array.isArray(root.servers) ? object(root.servers[0]).url : undefined;
  try {
    return new URL(String(url ?? "/"), location.origin).href.replace(/\/$/, "");
  } catch {
    return location.origin;
  }
}

function parametersOf(root, parameters) {
  if (parameters.length === 0) return undefined;
  const rows = parameters.map((parameter) => element("li", {},
    element("div.row", {},
      element("code.name", {}, String(parameter.name)),
      element("span.type", {}, typeName(root, parameter.schema ?? true)),
      element("span.place", {}, String(parameter.in)),
      parameter.required === true && element("span.badge.required", {}, "required"),
      parameter.deprecated === true && element("span.badge.deprecated", {}, "deprecated"),
      bounds(root, parameter.schema)),
    prose(parameter.description)));
  return [element("h4", {}, "Parameters"), element("ul.fields", {}, rows)];
}

function requestOf(root, operation) {
  if (operation.requestBody === undefined) return undefined;
  const body = resolved(root, operation.requestBody);
  return [
    element("h4", {}, "Body", body.required === true && element("span.badge.required", {}, "required")),
    prose(body.description),
    contents(root, body, "readOnly"),
  ];
}

function contents(root, holder, hidden) {
  return Object.entries(object(holder.content)).map(([type, content]) => {
    const schema = object(content).schema;
    const example = exampleOf(root, content, hidden);
    return element("div.content", {},
      element("p.media", {}, element("code", {}, type), element("span.type", {}, typeName(root, schema ?? true))),
      tree(root, schema),
      example !== null && example !== undefined && type.includes("json")
        && element("details.example", {}, element("summary", {}, "Example"), copyable(written(example), type)));
  });
}

function answersOf(root, operation) {
  const answers = Object.entries(object(operation.responses));
  if (answers.length === 0) return undefined;
  const rows = answers.map(([status, written]) => {
    const answer = resolved(root, written);
    const headers = Object.entries(object(answer.headers)).map(([name, header]) => element("li", {},
      element("div.row", {}, element("code.name", {}, name),
        element("span.type", {}, typeName(root, resolved(root, header).schema ?? true))),
      prose(resolved(root, header).description)));
    return element("details.answer", { open: status.startsWith("2") },
      element("summary", {}, element(`code.status.s${status.slice(0, 1)}`, {}, status), element("span", {}, String(answer.description ?? ""))),
      headers.length > 0 && [element("h5", {}, "Header fields"), element("ul.fields", {}, headers)],
      contents(root, answer, "writeOnly"));
  });
  return [element("h4", {}, "Answers"), rows];
}

/** Hides what does not hold every word that is searched for. */
function search() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  let count = 0;
  for (const { menu, section, entries } of shown) {
    const found = entries.filter((one) => {
      const isFound = words.every((word) => one.words.includes(word));
      one.article.hidden = !isFound;
      one.link.parentElement.hidden = !isFound;
      return isFound;
    });
    menu.hidden = section.hidden = found.length === 0;
    count += found.length;
  }
  byId("found").textContent = words.length === 0 ? "" : `${count} found`;
}

byId("search").addEventListener("input", search);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea") !== null;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId("search").focus();
});
for (const link of links) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}
if (links.length > 0) open(links.at(-1));
