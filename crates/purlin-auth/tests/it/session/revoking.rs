//! A store in which each session is revoked right after it was found.

use std::sync::Arc;

use purlin_auth::session::{
    MemorySessionStore, SessionKey, SessionRecord, SessionStore, StoreFuture,
};
use purlin_base::Timestamp;
use uuid::Uuid;

pub(super) struct RevokedOnceFound(pub(super) Arc<MemorySessionStore>);

impl SessionStore for RevokedOnceFound {
    fn find(&self, key: SessionKey, now: Timestamp) -> StoreFuture<'_, Option<SessionRecord>> {
        Box::pin(async move {
            let found = self.0.find(key, now).await?;
            self.0.remove(key).await?;
            Ok(found)
        })
    }

    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> StoreFuture<'a, ()> {
        self.0.insert(old, new, record, now)
    }

    fn touch(&self, key: SessionKey, end: Timestamp, now: Timestamp) -> StoreFuture<'_, bool> {
        self.0.touch(key, end, now)
    }

    fn rename(
        &self,
        old: SessionKey,
        new: SessionKey,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<SessionRecord>> {
        self.0.rename(old, new, now)
    }

    fn set_data<'a>(
        &'a self,
        key: SessionKey,
        data: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.0.set_data(key, data, now)
    }

    fn remove(&self, key: SessionKey) -> StoreFuture<'_, ()> {
        self.0.remove(key)
    }

    fn list<'a>(&'a self, user: &'a str, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>> {
        self.0.list(user, now)
    }

    fn remove_listed<'a>(
        &'a self,
        user: &'a str,
        id: Uuid,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.0.remove_listed(user, id, now)
    }

    fn remove_all<'a>(
        &'a self,
        user: &'a str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        self.0.remove_all(user, except, now)
    }

    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        self.0.set_roles(user, roles, now)
    }
}
