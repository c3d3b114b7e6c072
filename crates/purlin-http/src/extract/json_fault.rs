//! Reads JSON, and says what is wrong with it.
//!
//! The quick way is tried first. Only when it fails is the body read again to find the place.

use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::pointer::Pointer;
use crate::Problem;

/// Reads `bytes` as `T`.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = serde_json::from_slice(bytes).map_err(|_| explain::<T>(bytes))?;
    // A NUL can only come in by an escape; most bodies hold no escape at all.
    if bytes.contains(&b'\\')
        && let Some(pointer) = nul_in(bytes)
    {
        let message = "a string must not hold the character NUL";
        return Err(invalid(FieldError::pointer(pointer, "nul", message)));
    }
    Ok(value)
}

/// 422, for one field.
pub(super) fn invalid(field: FieldError) -> Problem {
    Problem::new(ErrorClass::Invalid, "HTTP_BODY_INVALID")
        .detail("the body is well formed and not valid")
        .field(field)
}

#[cold]
fn explain<T: DeserializeOwned>(bytes: &[u8]) -> Problem {
    if bytes.trim_ascii().is_empty() {
        return Problem::new(ErrorClass::BadRequest, "HTTP_BODY_EMPTY").detail("a body is needed");
    }
    // A fault of form anywhere comes before a fault of type, wherever that is.
    if let Err(error) = serde_json::from_slice::<Value>(bytes)
        && !out_of_range(&error.to_string())
    {
        return malformed(&error);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return Problem::new(ErrorClass::BadRequest, "HTTP_JSON_MALFORMED");
    };
    let pointer = pointer_of(error.path());
    invalid(field(pointer, &error.into_inner().to_string()))
}

fn out_of_range(message: &str) -> bool {
    message.starts_with("number out of range")
}

fn malformed(error: &serde_json::Error) -> Problem {
    let code = match error.to_string().starts_with("recursion limit") {
        true => "HTTP_JSON_TOO_DEEP",
        false => "HTTP_JSON_MALFORMED",
    };
    Problem::new(ErrorClass::BadRequest, code).detail(format!("the body is not JSON: {error}"))
}

pub(super) fn pointer_of(path: &Path) -> Pointer {
    path.iter().fold(Pointer::root(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push(&index.to_string()),
            Segment::Map { key } => pointer.push(key),
            Segment::Enum { variant } => pointer.push(variant),
            Segment::Unknown => {}
        }
        pointer
    })
}

/// Turns serde's sentence into a stable word, and the pointer into that of the field it names.
pub(super) fn field(mut pointer: Pointer, sentence: &str) -> FieldError {
    // serde_json adds the place in the text; the pointer says it better.
    let sentence = sentence
        .rfind(" at line ")
        .map_or(sentence, |end| &sentence[..end]);
    let named = sentence.split('`').nth(1).unwrap_or("");
    let code = match sentence {
        s if s.starts_with("unknown field") => "unknown_field",
        s if s.starts_with("missing field") => "missing_field",
        s if s.starts_with("duplicate field") => "duplicate_field",
        s if s.starts_with("unknown variant") => "unknown_variant",
        s if s.starts_with("invalid type") => "type",
        s if s.starts_with("invalid value: integer") || out_of_range(s) => "range",
        s if s.starts_with("invalid value: floating") => "range",
        s if s.starts_with("invalid length") => "length",
        _ => "invalid",
    };
    if code.ends_with("_field") && !pointer.ends_with(named) {
        pointer.push(named);
    }
    FieldError::pointer(pointer.into_string(), code, shortened(sentence))
}

/// The sentence may quote the caller's text; it is cut at 200 characters.
pub(crate) fn shortened(sentence: &str) -> String {
    const CHARS_MAX: usize = 200;
    match sentence.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &sentence[..end]),
        None => sentence.to_owned(),
    }
}

/// Where the first string with a NUL stands.
fn nul_in(bytes: &[u8]) -> Option<String> {
    if !bytes.windows(6).any(|six| six == b"\\u0000") {
        return None;
    }
    // `\\u0000` is a backslash and five characters, so the body must be read to be sure.
    let value = serde_json::from_slice::<Value>(bytes).ok()?;
    let mut found = None;
    find_nul(&value, &Pointer::root(), &mut found);
    found.map(Pointer::into_string)
}

/// Goes as deep as the parser does: 128.
fn find_nul(value: &Value, at: &Pointer, found: &mut Option<Pointer>) {
    let below = |name: &str| {
        let mut pointer = at.clone();
        pointer.push(name);
        pointer
    };
    match value {
        _ if found.is_some() => {}
        Value::String(text) if text.contains('\0') => *found = Some(at.clone()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_nul(item, &below(&index.to_string()), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                match name.contains('\0') {
                    true => *found = found.take().or(Some(below(name))),
                    false => find_nul(item, &below(name), found),
                }
            }
        }
        _ => {}
    }
}
