// Shows a schema: its type in words, its bounds, and its fields, which are built when they are
// opened, so that a schema that refers to itself has no end and costs nothing.

import { list, object, target } from "./document.js";
import { element, prose } from "./elements.js";

/** How deep fields are open from the start. */
const OPEN_DEPTH = 2;

const BOUNDS = [
  ["minimum", "≥"], ["exclusiveMinimum", ">"], ["maximum", "≤"], ["exclusiveMaximum", "<"],
  ["minLength", "length ≥"], ["maxLength", "length ≤"], ["minItems", "items ≥"],
  ["maxItems", "items ≤"], ["multipleOf", "multiple of"], ["pattern", "matches"],
];

/**
 * `schema` with what it refers to and its `allOf` put together, and what it is called. A reference
 * that stands in `chain` leads back to itself and says nothing.
 */
export function flat(root, schema, chain = []) {
  const own = object(schema);
  let whole = { properties: {}, required: [], name: undefined };
  if (typeof own.$ref === "string" && !chain.includes(own.$ref)) {
    const part = flat(root, target(root, own.$ref), [...chain, own.$ref]);
    whole = joined(whole, { ...part, name: own.$ref.split("/").pop() });
  }
  for (const part of list(own.allOf)) whole = joined(whole, flat(root, part, chain));
  const { $ref, allOf, ...said } = own;
  return joined(whole, { ...said, name: typeof own.title === "string" ? own.title : whole.name });
}

function joined(one, other) {
  return {
    ...one,
    ...other,
    name: other.name ?? one.name,
    properties: { ...object(one.properties), ...object(other.properties) },
    required: [...new Set([...list(one.required), ...list(other.required)])],
  };
}

function variants(schema) {
  return [...list(schema.oneOf), ...list(schema.anyOf)];
}

const isNull = (schema) => object(schema).type === "null" || object(schema).const === null;

/** The type of `schema` in a few words. */
export function typeName(root, schema, depth = 0) {
  if (schema === false) return "nothing";
  const whole = flat(root, schema);
  if (depth > 4) return whole.name ?? "…";
  const forms = variants(whole);
  if (forms.length > 0) {
    const names = forms.map((form) => (isNull(form) ? "null" : typeName(root, form, depth + 1)));
    return [...new Set(names)].join(" or ");
  }
  const types = [whole.type ?? []].flat().map(String);
  const names = types.map((type) => {
    if (type === "array") return `list of ${typeName(root, whole.items ?? true, depth + 1)}`;
    if (type === "object") return whole.name ?? "object";
    return typeof whole.format === "string" ? `${type} (${whole.format})` : type;
  });
  if (names.length > 0) return names.join(" or ");
  if (Object.hasOwn(whole, "const")) return JSON.stringify(whole.const);
  return Object.keys(whole.properties).length > 0 ? whole.name ?? "object" : "any";
}

/** The bounds, values and default of `schema`, each a small word. */
export function bounds(root, schema) {
  const whole = flat(root, schema);
  const words = BOUNDS.filter(([word]) => Object.hasOwn(whole, word))
    .map(([word, sign]) => `${sign} ${whole[word]}`);
  const values = list(whole.enum).concat(variants(whole).flatMap((form) =>
    Object.hasOwn(object(form), "const") ? [form.const] : []));
  if (values.length > 0) words.push(`one of ${values.map((value) => JSON.stringify(value)).join(", ")}`);
  if (Object.hasOwn(whole, "const")) words.push(`always ${JSON.stringify(whole.const)}`);
  if (Object.hasOwn(whole, "default")) words.push(`default ${JSON.stringify(whole.default)}`);
  return words.map((word) => element("span.bound", {}, word));
}

/** What a schema is made of: fields, elements, variants. */
export function tree(root, schema, depth = 0) {
  const whole = flat(root, schema);
  const required = new Set(whole.required);
  const rows = Object.entries(whole.properties).map(([name, field]) =>
    row(root, name, field, required.has(name), depth));
  if (whole.items !== undefined) rows.push(...inner(root, whole.items, depth));
  const further = whole.additionalProperties;
  if (Object.keys(object(further)).length > 0) rows.push(row(root, "any name", further, false, depth));
  const forms = variants(whole).filter((form) => !isNull(form) && !isValue(form));
  if (forms.length === 1) rows.push(...inner(root, forms[0], depth));
  else forms.forEach((form, at) => rows.push(row(root, `form ${at + 1}`, form, undefined, depth)));
  return rows.length > 0 ? [element("ul.fields", {}, rows)] : [];
}

const isValue = (schema) => Object.hasOwn(object(schema), "const");

/** The fields of an element stand in its list: a list of books shows those of a book. */
function inner(root, schema, depth) {
  if (depth > 16) return [];
  const [fields] = tree(root, schema, depth);
  return fields ? [...fields.children] : [];
}

/** Whether there is anything to open. */
function hasInner(root, schema) {
  const whole = flat(root, schema);
  return Object.keys(whole.properties).length > 0
    || (whole.items !== undefined && hasInnerOnce(root, whole.items))
    || Object.keys(object(whole.additionalProperties)).length > 0
    || variants(whole).some((form) => !isNull(form) && !isValue(form) && hasInnerOnce(root, form));
}

function hasInnerOnce(root, schema) {
  const whole = flat(root, schema);
  return Object.keys(whole.properties).length > 0 || whole.items !== undefined || variants(whole).length > 0;
}

function row(root, name, field, isRequired, depth) {
  const whole = flat(root, field);
  const head = [
    element("code.name", {}, name),
    element("span.type", {}, typeName(root, field)),
    isRequired && element("span.badge.required", {}, "required"),
    whole.deprecated === true && element("span.badge.deprecated", {}, "deprecated"),
    whole.readOnly === true && element("span.badge", {}, "read only"),
    whole.writeOnly === true && element("span.badge", {}, "write only"),
    bounds(root, field),
  ];
  const about = prose(whole.description);
  if (!hasInner(root, field)) return element("li", {}, element("div.row", {}, head), about);
  const details = element("details", {}, element("summary.row", {}, head), about);
  const fill = () => {
    details.removeEventListener("toggle", fill);
    details.append(...tree(root, field, depth + 1));
  };
  if (depth + 1 < OPEN_DEPTH) {
    fill();
    details.open = true;
  } else details.addEventListener("toggle", fill);
  return element("li", {}, details);
}
