//! The keys that are in use, and which of them signs.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use purlin_base::Timestamp;
use tokio::sync::Notify;

use super::{Jwks, KeyError, TokenKey};

mod routes;

/// The most keys of a ring.
pub(super) const KEYS_MAX: usize = 16;

/// The keys that are in use. Cheap to clone; clones share the keys.
///
/// Made of keys at hand, or by [`SigningKeys`](super::SigningKeys), which keeps it as the database
/// says. When its keys change, nothing is remembered of tokens that were verified before.
///
/// # Examples
///
/// ```
/// use purlin_auth::token::{KeyRing, TokenKey};
///
/// let old = TokenKey::from_secret(b"0123456789abcdef0123456789abcdef", "2025")?;
/// let new = TokenKey::from_secret(b"fedcba9876543210fedcba9876543210", "2026")?;
/// let ring = KeyRing::new([old.clone()])?;
///
/// ring.replace([new, old])?; // `2026` signs from now on, `2025` still verifies.
/// # Ok::<(), purlin_auth::token::KeyError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing(Arc<Ring>);

struct Ring {
    set: RwLock<Arc<KeySet>>,
    /// The generation of `set`, to be read without its lock.
    generation: AtomicU64,
    /// Told when a token names a key that is not there.
    missed: Notify,
    /// The longest that a token may live if its key is to outlive it.
    token_ttl_max: Option<Duration>,
}

/// The keys at one moment.
pub(super) struct KeySet {
    pub(super) generation: u64,
    keys: Vec<Kept>,
}

/// A key, and from when to when it is used.
pub(super) struct Kept {
    pub(super) key: TokenKey,
    /// From when on it signs, unless a later one does.
    pub(super) signs_from: Timestamp,
    /// From when on it no longer verifies.
    pub(super) verifies_until: Option<Timestamp>,
}

impl KeyRing {
    /// A ring of `keys`: the first that can sign does, all verify. At most 16.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ring`] for more than 16 keys, or two of the same name.
    pub fn new(keys: impl IntoIterator<Item = TokenKey>) -> Result<Self, KeyError> {
        let ring = Self::empty(None);
        ring.replace(keys)?;
        Ok(ring)
    }

    /// Takes `keys` in place of all keys: the first that can sign does, all verify. What was
    /// verified by others is forgotten.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ring`], as of [`new`](Self::new); the keys are then as before.
    pub fn replace(&self, keys: impl IntoIterator<Item = TokenKey>) -> Result<(), KeyError> {
        let keep = |key: TokenKey| Kept {
            key,
            signs_from: Timestamp::UNIX_EPOCH,
            verifies_until: None,
        };
        self.keep(keys.into_iter().take(KEYS_MAX + 1).map(keep).collect())
    }

    /// The public halves of all keys, of those too that do not sign yet or any more. Empty for
    /// symmetric keys.
    pub fn jwks(&self, now: Timestamp) -> Jwks {
        let set = self.set();
        let verifying = set.keys.iter().filter(|kept| kept.verifies(now));
        Jwks {
            keys: verifying.filter_map(|kept| kept.key.jwk()).collect(),
        }
    }

    pub(super) fn empty(token_ttl_max: Option<Duration>) -> Self {
        Self(Arc::new(Ring {
            set: RwLock::new(Arc::new(KeySet {
                generation: 0,
                keys: Vec::new(),
            })),
            generation: AtomicU64::new(0),
            missed: Notify::new(),
            token_ttl_max,
        }))
    }

    pub(super) fn keep(&self, keys: Vec<Kept>) -> Result<(), KeyError> {
        let twice = (1..keys.len()).any(|at| {
            let kid = keys[at].key.kid();
            keys[..at].iter().any(|kept| kept.key.kid() == kid)
        });
        if twice || keys.len() > KEYS_MAX {
            return Err(KeyError::Ring);
        }
        let mut set = self.0.set.write().unwrap_or_else(PoisonError::into_inner);
        let generation = set.generation + 1;
        *set = Arc::new(KeySet { generation, keys });
        self.0.generation.store(generation, Ordering::Release);
        Ok(())
    }

    pub(super) fn set(&self) -> Arc<KeySet> {
        let set = self.0.set.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&set)
    }

    pub(super) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    pub(super) fn token_ttl_max(&self) -> Option<Duration> {
        self.0.token_ttl_max
    }

    /// Says that a token named a key that is not there.
    pub(super) fn miss(&self) {
        self.0.missed.notify_one();
    }

    pub(super) async fn missed(&self) {
        self.0.missed.notified().await;
    }
}

impl KeySet {
    /// The key called `kid`, if it verifies at `now`.
    pub(super) fn find(&self, kid: &str, now: Timestamp) -> Option<&Kept> {
        let mut keys = self.keys.iter();
        keys.find(|kept| kept.key.kid() == kid && kept.verifies(now))
    }

    /// The key that signs at `now`: the latest whose turn has come. If it is nobody's turn, which
    /// only a clock that is behind can see, the one whose turn comes first.
    pub(super) fn signing(&self, now: Timestamp) -> Option<&TokenKey> {
        let able = || {
            let able = |kept: &&Kept| kept.key.can_sign() && kept.verifies(now);
            self.keys.iter().filter(able)
        };
        // Of equals, the first: `max_by_key` would take the last.
        let turn = able().filter(|kept| kept.signs_from <= now).rev();
        turn.max_by_key(|kept| kept.signs_from)
            .or_else(|| able().min_by_key(|kept| kept.signs_from))
            .map(|kept| &kept.key)
    }
}

impl Kept {
    fn verifies(&self, now: Timestamp) -> bool {
        self.verifies_until.is_none_or(|until| now < until)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.set();
        let keys = set.keys.iter().map(|kept| &kept.key);
        f.debug_list().entries(keys).finish()
    }
}
