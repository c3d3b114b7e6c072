//! Where a page is written: escaped, and within bounds.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
    sync::Arc,
};

use minijinja::{
    Error, Output, State, Value,
    value::{Object, ObjectRepr},
};

use crate::html::escape::Escaping;

/// Markup as a value of a template. No text for the engine: what a filter cuts out of it or puts
/// beside it is text again, and is escaped.
#[derive(Debug)]
pub(super) struct Markup(pub(super) String);

impl Object for Markup {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a value of a template: markup as it is, everything else escaped. It does not ask the
/// engine whether to escape, so nothing in a template can turn it off.
pub(super) fn escaped(
    out: &mut Output<'_>,
    _state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    // Safe texts of the engine are what templates themselves have written.
    match value.is_safe() || value.downcast_object_ref::<Markup>().is_some() {
        true => write!(out, "{value}")?,
        false => write!(Escaping(out), "{value}")?,
    }
    Ok(())
}

/// Bytes up to a bound.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    bytes_max: usize,
    full: bool,
}

impl Bounded {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            bytes_max,
            full: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// What was written. The engine writes text only, so nothing is replaced.
    pub(super) fn into_text(self) -> String {
        String::from_utf8(self.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.bytes_max - self.bytes.len() {
            self.full = true;
            return Err(io::Error::other("the page is too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
