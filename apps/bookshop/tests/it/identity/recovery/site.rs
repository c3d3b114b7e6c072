//! A running shop whose mails can be read.

use std::sync::Arc;

use rusqlite::Connection;

use crate::{http::Client, server::Server};

/// A running shop, and the tables it writes.
pub(super) struct Site {
    pub(super) server: Arc<Server>,
    tables: Tables,
}

enum Tables {
    File,
    #[cfg(feature = "postgres")]
    Postgres(crate::engines::postgres::Database),
}

impl Site {
    /// The one on SQLite that other tests write in too.
    pub(super) fn shared() -> Self {
        Self::of(Server::for_writing())
    }

    /// One on SQLite.
    pub(super) fn of(server: Arc<Server>) -> Self {
        let tables = Tables::File;
        Self { server, tables }
    }

    /// One of its own on Postgres; `None`, said aloud, when no server is named.
    #[cfg(feature = "postgres")]
    pub(super) fn on_postgres() -> Option<Self> {
        let database = crate::engines::postgres::Database::create()?;
        let server = Arc::new(database.start());
        let tables = Tables::Postgres(database);
        Some(Self { server, tables })
    }

    pub(super) fn client(&self) -> &Client {
        &self.server.client
    }

    /// The texts of the mails of one `kind` to one address, the first first; line ends are spaces.
    pub(super) fn mails(&self, kind: &str, to: &str) -> Vec<String> {
        self.lines(&format!(
            "select replace(body, chr(10), ' ') from mails \
             where kind = '{kind}' and recipient = '{to}' order by id"
        ))
    }

    /// The token of the link in the latest mail of one `kind` to one address.
    #[track_caller]
    pub(super) fn token(&self, kind: &str, to: &str) -> String {
        let mail = self.mails(kind, to).pop().expect("a mail");
        let tail = mail.split("?token=").nth(1).expect("a link");
        tail.split(' ').next().unwrap_or_default().to_owned()
    }

    /// Whether the owner of an account has shown to have its address.
    pub(super) fn is_verified(&self, email: &str) -> bool {
        let ask = format!(
            "select 'yes' from users where email_key = '{email}' and verified_at is not null"
        );
        self.lines(&ask) == ["yes"]
    }

    fn lines(&self, statement: &str) -> Vec<String> {
        match &self.tables {
            Tables::File => {
                let file = Connection::open(self.server.path().join("bookshop.db")).unwrap();
                // As Postgres names it.
                let statement = statement.replace("chr(10)", "char(10)");
                let mut rows = file.prepare(&statement).unwrap();
                let rows = rows.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            #[cfg(feature = "postgres")]
            Tables::Postgres(database) => {
                let lines = database.ask(statement);
                lines.lines().map(str::to_owned).collect()
            }
        }
    }
}
