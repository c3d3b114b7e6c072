//! The tables of outbox and inbox, and the statements on them in the words of each engine.
//!
//! Time is the database's: `$n` in `at!` is bound to the microseconds that are added to its clock.

use crate::{Db, Migration, Migrations};

/// The tables of outbox and inbox, as the steps that make them.
pub const OUTBOX: Migrations = Migrations::new(
    "purlin_outbox",
    &[
        Migration {
            version: 1,
            name: "outbox",
            sqlite: include_str!("../../migrations/0001_outbox.sqlite.sql"),
            postgres: include_str!("../../migrations/0001_outbox.postgres.sql"),
        },
        Migration {
            version: 2,
            name: "inbox",
            sqlite: include_str!("../../migrations/0002_inbox.sqlite.sql"),
            postgres: include_str!("../../migrations/0002_inbox.postgres.sql"),
        },
    ],
);

/// The statements, in the words of one engine.
pub(crate) struct Words {
    pub(crate) put: &'static str,
    pub(crate) find: &'static str,
    /// The beginning of the sink's messages that may be sent now, within a number of bytes; at
    /// least one. The clock is read once for all rows: else a hold could end between two messages
    /// of its key, and the second would be sent alone.
    pub(crate) fetch: &'static str,
    /// Takes the lease of a sink if it has run out, and gives it the next token.
    pub(crate) acquire: &'static str,
    /// Moves the end of a lease, if nobody else has taken it.
    pub(crate) renew: &'static str,
    /// Deletes what was sent, if the lease is still held.
    pub(crate) delete: &'static str,
    pub(crate) fail: &'static str,
    pub(crate) park: &'static str,
    pub(crate) hold: &'static str,
    pub(crate) depths: &'static str,
    pub(crate) parked: &'static str,
    pub(crate) requeue: &'static str,
    pub(crate) once: &'static str,
    pub(crate) forget: &'static str,
}

/// Holds a key until an operator decides.
pub(crate) const HOLD_FOR_GOOD: &str = "insert into purlin_outbox_holds \
    (sink, destination, key, until) values ($1, $2, $3, null) \
    on conflict (sink, destination, key) do update set until = null";

/// Lets a key go on.
pub(crate) const UNHOLD: &str = "delete from purlin_outbox_holds \
    where sink = $1 and destination = $2 and key = $3";

/// Lets a key go on whose last parked message is gone.
pub(crate) const UNHOLD_IF_NONE_PARKED: &str = "delete from purlin_outbox_holds \
    where sink = $1 and destination = $2 and key = $3 and until is null \
    and not exists (select 1 from purlin_outbox m where m.sink = $1 and m.destination = $2 \
    and m.key = $3 and m.parked_at is not null)";

/// Deletes a message that is parked.
pub(crate) const DISCARD: &str = "delete from purlin_outbox \
    where id = $1 and parked_at is not null returning sink, destination, key";

/// A moment by the database's clock.
macro_rules! at {
    (sqlite $n:literal) => {
        concat!(
            "(cast(unixepoch('subsec') * 1000000 as integer) + ",
            $n,
            ")"
        )
    };
    (postgres $n:literal) => {
        concat!("(clock_timestamp() + ", $n, " * interval '1 microsecond')")
    };
}

/// The microseconds from the second moment to the first.
macro_rules! micros_between {
    (sqlite $later:expr, $earlier:literal) => {
        concat!("(", $later, " - ", $earlier, ")")
    };
    (postgres $later:expr, $earlier:literal) => {
        concat!(
            "(extract(epoch from ",
            $later,
            " - ",
            $earlier,
            ") * 1000000)::bigint"
        )
    };
}

/// The numbers of a JSON array.
macro_rules! each {
    (sqlite $n:literal) => {
        concat!("(select value from json_each(", $n, "))")
    };
    (postgres $n:literal) => {
        concat!(
            "(select value::bigint from jsonb_array_elements_text(",
            $n,
            "))"
        )
    };
}

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select seq, id, sink, destination, key, headers, body, attempts, reason, created_at, \
             parked_at from purlin_outbox ",
            $rest
        )
    };
}

