//! How rows whose time is over are cleared away beside those who work.

use purlin_sql::Db;

/// The end of a `select` of rows to be deleted: on Postgres those that somebody else holds are left
/// for the next time, so that nobody waits in a circle. SQLite has one writer at a time anyhow.
pub(crate) fn unlocked_only(db: &Db) -> &'static str {
    match db.engine() {
        "postgres" => " for update skip locked",
        _ => "",
    }
}
