// Values to try an operation with: those that the document gives, else some made from its schemas.

import { list, object, resolved } from "./document.js";
import { flat } from "./schema.js";

/** How deep values are made. */
const DEPTH_MAX = 8;

/** How many values one example is made of, at most. */
const VALUES_MAX = 500;

const FORMATS = {
  uuid: "0190a6f0-0000-7000-8000-000000000000",
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  email: "reader@shop.example",
  uri: "https://shop.example/",
};

/**
 * An example of what a media type, a parameter or a header field holds. Fields that say `hidden`
 * are left out: `readOnly` for what is sent, `writeOnly` for what is read.
 */
export function exampleOf(root, holder, hidden = "readOnly") {
  const at = object(holder);
  if (Object.hasOwn(at, "example")) return at.example;
  const named = Object.values(object(at.examples)).map((one) => resolved(root, one));
  const given = named.find((one) => Object.hasOwn(one, "value"));
  return given ? given.value : made({ root, hidden, chain: [], left: { values: VALUES_MAX } }, at.schema);
}

/** A value of `schema`; nothing if the schema leads back to itself, or if it is enough. */
function made(from, schema) {
  const whole = flat(from.root, schema);
  from.left.values -= 1;
  const isEnough = from.left.values < 0 || from.chain.length > DEPTH_MAX;
  if (isEnough || (whole.name !== undefined && from.chain.includes(whole.name))) return undefined;
  if (list(whole.examples).length > 0) return whole.examples[0];
  for (const word of ["example", "const", "default"]) {
    if (Object.hasOwn(whole, word)) return whole[word];
  }
  if (list(whole.enum).length > 0) return whole.enum[0];
  const inside = { ...from, chain: [...from.chain, whole.name] };
  const forms = [...list(whole.oneOf), ...list(whole.anyOf)];
  const form = forms.find((one) => object(one).type !== "null");
  const own = ofType(inside, whole);
  if (form === undefined) return own;
  const value = made(inside, form);
  return isFields(own) && isFields(value) ? { ...own, ...value } : value;
}

const isFields = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function ofType(from, whole) {
  const type = [whole.type ?? (Object.keys(whole.properties).length > 0 ? "object" : "any")]
    .flat().find((one) => one !== "null");
  if (type === "object") {
    const fields = Object.entries(whole.properties).filter(([, field]) => object(field)[from.hidden] !== true);
    return Object.fromEntries(fields.map(([name, field]) => [name, made(from, field)])
      .filter(([, value]) => value !== undefined));
  }
  if (type === "array") return [made(from, whole.items)].filter((value) => value !== undefined);
  if (type === "string") return Object.hasOwn(FORMATS, whole.format) ? FORMATS[whole.format] : "text";
  if (type === "integer" || type === "number") return whole.minimum ?? 1;
  if (type === "boolean") return true;
  return null;
}

/** A value as it stands in a body or an address. */
export function written(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "";
}

/** A word for the shell, in quotes that nothing gets out of. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that calls an operation. */
export function curl(root, base, { method, path, operation, parameters }, needsToken) {
  const value = (parameter) => encodeURIComponent(written(exampleOf(root, parameter)));
  const from = (place) => parameters.filter((one) => one.in === place);
  let address = path;
  for (const one of from("path")) address = address.replaceAll(`{${one.name}}`, value(one));
  const query = from("query").filter((one) => one.required === true)
    .map((one) => `${encodeURIComponent(one.name)}=${value(one)}`);
  const words = [`curl ${quoted(base + address + (query.length > 0 ? `?${query.join("&")}` : ""))}`];
  if (method !== "get") words.push(`-X ${method.toUpperCase()}`);
  if (needsToken) words.push('-H "Authorization: Bearer $TOKEN"');
  for (const one of from("header").filter((header) => header.required === true)) {
    words.push(`-H ${quoted(`${one.name}: ${written(exampleOf(root, one))}`)}`);
  }
  const [type, content] = Object.entries(object(resolved(root, operation.requestBody).content))[0] ?? [];
  if (type !== undefined) {
    words.push(`-H ${quoted(`Content-Type: ${type}`)}`);
    words.push(type.includes("json") ? `-d ${quoted(JSON.stringify(exampleOf(root, content)) ?? "null")}` : "--data-binary @FILE");
  }
  return words.join(" \\\n  ");
}
