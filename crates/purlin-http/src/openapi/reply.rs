//! What the answers say of themselves.

use std::convert::Infallible;

use http::Method;
use purlin_base::ErrorClass;
use serde_json::{Value, json};

use super::{Answer, DescribeReply, HasSchema, Operation, Parameter, argument::tags};
use crate::{
    Accepted, Created, FileReply, Html, Json, NoContent, Page, Problem, Raw, Tagged,
    reply::{Failure, Ok200},
    stream::{Csv, EventStream},
};

fn tag() -> Value {
    json!({"type": "string", "pattern": "^(W/)?\"[!#-~]*\"$"})
}

impl<T: HasSchema> DescribeReply for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer::<T>(200, "Done.");
    }
}

impl<T: HasSchema> DescribeReply for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        let place = json!({"type": "string", "format": "uri-reference"});
        let state = "Names its state, where it has one.";
        operation
            .answer::<T>(201, "It was made.")
            .answer_header(201, "Location", "Where it is found.", place)
            .answer_header(201, "ETag", state, tag());
    }
}

impl<T: HasSchema> DescribeReply for Accepted<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer::<T>(202, "The work has begun, and goes on after this answer.");
    }
}

impl DescribeReply for NoContent {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer_as(204, Answer::new("Done."));
    }
}

impl<T: HasSchema> DescribeReply for Page<T> {
    fn describe(operation: &mut Operation<'_>) {
        let meaning = "The pages beside this one, by `rel`: `next`, `prev`, `first`, `last`.";
        operation
            .answer::<purlin_base::Page<T>>(200, "One page of the list.")
            .answer_header(200, "Link", meaning, json!({"type": "string"}));
    }
}

impl DescribeReply for Html {
    fn describe(operation: &mut Operation<'_>) {
        let page = Answer::new("A page.").content("text/html", json!({"type": "string"}));
        operation.answer_as(200, page);
    }
}

impl<T: DescribeReply + Ok200> DescribeReply for Tagged<T> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
        let (meaning, text) = ("Names the present state.", json!({"type": "string"}));
        operation
            .answer_header(200, "ETag", meaning, tag())
            .answer_header(
                200,
                "Cache-Control",
                "How long a copy may be used.",
                text.clone(),
            );
        if operation.route().method != Method::GET {
            return;
        }
        let known = Parameter::header("If-None-Match", text)
            .description("The `ETag` of a state that the caller has already.");
        let only = Parameter::header("If-Match", tags())
            .description("The `ETag` of the only state that the caller wants.");
        let same = Answer::new("The caller has the present state already.");
        operation
            .parameter(known)
            .parameter(only)
            .fails(ErrorClass::PreconditionFailed)
            .answer_as(304, same.header("ETag", meaning, tag()));
    }
}

impl DescribeReply for FileReply {
    fn describe(operation: &mut Operation<'_>) {
        let range = Parameter::header("Range", json!({"type": "string"}))
            .description("The bytes wanted, `bytes=0-99`; others than bytes are ignored.");
        let (whole, same) = (Answer::new("The file."), "The caller has it already.");
        let part = Answer::new("The bytes asked for.");
        operation
            .parameter(range)
            .answer_as(200, whole.content("*/*", json!({})))
            .answer_as(206, part.content("*/*", json!({})))
            .answer_as(304, Answer::new(same))
            .fails(ErrorClass::PreconditionFailed)
            .fails(ErrorClass::RangeNotSatisfiable);
    }
}

impl<T> DescribeReply for Csv<T> {
    fn describe(operation: &mut Operation<'_>) {
        let text = || json!({"type": "string"});
        let table = Answer::new("The table, sent while its rows come in.")
            .content("text/csv", text())
            .content("application/gzip", text())
            .header("Content-Disposition", "The name of the file.", text());
        operation.answer_as(200, table);
    }
}

impl DescribeReply for EventStream {
    fn describe(operation: &mut Operation<'_>) {
        let events = Answer::new("Events, for as long as the caller listens.");
        let text = json!({"type": "string"});
        operation.answer_as(200, events.content("text/event-stream", text));
    }
}

impl DescribeReply for Raw {
    fn describe(operation: &mut Operation<'_>) {
        operation.anything();
    }
}

impl DescribeReply for Problem {
    fn describe(operation: &mut Operation<'_>) {
        operation.anything();
    }
}

impl DescribeReply for Infallible {
    fn describe(_: &mut Operation<'_>) {}
}

impl<T: DescribeReply, E: Failure> DescribeReply for Result<T, E> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
        operation.fails(E::classes());
    }
}
