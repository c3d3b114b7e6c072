//! The bytes inside a cursor.
//!
//! ```text
//! version 1 | way 1 | sort 8 | filter 16 | value … value
//! value = kind 1 | 8 bytes of a number or time, 16 of a UUID, or length 2 and that many bytes
//! ```

use std::borrow::Cow;

use purlin_base::Timestamp;
use uuid::Uuid;

use super::{CursorError, FilterHash};
use crate::Value;

const VERSION: u8 = 1;

/// Which rows a cursor leads to, seen from the row whose keys it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Walk {
    /// Towards the beginning of the list.
    pub(crate) is_backward: bool,
    /// The row itself belongs to the page.
    pub(crate) is_inclusive: bool,
}

/// What a cursor says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) walk: Walk,
    pub(crate) sort: [u8; 8],
    pub(crate) filter: FilterHash,
    pub(crate) keys: Vec<Value>,
}

impl Place {
    /// `None` for a value of a kind that is no key, or one that is too long.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(VERSION);
        bytes.push(u8::from(self.walk.is_backward) | (u8::from(self.walk.is_inclusive) << 1));
        bytes.extend_from_slice(&self.sort);
        bytes.extend_from_slice(&self.filter.0);
        for key in &self.keys {
            write(&mut bytes, key)?;
        }
        Some(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CursorError> {
        let mut rest = Reader(bytes);
        if rest.byte()? != VERSION {
            return Err(CursorError::Version);
        }
        let way = rest.byte()?;
        if way > 0b11 {
            return Err(CursorError::Malformed);
        }
        let walk = Walk {
            is_backward: way & 0b01 != 0,
            is_inclusive: way & 0b10 != 0,
        };
        let (sort, filter) = (rest.array()?, FilterHash(rest.array()?));
        let mut keys = Vec::new();
        while !rest.0.is_empty() {
            keys.push(rest.value()?);
        }
        Ok(Self {
            walk,
            sort,
            filter,
            keys,
        })
    }
}

fn write(bytes: &mut Vec<u8>, value: &Value) -> Option<()> {
    match value {
        Value::Null => bytes.push(0),
        Value::Bool(value) => bytes.extend([1, u8::from(*value)]),
        Value::Int(value) => fixed(bytes, 2, &value.to_be_bytes()),
        Value::Real(value) => fixed(bytes, 3, &value.to_bits().to_be_bytes()),
        Value::Text(value) => counted(bytes, 4, value.as_bytes())?,
        Value::Bytes(value) => counted(bytes, 5, value)?,
        Value::Uuid(value) => fixed(bytes, 6, value.as_bytes()),
        Value::Time(value) => fixed(bytes, 7, &value.unix_micros().to_be_bytes()),
        Value::Json(_) => return None,
    }
    Some(())
}

fn fixed(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(value);
}

fn counted(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) -> Option<()> {
    let length = u16::try_from(value.len()).ok()?;
    bytes.push(kind);
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(value);
    Some(())
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, CursorError> {
        self.array().map(|[byte]| byte)
    }

    fn array<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], CursorError> {
        let (first, rest) = self
            .0
            .split_first_chunk::<BYTES>()
            .ok_or(CursorError::Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn counted(&mut self) -> Result<&'a [u8], CursorError> {
        let length = usize::from(u16::from_be_bytes(self.array()?));
        let (first, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(CursorError::Malformed)?;
        self.0 = rest;
        Ok(first)
    }

    fn value(&mut self) -> Result<Value, CursorError> {
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Bool(self.byte()? != 0),
            2 => Value::Int(i64::from_be_bytes(self.array()?)),
            3 => Value::Real(f64::from_bits(u64::from_be_bytes(self.array()?))),
            4 => Value::Text(Cow::Owned(self.text()?.to_owned())),
            5 => Value::Bytes(self.counted()?.to_vec()),
            6 => Value::Uuid(Uuid::from_bytes(self.array()?)),
            7 => Value::Time(Timestamp::from_unix_micros(i64::from_be_bytes(
                self.array()?,
            ))),
            _ => return Err(CursorError::Malformed),
        })
    }

    fn text(&mut self) -> Result<&'a str, CursorError> {
        std::str::from_utf8(self.counted()?).map_err(|_| CursorError::Malformed)
    }
}
