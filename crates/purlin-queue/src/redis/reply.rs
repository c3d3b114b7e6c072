//! Reads what scripts answer.

use redis::Value;

use super::connection::unreadable;
use crate::QueueError;

pub(super) fn array(value: Value, what: &'static str) -> Result<Vec<Value>, QueueError> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(unreadable(what)),
    }
}

pub(super) fn text(value: Value, what: &'static str) -> Result<String, QueueError> {
    match value {
        Value::BulkString(bytes) => Ok(into_text(bytes)),
        Value::SimpleString(text) => Ok(text),
        Value::Int(number) => Ok(number.to_string()),
        _ => Err(unreadable(what)),
    }
}

pub(super) fn int(value: &Value, what: &'static str) -> Result<i64, QueueError> {
    match value {
        Value::Int(number) => Ok(*number),
        _ => Err(unreadable(what)),
    }
}

/// The fields of a hash, as pairs.
pub(super) fn hash(value: Value, what: &'static str) -> Result<Vec<(String, String)>, QueueError> {
    let mut values = array(value, what)?.into_iter();
    let mut fields = Vec::with_capacity(values.len() / 2);
    while let (Some(field), Some(value)) = (values.next(), values.next()) {
        fields.push((text(field, what)?, text(value, what)?));
    }
    Ok(fields)
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
