//! The statements that ran in one context, counted by shape and by the line that sent them.
//!
//! The same statement from the same line, many times in one request, is the N+1 mistake: the line
//! is what a person needs to see.

use std::{borrow::Cow, panic::Location};

/// How often one statement was sent from one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementCount {
    /// The statement as written, with placeholders where values go.
    pub shape: Cow<'static, str>,
    /// The line of the program that sent it.
    pub sent_from: &'static Location<'static>,
    /// How often.
    pub count: u32,
}

/// The statements of one context.
///
/// Keeps at most [`SHAPES_MAX`](Self::SHAPES_MAX) pairs of shape and line; what comes beyond is
/// counted in [`total`](Self::total) only.
#[derive(Clone, Debug, Default)]
pub struct StatementLog {
    total: u32,
    /// The first, as long as it is the only one: most contexts send one statement.
    only: Option<StatementCount>,
    counts: Vec<StatementCount>,
}

impl StatementLog {
    /// Pairs of shape and line that one log tells apart.
    pub const SHAPES_MAX: usize = 256;

    /// Counts one statement and returns how often it has now been sent from that line.
    /// Returns 0 if the log is full and does not tell it apart.
    #[expect(clippy::ptr_arg, reason = "a literal is kept without copying it")]
    pub fn record(
        &mut self,
        shape: &Cow<'static, str>,
        sent_from: &'static Location<'static>,
    ) -> u32 {
        self.total = self.total.saturating_add(1);
        let same = |seen: &&mut StatementCount| {
            std::ptr::eq(seen.sent_from, sent_from) && seen.shape == *shape
        };
        if let Some(seen) = self.only.iter_mut().chain(&mut self.counts).find(same) {
            seen.count = seen.count.saturating_add(1);
            return seen.count;
        }
        if self.counts.len() == Self::SHAPES_MAX {
            return 0;
        }
        self.add(StatementCount {
            shape: shape.clone(),
            sent_from,
            count: 1,
        });
        1
    }

    fn add(&mut self, new: StatementCount) {
        if self.counts().is_empty() {
            self.only = Some(new);
            return;
        }
        self.counts.extend(self.only.take());
        self.counts.push(new);
    }

    /// Statements in all.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// Every statement told apart, in the order of its first use.
    pub fn counts(&self) -> &[StatementCount] {
        match &self.only {
            Some(only) => std::slice::from_ref(only),
            None => &self.counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn here() -> &'static Location<'static> {
        Location::caller()
    }

    const SHAPE: Cow<'static, str> = Cow::Borrowed("select 1");

    #[test]
    fn the_same_statement_is_counted_by_the_line_that_sent_it() {
        let mut log = StatementLog::default();
        for expected in 1..=3 {
            assert_eq!(log.record(&SHAPE, here()), expected);
        }
        assert_eq!(log.record(&SHAPE, here()), 1);
        assert_eq!(log.total(), 4);
        assert_eq!(log.counts().len(), 2);
    }
}
