//! Paths, methods and operation ids.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    change::Rule,
    document::{Document, members},
    walk::Walk,
};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A path as it is written, and what stands there.
#[derive(Clone, Copy)]
pub(super) struct PathItem<'a> {
    pub(super) path: &'a str,
    pub(super) item: &'a Value,
}

impl<'a> Walk<'a> {
    /// Compares everything.
    pub(super) fn operations(&mut self) {
        let (old, new) = (paths(&self.old), paths(&self.new));
        for (form, old) in old {
            match new.get(&form) {
                Some(new) => self.methods(old, *new),
                None => {
                    self.operation = old.path.to_owned();
                    self.name(Rule::PathRemoved, "", "the path is gone");
                }
            }
        }
    }

    fn methods(&mut self, old: PathItem<'a>, new: PathItem<'a>) {
        for method in METHODS {
            let (was, is) = (&old.item[method], &new.item[method]);
            if !was.is_object() {
                continue;
            }
            self.operation = format!("{} {}", method.to_uppercase(), old.path);
            if !is.is_object() {
                self.name(Rule::MethodRemoved, "", "the method is gone");
                continue;
            }
            self.operation_id(was, is);
            self.security(was, is);
            self.parameters((old, was), (new, is));
            self.request(was, is);
            self.answers(was, is);
        }
    }

    fn operation_id(&mut self, old: &Value, new: &Value) {
        let Some(was) = old["operationId"].as_str() else {
            return;
        };
        let is = new["operationId"].as_str();
        if is != Some(was) {
            let is = is.map_or("there is none".to_owned(), |is| format!("is {is}"));
            let what = format!("the operation id was {was}, {is}");
            self.name(Rule::OperationIdChanged, "", what);
        }
    }
}

/// The paths of a document by their form behind the path of its server: what a parameter is called
/// makes no other path.
fn paths<'a>(document: &Document<'a>) -> BTreeMap<String, PathItem<'a>> {
    let prefix = server_path(document.root);
    members(&document.root["paths"])
        .filter(|(path, _)| path.starts_with('/'))
        .map(|(path, item)| {
            let item = document.resolved(item);
            (form(&format!("{prefix}{path}")), PathItem { path, item })
        })
        .collect()
}

/// `/books/{id}` as `/books/{}`.
fn form(path: &str) -> String {
    let mut form = String::new();
    let mut is_inside = false;
    for c in path.chars() {
        is_inside &= c != '}';
        if !is_inside {
            form.push(c);
        }
        is_inside |= c == '{';
    }
    form
}

/// The path of the first server, such as `/api` of `https://shop.example/api/`.
fn server_path(root: &Value) -> &str {
    let url = root["servers"][0]["url"].as_str().unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/')
}
