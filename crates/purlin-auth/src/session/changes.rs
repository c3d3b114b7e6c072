//! Changes of all sessions of a user that belong to a transaction, wherever sessions are kept.
//!
//! In the database of the transaction they are a part of it. Elsewhere they cannot be, so what is
//! taken away is taken away twice: before the transaction, since a program may end right after the
//! commit, and after it, since somebody may have signed in between.

use std::sync::Arc;

use purlin_base::{Timestamp, time::SharedClock};
use purlin_sql::Tx;
use uuid::Uuid;

use super::{SessionError, Sessions, SqlSessionStore};

/// Changes all sessions of a user together with what the database knows of the user.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use {purlin_auth::session::{SessionError, SqlSessionStore}, purlin_base::time::SystemClock};
/// # use {purlin_sql::Tx, std::sync::Arc};
/// use purlin_auth::session::SessionChanges;
///
/// # let db = purlin_sql::Db::connect("sqlite::memory:").await?;
/// # db.migrate(&purlin_auth::MIGRATIONS).await?;
/// # let (store, clock) = (SqlSessionStore::new(db.clone()), Arc::new(SystemClock));
/// let sessions = SessionChanges::in_database(store, clock);
/// let ended = sessions.remove_all("u1", None).await?;
/// db.transaction(async |tx: &mut Tx| {
///     // … the new password of the user, and with it:
///     ended.write_in(tx).await
/// })
/// .await?;
/// ended.committed().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SessionChanges(Kept);

#[derive(Debug)]
enum Kept {
    InDatabase(SqlSessionStore, Clock),
    Elsewhere(Arc<Sessions>),
}

struct Clock(SharedClock);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl SessionChanges {
    /// Of sessions that `store` keeps in the database that the transactions are of.
    pub fn in_database(store: SqlSessionStore, clock: SharedClock) -> Self {
        Self(Kept::InDatabase(store, Clock(clock)))
    }

    /// Of sessions that are kept elsewhere. They must [ask](super::SessionsBuilder::roles_of) for
    /// roles with each load.
    pub fn elsewhere(sessions: Arc<Sessions>) -> Self {
        Self(Kept::Elsewhere(sessions))
    }

    /// Gives all sessions of `user` these roles in `tx`. Those that are kept elsewhere ask for them
    /// themselves.
    ///
    /// # Errors
    ///
    /// [`SessionError::Owner`] when `roles` are out of their bounds, [`SessionError::Sql`].
    pub async fn set_roles_in(
        &self,
        tx: &mut Tx,
        user: &str,
        roles: &[String],
        now: Timestamp,
    ) -> Result<(), SessionError> {
        match &self.0 {
            Kept::InDatabase(store, _) => store.set_roles_in(tx, user, roles, now).await.map(drop),
            Kept::Elsewhere(_) => Ok(()),
        }
    }

    /// Begins to end all sessions of `user`, but for `except`. Those that are kept elsewhere end
    /// now, whatever becomes of the transaction.
    ///
    /// # Errors
    ///
    /// [`SessionError::Unavailable`] if the sessions are kept elsewhere, and cannot be ended: do
    /// not begin the transaction.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have ended the sessions.
    pub async fn remove_all(
        &self,
        user: &str,
        except: Option<Uuid>,
    ) -> Result<SessionRemoval<'_>, SessionError> {
        if let Kept::Elsewhere(sessions) = &self.0 {
            sessions.revoke_all(user, except).await?;
        }
        Ok(SessionRemoval {
            kept: &self.0,
            user: user.to_owned(),
            except,
        })
    }
}

/// The end of a user's sessions, of which a transaction is a part.
#[derive(Debug)]
#[must_use = "write it in the transaction, and tell it of the commit"]
pub struct SessionRemoval<'a> {
    kept: &'a Kept,
    user: String,
    except: Option<Uuid>,
}

impl SessionRemoval<'_> {
    /// Whose sessions end.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Ends those sessions that are kept in the database, in `tx`.
    ///
    /// # Errors
    ///
    /// [`SessionError::Sql`]; return it from the transaction.
    pub async fn write_in(&self, tx: &mut Tx) -> Result<(), SessionError> {
        let Kept::InDatabase(store, Clock(clock)) = self.kept else {
            return Ok(());
        };
        let ended = store.remove_all_in(tx, &self.user, self.except, clock.now());
        ended.await.map(drop)
    }

    /// Ends those sessions that are kept elsewhere and were begun since: whoever signed in with a
    /// password that was changed meanwhile. Call it once the transaction is committed.
    ///
    /// If it fails, that is logged: the sessions from before have ended in any case.
    pub async fn committed(self) {
        if let Kept::Elsewhere(sessions) = self.kept
            && let Err(error) = sessions.revoke_all(&self.user, self.except).await
        {
            tracing::warn!(%error, "sessions that began during a change may have been left");
        }
    }
}
