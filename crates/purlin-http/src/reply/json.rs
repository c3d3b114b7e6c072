//! Writes values as JSON: to the byte what `serde_json` writes, for a third of its work.
//!
//! Texts are looked through eight bytes at a time, names and values are put into the buffer in one
//! piece, and there is no formatter to ask. What is rare (numbers with a fraction, raw values) is left
//! to `serde_json`.

use serde::{Serialize, Serializer};
use serde_json::Error;

mod compound;
mod key;
mod text;

use compound::{List, Object};
use text::{collected, integer, text};

/// Bytes that an answer has, usually; one that is longer grows.
const USUAL_BYTES: usize = 1024;

/// `value` as JSON.
///
/// # Errors
///
/// What the type says of itself; a key of a map that is no text.
pub(super) fn written<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    value.serialize(Json(&mut out))?;
    Ok(out)
}

/// Writes one value behind what is there.
struct Json<'a>(&'a mut Vec<u8>);

impl<'a> Json<'a> {
    fn put(self, literal: &str) -> Result<(), Error> {
        self.0.extend_from_slice(literal.as_bytes());
        Ok(())
    }

    fn signed(self, number: i64) -> Result<(), Error> {
        if number < 0 {
            self.0.push(b'-');
        }
        integer(self.0, number.unsigned_abs());
        Ok(())
    }

    fn unsigned(self, number: u64) -> Result<(), Error> {
        integer(self.0, number);
        Ok(())
    }

    fn by_serde_json<T: Serialize>(self, value: T) -> Result<(), Error> {
        serde_json::to_writer(self.0, &value)
    }

    /// Begins `{"name":`, which a variant with content is written in.
    fn variant(self, name: &str) -> &'a mut Vec<u8> {
        self.0.push(b'{');
        text(self.0, name);
        self.0.push(b':');
        self.0
    }
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.signed(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.signed(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.signed(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.signed(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.put(&value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.unsigned(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.unsigned(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.unsigned(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.unsigned(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.put(&value.to_string())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.by_serde_json(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.by_serde_json(value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.put("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.put("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.put("null")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let out = self.variant(variant);
        value.serialize(Json(out))?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        Ok(List::begin(self.0, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Error> {
        Ok(List::begin(self.0, "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        Ok(List::begin(self.0, "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Error> {
        Ok(List::begin(self.variant(variant), "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Error> {
        Ok(Object::begin(self.0, "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Object<'a>, Error> {
        // What `serde_json` writes in a way of its own: raw values, and numbers of any length.
        if name.starts_with("$serde_json::private::") {
            return Ok(Object::foreign(self.0, name));
        }
        Ok(Object::begin(self.0, "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, Error> {
        Ok(Object::begin(self.variant(variant), "}}"))
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        collected(self.0, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
