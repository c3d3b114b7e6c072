//! Reading a value of a row as a Rust type.

use std::fmt;

use purlin_base::Timestamp;
use uuid::Uuid;

use super::ValueRef;

/// A column holds something else than the Rust type asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What the Rust type asks for.
    pub wanted: &'static str,
    /// What the column holds.
    pub found: String,
}

impl Mismatch {
    fn new(wanted: &'static str, found: ValueRef<'_>) -> Self {
        Self {
            wanted,
            found: found.kind().to_owned(),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.wanted, self.found)
    }
}

impl std::error::Error for Mismatch {}

/// What can be read from a column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a column",
    note = "read a number, text, bytes, a `Uuid`, a `Timestamp`, `Json<…>`, or an `Option` of these"
)]
pub trait FromValue: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if the column holds another kind of value, or a number out of range.
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch>;
}

impl FromValue for bool {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        match value {
            ValueRef::Bool(value) => Ok(value),
            ValueRef::Int(0) => Ok(false),
            ValueRef::Int(1) => Ok(true),
            other => Err(Mismatch::new("a boolean", other)),
        }
    }
}

macro_rules! whole_numbers {
    ($($type:ty),+) => {$(
        impl FromValue for $type {
            fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
                let wanted = concat!("a whole number that fits ", stringify!($type));
                match value {
                    ValueRef::Int(number) => Self::try_from(number)
                        .map_err(|_| Mismatch { wanted, found: number.to_string() }),
                    other => Err(Mismatch::new(wanted, other)),
                }
            }
        }
    )+};
}

whole_numbers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl FromValue for f64 {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        match value {
            ValueRef::Real(number) => Ok(number),
            other => Err(Mismatch::new("a floating-point number", other)),
        }
    }
}

impl FromValue for String {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        match value {
            ValueRef::Text(text) => Ok(text.to_owned()),
            other => Err(Mismatch::new("text", other)),
        }
    }
}

impl FromValue for Box<str> {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        String::from_value(value).map(Into::into)
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        match value {
            ValueRef::Bytes(bytes) => Ok(bytes.to_vec()),
            other => Err(Mismatch::new("bytes", other)),
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        let read = match value {
            ValueRef::Uuid(id) => Some(id),
            ValueRef::Text(text) => Self::try_parse(text).ok(),
            ValueRef::Bytes(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        };
        read.ok_or_else(|| Mismatch::new("a UUID", value))
    }
}

impl FromValue for Timestamp {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        let read = match value {
            ValueRef::Time(time) => Some(time),
            ValueRef::Int(unix_micros) => Some(Self::from_unix_micros(unix_micros)),
            _ => None,
        };
        read.ok_or_else(|| Mismatch::new("a time", value))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        match value {
            ValueRef::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// A column that holds a JSON document, read and written as `T`. NULL reads as JSON's `null`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: serde::de::DeserializeOwned> FromValue for Json<T> {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        let wanted = "JSON of the right form";
        let text = match value {
            ValueRef::Json(text) | ValueRef::Text(text) => text,
            ValueRef::Null => "null",
            other => return Err(Mismatch::new(wanted, other)),
        };
        let read = serde_json::from_str(text).map(Self);
        read.map_err(|error| Mismatch {
            wanted,
            found: error.to_string(),
        })
    }
}
