//! The characters that have a meaning in HTML, and what is written for them.

use std::fmt::{self, Write};

/// Writes what it is given, escaped for text and for attributes in either quotes.
pub(super) struct Escaping<W>(pub(super) W);

impl<W: Write> Write for Escaping<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, tail) = rest.split_at(at);
            self.0.write_str(plain)?;
            self.0.write_str(entity(tail.as_bytes()[0]))?;
            rest = &tail[1..];
        }
        self.0.write_str(rest)
    }
}

fn entity(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        _ => "&#39;",
    }
}
