//! The JSON and the XML of a problem.

use purlin_base::{Context, FieldError};
use serde::Serialize;

use super::{Inner, PROBLEM_JSON, PROBLEM_XML, Problem, TYPE_BASE};
use crate::{edge::current, format, xml};

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    request_id: &'a str,
    trace_id: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

const OUR_FAULT: &str =
    "the server could not do this; the request id leads to the reason in its log";

/// The body, and its media type.
pub(super) fn body(problem: &Problem) -> (&'static str, Vec<u8>) {
    let Inner {
        class,
        code,
        detail,
        fields,
        ..
    } = &*problem.0;
    let context = Context::current();
    let status = problem.status();
    let title = status.canonical_reason().unwrap_or("Failure");
    let silent = if class.is_ours() { OUR_FAULT } else { title };
    let (base, instance) = current::type_base_and_instance();
    let body = Body {
        r#type: format!("{}{code}", base.as_deref().unwrap_or(TYPE_BASE)),
        title,
        status: status.as_u16(),
        detail: detail.as_deref().unwrap_or(silent),
        instance,
        request_id: context.as_ref().map(Context::request_id).unwrap_or(""),
        trace_id: context
            .as_ref()
            .map(|context| context.trace().trace_id())
            .unwrap_or_default(),
        errors: fields,
    };
    // Strings and numbers alone: it cannot fail.
    match format::problem_is_xml() {
        false => (PROBLEM_JSON, serde_json::to_vec(&body).unwrap_or_default()),
        true => (
            PROBLEM_XML,
            xml::write::problem(&body).unwrap_or_default().into(),
        ),
    }
}
