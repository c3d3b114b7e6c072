//! Where the database is, and every bound of its use.

use std::{fmt, time::Duration};

/// Where the database is, and every bound of its use. The defaults fit a small service.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_sql::SqlConfig;
///
/// let config = SqlConfig {
///     slow_statement: Duration::from_millis(20),
///     ..SqlConfig::new("sqlite://shop.db")
/// };
/// assert_eq!(config.transaction_deadline, Duration::from_secs(2));
/// ```
#[derive(Clone, PartialEq)]
pub struct SqlConfig {
    /// `sqlite://relative.db`, `sqlite:///absolute.db`, `sqlite::memory:` (a temporary file that
    /// is removed at the end) or `postgres://user@host/database` (feature `postgres`).
    pub url: String,
    /// Postgres only: where reads go, for a role that may only read, or a replica. Default: `url`.
    pub read_url: Option<String>,
    /// Connections for reading, 1 to 64. Default 4.
    pub readers: u32,
    /// Postgres only: connections for writing, 1 to 64. Default 8. SQLite has one writer.
    pub writers: u32,
    /// SQLite only: writes and transactions that may wait for the writer, 1 to 65 536.
    /// Default 1024. Beyond it a caller waits up to [`acquire_timeout`](Self::acquire_timeout).
    pub writer_queue: u32,
    /// SQLite only: small writes that share one commit at most, 1 to 4096. Default 128.
    pub group_max: u32,
    /// How long a transaction may take from the moment it can write. Default 2 s. Past it, it is
    /// rolled back.
    pub transaction_deadline: Duration,
    /// Postgres only: neither LISTEN nor NOTIFY is sent, for a pooler that hands out a connection
    /// for each transaction. [Wake-ups](crate::wake) then stay in the process. Default false.
    pub poll_only: bool,
    /// How long one read may take. Default 30 s.
    pub read_deadline: Duration,
    /// How long a caller waits for a connection or a place in the writer's queue. Default 5 s.
    pub acquire_timeout: Duration,
    /// SQLite only: how long to wait for another process that writes the same file. Default 5 s.
    pub busy_timeout: Duration,
    /// SQLite only: how long a read may hold the executor thread before it is started again on a
    /// thread for blocking work. Default 0.5 ms; zero: every read goes there at once.
    pub inline_budget: Duration,
    /// A statement that takes this long is logged, with its line and without its values.
    /// Default 100 ms.
    pub slow_statement: Duration,
    /// Streams of rows at once, 1 to 64, each on a connection of its own beside the `readers`.
    /// Default 2. Beyond it a caller waits up to [`acquire_timeout`](Self::acquire_timeout).
    pub streams: u32,
    /// How long a stream of rows may take from its beginning to its last row. Default 10 min.
    pub stream_deadline: Duration,
    /// How long the rows of a stream may wait to be taken. Default 30 s.
    pub stream_stall: Duration,
    /// Rows that one statement may return, at least 1. Default 100 000. Read longer lists by page,
    /// or as a [stream](crate::ReadStatement::stream).
    pub rows_max: usize,
    /// Prepared statements kept for each connection, 1 to 10 000. Default 128.
    pub statements_kept: u32,
}

impl SqlConfig {
    /// The defaults, for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            read_url: None,
            readers: 4,
            writers: 8,
            writer_queue: 1024,
            group_max: 128,
            transaction_deadline: Duration::from_secs(2),
            poll_only: false,
            read_deadline: Duration::from_secs(30),
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            inline_budget: Duration::from_micros(500),
            slow_statement: Duration::from_millis(100),
            streams: 2,
            stream_deadline: Duration::from_secs(600),
            stream_stall: Duration::from_secs(30),
            rows_max: 100_000,
            statements_kept: 128,
        }
    }

    /// The first setting that is out of its range: its name, and the range.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let checks = [
            ("readers", "1 to 64", (1..=64).contains(&self.readers)),
            ("writers", "1 to 64", (1..=64).contains(&self.writers)),
            (
                "writer_queue",
                "1 to 65536",
                (1..=65_536).contains(&self.writer_queue),
            ),
            (
                "group_max",
                "1 to 4096",
                (1..=4096).contains(&self.group_max),
            ),
            (
                "transaction_deadline",
                "more than 0",
                !self.transaction_deadline.is_zero(),
            ),
            (
                "read_deadline",
                "more than 0",
                !self.read_deadline.is_zero(),
            ),
            ("streams", "1 to 64", (1..=64).contains(&self.streams)),
            (
                "stream_deadline",
                "more than 0",
                !self.stream_deadline.is_zero(),
            ),
            ("stream_stall", "more than 0", !self.stream_stall.is_zero()),
            ("rows_max", "at least 1", self.rows_max >= 1),
            (
                "statements_kept",
                "1 to 10000",
                (1..=10_000).contains(&self.statements_kept),
            ),
        ];
        let bad = checks.into_iter().find(|(_, _, good)| !good);
        bad.map(|(setting, range, _)| (setting, range))
    }
}

impl Default for SqlConfig {
    /// A temporary SQLite database.
    fn default() -> Self {
        Self::new("sqlite::memory:")
    }
}

impl From<&str> for SqlConfig {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for SqlConfig {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&SqlConfig> for SqlConfig {
    fn from(config: &SqlConfig) -> Self {
        config.clone()
    }
}

/// The addresses are left out: they may hold a password.
impl fmt::Debug for SqlConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split(':').next().unwrap_or_default();
        f.debug_struct("SqlConfig")
            .field("engine", &scheme)
            .field("readers", &self.readers)
            .field("transaction_deadline", &self.transaction_deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let config = SqlConfig::new("postgres://app:hunter2@db/shop");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let config = SqlConfig {
            readers: 0,
            ..SqlConfig::default()
        };
        assert_eq!(config.out_of_range(), Some(("readers", "1 to 64")));
        assert_eq!(SqlConfig::default().out_of_range(), None);
    }
}
