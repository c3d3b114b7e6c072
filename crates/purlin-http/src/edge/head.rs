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
    pub(super) if_none_match: Option<HeaderValue>,
}

impl Head {
    /// Reads `fields`. Of a field that comes twice the first counts.
    pub(super) fn read(fields: &HeaderMap, rng: &dyn Rng) -> Self {
        let (mut bytes, mut request_id, mut traceparent, mut if_none_match) = (0, None, None, None);
        for (name, value) in fields {
            let name = name.as_str();
            bytes += name.len() + value.len();
            let place = match name {
                "x-request-id" => &mut request_id,
                "traceparent" => &mut traceparent,
                "if-none-match" => &mut if_none_match,
                _ => continue,
            };
            place.get_or_insert(value);
        }
        Self {
            bytes,
            request_id: ids::request_id(request_id, rng),
            trace: ids::trace(traceparent, rng),
            if_none_match: if_none_match.cloned(),
        }
    }
}
