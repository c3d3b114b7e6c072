//! From where a caller who comes back goes on.

use axum::extract::OptionalFromRequestParts;
use http::request::Parts;
use purlin_base::{ErrorClass, FieldError};

use super::event::is_id;
use crate::Problem;

/// The id of the last event that the caller has read: the field `Last-Event-ID`, which a browser
/// sends when it comes back. Take it as `Option<LastEventId>`: who comes for the first time sends
/// none, and an empty one is none.
///
/// It is at most 256 bytes without control characters, as an id of [`Event`](super::Event) is; anything else,
/// and two fields, are refused with 400. It comes from outside all the same: that there was such an
/// event, and that this caller may go on from it, is for the handler to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastEventId(pub String);

impl<S: Sync> OptionalFromRequestParts<S> for LastEventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let mut fields = parts.headers.get_all("last-event-id").iter();
        let Some(field) = fields.next() else {
            return Ok(None);
        };
        // Not `to_str`, which is for ASCII alone: an id is UTF-8.
        let id = str::from_utf8(field.as_bytes()).ok().filter(|id| is_id(id));
        match (id, fields.next()) {
            (Some(""), None) => Ok(None),
            (Some(id), None) => Ok(Some(Self(id.to_owned()))),
            _ => Err(malformed()),
        }
    }
}

fn malformed() -> Problem {
    let message = "it is one id of at most 256 bytes";
    Problem::new(ErrorClass::BadRequest, "HTTP_LAST_EVENT_ID")
        .detail("`Last-Event-ID` is not the id of an event")
        .field(FieldError::parameter("Last-Event-ID", "malformed", message))
}
