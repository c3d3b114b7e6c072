//! The JSON Schemas of an application's types.
//!
//! One type may look different in a request and in an answer: a field with a default may be left
//! out of the one and is always in the other. So there are two generators. Where both say the same
//! of a type it is in the document once; where they differ, the form of requests is `…Input`.

use std::collections::BTreeSet;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::markdown;

const REQUEST: &str = "#/request/";
const ANSWER: &str = "#/answer/";
const FINAL: &str = "#/components/schemas/";

pub(super) struct Schemas {
    request: SchemaGenerator,
    answer: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let at = |path: &str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.to_owned().into();
                settings.meta_schema = None;
            })
        };
        Self {
            request: at("/request").for_deserialize().into_generator(),
            answer: at("/answer").for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of `T` as it is read, mostly a reference.
    pub(super) fn request<T: JsonSchema + ?Sized>(&mut self) -> Value {
        shown(self.request.subschema_for::<T>().to_value())
    }

    /// The same, and no reference at its root.
    pub(super) fn request_in_place<T: JsonSchema + ?Sized>(&mut self) -> Value {
        shown(T::json_schema(&mut self.request).to_value())
    }

    /// The schema of `T` as it is written, mostly a reference.
    pub(super) fn answer<T: JsonSchema + ?Sized>(&mut self) -> Value {
        shown(self.answer.subschema_for::<T>().to_value())
    }

    /// Every schema that is referred to, by its name; references in `document` are put right.
    pub(super) fn complete(mut self, document: &mut Value) -> Value {
        let requests = self.request.take_definitions(true);
        let answers = self.answer.take_definitions(true);
        let differing = differing(&requests, &answers);
        let name = |name: &str| match differing.contains(name) {
            true => format!("{name}Input"),
            false => name.to_owned(),
        };
        let mut all = Map::new();
        all.extend(answers);
        all.extend(
            requests
                .into_iter()
                .map(|(own, schema)| (name(&own), schema)),
        );
        let mut all = shown(Value::Object(all));
        for part in [document, &mut all] {
            each_reference(part, &mut |reference| {
                if let Some(own) = reference.strip_prefix(REQUEST) {
                    *reference = format!("{FINAL}{}", name(own));
                } else if let Some(own) = reference.strip_prefix(ANSWER) {
                    *reference = format!("{FINAL}{own}");
                }
            });
        }
        all
    }
}

/// The types that are not the same both ways, and those that refer to them.
fn differing(requests: &Map<String, Value>, answers: &Map<String, Value>) -> BTreeSet<String> {
    let neutral = |schema: &Value| {
        let mut schema = schema.clone();
        each_reference(&mut schema, &mut |reference| {
            *reference = reference.replacen(REQUEST, ANSWER, 1);
        });
        schema
    };
    let both = || requests.keys().filter(|name| answers.contains_key(*name));
    let mut found: BTreeSet<String> = both()
        .filter(|name| neutral(&requests[*name]) != neutral(&answers[*name]))
        .cloned()
        .collect();
    loop {
        let refers = |name: &&String| {
            let mut hit = false;
            each_reference(&mut requests[*name].clone(), &mut |reference| {
                hit |= reference
                    .strip_prefix(REQUEST)
                    .is_some_and(|to| found.contains(to));
            });
            hit && !found.contains(*name)
        };
        let more: Vec<String> = both().filter(refers).cloned().collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn each_reference(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "$ref" => change(text),
                    other => each_reference(other, change),
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| each_reference(item, change)),
        _ => {}
    }
}

/// `schema` with its descriptions as callers read them.
fn shown(mut schema: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(text) if name == "description" => {
                            *text = markdown::for_callers(text);
                        }
                        other => walk(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut schema);
    schema
}
