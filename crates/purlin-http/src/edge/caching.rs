//! Says who may keep an answer, where its handler does not.
//!
//! An answer to somebody must not reach somebody else because nobody thought of caches: what is
//! guarded is private and asked about again, unless the route says otherwise.

use http::{
    HeaderMap, HeaderValue,
    header::{self, Entry},
};
use purlin_base::Context;

use crate::{Access, RouteInfo, reply};

/// Names what the answer of `route` depends on.
pub(super) fn vary(route: &RouteInfo, headers: &mut HeaderMap) {
    reply::vary_fields(headers, &route.vary, route.vary_field.as_ref());
}

/// Completes the answer of `route` to a GET or HEAD that has not failed.
pub(super) fn complete(route: &RouteInfo, headers: &mut HeaderMap) {
    let guarded = matches!(route.access, Access::Guarded(_));
    if !guarded && route.cache_control.is_none() {
        return;
    }
    let Entry::Vacant(field) = headers.entry(header::CACHE_CONTROL) else {
        return;
    };
    let value = match route.cache_control {
        None => HeaderValue::from_static("private, no-cache"),
        Some(value) if route.says_who_keeps || !is_for_somebody() => {
            HeaderValue::from_static(value)
        }
        Some(value) => HeaderValue::try_from(format!("private, {value}"))
            .unwrap_or(HeaderValue::from_static("private, no-cache")),
    };
    field.insert(value);
}

/// A failure is not kept, unless it says so itself: some, 404 among them, are kept by caches that
/// are told nothing.
pub(super) fn forbid(headers: &mut HeaderMap) {
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Whether a guard has found out who is asking.
fn is_for_somebody() -> bool {
    Context::with_current(|context| context.principal().is_some()).unwrap_or(false)
}
