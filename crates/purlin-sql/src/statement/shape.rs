//! What is known of a statement by its text alone, worked out once.

use std::{
    borrow::Cow,
    collections::HashMap,
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
    /// Whether two columns of the answer have one name, as SQLite had it the first time.
    pub(crate) repeats_names: OnceLock<bool>,
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
            repeats_names: OnceLock::new(),
            #[cfg(feature = "postgres")]
            first_kinds: OnceLock::new(),
        }
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

/// The shapes of one database's statements.
#[derive(Debug, Default)]
pub(crate) struct Shapes(RwLock<HashMap<Cow<'static, str>, Arc<Shape>>>);

impl Shapes {
    /// What is known of `text`.
    #[allow(clippy::ptr_arg, reason = "a literal is kept without being copied")]
    pub(crate) fn get(&self, text: &Cow<'static, str>) -> Arc<Shape> {
        const POISON: &str = "nothing panics while it holds the shapes";
        if let Some(shape) = self.0.read().expect(POISON).get(text.as_ref()) {
            return shape.clone();
        }
        let shape = Arc::new(Shape::new(text));
        let mut shapes = self.0.write().expect(POISON);
        if shapes.len() >= SHAPES_MAX {
            shapes.clear();
        }
        shapes.entry(text.clone()).or_insert(shape).clone()
    }
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
