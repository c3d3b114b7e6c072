//! Finds the columns of a file by its header.

use std::fmt;

/// The columns that a file must have, in any order, and no others.
pub const COLUMNS: [&str; 7] = [
    "title",
    "authors",
    "year",
    "language",
    "subject",
    "price_cents",
    "stock",
];

/// Where each of [`COLUMNS`] stands in a row of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns([usize; COLUMNS.len()]);

/// Why a header is not the one that an import reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    missing: Vec<&'static str>,
    unknown: Vec<String>,
    repeated: Vec<&'static str>,
}

/// How many unknown names, and how much of each, a message shows.
const SHOWN_NAMES_MAX: usize = 10;
const SHOWN_CHARACTERS_MAX: usize = 40;

impl Columns {
    pub(super) fn find(header: &csv::StringRecord) -> Result<Self, HeaderFault> {
        let places = COLUMNS.map(|name| header.iter().position(|found| found == name));
        let count = |name: &str| header.iter().filter(|found| *found == name).count();
        let unknown = header.iter().filter(|name| !COLUMNS.contains(name));
        let fault = HeaderFault {
            missing: COLUMNS.into_iter().filter(|n| count(n) == 0).collect(),
            unknown: unknown.take(SHOWN_NAMES_MAX).map(shortened).collect(),
            repeated: COLUMNS.into_iter().filter(|n| count(n) > 1).collect(),
        };
        if fault.is_none() {
            return Ok(Self(places.map(Option::unwrap_or_default)));
        }
        Err(fault)
    }

    /// The fields of a row in the order of [`COLUMNS`].
    pub(super) fn pick<'r>(&self, fields: &'r csv::StringRecord) -> Option<[&'r str; 7]> {
        (fields.len() == COLUMNS.len()).then(|| self.0.map(|place| &fields[place]))
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

impl HeaderFault {
    /// The file has no header, or one that cannot be read at all.
    pub(super) fn nothing() -> Self {
        Self {
            missing: COLUMNS.to_vec(),
            unknown: Vec::new(),
            repeated: Vec::new(),
        }
    }

    fn is_none(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty() && self.repeated.is_empty()
    }
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the header must be {}", COLUMNS.join(","))?;
        if !self.missing.is_empty() {
            write!(f, "; missing: {}", self.missing.join(", "))?;
        }
        if !self.unknown.is_empty() {
            // Escaped: the file's own signs must not reach the terminal.
            write!(f, "; unknown: {:?}", self.unknown)?;
        }
        if !self.repeated.is_empty() {
            write!(f, "; twice: {}", self.repeated.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for HeaderFault {}
