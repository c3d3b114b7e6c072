//! Which transactions are open in the running task: one within another would wait for itself.

use std::sync::Arc;

use crate::SqlError;

use super::Db;

tokio::task_local! {
    static OPEN: Open;
}

/// A transaction that is open in the running task, and those around it.
#[derive(Clone)]
struct Open {
    db: Db,
    around: Option<Arc<Open>>,
}

impl Open {
    fn is_of(&self, db: &Db) -> bool {
        let around = || self.around.as_ref().is_some_and(|open| open.is_of(db));
        Arc::ptr_eq(&self.db.0, &db.0) || around()
    }
}

/// Refuses what would wait for a transaction of the same task.
pub(super) fn refuse_if_open(db: &Db) -> Result<(), SqlError> {
    match OPEN.try_with(|open| open.is_of(db)) {
        Ok(true) => Err(SqlError::Nested),
        _ => Ok(()),
    }
}

/// Runs `work` as the inside of a transaction of `db`.
pub(super) fn scope<F: Future>(db: Db, work: F) -> impl Future<Output = F::Output> {
    let around = OPEN.try_with(|open| Arc::new(open.clone())).ok();
    OPEN.scope(Open { db, around }, work)
}
