//! What a list can be sorted by.

use purlin_base::Timestamp;
use uuid::Uuid;

use crate::{IntoValue, Value};

/// The kind of value a cursor holds for a column. Part of the cursor's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum KeyKind {
    /// True or false.
    Bool = 1,
    /// A whole number.
    Int = 2,
    /// A floating-point number.
    Real = 3,
    /// Text.
    Text = 4,
    /// Bytes.
    Bytes = 5,
    /// A UUID.
    Uuid = 6,
    /// A moment.
    Time = 7,
}

impl KeyKind {
    pub(super) fn is_of(self, value: &Value) -> bool {
        let kind = match value {
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Real(_) => Self::Real,
            Value::Text(_) => Self::Text,
            Value::Bytes(_) => Self::Bytes,
            Value::Uuid(_) => Self::Uuid,
            Value::Time(_) => Self::Time,
            Value::Null | Value::Json(_) => return false,
        };
        kind == self
    }
}

/// A type that a list can be sorted by.
///
/// Implement it for a type of your own, such as an identifier, beside [`IntoValue`]:
///
/// ```
/// use purlin_sql::{IntoValue, Value, keyset::{Key, KeyKind}};
///
/// struct BookId(i64);
///
/// impl IntoValue for BookId {
///     fn into_value(self) -> Value {
///         Value::Int(self.0)
///     }
/// }
///
/// impl Key for BookId {
///     const KIND: KeyKind = KeyKind::Int;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a list cannot be sorted by `{Self}`",
    note = "for an `Option`, say where NULLs go: `asc_nulls_last`, `asc_nulls_first`, `desc_nulls_last` or `desc_nulls_first`",
    note = "for text, return a `String`; for a type of your own, implement `IntoValue` and `Key`"
)]
pub trait Key: IntoValue {
    /// The kind that [`IntoValue::into_value`] makes, always.
    const KIND: KeyKind;
}

/// Reads a key from a row; every closure `Fn(&T) -> K` that can be shared is one.
pub trait KeyOf<T, K>: Fn(&T) -> K + Send + Sync + 'static {}

impl<T, K, F: Fn(&T) -> K + Send + Sync + 'static> KeyOf<T, K> for F {}

macro_rules! keys {
    ($($kind:ident: $($type:ty),+;)+) => {$($(
        impl Key for $type {
            const KIND: KeyKind = KeyKind::$kind;
        }
    )+)+};
}

keys! {
    Bool: bool;
    Int: i8, i16, i32, i64, u8, u16, u32;
    Real: f32, f64;
    Text: String;
    Bytes: Vec<u8>;
    Uuid: Uuid;
    Time: Timestamp;
}
