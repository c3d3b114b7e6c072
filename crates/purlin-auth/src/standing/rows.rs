//! The table that processes on one database share the list through.

use purlin_base::Timestamp;
use purlin_sql::{Db, FromRow, Json, Query, SqlError, Tx};
use uuid::Uuid;

use super::deny::Event;

/// Rows of one reading. Small, so that a reading holds nobody up.
const PAGE: i64 = 500;

type Columns = (i64, String, String, Timestamp, Json<Vec<String>>, Timestamp);

/// One row.
pub(super) struct Row {
    pub(super) seq: i64,
    /// `None` for a row that cannot be understood.
    pub(super) event: Option<Event>,
    pub(super) until: Timestamp,
}

/// Writes an event; gives it back with its number.
pub(super) async fn insert(
    tx: &mut Tx,
    event: Event,
    now: Timestamp,
    until: Timestamp,
) -> Result<Event, SqlError> {
    let (kind, subject, at, roles) = match &event {
        Event::Family(family) => ("family", family.to_string(), now, &[][..]),
        Event::User { user, at } => ("user", user.to_string(), *at, &[][..]),
        Event::Roles { user, roles, .. } => ("roles", user.to_string(), now, &roles[..]),
    };
    let insert = "insert into auth_standing (kind, subject, at, roles, expires_at) \
                  values ($1, $2, $3, $4, $5) returning seq";
    let row = tx.query(insert).bind(kind).bind(subject).bind(at);
    let row = row.bind(Json(roles)).bind(until);
    let (number,) = row.fetch_one::<(i64,)>().await?;
    Ok(match event {
        Event::Roles { user, roles, .. } => Event::Roles {
            user,
            roles,
            seq: number,
        },
        event => event,
    })
}

/// Makes changes of one user's roles wait for each other, so that their numbers grow in the order
/// of their commits. SQLite has one writer, and they do.
pub(super) async fn order_roles(tx: &mut Tx, user: &str) -> Result<(), SqlError> {
    if tx.db().engine() == "postgres" {
        let lock = "select 1::bigint from (select pg_advisory_xact_lock(hashtextextended('purlin_auth roles ' || $1::text, 0))) as locked";
        tx.query(lock).bind(user).fetch_all::<(i64,)>().await?;
    }
    Ok(())
}

/// Where the next reading begins if this one reads everything from now on: no row that is
/// committed later is below it.
pub(super) async fn mark(db: &Db) -> Result<i64, SqlError> {
    // A row that cannot be seen yet was written by a transaction that is open now, and none of
    // these is older than the oldest.
    let oldest_open = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let last = "select coalesce(max(seq), 0) from auth_standing";
    let select = match db.engine() {
        "postgres" => oldest_open,
        _ => last,
    };
    let marks = read::<(i64,)>(db, Query::new(select)).await?;
    marks.first().map(|(mark,)| *mark).ok_or(SqlError::NoRow)
}

/// The rows from `mark` on that count still, after the number `after`, a page of them; empty when
/// there are no more.
pub(super) async fn page(
    db: &Db,
    mark: i64,
    after: i64,
    now: Timestamp,
) -> Result<Vec<Row>, SqlError> {
    let columns = "select seq, kind, subject, at, roles, expires_at from auth_standing where ";
    let from = match db.engine() {
        "postgres" => "stamp >= $1",
        _ => "seq > $1",
    };
    let rest = " and seq > $1 and expires_at > $2 order by seq limit $3";
    let query = Query::new(columns)
        .push(Query::new(from).bind(mark))
        .push(Query::new(rest).bind(after).bind(now).bind(PAGE));
    let rows = read::<Columns>(db, query).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// Reads from where the rows are written: a replica may be behind.
async fn read<T: FromRow + Send + 'static>(db: &Db, query: Query) -> Result<Vec<T>, SqlError> {
    match db.config().read_url {
        Some(_) => db.write(query).fetch_all().await,
        None => db.read().query(query).fetch_all().await,
    }
}

/// Deletes rows whose time is over.
pub(super) async fn sweep(db: &Db, now: Timestamp, batch: u32) -> Result<u64, SqlError> {
    let delete = "delete from auth_standing where seq in \
                  (select seq from auth_standing where expires_at <= $1 order by expires_at limit $2)";
    db.write(delete)
        .bind(now)
        .bind(i64::from(batch))
        .execute()
        .await
}

fn row((seq, kind, subject, at, Json(roles), until): Columns) -> Row {
    let event = match kind.as_str() {
        "family" => Uuid::parse_str(&subject).ok().map(Event::Family),
        "user" => Some(Event::User {
            user: subject.into(),
            at,
        }),
        "roles" => Some(Event::Roles {
            user: subject.into(),
            roles,
            seq,
        }),
        _ => None,
    };
    Row { seq, event, until }
}
