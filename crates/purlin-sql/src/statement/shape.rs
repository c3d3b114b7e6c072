//! What is known of a statement by its text alone, worked out once.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher},
    sync::{
        Arc, OnceLock, RwLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use crate::query;

/// Texts remembered. A program has a bounded number of statements; a text that is put together
/// in more ways than this makes the memory start anew.
const SHAPES_MAX: usize = 2048;

/// Runs on a thread for blocking work, each of them quick, after which a statement that was slow
/// once is tried on the executor again.
const QUICK_RUNS: u32 = 16;

/// What is known of a statement by its text alone.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The text as SQLite reads it.
    pub(crate) sqlite: Box<str>,
    /// The highest number of a placeholder.
    pub(crate) placeholders: usize,
    /// Begins or ends a transaction, or opens another database.
    pub(crate) is_control: bool,
    /// Quick runs that are still missing; 0 is a quick statement.
    slow: AtomicU32,
    /// The columns of the answer, as SQLite had them the first time.
    columns: OnceLock<ColumnNames>,
    /// Whether every column is named by the text itself. What `*` stands for may change with the
    /// table.
    names_columns: bool,
    /// The types of the values it was first sent with.
    #[cfg(feature = "postgres")]
    pub(crate) first_kinds: OnceLock<Box<[u8]>>,
}

impl Shape {
    fn new(text: &str) -> Self {
        Self {
            sqlite: query::for_sqlite(text).into(),
            placeholders: query::placeholders(text),
            is_control: is_control(text),
            slow: AtomicU32::new(0),
            columns: OnceLock::new(),
            names_columns: !text.contains('*'),
            #[cfg(feature = "postgres")]
            first_kinds: OnceLock::new(),
        }
    }

    /// The columns of the answer, asked of `read` the first time; `None` if they may change.
    pub(crate) fn columns(&self, read: impl FnOnce() -> ColumnNames) -> Option<&ColumnNames> {
        self.names_columns.then(|| self.columns.get_or_init(read))
    }

    /// Whether the statement was too slow for the executor thread lately.
    pub(crate) fn is_slow(&self) -> bool {
        self.slow.load(Relaxed) > 0
    }

    /// The statement was too slow for the executor thread.
    pub(crate) fn mark_slow(&self) {
        self.slow.store(QUICK_RUNS, Relaxed);
    }

    /// The statement would have been quick enough.
    pub(crate) fn mark_quick(&self) {
        // Two runs at once may count as one: it is only a hint.
        let missing = self.slow.load(Relaxed);
        self.slow.store(missing.saturating_sub(1), Relaxed);
    }
}

/// The names of an answer's columns.
#[derive(Debug)]
pub(crate) struct ColumnNames {
    names: Box<[Box<str>]>,
    /// Whether one name comes twice.
    repeats: bool,
}

impl ColumnNames {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Box<[Box<str>]> = names.into_iter().map(Into::into).collect();
        let repeats = names.iter().enumerate().any(|(at, name)| {
            let before = &names[..at];
            before.iter().any(|it| it.eq_ignore_ascii_case(name))
        });
        Self { names, repeats }
    }

    /// The place of the first column called `name`; looked for at `hint` first, since most types
    /// are read in the statement's order.
    pub(crate) fn find(&self, name: &str, hint: usize) -> Option<usize> {
        let is_next = !self.repeats && self.names.get(hint).is_some_and(|there| **there == *name);
        if is_next {
            return Some(hint);
        }
        self.names
            .iter()
            .position(|it| it.eq_ignore_ascii_case(name))
    }
}

/// The shapes of one database's statements.
///
/// A literal is found by where it stands in the program, which is quicker than by what it says.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    literals: RwLock<HashMap<(usize, usize), Arc<Shape>, Spread>>,
    texts: RwLock<HashMap<Cow<'static, str>, Arc<Shape>>>,
}

/// Spreads addresses over a table: they come from the program, so nobody can choose them.
#[derive(Clone, Copy, Debug, Default)]
struct Spread;

#[derive(Debug, Default)]
struct Spreading(u64);

impl BuildHasher for Spread {
    type Hasher = Spreading;

    fn build_hasher(&self) -> Spreading {
        Spreading::default()
    }
}

impl Hasher for Spreading {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, number: usize) {
        /// The golden ratio's bits, odd: Fibonacci hashing.
        const RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
        self.0 = (self.0.rotate_left(5) ^ number as u64).wrapping_mul(RATIO);
    }
}

impl Shapes {
    /// What is known of `text`.
    #[allow(clippy::ptr_arg, reason = "a literal is kept without being copied")]
    pub(crate) fn get(&self, text: &Cow<'static, str>) -> Arc<Shape> {
        let Cow::Borrowed(literal) = text else {
            return self.of_text(text);
        };
        let place = (literal.as_ptr() as usize, literal.len());
        if let Some(shape) = self.literals.read().expect(POISON).get(&place) {
            return Arc::clone(shape);
        }
        let shape = self.of_text(text);
        remember(&mut self.literals.write().expect(POISON), place, &shape);
        shape
    }

    #[expect(clippy::ptr_arg, reason = "a literal is kept without being copied")]
    fn of_text(&self, text: &Cow<'static, str>) -> Arc<Shape> {
        if let Some(shape) = self.texts.read().expect(POISON).get(text.as_ref()) {
            return Arc::clone(shape);
        }
        let shape = Arc::new(Shape::new(text));
        let mut texts = self.texts.write().expect(POISON);
        Arc::clone(remember(&mut texts, text.clone(), &shape))
    }
}

const POISON: &str = "nothing panics while it holds the shapes";

/// Keeps `shape`, or the one that came first.
fn remember<'a, K: Eq + Hash, S: BuildHasher>(
    shapes: &'a mut HashMap<K, Arc<Shape>, S>,
    key: K,
    shape: &Arc<Shape>,
) -> &'a Arc<Shape> {
    if shapes.len() >= SHAPES_MAX {
        shapes.clear();
    }
    shapes.entry(key).or_insert_with(|| Arc::clone(shape))
}

/// Statements that are the business of `Db`.
const CONTROL: [&str; 11] = [
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
    "attach",
    "detach",
    "vacuum",
];

fn is_control(text: &str) -> bool {
    let first = first_word(text);
    CONTROL.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// The first word behind spaces, comments and empty statements.
fn first_word(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
        let comment_end = if rest.starts_with("--") {
            rest.find('\n').map(|at| at + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            break;
        };
        rest = comment_end.map_or("", |end| &rest[end..]);
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic());
    &rest[..end.unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_steer_transactions_are_told_however_they_are_dressed() {
        for text in [
            "COMMIT",
            " ; end;",
            "-- x\n rollback to a",
            "/* a */ begin",
            "attach 'x' as y",
        ] {
            assert!(is_control(text), "{text}");
        }
        for text in [
            "select 1",
            "update commits set a = 1",
            "",
            "-- commit",
            "/*",
        ] {
            assert!(!is_control(text), "{text}");
        }
    }

    #[test]
    fn a_slow_statement_is_tried_again_after_enough_quick_runs() {
        let shape = Shape::new("select $2, $1");
        assert_eq!((&*shape.sqlite, shape.placeholders), ("select ?2, ?1", 2));
        shape.mark_slow();
        for _ in 0..QUICK_RUNS {
            assert!(shape.is_slow());
            shape.mark_quick();
        }
        assert!(!shape.is_slow());
    }
}
