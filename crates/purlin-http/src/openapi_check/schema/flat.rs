//! A schema with its references, `allOf` and variants resolved: what one form of it says.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    super::document::{Document, elements, members},
    kinds::Kinds,
};

/// Most forms that one schema is taken apart into, all its variants with each other. With more the
/// comparison gives up.
const FORMS_MAX: usize = 256;

/// Most groups of variants in one form; with more the comparison gives up.
const GROUPS_MAX: usize = 32;

/// Words that are bounds from below: of two, the larger holds.
pub(super) const LOWER: [&str; 5] = [
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
];

/// Words that are bounds from above: of two, the smaller holds.
pub(super) const UPPER: [&str; 5] = [
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
];

/// What one form of a schema says.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// What it is called among other variants.
    pub(super) name: Option<String>,
    pub(super) kinds: Kinds,
    /// Its words; `const` has become `enum`, `unevaluatedProperties` `additionalProperties`.
    pub(super) words: Map<String, Value>,
    /// Of each group, one variant must hold.
    pub(super) groups: Vec<Vec<Value>>,
}

impl Default for Kinds {
    fn default() -> Self {
        Self::ANY
    }
}

impl Flat {
    /// The word `word`, if it is said.
    pub(super) fn word(&self, word: &str) -> &Value {
        self.words.get(word).unwrap_or(&Value::Null)
    }

    /// All it says, to know it again.
    pub(super) fn text(&self) -> String {
        format!("{:?} {}", self.kinds, json!(self.words))
    }

    /// What it is called for people.
    pub(super) fn variant(&self) -> String {
        match &self.name {
            Some(name) => format!("<{name}>"),
            None => self.kinds.to_string(),
        }
    }
}

/// The forms that `schema` may have: one, unless it has variants.
pub(super) fn forms(document: &Document<'_>, schema: &Value) -> Vec<Flat> {
    let mut whole = flat(document, schema, &mut Vec::new());
    let mut forms = Vec::new();
    whole.name = None;
    expand(document, whole, &mut forms);
    for form in &mut forms {
        form.kinds = kinds(&form.words);
        if form.name.is_none() {
            form.name = tag(&form.words);
        }
    }
    forms
}

fn expand(document: &Document<'_>, mut form: Flat, forms: &mut Vec<Flat>) {
    if forms.len() >= FORMS_MAX || form.groups.len() > GROUPS_MAX {
        document.steps.spend();
    }
    let Some(group) = form.groups.pop().filter(|_| document.steps.take()) else {
        forms.push(form);
        return;
    };
    for variant in group {
        let variant = flat(document, &variant, &mut Vec::new());
        let mut next = form.clone();
        next.name = variant.name.clone().or(next.name);
        add(&mut next, variant);
        expand(document, next, forms);
    }
}

/// `schema` with what it refers to; `chain` holds the references that led here.
fn flat(document: &Document<'_>, schema: &Value, chain: &mut Vec<String>) -> Flat {
    let mut whole = Flat::default();
    if *schema == false {
        whole.words.insert("type".to_owned(), json!([]));
    }
    if !document.steps.take() {
        return whole;
    }
    let mut parts = Vec::new();
    for (word, value) in members(schema) {
        match word.as_str() {
            "$ref" => parts.extend(refer(document, value, chain, &mut whole)),
            "allOf" => parts.extend(elements(value).map(|part| flat(document, part, chain))),
            "oneOf" | "anyOf" => whole.groups.push(elements(value).cloned().collect()),
            "const" => say(&mut whole.words, "enum", &json!([value])),
            "unevaluatedProperties" => say(&mut whole.words, "additionalProperties", value),
            _ => say(&mut whole.words, word, value),
        }
    }
    for part in parts {
        whole.name = whole.name.or_else(|| part.name.clone());
        add(&mut whole, part);
    }
    if whole.groups.len() > GROUPS_MAX {
        document.steps.spend();
    }
    let title = whole.words.get("title").and_then(Value::as_str);
    whole.name = title.map(str::to_owned).or(whole.name);
    enumerate(document, &mut whole);
    whole
}

/// What `reference` names. One that leads back to itself says nothing; one that leads out of the
/// document stays as it is written.
fn refer(
    document: &Document<'_>,
    reference: &Value,
    chain: &mut Vec<String>,
    whole: &mut Flat,
) -> Option<Flat> {
    let reference = reference.as_str()?.to_owned();
    if chain.contains(&reference) {
        return None;
    }
    let Some(target) = document.target(&reference) else {
        say(&mut whole.words, "$ref", &json!(reference));
        return None;
    };
    let name = reference.rsplit('/').next().map(str::to_owned);
    chain.push(reference);
    let mut part = flat(document, target, chain);
    chain.pop();
    part.name = name;
    Some(part)
}

