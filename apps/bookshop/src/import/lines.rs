//! Cuts input into lines, none of which is held if it is too long.

use std::io::{self, BufRead};

/// One line of the input, without its end.
#[derive(Debug)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// Longer than was asked for. It has been read to its end and thrown away.
    TooLong,
}

/// Reads lines that end in `\n` or `\r\n`. A byte order mark at the beginning is passed over.
pub(super) struct Lines<R> {
    input: R,
    line_bytes_max: usize,
    number: u64,
    offset: u64,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, line_bytes_max: usize) -> Self {
        Self {
            input,
            line_bytes_max,
            number: 0,
            offset: 0,
        }
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let Some(mut content) = self.content()? else {
            return Ok(None);
        };
        self.number += 1;
        if let Content::Bytes(bytes) = &mut content {
            if self.number == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        let number = self.number;
        Ok(Some(Line { number, content }))
    }

    /// Everything up to the next `\n`, which is consumed too.
    fn content(&mut self) -> io::Result<Option<Content>> {
        let mut bytes = Vec::new();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            too_long |= bytes.len() + part.len() > self.line_bytes_max;
            if !too_long {
                bytes.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                break;
            }
        }
        let content = if too_long {
            Content::TooLong
        } else {
            Content::Bytes(bytes)
        };
        Ok(any.then_some(content))
    }
}
