//! The values that are bound to a statement and read from a row, the same on every engine.

use std::borrow::Cow;

use purlin_base::Timestamp;
use uuid::Uuid;

mod from_value;

pub use from_value::{FromValue, Json, Mismatch};

/// A value bound to a placeholder.
///
/// | value | SQLite | Postgres |
/// | --- | --- | --- |
/// | `Null` | NULL | NULL of the type the statement wants |
/// | `Bool` | INTEGER 0 or 1 | boolean |
/// | `Int` | INTEGER | bigint |
/// | `Real` | REAL | double precision |
/// | `Text` | TEXT | text |
/// | `Bytes` | BLOB | bytea |
/// | `Uuid` | TEXT, hyphenated lower case | uuid |
/// | `Time` | INTEGER, microseconds since 1970 | timestamptz |
/// | `Json` | TEXT | jsonb |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number. SQLite keeps NaN as NULL.
    Real(f64),
    /// Text. A NUL character is refused when the statement is sent: Postgres cannot keep it.
    Text(Cow<'static, str>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A moment.
    Time(Timestamp),
    /// A JSON document, as its text.
    Json(String),
}

/// A value in a row, borrowed from the engine.
///
/// What arrives depends on the engine: SQLite knows only the first six. [`FromValue`] evens it out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A UUID.
    Uuid(Uuid),
    /// A moment.
    Time(Timestamp),
    /// A JSON document, as its text.
    Json(&'a str),
}

impl ValueRef<'_> {
    /// The kind of value, for error messages.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Real(_) => "a floating-point number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Uuid(_) => "a UUID",
            Self::Time(_) => "a time",
            Self::Json(_) => "JSON",
        }
    }
}

/// What can be bound to a placeholder.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to a statement",
    note = "bind a number, text, bytes, a `Uuid`, a `Timestamp`, `Json(…)`, or an `Option` of these"
)]
pub trait IntoValue {
    /// The value to bind.
    fn into_value(self) -> Value;
}

macro_rules! into_value {
    ($($type:ty => |$value:ident| $make:expr;)+) => {$(
        impl IntoValue for $type {
            fn into_value(self) -> Value {
                let $value = self;
                $make
            }
        }
    )+};
}

into_value! {
    Value => |value| value;
    bool => |value| Value::Bool(value);
    i8 => |value| Value::Int(value.into());
    i16 => |value| Value::Int(value.into());
    i32 => |value| Value::Int(value.into());
    i64 => |value| Value::Int(value);
    u8 => |value| Value::Int(value.into());
    u16 => |value| Value::Int(value.into());
    u32 => |value| Value::Int(value.into());
    f32 => |value| Value::Real(value.into());
    f64 => |value| Value::Real(value);
    &str => |value| Value::Text(Cow::Owned(value.to_owned()));
    String => |value| Value::Text(Cow::Owned(value));
    &String => |value| Value::Text(Cow::Owned(value.clone()));
    &[u8] => |value| Value::Bytes(value.to_vec());
    Vec<u8> => |value| Value::Bytes(value);
    Uuid => |value| Value::Uuid(value);
    Timestamp => |value| Value::Time(value);
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

/// # Panics
///
/// Never for types whose `Serialize` is derived; a map whose keys are not strings panics.
impl<T: serde::Serialize> IntoValue for Json<T> {
    fn into_value(self) -> Value {
        Value::Json(serde_json::to_string(&self.0).expect("the type serialises to JSON"))
    }
}
