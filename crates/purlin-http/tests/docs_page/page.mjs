// Runs the page against a document that means it ill, in the smallest DOM that will do. Exits with
// an error if something is not as it should be.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

class Node {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, listeners: {}, hidden: false, value: "" });
  }
  append(...children) {
    for (const child of children) {
      if (child instanceof Node) child.parentElement = this;
      this.children.push(child instanceof Node ? child : String(child));
    }
  }
  replaceChildren(...children) { this.children = []; this.append(...children); }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  removeEventListener(name) { delete this.listeners[name]; }
  querySelectorAll(tag) { return this.all().filter((node) => node.tag === tag); }
  scrollIntoView() {}
  all() { return this.children.flatMap((child) => (child instanceof Node ? [child, ...child.all()] : [])); }
  get textContent() {
    return this.children.map((child) => (child instanceof Node ? child.textContent : child)).join("");
  }
  set textContent(text) { this.children = [String(text)]; }
  set innerHTML(_) { assert.fail("text must not become markup"); }
  set outerHTML(_) { assert.fail("text must not become markup"); }
  insertAdjacentHTML() { assert.fail("text must not become markup"); }
}

const EVIL = "<img src=x onerror=alert(1)>'; rm -rf / #";
const loop = { $ref: "#/components/schemas/Loop" };
const root = {
  openapi: "3.1.0",
  info: { title: EVIL, description: EVIL },
  servers: [{ url: "http://shop.example/" }],
  components: { schemas: {
    Loop: { description: EVIL, type: "object", properties: { [EVIL]: { const: EVIL }, next: loop, list: { type: "array", items: loop } } },
    Self: { allOf: [{ $ref: "#/components/schemas/Self" }, { $ref: "#/components/schemas/Self" }] },
  } },
  paths: {
    "/books/{id}": {
      parameters: [{ in: "path", name: "id", required: true, example: "'; reboot '" }],
      put: {
        summary: EVIL, tags: [EVIL], deprecated: true, security: [{ token: [] }],
        requestBody: { content: { "application/json": { schema: loop } } },
        responses: { 200: { description: EVIL, content: { "application/json": { schema: { oneOf: [loop, { type: "null" }] } } } } },
      },
    },
    "/odd": { get: { parameters: "no list", responses: { 200: null, 404: { $ref: "#/nowhere" }, default: { content: { x: { schema: { $ref: "#/components/schemas/Self" } } } } } } },
    "/odder": null,
  },
};

const ids = {};
for (const id of ["documents", "contents", "operations", "title", "search", "found"]) ids[id] = new Node("div");
const link = new Node("a");
link.href = "http://127.0.0.1/openapi/v1.json";
ids.documents.append(link);
globalThis.document = {
  createElement: (tag) => new Node(tag),
  getElementById: (id) => ids[id],
  addEventListener() {},
};
globalThis.location = { hash: "", origin: "http://127.0.0.1" };
globalThis.fetch = async () => ({ ok: true, json: async () => root });

await import("./app.js");
await new Promise((resolve) => setImmediate(resolve));

const page = ids.operations;
const articles = page.querySelectorAll("article");
assert.equal(articles.length, 2, page.textContent);
assert.equal(ids.title.textContent, EVIL);
assert.equal(page.querySelectorAll("img").length, 0);
assert.ok(articles[0].textContent.includes("deprecated"));
assert.ok(articles[0].textContent.includes("token"));

const curl = articles[0].querySelectorAll("pre").at(-1).textContent;
assert.ok(curl.startsWith("curl 'http://shop.example/books/"), curl);
// What the shell makes of it: one word for each, and no command of the document's.
const words = execFileSync("sh", ["-c", curl.replace("curl", "printf '%s\\n'")], { encoding: "utf8" }).split("\n");
assert.deepEqual(words.at(-2), JSON.stringify({ [EVIL]: EVIL, list: [] }));
assert.equal(words[0], "http://shop.example/books/'%3B%20reboot%20'");
assert.ok(curl.includes("-X PUT"), curl);

const loops = articles[0].querySelectorAll("details").filter((node) => node.listeners.toggle);
assert.ok(loops.length > 0, "a schema that refers to itself waits to be opened");
loops[0].listeners.toggle();
assert.ok(loops[0].textContent.includes("next"));

ids.search.value = "odd get";
ids.search.listeners.input();
assert.equal(ids.found.textContent, "1 found");
assert.equal(articles.filter((article) => !article.hidden).length, 1);