macro_rules! words {
    ($engine:ident) => {
        Words {
            put: concat!(
                "insert into purlin_outbox (id, sink, destination, key, headers, body, size, \
                 created_at, queued_at, due_at) values ($1, $2, $3, $4, $5, $6, $7, ",
                at!($engine "$8"), ", ", at!($engine "$8"), ", ", at!($engine "$8"),
                ") on conflict (id) do nothing"
            ),
            find: stored!("where id = $1"),
            fetch: concat!(
                "with clock as materialized (select ", at!($engine "$2"), " as now), \
                 head as (select seq, size from purlin_outbox m where sink = $1 \
                 and parked_at is null and due_at <= (select now from clock) \
                 and not exists (select 1 from purlin_outbox_holds h where h.sink = m.sink \
                 and h.destination = m.destination and h.key = m.key \
                 and (h.until is null or h.until > (select now from clock))) \
                 order by seq limit $3), \
                 running as (select seq, sum(size) over (order by seq) - size as bytes_before from head) \
                 select m.seq as seq, id, sink, destination, key, headers, body, size, attempts, ",
                micros_between!($engine "(select now from clock)", "queued_at"), " as age \
                 from running r join purlin_outbox m on m.seq = r.seq where bytes_before < $4 \
                 order by m.seq"
            ),
            acquire: concat!(
                "insert into purlin_outbox_leases (sink, token, expires_at) values ($1, 1, ",
                at!($engine "$2"), ") on conflict (sink) do update \
                 set token = purlin_outbox_leases.token + 1, expires_at = excluded.expires_at \
                 where purlin_outbox_leases.expires_at <= ", at!($engine "$3"), " returning token"
            ),
            renew: concat!(
                "update purlin_outbox_leases set expires_at = ", at!($engine "$3"),
                " where sink = $1 and token = $2"
            ),
            delete: concat!(
                "delete from purlin_outbox where seq in ", each!($engine "$3"),
                " and exists (select 1 from purlin_outbox_leases where sink = $1 and token = $2)"
            ),
            fail: concat!(
                "update purlin_outbox set attempts = attempts + 1, reason = $2, due_at = ",
                at!($engine "$3"), " where seq = $1"
            ),
            park: concat!(
                "update purlin_outbox set attempts = attempts + 1, reason = $2, parked_at = ",
                at!($engine "$3"), " where seq = $1"
            ),
            hold: concat!(
                "insert into purlin_outbox_holds (sink, destination, key, until) \
                 values ($1, $2, $3, ", at!($engine "$4"), ") \
                 on conflict (sink, destination, key) do update set until = excluded.until"
            ),
            depths: concat!(
                "select sink, count(*) filter (where parked_at is null) as waiting, \
                 count(*) filter (where parked_at is not null) as parked, ",
                micros_between!(
                    $engine at!($engine "$1"),
                    "min(queued_at) filter (where parked_at is null)"
                ),
                " as oldest from purlin_outbox group by sink order by sink"
            ),
            parked: stored!("where sink = $1 and parked_at is not null and seq > $2 \
                             order by seq limit $3"),
            requeue: concat!(
                "update purlin_outbox set parked_at = null, attempts = 0, queued_at = ",
                at!($engine "$2"), ", due_at = ", at!($engine "$2"),
                " where id = $1 and parked_at is not null returning sink, destination, key"
            ),
            once: concat!(
                "insert into purlin_inbox (consumer, message_id, seen_at) values ($1, $2, ",
                at!($engine "$3"), ") on conflict (consumer, message_id) do nothing"
            ),
            forget: concat!(
                "delete from purlin_inbox where (consumer, message_id) in \
                 (select consumer, message_id from purlin_inbox where seen_at <= ",
                at!($engine "$1"), " order by seen_at limit $2)"
            ),
        }
    };
}

static SQLITE: Words = words!(sqlite);
static POSTGRES: Words = words!(postgres);

/// The statements for `db`.
pub(crate) fn words(db: &Db) -> &'static Words {
    match db.engine() {
        "sqlite" => &SQLITE,
        _ => &POSTGRES,
    }
}
