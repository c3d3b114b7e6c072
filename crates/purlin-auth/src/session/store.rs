//! What every store of sessions does.

use std::sync::Arc;

use purlin_base::{BoxFuture, Timestamp};
use uuid::Uuid;

use super::{SessionError, SessionKey, SessionRecord};

/// A shared store, its engine forgotten.
pub type SharedSessionStore = Arc<dyn SessionStore>;

/// What a method of a store comes to, once it is polled.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, SessionError>>;

/// A store of sessions. Each method is atomic: of a change and a removal at the same time, the
/// removal is final, whichever came first.
///
/// A session is there while `now < expires_at`. Time is told by the caller, so that all processes
/// that share a store need clocks that agree to within a few seconds. No user has more than
/// [`USER_SESSIONS_MAX`](super::USER_SESSIONS_MAX) sessions.
///
/// [`Sessions`](super::Sessions) stands on it; an application has no need to call it.
///
/// # Errors
///
/// Every method fails with [`SessionError::Sql`] or [`SessionError::Unavailable`].
///
/// # Cancel safety
///
/// Nothing happens before the first poll. A future dropped later may or may not have made its
/// change; no change is made by half.
pub trait SessionStore: Send + Sync + 'static {
    /// Puts `record` under `new`, and takes away what is under `old`, whosever it is.
    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> StoreFuture<'a, ()>;

    /// What is under `key`.
    fn find(&self, key: SessionKey, now: Timestamp) -> StoreFuture<'_, Option<SessionRecord>>;

    /// Sets when the session was used (that is `now`) and when it expires, never to an earlier
    /// moment than is kept; whether it is there.
    fn touch(
        &self,
        key: SessionKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreFuture<'_, bool>;

    /// Moves what is under `old` to `new`; what was moved, or `None` if nothing is there.
    fn rename(
        &self,
        old: SessionKey,
        new: SessionKey,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<SessionRecord>>;

    /// Replaces the data of the session; whether it is there.
    fn set_data<'a>(
        &'a self,
        key: SessionKey,
        data: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Takes away what is under `key`, if anything is.
    fn remove(&self, key: SessionKey) -> StoreFuture<'_, ()>;

    /// The sessions of `user`, the one used last first.
    fn list<'a>(&'a self, user: &'a str, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>>;

    /// Takes away the session of `user` that lists show as `public_id`; whether it was there.
    fn remove_listed<'a>(
        &'a self,
        user: &'a str,
        public_id: Uuid,
        now: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Takes away the sessions of `user`, but for `except`; how many were there.
    fn remove_all<'a>(
        &'a self,
        user: &'a str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> StoreFuture<'a, u64>;

    /// Sets the roles of all sessions of `user`; how many are there.
    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> StoreFuture<'a, u64>;
}
