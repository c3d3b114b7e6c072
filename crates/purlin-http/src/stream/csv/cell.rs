//! One cell: numbers as they are, texts so that no spreadsheet takes them for a formula.

use std::{fmt, io::Write};

use serde::{Serialize, Serializer, ser::Impossible};

use super::record::{CsvError, Record};

/// The cell of a row that is to be written.
pub(super) struct Cell<'a>(pub(super) &'a mut Record);

impl Cell<'_> {
    /// A text that a spreadsheet would run gets a `'` in front, which makes it a text there too.
    fn text(self, text: &str) -> Result<(), CsvError> {
        let runs = matches!(
            text.as_bytes().first(),
            Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r')
        );
        if runs {
            return self.0.cell(format!("'{text}").as_bytes());
        }
        self.0.cell(text.as_bytes())
    }

    fn number(self, number: impl fmt::Display) -> Result<(), CsvError> {
        // Longer than every integer; a float may be longer, and is then written by way of a text.
        let mut digits = [0; 48];
        let mut rest = &mut digits[..];
        if write!(rest, "{number}").is_err() {
            return self.0.cell(number.to_string().as_bytes());
        }
        let left = rest.len();
        self.0.cell(&digits[..digits.len() - left])
    }
}

fn no_cell<T>(found: &'static str) -> Result<T, CsvError> {
    Err(CsvError::Shape(found, "cell"))
}

macro_rules! numbers {
    ($($method:ident $type:ty),+ $(,)?) => {$(
        fn $method(self, number: $type) -> Result<(), CsvError> {
            self.number(number)
        }
    )+};
}

impl Serializer for Cell<'_> {
    type Ok = ();
    type Error = CsvError;
    type SerializeSeq = Impossible<(), CsvError>;
    type SerializeTuple = Impossible<(), CsvError>;
    type SerializeTupleStruct = Impossible<(), CsvError>;
    type SerializeTupleVariant = Impossible<(), CsvError>;
    type SerializeMap = Impossible<(), CsvError>;
    type SerializeStruct = Impossible<(), CsvError>;
    type SerializeStructVariant = Impossible<(), CsvError>;

    numbers! {
        serialize_bool bool,
        serialize_i8 i8,
        serialize_i16 i16,
        serialize_i32 i32,
        serialize_i64 i64,
        serialize_i128 i128,
        serialize_u8 u8,
        serialize_u16 u16,
        serialize_u32 u32,
        serialize_u64 u64,
        serialize_u128 u128,
        serialize_f32 f32,
        serialize_f64 f64,
    }

    fn serialize_char(self, c: char) -> Result<(), CsvError> {
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), CsvError> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), CsvError> {
        no_cell("a byte string")
    }

    fn serialize_none(self) -> Result<(), CsvError> {
        self.0.cell(b"")
    }

    fn serialize_some<T: ?Sized + Serialize>(self, cell: &T) -> Result<(), CsvError> {
        cell.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CsvError> {
        self.0.cell(b"")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CsvError> {
        self.0.cell(b"")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), CsvError> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        cell: &T,
    ) -> Result<(), CsvError> {
        cell.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), CsvError> {
        no_cell("a variant")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, CsvError> {
        no_cell("a sequence")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, CsvError> {
        no_cell("a tuple")
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, CsvError> {
        no_cell("a tuple")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, CsvError> {
        no_cell("a variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, CsvError> {
        no_cell("a map")
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, CsvError> {
        no_cell("a struct")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, CsvError> {
        no_cell("a variant")
    }
}
