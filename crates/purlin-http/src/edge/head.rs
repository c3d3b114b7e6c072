//! What the layer needs of a request's header fields, gathered in one pass.

use http::{HeaderMap, HeaderValue};
use purlin_base::{context::TraceContext, random::Rng};

use super::ids;

/// What the layer needs of a request's header fields.
pub(super) struct Head {
    /// Bytes of all names and values.
    pub(super) bytes: usize,
    /// The request's identifier: the caller's own if it is fit, else a new one.
    pub(super) request_id: HeaderValue,
    /// The caller's trace with a span of our own, or a new trace.
    pub(super) trace: TraceContext,
    /// Whether there may be a condition among them: `If-Match` and its like.
    pub(super) may_be_conditional: bool,
    /// Whether a part is asked for.
    pub(super) has_range: bool,
    /// Whether it says which media types are accepted.
    pub(super) has_accept: bool,
    /// Whether it says which codings are accepted.
    #[cfg_attr(not(feature = "compression"), expect(dead_code))]
    pub(super) has_accept_encoding: bool,
    /// Whether it carries what browsers add by themselves: a cookie, or `Authorization`.
    pub(super) is_ambient: bool,
    /// Whether a connection of another kind is asked for.
    pub(super) upgrades: bool,
}

impl Head {
    /// Reads `fields`. Of a field that comes twice the first counts.
    pub(super) fn read(fields: &HeaderMap, rng: &dyn Rng) -> Self {
        let (mut bytes, mut request_id, mut traceparent) = (0, None, None);
        let (mut may_be_conditional, mut has_range) = (false, false);
        let (mut has_accept, mut has_accept_encoding) = (false, false);
        let (mut is_ambient, mut upgrades) = (false, false);
        for (name, value) in fields {
            let name = name.as_str();
            bytes += name.len() + value.len();
            match name {
                "x-request-id" => _ = request_id.get_or_insert(value),
                "traceparent" => _ = traceparent.get_or_insert(value),
                "range" => has_range = true,
                "accept" => has_accept = true,
                "accept-encoding" => has_accept_encoding = true,
                "cookie" | "authorization" => is_ambient = true,
                "upgrade" => upgrades = true,
                _ => may_be_conditional |= name.starts_with("if-"),
            }
        }
        Self {
            bytes,
            request_id: ids::request_id(request_id, rng),
            trace: ids::trace(traceparent, rng),
            may_be_conditional,
            has_range,
            has_accept,
            has_accept_encoding,
            is_ambient,
            upgrades,
        }
    }
}
