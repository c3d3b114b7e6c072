//! What is crashed.

use std::{path::PathBuf, sync::Arc, time::Duration};

use purlin_base::{BoxError, BoxFuture, random::SharedRng};
use purlin_sql::{Db, TimeOffset};

use crate::ledger::{Ledger, Line};

/// Everything that is crashed.
pub(crate) const ALL: &[&dyn Subject] = &[&crate::outbox::Relays, &crate::queue::Jobs];

/// Work that is killed, and what must be left of it.
pub(crate) trait Subject: Sync {
    fn name(&self) -> &'static str;

    /// The points at which a child is killed, by the names in the code.
    fn points(&self) -> &'static [&'static str];

    /// How far the database's clock is moved from one child to the next, so that nobody waits for
    /// the leases of the dead.
    fn lease(&self) -> Duration;

    /// The work of a child. [`Task::Load`] works until it is killed, [`Task::Finish`] ends when
    /// nothing is left to do.
    fn work(&self, world: World) -> BoxFuture<'static, Result<(), BoxError>>;

    /// Holds what was promised against what is there.
    fn check<'a>(
        &'a self,
        ledger: &'a [Line],
        db: &'a Db,
    ) -> BoxFuture<'a, Result<Findings, BoxError>>;
}

/// What a child is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Load,
    Finish,
}

/// What a child works with.
pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) task: Task,
    /// Which child it is, from 1. Only neighbours live at the same time.
    pub(crate) round: u32,
    pub(crate) ledger: Arc<Ledger>,
    /// What the ledger held when the child began.
    pub(crate) past: Vec<Line>,
    pub(crate) offset: TimeOffset,
    pub(crate) rng: SharedRng,
}

/// What the check has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What was counted, for the record.
    pub(crate) counted: Vec<(&'static str, u64)>,
    /// What must not be.
    pub(crate) faults: Vec<String>,
}

/// Where a child finds its world.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) ledger: PathBuf,
}
