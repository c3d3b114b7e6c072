//! Waking those who wait for rows.

use crate::wake::{self, Listener};

use super::{Db, Engine, Tx};

impl Db {
    /// Wakes whoever [listens](Self::listen) to `channel`: in this process at once, and on Postgres
    /// in every other one shortly after, unless
    /// [`poll_only`](crate::SqlConfig::poll_only) is set.
    ///
    /// Other processes are told at most once per channel and 5 ms, outside of any transaction of
    /// the caller's: NOTIFY takes a lock of the whole server when it commits. Call it after the
    /// commit of what there is to find, or let [`Tx::notify`] do so.
    ///
    /// # Panics
    ///
    /// If `channel` is not 1 to 63 of the characters `a-z 0-9 _ - . :`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), purlin_sql::OpenError> {
    /// use purlin_sql::Db;
    ///
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let mut mails = db.listen("mails");
    /// db.notify("mails");
    /// db.notify("mails");
    /// mails.woken().await; // Once for both. Now look for mails in the database.
    /// # Ok(()) }
    /// ```
    pub fn notify(&self, channel: &'static str) {
        wake::check(channel);
        self.0.wakes.wake(channel);
        match &self.0.engine {
            Engine::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.announce(channel),
        }
    }

    /// Hears the wake-ups of `channel` from now on. They are hints: [`wake`](mod@crate::wake) says what
    /// may be missed.
    ///
    /// On Postgres one connection listens for the whole `Db`. It comes back by itself when it is
    /// lost, and then every listener is woken once.
    ///
    /// # Panics
    ///
    /// If `channel` is not 1 to 63 of the characters `a-z 0-9 _ - . :`.
    pub fn listen(&self, channel: &'static str) -> Listener {
        wake::check(channel);
        self.0.wakes.listen(channel)
    }
}

impl Tx {
    /// Wakes whoever listens to `channel` once this transaction has been committed; never if it is
    /// rolled back. See [`Db::notify`].
    ///
    /// # Panics
    ///
    /// If `channel` is not 1 to 63 of the characters `a-z 0-9 _ - . :`.
    pub fn notify(&mut self, channel: &'static str) {
        wake::check(channel);
        if !self.notified.contains(&channel) {
            self.notified.push(channel);
        }
    }
}
