//! Tables as CSV (RFC 4180), in both directions.

use std::{
    fmt,
    io::{self, Write},
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Buf, Bytes};
use csv::ByteRecord;
use csv_core::{ReadRecordResult, Reader};
use serde::{Serialize, de::DeserializeOwned};

use super::{StreamError, Transform, ndjson::cut};

/// Reads CSV whose first record names the columns; each other record becomes a `T`.
///
/// | bound | default | when it is reached |
/// | --- | --- | --- |
/// | bytes of a record | [`BYTES_MAX`](Self::BYTES_MAX) | [`StreamError::RecordTooLong`] |
/// | cells of a record | [`CELLS_MAX`](Self::CELLS_MAX) | [`StreamError::RecordTooLong`] |
///
/// # Errors
///
/// [`StreamError::RecordInvalid`], with the number of the record, for one that does not fit `T` or
/// has another number of cells than the first. Records are counted from 1, the names first.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{ParseCsv, Readable, pipeline};
///
/// #[derive(serde::Deserialize)]
/// struct Book {
///     title: String,
///     year: u16,
/// }
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let table = Readable::reader(&b"year,title\r\n1851,\"Moby-Dick; or, The Whale\"\r\n"[..]);
/// let books = pipeline(table).through(ParseCsv::<Book>::new()).collect(9).await?;
/// assert_eq!((books[0].year, books[0].title.as_str()), (1851, "Moby-Dick; or, The Whale"));
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a transform does nothing outside a pipeline"]
pub struct ParseCsv<T> {
    parser: Box<Reader>,
    bytes_max: usize,
    rest: Bytes,
    ended: bool,
    /// The cells of the record that is being read, one after the other, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    filled: (usize, usize),
    names: Option<ByteRecord>,
    records: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> ParseCsv<T> {
    /// Bytes of a record, unless another bound is set: 1 MiB.
    pub const BYTES_MAX: usize = 1024 * 1024;

    /// Cells of a record.
    pub const CELLS_MAX: usize = 4096;

    /// Reads records of `T`.
    pub fn new() -> Self {
        Self {
            parser: Box::new(Reader::new()),
            bytes_max: Self::BYTES_MAX,
            rest: Bytes::new(),
            ended: false,
            cells: vec![0; 1024],
            ends: vec![0; 32],
            filled: (0, 0),
            names: None,
            records: 0,
            of: PhantomData,
        }
    }

    /// Bytes that the cells of a record may have. Default: [`BYTES_MAX`](Self::BYTES_MAX).
    pub fn bytes_max(mut self, bytes: usize) -> Self {
        self.bytes_max = bytes;
        self
    }

    /// The next record; `None` if that needs more input, or was the last.
    fn record(&mut self) -> Result<Option<ByteRecord>, StreamError> {
        loop {
            if self.rest.is_empty() && !self.ended {
                return Ok(None);
            }
            let (cells, ends) = self.filled;
            let (result, used, cells_more, ends_more) = self.parser.read_record(
                &self.rest,
                &mut self.cells[cells..],
                &mut self.ends[ends..],
            );
            self.rest.advance(used);
            self.filled = (cells + cells_more, ends + ends_more);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_cells()?,
                ReadRecordResult::OutputEndsFull => self.grow_ends()?,
                ReadRecordResult::Record => return self.cut().map(Some),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cut(&mut self) -> Result<ByteRecord, StreamError> {
        let (_, ends) = std::mem::take(&mut self.filled);
        self.records += 1;
        let mut record = ByteRecord::new();
        let mut from = 0;
        for end in &self.ends[..ends] {
            record.push_field(&self.cells[from..*end]);
            from = *end;
        }
        if from > self.bytes_max {
            return Err(self.too_long());
        }
        Ok(record)
    }

    fn grow_cells(&mut self) -> Result<(), StreamError> {
        if self.cells.len() > self.bytes_max {
            self.records += 1;
            return Err(self.too_long());
        }
        self.cells.resize(self.cells.len() * 2, 0);
        Ok(())
    }

    fn grow_ends(&mut self) -> Result<(), StreamError> {
        if self.ends.len() >= Self::CELLS_MAX {
            self.records += 1;
            return Err(self.too_long());
        }
        self.ends.resize(self.ends.len() * 2, 0);
        Ok(())
    }

    fn too_long(&self) -> StreamError {
        StreamError::RecordTooLong {
            record: self.records,
            bytes_max: self.bytes_max,
        }
    }

    fn check_cells(&self, record: &ByteRecord, names: &ByteRecord) -> Result<(), StreamError> {
        if record.len() == names.len() {
            return Ok(());
        }
        let told = format!("{} cells where {} are named", record.len(), names.len());
        Err(StreamError::invalid(self.records, told))
    }
}

impl<T> Default for ParseCsv<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: DeserializeOwned> Transform for ParseCsv<T> {
    type In = Bytes;
    type Out = T;

    fn write(&mut self, chunk: Bytes) -> Result<(), StreamError> {
        self.rest = chunk;
        Ok(())
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.ended = true;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<T>, StreamError> {
        while let Some(record) = self.record()? {
            let Some(names) = &self.names else {
                self.names = Some(record);
                continue;
            };
            self.check_cells(&record, names)?;
            let row = record.deserialize(Some(names));
            return row
                .map(Some)
                .map_err(|error| StreamError::invalid(self.records, error));
        }
        Ok(None)
    }
}

/// Writes CSV: the names of the columns, if `T` is a struct, then a record for each value. What
/// comes out are chunks of about 16 KiB.
///
/// Texts are written as they are. For tables that people open in a spreadsheet, which runs texts
/// that begin with `=`, answer with `purlin_http::stream::Csv`, which disarms them.
///
/// # Errors
///
/// [`StreamError::RecordInvalid`] for a value that is no flat record.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct WriteCsv<T> {
    writer: csv::Writer<Shared>,
    made: Shared,
    records: u64,
    ended: bool,
    of: PhantomData<fn(T)>,
}

/// Where the writer writes, and the transform takes from.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<T> WriteCsv<T> {
    /// Writes records of `T`.
    pub fn new() -> Self {
        let made = Shared::default();
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(made.clone());
        Self {
            writer,
            made,
            records: 0,
            ended: false,
            of: PhantomData,
        }
    }
}

impl<T> Default for WriteCsv<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Serialize> Transform for WriteCsv<T> {
    type In = T;
    type Out = Bytes;

    fn write(&mut self, value: T) -> Result<(), StreamError> {
        self.records += 1;
        self.writer
            .serialize(value)
            .map_err(|error| StreamError::invalid(self.records, error))
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.ended = true;
        self.writer.flush()?;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        let mut made = self.made.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(cut(&mut made, self.ended))
    }
}

impl<T> fmt::Debug for ParseCsv<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseCsv").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WriteCsv<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteCsv").finish_non_exhaustive()
    }
}
