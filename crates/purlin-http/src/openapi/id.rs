//! The names of operations in a document.

use std::{collections::HashMap, sync::Arc};

use super::version;
use crate::{RouteInfo, mount::MountError};

/// What a route is called if nobody has named its handler.
pub(crate) const UNNAMED: &str = "handler";

/// The group of a route: its controller without the word itself.
pub(super) fn tag(route: &RouteInfo) -> Option<&'static str> {
    let name = route.controller;
    let short = name.strip_suffix("Controller").unwrap_or(name);
    match (name, short) {
        ("", _) => None,
        (name, "") => Some(name),
        (_, short) => Some(short),
    }
}

/// `book_list` for `BookController::list`; `get_notes_id` for a handler without a name.
pub(crate) fn of(route: &RouteInfo) -> String {
    match tag(route) {
        Some(tag) => format!("{}_{}", snake(tag), route.operation),
        None if route.operation == UNNAMED => by_path(route),
        None => route.operation.to_owned(),
    }
}

fn by_path(route: &RouteInfo) -> String {
    let words = route.template.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.fold(route.method.as_str().to_ascii_lowercase(), |id, word| {
        id + "_" + word
    })
}

fn snake(name: &str) -> String {
    name.char_indices().fold(String::new(), |mut out, (at, c)| {
        if at > 0 && c.is_uppercase() && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        out
    })
}

/// Refuses two operations of one name in one document.
pub(crate) fn check(routes: &[Arc<RouteInfo>]) -> Result<(), MountError> {
    let mut known = HashMap::<String, Vec<(&RouteInfo, Option<String>)>>::new();
    for route in routes {
        let (id, own) = (of(route), version::of(route));
        let others = known.entry(id.clone()).or_default();
        let meets = |other: &Option<String>| own.is_none() || other.is_none() || *other == own;
        if let Some((first, _)) = others.iter().find(|(_, other)| meets(other)) {
            return Err(MountError::OperationId {
                id,
                first: format!("{} {}", first.method, first.template),
                second: format!("{} {}", route.method, route.template),
            });
        }
        others.push((route, own));
    }
    Ok(())
}
