//! Which version of the API a route belongs to.

use std::{collections::BTreeSet, sync::Arc};

use crate::RouteInfo;

/// The version of `route`, as documents are named by it: `v2`. Where versions are told by the path
/// alone, without a [`Versioning`](crate::Versioning), it is the first segment that is `v` and a
/// number. `None`: it belongs to all.
pub(super) fn of(route: &RouteInfo) -> Option<String> {
    let is_version = |segment: &&str| {
        let number = segment.strip_prefix('v').unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    match route.version {
        Some(version) => Some(format!("v{version}")),
        None => route
            .template
            .split('/')
            .find(is_version)
            .map(str::to_owned),
    }
}

/// Every version; `None` alone where there are none.
pub(super) fn all(routes: &[Arc<RouteInfo>]) -> Vec<Option<String>> {
    let found: BTreeSet<_> = routes.iter().filter_map(|route| of(route)).collect();
    if found.is_empty() {
        return vec![None];
    }
    found.into_iter().map(Some).collect()
}
