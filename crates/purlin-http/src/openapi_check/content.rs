//! Bodies, statuses, header fields and media types.

use serde_json::Value;

use super::{
    change::Rule,
    document::{Document, members},
    walk::{Direction, Walk},
};

/// A schema that lets everything in.
static ANYTHING: Value = Value::Bool(true);

impl<'a> Walk<'a> {
    /// Compares what an operation reads.
    pub(super) fn request(&mut self, old: &'a Value, new: &'a Value) {
        let old = self.old.member(old, "requestBody");
        let new = self.new.member(new, "requestBody");
        if new["required"] == true && old["required"] != true {
            let what = "the body was optional, is required";
            self.name(Rule::BodyRequired, "request", what);
        }
        self.contents(Direction::Input, "request", old, new);
    }

    /// Compares what an operation answers.
    pub(super) fn answers(&mut self, old: &'a Value, new: &'a Value) {
        let (old, new) = (&old["responses"], &new["responses"]);
        for (status, was) in members(old) {
            let place = format!("answer {status}");
            match answer(&self.new, new, status) {
                Some(is) => {
                    let was = self.old.resolved(was);
                    self.headers(&place, was, is);
                    self.contents(Direction::Output, &place, was, is);
                }
                None => self.name(Rule::StatusRemoved, &place, "the status is gone"),
            }
        }
    }

    fn contents(&mut self, direction: Direction, place: &str, old: &'a Value, new: &'a Value) {
        for (media_type, was) in members(&old["content"]) {
            let place = format!("{place} {media_type} ");
            let wanted = essence(media_type);
            let is = members(&new["content"]).find(|(name, _)| essence(name) == wanted);
            match is {
                Some((_, is)) => self.schemas(direction, &place, schema_of(was), schema_of(is)),
                None => self.name(Rule::MediaTypeRemoved, &place, "the media type is gone"),
            }
        }
    }

    fn headers(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        for (name, was) in members(&old["headers"]) {
            let place = format!("{place} header {name} ");
            let is = members(&new["headers"]).find(|(is, _)| is.eq_ignore_ascii_case(name));
            match is {
                Some((_, is)) => self.header(&place, was, is),
                None => self.name(Rule::HeaderRemoved, &place, "the header field is gone"),
            }
        }
    }

    fn header(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let (old, new) = (self.old.resolved(old), self.new.resolved(new));
        if old["required"] == true && new["required"] != true {
            let what = "was always there, may be left out";
            self.name(Rule::HeaderOptional, place, what);
        }
        self.schemas(Direction::Output, place, schema_of(old), schema_of(new));
    }
}

/// The answer with `status`, or else the range that holds it: `4XX` for 404.
fn answer<'a>(document: &Document<'a>, answers: &'a Value, status: &str) -> Option<&'a Value> {
    let exact = answers.get(status);
    let range = || answers.get(format!("{}XX", status.get(..1)?));
    exact.or_else(range).map(|found| document.resolved(found))
}

/// A media type without the blanks and the case that make no difference.
fn essence(media_type: &str) -> String {
    let written = media_type.chars().filter(|c| !c.is_whitespace());
    written.collect::<String>().to_ascii_lowercase()
}

/// What `value` says of its values: its schema, or that of its only media type, or nothing.
pub(super) fn schema_of(value: &Value) -> &Value {
    let first = || Some(members(&value["content"]).next()?.1);
    let schema = value.get("schema").or_else(|| first()?.get("schema"));
    schema.unwrap_or(&ANYTHING)
}
