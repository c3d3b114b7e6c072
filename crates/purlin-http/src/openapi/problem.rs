//! Failures as a document shows them.

use purlin_base::{ErrorClass, FieldError};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{Answer, formats::PROBLEMS};

/// A failure, as RFC 9457 says.
#[derive(JsonSchema)]
#[schemars(rename = "Problem")]
#[expect(dead_code, reason = "it is read by its derive alone")]
pub(super) struct Body {
    /// Names the kind of failure by its stable code.
    #[schemars(extend("format" = "uri-reference"))]
    r#type: String,
    /// The phrase of the status.
    title: String,
    /// The status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What happened, for people.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// Names the request in logs.
    request_id: String,
    /// Names the trace that the request belongs to.
    trace_id: String,
    /// The fields and parameters that are at fault, if it lies in them.
    #[schemars(skip_serializing_if = "Vec::is_empty", length(max = 64))]
    errors: Vec<FieldError>,
}

/// The answer to failures of `class`.
pub(super) fn answer(class: ErrorClass, schema: &Value) -> Answer {
    let answer = PROBLEMS
        .iter()
        .fold(Answer::new(sentence(class)), |answer, media_type| {
            answer.content(*media_type, schema.clone())
        });
    match class {
        ErrorClass::Unauthenticated => answer.header(
            "WWW-Authenticate",
            "The scheme by which to show who asks.",
            json!({"type": "string"}),
        ),
        ErrorClass::RateLimited | ErrorClass::Unavailable => with_limits(class, answer).header(
            "Retry-After",
            "Seconds to wait before trying again, where that is known.",
            json!({"type": "integer", "minimum": 0}),
        ),
        _ => answer,
    }
}

/// The fields of limits, where the answer is theirs.
fn with_limits(class: ErrorClass, answer: Answer) -> Answer {
    if class != ErrorClass::RateLimited {
        return answer;
    }
    let text = || json!({"type": "string"});
    answer
        .header("RateLimit-Policy", "The limits of the route.", text())
        .header(
            "RateLimit",
            "What is left of them, and when they are whole again.",
            text(),
        )
}

fn sentence(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::BadRequest => "The request is malformed, or a parameter is not valid.",
        ErrorClass::Unauthenticated => "Nobody is signed in, or the proof shown is not valid.",
        ErrorClass::PaymentRequired => "The means of payment was refused.",
        ErrorClass::Forbidden => "Whoever asks may not do this.",
        ErrorClass::NotFound => "There is no such thing.",
        ErrorClass::MethodNotAllowed => "Not by this method.",
        ErrorClass::NotAcceptable => "No representation that is accepted.",
        ErrorClass::RequestTimeout => "The body did not arrive in time.",
        ErrorClass::Conflict => "The present state does not allow it.",
        ErrorClass::Gone => "It was there, and is gone for good.",
        ErrorClass::PreconditionFailed => "It is not in the state that the request asks for.",
        ErrorClass::TooLarge => "The body is too large.",
        ErrorClass::UriTooLong => "The address is too long.",
        ErrorClass::UnsupportedMediaType => "The body is of a type that is not understood.",
        ErrorClass::RangeNotSatisfiable => "None of the ranges asked for exist.",
        ErrorClass::Invalid => "The body is well formed and not valid.",
        ErrorClass::PreconditionRequired => "A precondition is demanded and was not sent.",
        ErrorClass::RateLimited => "Too many requests.",
        ErrorClass::HeadersTooLarge => "The header fields are too large.",
        ErrorClass::Internal => "A fault of the server.",
        ErrorClass::NotImplemented => "The server does not know how to do this.",
        ErrorClass::BadGateway => "A system that the server depends on answered with a fault.",
        ErrorClass::Unavailable => "The server cannot do this at the moment; try again later.",
        ErrorClass::Timeout => "The server did not finish in time.",
        _ => "A failure.",
    }
}
