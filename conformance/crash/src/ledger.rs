//! What children have promised: a file that only grows, outside of every database.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::Mutex,
};

use purlin_base::BoxError;

/// One line: what happened, to which message, of which key, and its number within the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: char,
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) number: u64,
}

/// A ledger that is open. Many processes may write one: a line is appended as a whole.
pub(crate) struct Ledger(Mutex<File>);

impl Ledger {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new(file)))
    }

    /// Appends lines; they are on the disk when this returns.
    pub(crate) fn note(&self, lines: &[Line]) -> io::Result<()> {
        let text: String = lines.iter().map(Line::text).collect();
        let mut file = self.0.lock().expect("nothing panics here");
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}

impl Line {
    pub(crate) fn of(&self, kind: char) -> Self {
        Self {
            kind,
            ..self.clone()
        }
    }

    fn text(&self) -> String {
        format!("{} {} {} {}\n", self.kind, self.id, self.key, self.number)
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let kind = words.next()?.chars().next()?;
        let (id, key) = (words.next()?.to_owned(), words.next()?.to_owned());
        let number = words.next()?.parse().ok()?;
        Some(Self {
            kind,
            id,
            key,
            number,
        })
    }
}

/// Every line of a ledger. A kill can cut the last one of a process short only within a write,
/// which the kernel does not.
pub(crate) fn read(path: &Path) -> Result<Vec<Line>, BoxError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let read =
        |line: &str| Line::read(line).ok_or_else(|| format!("no line of a ledger: {line}").into());
    text.lines().map(read).collect()
}

/// The ids in the lines of one kind.
pub(crate) fn ids(ledger: &[Line], kind: char) -> HashSet<&str> {
    let of_kind = ledger.iter().filter(|line| line.kind == kind);
    of_kind.map(|line| line.id.as_str()).collect()
}
