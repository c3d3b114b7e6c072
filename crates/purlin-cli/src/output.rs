//! Lines for whoever runs the command. That nobody reads them is no reason to stop.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// A line on standard output. Control characters, which a document may hold, stay out of the
/// terminal.
pub(crate) fn print(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{}", plain(&line.to_string()));
}

/// A line on standard error.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "purlin: {}", plain(&line.to_string()));
}

fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}
