//! Who may call: what was enough must stay enough.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    change::Rule,
    document::{Document, elements, members},
    walk::Walk,
};

/// What one way in asks for: scheme, by what it is, and the scopes.
type Demand = BTreeMap<String, BTreeSet<String>>;

/// Words that say nothing about what a scheme asks for.
const ANNOTATIONS: [&str; 2] = ["description", "bearerFormat"];

impl<'a> Walk<'a> {
    pub(super) fn security(&mut self, old: &'a Value, new: &'a Value) {
        let (old, new) = (ways_in(&self.old, old), ways_in(&self.new, new));
        let is_enough = |was: &Demand| new.iter().any(|(_, is)| asks_no_more(is, was));
        for (name, _) in old.iter().filter(|(_, was)| !is_enough(was)) {
            let is: Vec<_> = new.iter().map(|(name, _)| name.as_str()).collect();
            let what = format!("was open to {name}, is open to {}", is.join(" or "));
            self.name(Rule::SecurityAdded, "", what);
        }
    }
}

fn asks_no_more(is: &Demand, was: &Demand) -> bool {
    is.iter().all(|(scheme, scopes)| {
        let had = was.get(scheme);
        had.is_some_and(|had| scopes.is_subset(had))
    })
}

/// The ways in, each with its name for people. No security is one way, which asks for nothing.
fn ways_in<'a>(document: &Document<'a>, operation: &'a Value) -> Vec<(String, Demand)> {
    let own = operation.get("security");
    let stated = own.or_else(|| document.root.get("security"));
    let ways: Vec<_> = stated.into_iter().flat_map(elements).collect();
    if ways.is_empty() {
        return vec![("anybody".to_owned(), Demand::new())];
    }
    ways.into_iter()
        .map(|way| (words(way), demand(document, way)))
        .collect()
}

fn words(way: &Value) -> String {
    let names = members(way).map(|(scheme, scopes)| {
        let scopes: Vec<_> = elements(scopes).filter_map(Value::as_str).collect();
        match scopes.as_slice() {
            [] => scheme.clone(),
            scopes => format!("{scheme} ({})", scopes.join(", ")),
        }
    });
    let names: Vec<_> = names.collect();
    match names.as_slice() {
        [] => "anybody".to_owned(),
        names => names.join(" with "),
    }
}

fn demand(document: &Document<'_>, way: &Value) -> Demand {
    let demands = members(way).map(|(scheme, scopes)| {
        let scopes = elements(scopes).filter_map(Value::as_str);
        (
            identity(document, scheme),
            scopes.map(str::to_owned).collect(),
        )
    });
    demands.collect()
}

/// What a scheme is: its definition without what is said for people, else its name.
fn identity(document: &Document<'_>, scheme: &str) -> String {
    let schemes = &document.root["components"]["securitySchemes"];
    let definition = document.member(schemes, scheme);
    let Some(definition) = definition.as_object() else {
        return scheme.to_owned();
    };
    let mut definition = definition.clone();
    definition.retain(|word, _| !ANNOTATIONS.contains(&word.as_str()) && !word.starts_with("x-"));
    Value::Object(definition).to_string()
}
