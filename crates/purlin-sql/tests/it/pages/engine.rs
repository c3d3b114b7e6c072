//! The databases that the walks run on.

use purlin_sql::{Db, IntoQuery, Query, Value};
use rusqlite::types::{ToSqlOutput, Value as SqliteValue};
use tokio::runtime::Runtime;

use super::line::Line;

/// The base of every list.
pub(crate) const BASE: &str = "select id, a, b, c, d from lines -- all of them";

/// A table of lines, and what the tests do with it.
pub(crate) trait Engine {
    fn execute(&mut self, statement: Query);
    fn lines(&mut self, query: Query) -> Vec<Line>;

    fn insert(&mut self, lines: &[Line]) {
        let values = lines.iter().map(|line| {
            let values = "($1, cast($2 as bigint), cast($3 as text), $4, $5)";
            Query::new(values)
                .bind(line.id)
                .bind(line.a)
                .bind(line.b.clone())
                .bind(line.c)
                .bind(line.d)
        });
        if !lines.is_empty() {
            self.execute(Query::new("insert into lines values ").push(Query::join(values, ", ")));
        }
    }

    fn delete(&mut self, id: i64) {
        self.execute(Query::new("delete from lines where id = $1").bind(id));
    }

    fn clear(&mut self) {
        self.execute(Query::new("delete from lines"));
    }
}

/// SQLite without a `Db`.
pub(crate) struct Sqlite(pub(crate) rusqlite::Connection);

impl Sqlite {
    pub(crate) fn new() -> Self {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let create = "create table lines
            (id integer primary key, a integer, b text, c integer not null, d real not null)";
        connection.execute_batch(create).unwrap();
        Self(connection)
    }
}

impl Engine for Sqlite {
    fn execute(&mut self, statement: Query) {
        let values = statement.values().iter().map(Bound);
        let values = rusqlite::params_from_iter(values);
        self.0.execute(statement.text(), values).unwrap();
    }

    fn lines(&mut self, query: Query) -> Vec<Line> {
        let mut statement = self.0.prepare_cached(query.text()).unwrap();
        let values = rusqlite::params_from_iter(query.values().iter().map(Bound));
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Line {
                id: row.get("id")?,
                a: row.get("a")?,
                b: row.get("b")?,
                c: row.get("c")?,
                d: row.get("d")?,
            })
        };
        let lines = statement.query_map(values, read).unwrap();
        lines.map(Result::unwrap).collect()
    }
}

pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Null => SqliteValue::Null,
            Value::Int(value) => SqliteValue::Integer(*value),
            Value::Real(value) => SqliteValue::Real(*value),
            Value::Text(value) => SqliteValue::Text(value.to_string()),
            other => panic!("no line holds {other:?}"),
        };
        Ok(ToSqlOutput::Owned(value))
    }
}

/// A `Db` of any engine.
pub(crate) struct Connected {
    pub(crate) db: Db,
    pub(crate) runtime: Runtime,
}

impl Connected {
    /// `create` makes the table `lines`.
    pub(crate) fn new(url: &str, create: &'static str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let db = runtime.block_on(Db::connect(url)).unwrap();
        let mut connected = Self { db, runtime };
        connected.execute(create.into_query());
        connected
    }

    pub(crate) fn sqlite() -> Self {
        let create = "create table lines
            (id integer primary key, a integer, b text, c integer not null, d real not null)";
        Self::new("sqlite::memory:", create)
    }

    /// Postgres, whose texts must be told to compare as Rust's and SQLite's do.
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres(url: &str) -> Self {
        let create = "create table lines (id bigint primary key, a bigint, b text collate \"C\",
            c integer not null, d double precision not null)";
        Self::new(url, create)
    }

    pub(crate) fn close(self) {
        self.runtime.block_on(self.db.close());
    }
}

impl Engine for Connected {
    fn execute(&mut self, statement: Query) {
        let written = self.db.write(statement).execute();
        self.runtime.block_on(written).unwrap();
    }

    fn lines(&mut self, query: Query) -> Vec<Line> {
        let rows = self.db.read().query(query).fetch_all();
        self.runtime.block_on(rows).unwrap()
    }
}
