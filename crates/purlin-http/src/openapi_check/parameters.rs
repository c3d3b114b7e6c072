//! Parameters of the path, the query, the header and cookies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    change::Rule,
    content::schema_of,
    document::{Document, elements},
    operation::PathItem,
    walk::{Direction, Walk},
};

/// Header fields that OpenAPI says are to be ignored as parameters.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

/// An operation, and the path it stands at.
type Place<'a> = (PathItem<'a>, &'a Value);

/// Where and under what name.
type Key = (String, String);

impl<'a> Walk<'a> {
    /// Compares the parameters of an operation, with those of its path.
    pub(super) fn parameters(&mut self, old: Place<'a>, new: Place<'a>) {
        let old = parameters(&self.old, old);
        let new = parameters(&self.new, new);
        for (key, (name, was)) in &old {
            let place = format!("{} {name} ", text(was, "in"));
            match new.get(key) {
                Some((_, is)) => self.parameter(&place, was, is),
                None => self.name(Rule::ParameterRemoved, &place, "the parameter is gone"),
            }
        }
        for (key, (name, is)) in &new {
            if is_required(is) && !old.contains_key(key) {
                let place = format!("{} {name} ", text(is, "in"));
                self.name(Rule::ParameterRequired, &place, "is new and required");
            }
        }
    }

    fn parameter(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        if is_required(new) && !is_required(old) {
            let what = "was optional, is required";
            self.name(Rule::ParameterRequired, place, what);
        }
        let (was, is) = (style(old), style(new));
        if was != is {
            let what = format!("was written as {was}, is written as {is}");
            self.name(Rule::ParameterStyleChanged, place, what);
        }
        let (old, new) = (schema_of(old), schema_of(new));
        self.schemas(Direction::Input, place, old, new);
    }
}

/// The parameters of an operation with their names. Those of the path are known by their position
/// in it, since a caller does not send their names.
fn parameters<'a>(
    document: &Document<'a>,
    (path, operation): Place<'a>,
) -> BTreeMap<Key, (String, &'a Value)> {
    let mut found = BTreeMap::new();
    for list in [&path.item["parameters"], &operation["parameters"]] {
        for parameter in elements(list).map(|parameter| document.resolved(parameter)) {
            let (kind, name) = (text(parameter, "in"), text(parameter, "name"));
            let key = match kind {
                "header" => name.to_ascii_lowercase(),
                "path" => position(path.path, name),
                _ => name.to_owned(),
            };
            let is_ignored = kind == "header" && IGNORED.contains(&key.as_str());
            if !name.is_empty() && !is_ignored {
                found.insert((kind.to_owned(), key), (name.to_owned(), parameter));
            }
        }
    }
    found
}

/// Where `{name}` stands among the parameters of `path`.
fn position(path: &str, name: &str) -> String {
    let mut names = path.split('{').skip(1);
    let at = names.position(|part| part.split('}').next() == Some(name));
    at.map_or_else(|| name.to_owned(), |at| at.to_string())
}

fn text<'a>(value: &'a Value, word: &str) -> &'a str {
    value[word].as_str().unwrap_or_default()
}

fn is_required(parameter: &Value) -> bool {
    text(parameter, "in") == "path" || parameter["required"] == true
}

/// How a value is written, with the defaults of OpenAPI.
fn style(parameter: &Value) -> String {
    if let Some((media_type, _)) = parameter["content"]
        .as_object()
        .and_then(|c| c.iter().next())
    {
        return media_type.clone();
    }
    let usual = match text(parameter, "in") {
        "query" | "cookie" => "form",
        _ => "simple",
    };
    let style = parameter["style"].as_str().unwrap_or(usual);
    let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
    let way = if explode { "exploded" } else { "joined" };
    format!("{style}, {way}")
}
