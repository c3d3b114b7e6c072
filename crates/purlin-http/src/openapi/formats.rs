//! The media types that a route speaks.

use crate::{
    RouteInfo,
    problem::{PROBLEM_JSON, PROBLEM_XML},
    xml::XmlRoots,
};

/// Of problems: whoever asks for XML is told in XML, of a route that speaks none too.
pub(super) const PROBLEMS: [&str; 2] = [PROBLEM_JSON, PROBLEM_XML];

/// The media types of a route's bodies.
#[derive(Clone, Copy)]
pub(super) struct Formats {
    /// Both ways.
    pub(super) bodies: &'static [&'static str],
    /// The roots of its XML.
    pub(super) xml: Option<XmlRoots>,
}

impl Formats {
    /// Those of `route`.
    pub(super) fn of(route: &RouteInfo) -> Self {
        Self {
            bodies: match route.xml {
                None => &["application/json"],
                Some(_) => &["application/json", "application/xml"],
            },
            xml: route.xml,
        }
    }
}
