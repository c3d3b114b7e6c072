//! Keys of maps: texts, and what can be put in quotes.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible},
};
use serde_json::Error;

use super::text::{collected, text};

/// Writes one key.
pub(super) struct Key<'a>(pub(super) &'a mut Vec<u8>);

impl Key<'_> {
    fn quoted<T: Serialize>(self, value: T) -> Result<(), Error> {
        self.0.push(b'"');
        serde_json::to_writer(&mut *self.0, &value)?;
        self.0.push(b'"');
        Ok(())
    }

    fn float<T: Serialize>(self, value: T, is_finite: bool) -> Result<(), Error> {
        match is_finite {
            true => self.quoted(value),
            false => Err(Error::custom(
                "float key must be finite (got NaN or +/-inf)",
            )),
        }
    }
}

fn refused<T>() -> Result<T, Error> {
    Err(Error::custom("key must be a string"))
}

macro_rules! in_quotes {
    ($($name:ident($type:ty)),+) => {$(
        fn $name(self, value: $type) -> Result<(), Error> {
            self.quoted(value)
        }
    )+};
}

macro_rules! no_keys {
    ($($name:ident($($type:ty),*) -> $answer:ty;)+) => {$(
        fn $name(self, $(_: $type),*) -> Result<$answer, Error> {
            refused()
        }
    )+};
}

type Nothing = Impossible<(), Error>;
type Name = &'static str;

impl Serializer for Key<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Nothing;
    type SerializeTuple = Nothing;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Nothing;
    type SerializeMap = Nothing;
    type SerializeStruct = Nothing;
    type SerializeStructVariant = Nothing;

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text(self.0, value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(self, _: Name, _: u32, variant: Name) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T>(self, _: Name, value: &T) -> Result<(), Error>
    where
        T: Serialize + ?Sized,
    {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        collected(self.0, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.float(value, value.is_finite())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.float(value, value.is_finite())
    }

    in_quotes! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32),
        serialize_i64(i64), serialize_i128(i128), serialize_u8(u8), serialize_u16(u16),
        serialize_u32(u32), serialize_u64(u64), serialize_u128(u128)
    }

    no_keys! {
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(Name) -> ();
        serialize_seq(Option<usize>) -> Nothing;
        serialize_tuple(usize) -> Nothing;
        serialize_tuple_struct(Name, usize) -> Nothing;
        serialize_tuple_variant(Name, u32, Name, usize) -> Nothing;
        serialize_map(Option<usize>) -> Nothing;
        serialize_struct(Name, usize) -> Nothing;
        serialize_struct_variant(Name, u32, Name, usize) -> Nothing;
    }

    fn serialize_newtype_variant<T>(self, _: Name, _: u32, _: Name, _: &T) -> Result<(), Error>
    where
        T: Serialize + ?Sized,
    {
        refused()
    }
}
