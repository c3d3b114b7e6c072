//! Values as Postgres takes them: each with its type, in the binary form.

use sqlx_core::{
    arguments::Arguments,
    encode::{Encode, IsNull},
    error::BoxDynError,
    types::Type,
};
use sqlx_postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, Postgres as Driver, types::Oid};

use crate::{SqlError, Value};

/// Microseconds from 1970 to 2000, from where Postgres counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The type that means: whichever the statement wants.
const UNSPECIFIED: u32 = 0;

/// The values, ready to be sent.
pub(super) fn arguments(values: &[Value]) -> Result<PgArguments, SqlError> {
    let mut arguments = PgArguments::default();
    for value in values {
        // Refused only beyond what the protocol can carry.
        arguments.add(Sent(value)).map_err(|_| SqlError::TooLarge)?;
    }
    Ok(arguments)
}

/// One byte for each value's type. A prepared statement is good for one such list only.
pub(super) fn kinds(values: &[Value]) -> impl Iterator<Item = u8> {
    values.iter().map(|value| match value {
        Value::Null => b'n',
        Value::Bool(_) => b'b',
        Value::Int(_) => b'i',
        Value::Real(_) => b'r',
        Value::Text(_) => b't',
        Value::Bytes(_) => b'y',
        Value::Uuid(_) => b'u',
        Value::Time(_) => b'm',
        Value::Json(_) => b'j',
    })
}

/// A value on its way.
struct Sent<'a>(&'a Value);

impl Type<Driver> for Sent<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(UNSPECIFIED))
    }
}

impl Encode<'_, Driver> for Sent<'_> {
    fn produces(&self) -> Option<PgTypeInfo> {
        let oid = match self.0 {
            Value::Null => UNSPECIFIED,
            Value::Bool(_) => 16,
            Value::Int(_) => 20,
            Value::Real(_) => 701,
            Value::Text(_) => 25,
            Value::Bytes(_) => 17,
            Value::Uuid(_) => 2950,
            Value::Time(_) => 1184,
            Value::Json(_) => 3802,
        };
        Some(PgTypeInfo::with_oid(Oid(oid)))
    }

    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Bool(value) => buffer.push(u8::from(*value)),
            Value::Int(number) => buffer.extend_from_slice(&number.to_be_bytes()),
            Value::Real(number) => buffer.extend_from_slice(&number.to_be_bytes()),
            Value::Text(text) => buffer.extend_from_slice(text.as_bytes()),
            Value::Bytes(bytes) => buffer.extend_from_slice(bytes),
            Value::Uuid(id) => buffer.extend_from_slice(id.as_bytes()),
            Value::Time(time) => {
                let micros = time.unix_micros().saturating_sub(EPOCH_MICROS);
                buffer.extend_from_slice(&micros.to_be_bytes());
            }
            Value::Json(text) => {
                buffer.push(1);
                buffer.extend_from_slice(text.as_bytes());
            }
        }
        Ok(IsNull::No)
    }
}
