//! Sessions in the memory of this process.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard},
};

use purlin_base::Timestamp;
use uuid::Uuid;

use super::{SessionKey, SessionRecord, SessionStore, StoreFuture, USER_SESSIONS_MAX};

/// Sessions in the memory of this process: gone when it ends, unknown to others.
///
/// Bounded: once `sessions_max` are kept, one more ends the one nearest to its end (an expired one
/// if there is any). With the bounds on each part a session takes at most 16 KiB.
///
/// # Examples
///
/// ```
/// # use purlin_auth::session::MemorySessionStore;
/// let store = MemorySessionStore::new(10_000)?;
/// assert_eq!(store.len(), 0);
/// # Ok::<(), purlin_auth::session::SessionOptionError>(())
/// ```
pub struct MemorySessionStore {
    sessions_max: usize,
    // A plain mutex: it is held for a few map operations and never across an await.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    records: HashMap<SessionKey, SessionRecord>,
    /// One entry for each record: who ends first is first.
    by_end: BTreeSet<(Timestamp, SessionKey)>,
    /// One entry for each record, under its user.
    by_user: HashMap<String, Vec<SessionKey>>,
}

impl Default for MemorySessionStore {
    /// Keeps up to 100 000 sessions.
    fn default() -> Self {
        Self {
            sessions_max: 100_000,
            kept: Mutex::default(),
        }
    }
}

impl MemorySessionStore {
    /// A store of up to `sessions_max` sessions, 1 to 10 million. [`Default`]: 100 000.
    ///
    /// # Errors
    ///
    /// [`SessionOptionError`](super::SessionOptionError) when `sessions_max` is out of its bounds.
    pub fn new(sessions_max: usize) -> Result<Self, super::SessionOptionError> {
        if !(1..=10_000_000).contains(&sessions_max) {
            return Err(super::SessionOptionError {
                option: "sessions_max",
                expected: "1 to 10000000",
            });
        }
        Ok(Self {
            sessions_max,
            kept: Mutex::default(),
        })
    }

    /// Sessions kept, those included that have expired and are not yet let go of.
    pub fn len(&self) -> usize {
        self.kept().records.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept
            .lock()
            .expect("nothing panics while it holds the sessions")
    }

    /// An answer that is there already.
    fn now<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&mut Kept) -> T + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move { Ok(work(&mut self.kept())) })
    }
}

impl fmt::Debug for MemorySessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessionStore")
            .field("sessions_max", &self.sessions_max)
            .field("sessions", &self.len())
            .finish()
    }
}

impl Kept {
    fn put(&mut self, key: SessionKey, record: SessionRecord) {
        self.take(key);
        self.by_end.insert((record.expires_at, key));
        let keys = self.by_user.entry(record.user.clone()).or_default();
        keys.push(key);
        self.records.insert(key, record);
    }

    fn take(&mut self, key: SessionKey) -> Option<SessionRecord> {
        let record = self.records.remove(&key)?;
        self.by_end.remove(&(record.expires_at, key));
        if let Some(keys) = self.by_user.get_mut(&record.user) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.by_user.remove(&record.user);
            }
        }
        Some(record)
    }

    fn live(&mut self, key: SessionKey, now: Timestamp) -> Option<&mut SessionRecord> {
        let record = self.records.get_mut(&key)?;
        record.is_live(now).then_some(record)
    }

    /// The keys of a user's live sessions, the one used last first.
    fn of(&self, user: &str, now: Timestamp) -> Vec<SessionKey> {
        let mut keys = self.by_user.get(user).cloned().unwrap_or_default();
        keys.retain(|key| self.records[key].is_live(now));
        let used = |key: &SessionKey| {
            let record = &self.records[key];
            (record.last_used_at, record.public_id)
        };
        keys.sort_by_key(|key| std::cmp::Reverse(used(key)));
        keys
    }

    fn make_room(&mut self, user: &str, sessions_max: usize, now: Timestamp) {
        for key in self.of(user, now).into_iter().skip(USER_SESSIONS_MAX) {
            self.take(key);
        }
        while let Some((end, key)) = self.by_end.first().copied() {
            if end > now && self.records.len() <= sessions_max {
                break;
            }
            self.take(key);
        }
    }
}

impl SessionStore for MemorySessionStore {
    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> StoreFuture<'a, ()> {
        self.now(move |kept| {
            old.and_then(|old| kept.take(old));
            kept.put(new, record.clone());
            kept.make_room(&record.user, self.sessions_max, now);
        })
    }

    fn find(&self, key: SessionKey, now: Timestamp) -> StoreFuture<'_, Option<SessionRecord>> {
        self.now(move |kept| kept.live(key, now).cloned())
    }

    fn touch(
        &self,
        key: SessionKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreFuture<'_, bool> {
        self.now(move |kept| {
            let Some(record) = kept.live(key, now) else {
                return false;
            };
            let before = record.expires_at;
            record.last_used_at = record.last_used_at.max(now);
            record.expires_at = before.max(expires_at);
            let after = record.expires_at;
            kept.by_end.remove(&(before, key));
            kept.by_end.insert((after, key));
            true
        })
    }

    fn rename(
        &self,
        old: SessionKey,
        new: SessionKey,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<SessionRecord>> {
        self.now(move |kept| {
            kept.live(old, now)?;
            let record = kept.take(old)?;
            kept.put(new, record.clone());
            Some(record)
        })
    }

    fn set_data<'a>(
        &'a self,
        key: SessionKey,
        data: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.now(move |kept| {
            let found = kept.live(key, now);
            found
                .map(|record| data.clone_into(&mut record.data))
                .is_some()
        })
    }

    fn remove(&self, key: SessionKey) -> StoreFuture<'_, ()> {
        self.now(move |kept| drop(kept.take(key)))
    }

    fn list<'a>(&'a self, user: &'a str, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>> {
        self.now(move |kept| {
            let keys = kept.of(user, now).into_iter();
            keys.map(|key| kept.records[&key].clone()).collect()
        })
    }

    fn remove_listed<'a>(
        &'a self,
        user: &'a str,
        public_id: Uuid,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.now(move |kept| {
            let mut keys = kept.of(user, now).into_iter();
            let found = keys.find(|key| kept.records[key].public_id == public_id);
            found.and_then(|key| kept.take(key)).is_some()
        })
    }

    fn remove_all<'a>(
        &'a self,
        user: &'a str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        self.now(move |kept| {
            let mut keys = kept.of(user, now);
            keys.retain(|key| Some(kept.records[key].public_id) != except);
            keys.iter().filter_map(|key| kept.take(*key)).count() as u64
        })
    }

    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        self.now(move |kept| {
            let keys = kept.of(user, now);
            for key in &keys {
                if let Some(record) = kept.live(*key, now) {
                    record.roles = roles.to_vec();
                }
            }
            keys.len() as u64
        })
    }
}
