// Reads an OpenAPI 3.1 document: its references, and its operations by tag. A document may hold
// anything, so nothing here takes a shape for granted.

export const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/** Longest chain of references. */
const CHAIN_MAX = 32;

/** `value` if it is an object, else an empty one. */
export function object(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

/** `value` if it is a list, else an empty one. */
export function list(value) {
  return Array.isArray(value) ? value : [];
}

/** What the local reference `#/…` names. */
export function target(root, reference) {
  if (typeof reference !== "string" || !reference.startsWith("#/")) return undefined;
  let at = root;
  for (const part of reference.slice(2).split("/")) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `value`, or what it refers to. */
export function resolved(root, value) {
  let at = object(value);
  for (let step = 0; step < CHAIN_MAX && typeof at.$ref === "string"; step += 1) {
    at = object(target(root, at.$ref));
  }
  return at;
}

/** Every operation, with its parameters and those of its path. */
export function operations(root) {
  const found = [];
  for (const [path, item] of Object.entries(object(root.paths))) {
    const at = resolved(root, item);
    for (const method of METHODS) {
      if (!Object.hasOwn(at, method)) continue;
      const operation = object(at[method]);
      found.push({
        method,
        path,
        operation,
        id: `${method}${path}`.replace(/[^A-Za-z0-9_-]+/g, "-"),
        tag: String(list(operation.tags)[0] ?? "Other"),
        parameters: parameters(root, at, operation),
      });
    }
  }
  return found;
}

function parameters(root, item, operation) {
  const found = new Map();
  for (const written of [...list(item.parameters), ...list(operation.parameters)]) {
    const parameter = resolved(root, written);
    found.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...found.values()];
}

/** Operations by tag: the tags that the document lists first, in its order. */
export function byTag(root, found) {
  const groups = new Map(list(root.tags).map((tag) => [String(object(tag).name), []]));
  for (const one of found) {
    if (!groups.has(one.tag)) groups.set(one.tag, []);
    groups.get(one.tag).push(one);
  }
  return [...groups].filter(([, members]) => members.length > 0);
}

/** Who may call, in words; nothing if anybody may. */
export function access(root, operation) {
  const ways = list(operation.security ?? root.security).map((way) => Object.entries(object(way)));
  if (ways.length === 0 || ways.some((way) => way.length === 0)) return undefined;
  const words = ways.map((way) => way.map(([scheme, scopes]) =>
    list(scopes).length > 0 ? `${scheme} (${list(scopes).join(", ")})` : scheme).join(" with "));
  return words.join(" or ");
}
