//! The databases that the walks run on.

use purlin_sql::{Query, Value};
use rusqlite::types::{ToSqlOutput, Value as SqliteValue};

use super::line::Line;

/// The base of every list.
pub(crate) const BASE: &str = "select id, a, b, c, d from lines -- all of them";

/// A table of lines, and what the tests do with it.
pub(crate) trait Engine {
    fn execute(&mut self, statement: Query);
    fn lines(&mut self, query: Query) -> Vec<Line>;

    fn insert(&mut self, line: &Line) {
        let statement = Query::new("insert into lines values ($1, $2, $3, $4, $5)")
            .bind(line.id)
            .bind(line.a)
            .bind(line.b.clone())
            .bind(line.c)
            .bind(line.d);
        self.execute(statement);
    }

    fn delete(&mut self, id: i64) {
        self.execute(Query::new("delete from lines where id = $1").bind(id));
    }
}

/// SQLite without the rest of the crate.
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
