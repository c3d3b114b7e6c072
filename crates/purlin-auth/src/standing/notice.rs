//! What a writer holds until its transaction is committed.

use super::{
    Standing,
    deny::{Certainty, Event},
};

/// A change that was written and is not committed yet.
///
/// Return it from the transaction and call [`committed`](Self::committed): then the change is
/// whole in this process at once. Dropping it is safe. What it takes away is refused already; what
/// it gives is known when the table is next read, as in every other process. If the transaction
/// was rolled back, what it took away comes back a few seconds after the longest time that a
/// transaction may take.
#[must_use = "call `committed` after the commit"]
#[derive(Debug, Default)]
pub struct Notice(Vec<Pending>);

#[derive(Debug)]
struct Pending {
    standing: Standing,
    event: Event,
    firm: Certainty,
}

impl Notice {
    /// The transaction was committed.
    pub fn committed(self) {
        for pending in self.0 {
            pending.standing.note(&pending.event, pending.firm);
        }
    }

    /// Whether anything was changed: `false` for what was revoked before, or never was.
    pub fn changed(&self) -> bool {
        !self.0.is_empty()
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn of(standing: &Standing, event: Event, firm: Certainty) -> Self {
        Self(vec![Pending {
            standing: standing.clone(),
            event,
            firm,
        }])
    }
}
