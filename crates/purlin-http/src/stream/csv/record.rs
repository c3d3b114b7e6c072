//! One row as a line of CSV, by serde: numbers are told from texts by their type.

use csv::{Terminator, Writer, WriterBuilder};
use serde::{Serialize, Serializer, ser};

use super::{cell::Cell, pieces::PIECE_BYTES};

/// A row that is no line of a table: a fault of its type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// A row has another number of cells than there are columns.
    #[error("a row has {found} cells, and there are {columns} columns")]
    Width {
        /// Columns of the table.
        columns: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A row is no struct, tuple or sequence, or a cell is none of a text, number, bool, unit
    /// variant and nothing.
    #[error("{0} is no {1} of a table")]
    Shape(&'static str, &'static str),
    /// What the type itself says.
    #[error("a row cannot be written: {0}")]
    Row(String),
}

impl ser::Error for CsvError {
    fn custom<M: std::fmt::Display>(message: M) -> Self {
        Self::Row(message.to_string())
    }
}

/// The lines of a piece that is being put together.
pub(super) struct Record {
    writer: Writer<Vec<u8>>,
    columns: usize,
    cells: usize,
    /// Bytes of the cells and what separates them: what quotes add is not counted.
    bytes: usize,
}

impl Record {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            writer: writer(),
            columns,
            cells: 0,
            bytes: 0,
        }
    }

    /// Bytes that are ready, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is ready; the next piece begins.
    pub(super) fn cut(&mut self) -> Result<Vec<u8>, CsvError> {
        self.bytes = 0;
        let written = std::mem::replace(&mut self.writer, writer()).into_inner();
        written.map_err(|error| CsvError::Row(error.to_string()))
    }

    /// Adds a row.
    pub(super) fn write<T: Serialize>(&mut self, row: &T) -> Result<(), CsvError> {
        self.cells = 0;
        row.serialize(&mut *self)?;
        let (columns, found) = (self.columns, self.cells);
        if found != columns {
            return Err(CsvError::Width { columns, found });
        }
        let ended = self.writer.write_record(None::<&[u8]>);
        self.bytes += 2;
        ended.map_err(|error| CsvError::Row(error.to_string()))
    }

    /// Adds a cell to the row.
    pub(super) fn cell(&mut self, bytes: &[u8]) -> Result<(), CsvError> {
        self.cells += 1;
        self.bytes += bytes.len() + 1;
        let written = self.writer.write_field(bytes);
        written.map_err(|error| CsvError::Row(error.to_string()))
    }
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // The width is checked here, where the columns are known.
        .flexible(true)
        .from_writer(Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8))
}

fn no_row<T>(found: &'static str) -> Result<T, CsvError> {
    Err(CsvError::Shape(found, "row"))
}

macro_rules! refused {
    ($($method:ident $type:ty, $found:literal;)+) => {$(
        fn $method(self, _: $type) -> Result<(), CsvError> {
            no_row($found)
        }
    )+};
}

impl Serializer for &mut Record {
    type Ok = ();
    type Error = CsvError;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = ser::Impossible<(), CsvError>;
    type SerializeMap = ser::Impossible<(), CsvError>;
    type SerializeStruct = Self;
    type SerializeStructVariant = ser::Impossible<(), CsvError>;

    refused! {
        serialize_bool bool, "a bool";
        serialize_i8 i8, "a number";
        serialize_i16 i16, "a number";
        serialize_i32 i32, "a number";
        serialize_i64 i64, "a number";
        serialize_u8 u8, "a number";
        serialize_u16 u16, "a number";
        serialize_u32 u32, "a number";
        serialize_u64 u64, "a number";
        serialize_f32 f32, "a number";
        serialize_f64 f64, "a number";
        serialize_char char, "a character";
        serialize_str &str, "a text";
        serialize_bytes &[u8], "a byte string";
    }

    fn serialize_none(self) -> Result<(), CsvError> {
        no_row("nothing")
    }

    fn serialize_some<T: ?Sized + Serialize>(self, row: &T) -> Result<(), CsvError> {
        row.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CsvError> {
        no_row("a unit")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CsvError> {
        no_row("a unit")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), CsvError> {
        no_row("a variant")
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        row: &T,
    ) -> Result<(), CsvError> {
        row.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), CsvError> {
        no_row("a variant")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, CsvError> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, CsvError> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, CsvError> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, CsvError> {
        no_row("a variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, CsvError> {
        no_row("a map")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, CsvError> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, CsvError> {
        no_row("a variant")
    }
}

macro_rules! cells {
    ($($part:ident $method:ident $($name:ident)?;)+) => {$(
        impl ser::$part for &mut Record {
            type Ok = ();
            type Error = CsvError;

            fn $method<T: ?Sized + Serialize>(
                &mut self,
                $($name: &'static str,)?
                cell: &T,
            ) -> Result<(), CsvError> {
                $(let _ = $name;)?
                cell.serialize(Cell(self))
            }

            fn end(self) -> Result<(), CsvError> {
                Ok(())
            }
        }
    )+};
}

cells! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeStruct serialize_field name;
}
