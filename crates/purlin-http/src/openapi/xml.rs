//! What schemas say of XML: the names of roots, and of the items of lists.
//!
//! Tools that write XML look at the schema that a reference leads to, not at what stands beside the
//! reference, so the names are put there.

use serde_json::{Map, Value, json};

use crate::xml::name::singular;

/// Gives every body of XML its root, and every list of a document with such a body its items'
/// name.
pub(super) fn annotate(document: &mut Value) {
    let mut roots = Vec::new();
    each(&document["paths"], &mut |value| {
        let schema = &value["application/xml"]["schema"];
        if let (Some(name), Some(root)) = (referred(schema), schema["xml"]["name"].as_str()) {
            roots.push((name.to_owned(), root.to_owned()));
        }
    });
    if roots.is_empty() {
        return;
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let mut items = Vec::new();
    for schema in schemas.values_mut() {
        wrap(schema, &mut items);
    }
    for (name, element) in roots.into_iter().chain(items) {
        call(schemas, &name, &element);
    }
}

/// Says of each list among the fields of `schema` that it stands in an element of its own, and what
/// its items are called; `items` gets those that are a schema of another name.
fn wrap(schema: &mut Value, items: &mut Vec<(String, String)>) {
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (field, list) in fields.into_iter().flatten() {
        if list["type"] != "array" || !list["items"].is_object() {
            continue;
        }
        list["xml"] = json!({"wrapped": true});
        let element = singular(field).into_owned();
        match referred(&list["items"]) {
            Some(name) => items.push((name.to_owned(), element)),
            None => list["items"]["xml"] = json!({"name": element}),
        }
    }
}

/// The schema `name` is an element called `element`. Where it is called in two ways, the first
/// counts.
fn call(schemas: &mut Map<String, Value>, name: &str, element: &str) {
    if let Some(schema) = schemas.get_mut(name).filter(|it| it.get("xml").is_none()) {
        schema["xml"] = json!({"name": element});
    }
}

/// The name of the schema that `schema` refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

fn each(value: &Value, look: &mut impl FnMut(&Value)) {
    look(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|it| each(it, look)),
        Value::Array(items) => items.iter().for_each(|it| each(it, look)),
        _ => {}
    }
}
