//! The list in memory: which families and users are revoked, and whose roles have changed.
//!
//! A change is tentative while its transaction is open: it takes away, and gives nothing. It
//! becomes firm when its row is read or its writer says that it was committed. One whose row has
//! not turned up once every transaction of its time has ended was rolled back, and lapses.

mod user;

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use purlin_base::{Principal, Timestamp};
use uuid::Uuid;

use crate::token::VerifiedToken;
use user::User;

const SHARDS: usize = 16;

/// What happened, to whom.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A family was revoked.
    Family(Uuid),
    /// A user was signed out everywhere.
    User { user: Box<str>, at: Timestamp },
    /// A user has these roles now. The highest number is the latest.
    Roles {
        user: Box<str>,
        roles: Vec<String>,
        seq: i64,
    },
}

/// How sure it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Certainty {
    /// Committed; to be remembered until then.
    Firm { until: Timestamp },
    /// Perhaps never committed; to be forgotten if its row has not been read by then, on the
    /// monotonic clock.
    Tentative { lapses: Duration },
}

/// How long an entry is kept. Either is reason enough.
#[derive(Clone, Copy, Debug, Default)]
struct Hold {
    until: Option<Timestamp>,
    lapses: Option<Duration>,
}

impl Hold {
    fn note(&mut self, certainty: Certainty) {
        match certainty {
            Certainty::Firm { until } => {
                self.until = self.until.max(Some(until));
                self.lapses = None;
            }
            Certainty::Tentative { lapses } => self.lapses = self.lapses.max(Some(lapses)),
        }
    }

    fn is_over(&self, now: Timestamp, read_at: Duration) -> bool {
        self.until.is_none_or(|until| until <= now)
            && self.lapses.is_none_or(|lapses| lapses <= read_at)
    }
}

type Shard<K, V> = RwLock<HashMap<K, V>>;

pub(super) struct Deny {
    entries_max: usize,
    /// Never less than there are entries: zero means that nothing is revoked.
    held: AtomicUsize,
    families: [Shard<Uuid, Hold>; SHARDS],
    users: [Shard<Box<str>, User>; SHARDS],
    hasher: RandomState,
}

impl Deny {
    pub(super) fn new(entries_max: usize) -> Self {
        Self {
            entries_max,
            held: AtomicUsize::new(0),
            families: Default::default(),
            users: Default::default(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.held.load(SeqCst)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Who the token speaks for now; `None` if it was revoked.
    pub(super) fn judge(&self, token: &VerifiedToken) -> Option<Principal> {
        let family_is_revoked = token.family.is_some_and(|family| {
            let shard = &self.families[self.place(&family)];
            read(shard, |held| held.contains_key(&family))
        });
        if family_is_revoked {
            return None;
        }
        let user = token.principal.id();
        read(&self.users[self.place(user)], |held| match held.get(user) {
            Some(entry) => entry.judge(token),
            None => Some(token.principal.clone()),
        })
    }

    /// Takes an event in, once or again. `false` if there is no room for it.
    pub(super) fn note(&self, event: &Event, certainty: Certainty) -> bool {
        match event {
            Event::Family(family) => {
                let shard = &self.families[self.place(family)];
                self.change(shard, family, |hold| hold.note(certainty))
            }
            Event::User { user, at } => {
                let shard = &self.users[self.place(&**user)];
                self.change(shard, user, |entry| entry.revoke(*at, certainty))
            }
            Event::Roles { user, roles, seq } => {
                let shard = &self.users[self.place(&**user)];
                self.change(shard, user, |entry| {
                    entry.set_roles(Principal::new(user, roles.iter().cloned()), *seq, certainty);
                })
            }
        }
    }

    /// Forgets what is over. `read_at` is when the last reading of the table began.
    pub(super) fn purge(&self, now: Timestamp, read_at: Duration) {
        for shard in &self.families {
            self.retain(shard, |hold| !hold.is_over(now, read_at));
        }
        for shard in &self.users {
            self.retain(shard, |user| !user.purge(now, read_at));
        }
    }

    fn change<K: Eq + Hash + Clone, V: Default>(
        &self,
        shard: &Shard<K, V>,
        key: &K,
        change: impl FnOnce(&mut V),
    ) -> bool {
        let mut held = shard.write().unwrap_or_else(PoisonError::into_inner);
        if !held.contains_key(key) {
            // Counted first: whoever reads zero must have no entry to find.
            if self.held.fetch_add(1, SeqCst) >= self.entries_max {
                self.held.fetch_sub(1, SeqCst);
                return false;
            }
        }
        change(held.entry(key.clone()).or_default());
        true
    }

    fn retain<K: Eq + Hash, V>(&self, shard: &Shard<K, V>, mut keep: impl FnMut(&mut V) -> bool) {
        let mut held = shard.write().unwrap_or_else(PoisonError::into_inner);
        let before = held.len();
        held.retain(|_, value| keep(value));
        self.held.fetch_sub(before - held.len(), SeqCst);
    }

    fn place(&self, key: &(impl Hash + ?Sized)) -> usize {
        self.hasher.hash_one(key) as usize % SHARDS
    }
}

fn read<K, V, T>(shard: &Shard<K, V>, look: impl FnOnce(&HashMap<K, V>) -> T) -> T {
    look(&shard.read().unwrap_or_else(PoisonError::into_inner))
}
