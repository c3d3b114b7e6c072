//! The media types that a route speaks.

use crate::{RouteInfo, problem::PROBLEM_JSON};

/// The media types of a route's bodies and of its failures.
pub(super) struct Formats {
    /// What the names of shared answers end with, so that those of other formats stand beside.
    pub(super) name: &'static str,
    /// Of bodies, both ways.
    pub(super) bodies: &'static [&'static str],
    /// Of problems.
    pub(super) problems: &'static [&'static str],
}

const JSON: Formats = Formats {
    name: "",
    bodies: &["application/json"],
    problems: &[PROBLEM_JSON],
};

impl Formats {
    /// Those of `route`.
    pub(super) fn of(_route: &RouteInfo) -> Self {
        JSON
    }
}
