//! A row of Postgres as every engine offers it.

use purlin_base::Timestamp;
use sqlx_core::{column::Column, row::Row, value::ValueRef as _};
use sqlx_postgres::{PgRow, PgTypeKind, PgValueRef};
use uuid::Uuid;

use crate::{ValueRef, row::Columns, value::Mismatch};

/// Microseconds from 1970 to 2000, from where Postgres counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A row that has come in.
pub(super) struct PostgresRow<'a>(pub(super) &'a PgRow);

impl Columns for PostgresRow<'_> {
    fn len(&self) -> usize {
        self.0.columns().len()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let columns = self.0.columns();
        columns.iter().position(|column| column.name() == name)
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch> {
        let raw = self.0.try_get_raw(at).map_err(|error| Mismatch {
            wanted: "a column",
            found: error.to_string(),
        })?;
        if raw.is_null() {
            return Ok(ValueRef::Null);
        }
        decode(&raw)
    }
}

fn decode<'a>(raw: &PgValueRef<'a>) -> Result<ValueRef<'a>, Mismatch> {
    let kind = raw.type_info();
    let bytes = raw.as_bytes().map_err(|_| broken("bytes"))?;
    Ok(match kind.oid().map_or(0, |oid| oid.0) {
        16 => ValueRef::Bool(bytes == [1]),
        17 => ValueRef::Bytes(bytes),
        20 => ValueRef::Int(i64::from_be_bytes(fixed(bytes)?)),
        21 => ValueRef::Int(i16::from_be_bytes(fixed(bytes)?).into()),
        23 => ValueRef::Int(i32::from_be_bytes(fixed(bytes)?).into()),
        26 => ValueRef::Int(u32::from_be_bytes(fixed(bytes)?).into()),
        700 => ValueRef::Real(f32::from_be_bytes(fixed(bytes)?).into()),
        701 => ValueRef::Real(f64::from_be_bytes(fixed(bytes)?)),
        18 | 19 | 25 | 705 | 1042 | 1043 => ValueRef::Text(text(bytes)?),
        114 => ValueRef::Json(text(bytes)?),
        // A version, which is 1, goes before the text.
        3802 => ValueRef::Json(text(bytes.get(1..).unwrap_or_default())?),
        1114 | 1184 => ValueRef::Time(time(bytes)?),
        2950 => ValueRef::Uuid(Uuid::from_bytes(fixed(bytes)?)),
        _ if matches!(kind.kind(), PgTypeKind::Enum(_)) => ValueRef::Text(text(bytes)?),
        _ => return Err(unknown(&kind)),
    })
}

fn time(bytes: &[u8]) -> Result<Timestamp, Mismatch> {
    let micros = i64::from_be_bytes(fixed(bytes)?);
    let since_1970 = micros.checked_add(EPOCH_MICROS);
    match since_1970 {
        Some(unix_micros) if micros != i64::MIN => Ok(Timestamp::from_unix_micros(unix_micros)),
        _ => Err(broken("a finite time")),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Mismatch> {
    str::from_utf8(bytes).map_err(|_| broken("text in UTF-8"))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Mismatch> {
    bytes
        .try_into()
        .map_err(|_| broken("a value of its type's length"))
}

fn broken(wanted: &'static str) -> Mismatch {
    Mismatch {
        wanted,
        found: "something else".to_owned(),
    }
}

fn unknown(kind: &sqlx_postgres::PgTypeInfo) -> Mismatch {
    Mismatch {
        wanted: "a type that Purlin reads",
        found: format!(
            "{kind}: cast it in the statement, such as `::bigint`, `::double precision` or `::text`"
        ),
    }
}
