//! Cuts lines into rows: a row may run over several lines inside quotes.
//!
//! A row whose quotes make no sense is bad, and ends where its first line ends: reading goes on
//! at the next line, so that one forgotten quote does not swallow the rest of the file.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

use super::{
    lines::{Content, Line, Lines},
    row::{BadRow, RowFault},
};

/// The longest row, in bytes. A longer one is a bad row; it is passed over and never held whole.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// The bytes of one row whose quotes make sense, and the line it begins on.
#[derive(Debug)]
pub(super) struct RawRow {
    pub(super) line: u64,
    bytes: Vec<u8>,
}

/// Reads rows. Empty lines between them are passed over.
pub(super) struct Rows<R> {
    lines: Lines<R>,
    /// Lines read in search of a closing quote that was not found: to be read again.
    again: VecDeque<Line>,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input, ROW_BYTES_MAX),
            again: VecDeque::new(),
        }
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> u64 {
        self.lines.offset()
    }

    /// The next row, good or bad; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<RawRow, BadRow>>> {
        while let Some(Line { number, content }) = self.line()? {
            match content {
                Content::TooLong => return Ok(Some(Err(bad(number, RowFault::TooLong)))),
                Content::Bytes(bytes) if bytes.is_empty() => {}
                Content::Bytes(bytes) => return self.row(number, bytes).map(Some),
            }
        }
        Ok(None)
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.again.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    /// The row that begins with `bytes` on line `line`, with as many lines more as it needs.
    fn row(&mut self, line: u64, bytes: Vec<u8>) -> io::Result<Result<RawRow, BadRow>> {
        let mut row = RawRow { line, bytes };
        let mut taken = Vec::new();
        let mut quotes = Quotes::FieldStart.after(&row.bytes);
        while quotes == Quotes::Inside {
            let Some(next) = self.line()? else { break };
            let fits = match &next.content {
                Content::Bytes(more) if row.bytes.len() + more.len() < ROW_BYTES_MAX => {
                    row.bytes.push(b'\n');
                    row.bytes.extend_from_slice(more);
                    quotes = quotes.after(more);
                    true
                }
                _ => false,
            };
            taken.push(next);
            if !fits {
                break;
            }
        }
        if matches!(quotes, Quotes::Inside | Quotes::Broken) {
            for line in taken.into_iter().rev() {
                self.again.push_front(line);
            }
            return Ok(Err(bad(line, RowFault::Quotes)));
        }
        Ok(Ok(row))
    }
}

impl RawRow {
    /// The fields of the row, without their quotes.
    pub(super) fn fields(&self) -> Result<csv::StringRecord, BadRow> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(self.bytes.len())
            .from_reader(self.bytes.as_slice());
        let mut fields = csv::StringRecord::new();
        match reader.read_record(&mut fields) {
            Ok(_) => Ok(fields),
            // A slice can be read, and any number of fields is fine: only the text can be at fault.
            Err(_) => Err(bad(self.line, RowFault::NotUtf8)),
        }
    }
}

fn bad(line: u64, fault: RowFault) -> BadRow {
    BadRow { line, fault }
}

/// Where a row stands with its quotes, by the rules of RFC 4180.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    FieldStart,
    /// In a field that did not begin with a quote: quotes in it mean themselves.
    Bare,
    Inside,
    /// After a quote inside quotes: the end of the field, or one half of a doubled quote.
    Closing,
    /// Something else than a comma came after the closing quote.
    Broken,
}

impl Quotes {
    fn after(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |at, &byte| at.step(byte))
    }

    fn step(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Broken, _) => Self::Broken,
            (Self::Inside, b'"') => Self::Closing,
            (Self::Inside, _) => Self::Inside,
            (Self::FieldStart | Self::Closing, b'"') => Self::Inside,
            (_, b',') => Self::FieldStart,
            (Self::Closing, _) => Self::Broken,
            (Self::FieldStart | Self::Bare, _) => Self::Bare,
        }
    }
}
