//! Runs one statement on one connection.

use std::time::Duration;

use futures_util::TryStreamExt;
#[expect(
    clippy::disallowed_types,
    reason = "used once, for text made of literals"
)]
use sqlx_core::sql_str::AssertSqlSafe;
use sqlx_core::{
    Either,
    executor::Executor,
    query::{query, query_with},
    sql_str::{SqlSafeStr, SqlStr},
};
use sqlx_postgres::{PgConnection, Postgres as Driver};

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::{columns::PostgresRow, fault, values};

/// Runs a statement to its end.
pub(super) async fn statement<T: FromRow + Send>(
    connection: &mut PgConnection,
    statement: Statement,
    want: Want,
) -> Result<Collected<T>, SqlError> {
    let mut collected = Collected::new(want);
    let arguments = values::arguments(&statement.values)?;
    let query = query_with::<Driver, _>(text(&statement, ""), arguments);
    let mut answer = connection.fetch_many(query);
    // A fault of the reading leaves the statement done: the rest of the answer is passed over.
    let mut unreadable = None;
    let mut wanted = true;
    while let Some(step) = answer.try_next().await.map_err(fault::translate)? {
        match step {
            Either::Left(done) => collected.affected += done.rows_affected(),
            Either::Right(row) if wanted => match collected.take(&PostgresRow(&row)) {
                Ok(more) => wanted = more,
                Err(error) => {
                    wanted = false;
                    unreadable = Some(error);
                }
            },
            Either::Right(_) => {}
        }
    }
    unreadable.map_or(Ok(collected), Err)
}

/// Lets no later statement of this transaction run for longer than `left`.
pub(super) async fn limit(connection: &mut PgConnection, left: Duration) -> Result<(), SqlError> {
    let set = query::<Driver>("select set_config('statement_timeout', $1, true)");
    let done = set.bind(super::millis(left)).execute(connection).await;
    done.map(|_| ()).map_err(fault::translate)
}

/// Begins to read the rows of a statement: what can be fetched from is the cursor `purlin_rows`.
pub(super) async fn declare(
    connection: &mut PgConnection,
    statement: &Statement,
) -> Result<(), SqlError> {
    const DECLARE: &str = "declare purlin_rows no scroll cursor for ";
    let arguments = values::arguments(&statement.values)?;
    let declare = query_with::<Driver, _>(text(statement, DECLARE), arguments);
    let declared = connection.execute(declare).await;
    declared.map(|_| ()).map_err(fault::translate)
}

/// The text under which the driver keeps the prepared statement. It knows statements by their text
/// alone, though one that was prepared for a number misreads a text: so the text names the types,
/// unless they are those it was first sent with.
///
/// This is the one place that vouches for a text: it comes from a [`crate::Query`], which is made
/// of literals, behind a literal `before`, and letters that [`values::kinds`] makes up.
fn text(statement: &Statement, before: &'static str) -> SqlStr {
    let kinds = || values::kinds(&statement.values);
    let first = statement
        .shape
        .first_kinds
        .get_or_init(|| kinds().collect());
    let text = match (before, kinds().eq(first.iter().copied())) {
        ("", true) => statement.text.clone(),
        (_, true) => format!("{before}{}", statement.text).into(),
        (_, false) => {
            let kinds: String = kinds().map(char::from).collect();
            format!("{before}{}\n-- {kinds}", statement.text).into()
        }
    };
    AssertSqlSafe(text).into_sql_str()
}