/// Turns groups whose variants are nothing but values into one enumeration.
fn enumerate(document: &Document<'_>, whole: &mut Flat) {
    for group in std::mem::take(&mut whole.groups) {
        match values_of(document, &group) {
            Some(values) => say(&mut whole.words, "enum", &Value::Array(values)),
            None => whole.groups.push(group),
        }
    }
}

fn values_of(document: &Document<'_>, group: &[Value]) -> Option<Vec<Value>> {
    const PLAIN: [&str; 7] = [
        "const",
        "enum",
        "type",
        "title",
        "description",
        "deprecated",
        "$comment",
    ];
    let mut values = Vec::new();
    for variant in group {
        let is_plain = members(variant).all(|(word, _)| PLAIN.contains(&word.as_str()));
        let says_values = variant
            .get("const")
            .or_else(|| variant.get("enum"))
            .is_some();
        if !is_plain || !says_values {
            return None;
        }
        values.extend(elements(flat(document, variant, &mut Vec::new()).word("enum")).cloned());
    }
    (!values.is_empty()).then_some(values)
}

/// Adds what `part` says to `whole`, which must then hold both.
fn add(whole: &mut Flat, part: Flat) {
    for (word, value) in &part.words {
        say(&mut whole.words, word, value);
    }
    whole.groups.extend(part.groups);
}

/// Says `word` in `words`, so that what stood there holds too.
fn say(words: &mut Map<String, Value>, word: &str, value: &Value) {
    let both = match words.get(word) {
        Some(present) if present != value => both(word, present, value),
        Some(_) => return,
        None => value.clone(),
    };
    words.insert(word.to_owned(), both);
}

/// What must hold if both `one` and `other` are said of `word`.
fn both(word: &str, one: &Value, other: &Value) -> Value {
    let smaller = || {
        if number(one) <= number(other) {
            one
        } else {
            other
        }
    };
    let larger = || {
        if number(one) >= number(other) {
            one
        } else {
            other
        }
    };
    match word {
        "properties" | "patternProperties" => join_fields(one, other),
        "required" => union(one, other),
        "enum" => elements(one)
            .filter(|value| elements(other).any(|too| too == *value))
            .cloned()
            .collect(),
        "type" => json!(
            Kinds::said(one)
                .within(Kinds::said(other))
                .names()
                .collect::<Vec<_>>()
        ),
        word if LOWER.contains(&word) => larger().clone(),
        word if UPPER.contains(&word) => smaller().clone(),
        "additionalProperties" if *one == false || *other == false => json!(false),
        "additionalProperties" | "items" => json!({"allOf": [one, other]}),
        "pattern" => json!([one, other]),
        _ => one.clone(),
    }
}

fn join_fields(one: &Value, other: &Value) -> Value {
    let mut fields = one.as_object().cloned().unwrap_or_default();
    for (name, schema) in members(other) {
        let both = match fields.get(name) {
            Some(present) if present != schema => json!({"allOf": [present, schema]}),
            _ => schema.clone(),
        };
        fields.insert(name.clone(), both);
    }
    Value::Object(fields)
}

fn union(one: &Value, other: &Value) -> Value {
    let names = elements(one).chain(elements(other)).map(Value::to_string);
    let names: BTreeSet<_> = names.collect();
    names
        .iter()
        .filter_map(|name| serde_json::from_str::<Value>(name).ok())
        .collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn kinds(words: &Map<String, Value>) -> Kinds {
    let said = words.get("type").map_or(Kinds::ANY, Kinds::said);
    let Some(values) = words.get("enum") else {
        return said;
    };
    let held = elements(values).map(Kinds::of);
    let held = held.fold(Kinds::ANY.without(Kinds::ANY), Kinds::with);
    said.within(held)
}

/// What tells an object from others of its group: the value that a field must have, or its only
/// required field.
fn tag(words: &Map<String, Value>) -> Option<String> {
    let fields = words.get("properties")?;
    let fixed = members(fields).find_map(|(_, field)| {
        let only = field
            .get("const")
            .or_else(|| match field["enum"].as_array()?.as_slice() {
                [only] => Some(only),
                _ => None,
            });
        only?.as_str().map(str::to_owned)
    });
    let required = || match words.get("required")?.as_array()?.as_slice() {
        [only] => only.as_str().map(str::to_owned),
        _ => None,
    };
    fixed.or_else(required)
}
