//! Compares answers with the document, in builds with debug assertions.

use std::collections::BTreeSet;

use http::StatusCode;

use super::{Operation, components::Components};
use crate::RouteInfo;

/// The statuses that a route's operation names; `None`: it may answer anything.
pub(super) type Statuses = Option<BTreeSet<u16>>;

/// Logs an error if the document of `route` does not name `status`.
pub(crate) fn check(route: &RouteInfo, status: StatusCode) {
    let statuses = route.description.statuses.get_or_init(|| statuses(route));
    let is_named = |statuses: &BTreeSet<u16>| statuses.contains(&status.as_u16());
    if !statuses.as_ref().is_none_or(is_named) {
        tracing::error!(
            target: "purlin_http::openapi",
            route = route.name(),
            status = status.as_u16(),
            "an answer has a status that the OpenAPI document does not name: add its class to the \
             error's `Classified::classes`, the guard's `describe` or the route's `describe`"
        );
    }
}

fn statuses(route: &RouteInfo) -> Statuses {
    let mut components = Components::default();
    let mut operation = Operation::new(route, &mut components);
    route.description.run(&mut operation);
    operation.statuses()
}
