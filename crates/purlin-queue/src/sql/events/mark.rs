//! Where a reader is.

use std::{fmt, str::FromStr};

/// Where a reader of a queue's events is, as a text that is nobody else's business.
///
/// Rows are numbered when they are written and seen when they are committed. SQLite commits them
/// in the order of their numbers, so the last number says it all. Postgres does not: a reader that
/// has seen 8 may be shown 7 later. So there the mark is the snapshot of the last read, and what
/// comes next is every row that this snapshot did not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Postgres: what was seen in full. Empty on SQLite.
    pub(super) seen: String,
    /// Postgres: the snapshot that is being read, while it does not fit into one answer.
    pub(super) reading: Option<String>,
    /// The row to go on with…
    pub(super) row: i64,
    /// … after so many of its events.
    pub(super) skip: usize,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = self.reading.as_deref().unwrap_or_default();
        let Self {
            seen, row, skip, ..
        } = self;
        write!(f, "{row}.{skip}/{seen}/{reading}")
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().ok_or(());
        let (place, seen, reading) = (part()?, part()?, part()?);
        let (row, skip) = place.split_once('.').ok_or(())?;
        if ![seen, reading].into_iter().all(is_snapshot) {
            return Err(());
        }
        Ok(Self {
            seen: seen.to_owned(),
            reading: (!reading.is_empty()).then(|| reading.to_owned()),
            row: row.parse().map_err(|_| ())?,
            skip: skip.parse().map_err(|_| ())?,
        })
    }
}

/// Whether Postgres reads it as a snapshot, as far as its characters go: `10:20:10,14`.
fn is_snapshot(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let marks = [
            Mark::default(),
            Mark {
                row: 12,
                skip: 3,
                ..Mark::default()
            },
            Mark {
                seen: "10:20:10,14".into(),
                reading: Some("12:30:".into()),
                row: 7,
                skip: 0,
            },
        ];
        for mark in marks {
            assert_eq!(mark.to_string().parse(), Ok(mark));
        }
    }

    #[test]
    fn what_is_no_mark_is_told() {
        for text in ["", "7", "7.0", "7.0/x/", "a.0//", "7.-1//"] {
            assert_eq!(text.parse::<Mark>(), Err(()), "{text}");
        }
    }
}
