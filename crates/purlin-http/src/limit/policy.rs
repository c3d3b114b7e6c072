//! A quota with a name, a way to tell callers apart, and a place to count.

use std::sync::Arc;

use http::request::Parts;
use purlin_base::time::{SharedClock, SystemClock};

use super::{
    Decision, LimitBy, LimitError, LimitFields, LimitKey, LimitOptionError, LimitSnapshot,
    LimitStore, MemoryStore, Quota, StoreKey, WhenAway, away::Shared, counters::Counters,
    key::Subject,
};
use crate::client_address::ClientAddress;

/// A limit. Clones count together.
///
/// # Examples
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_http::limit::{Limit, LimitKey, Quota};
///
/// let sign_in = Limit::builder(Quota::per_minute(5)).name("sign-in").build()?;
/// for _ in 0..5 {
///     sign_in.check(LimitKey::of(["203.0.113.7", "ada"])).await?;
/// }
/// assert!(sign_in.check(LimitKey::of(["203.0.113.7", "ada"])).await.is_err());
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
/// ```
#[derive(Clone)]
pub struct Limit {
    inner: Arc<Inner>,
    cost: u32,
}

struct Inner {
    name: String,
    quota: Quota,
    by: LimitBy,
    ipv6_prefix: u8,
    fields: LimitFields,
    engine: Engine,
    counters: Counters,
    clock: SharedClock,
    enabled: bool,
}

enum Engine {
    Memory(Arc<MemoryStore>),
    Shared(Shared),
}

impl Limit {
    /// A limit of `quota`, to be described further.
    pub fn builder(quota: Quota) -> LimitBuilder {
        LimitBuilder {
            name: None,
            quota,
            by: LimitBy::address(),
            ipv6_prefix: ClientAddress::IPV6_PREFIX_DEFAULT,
            fields: LimitFields::default(),
            memory: None,
            shared: None,
            when_away: WhenAway::default(),
            clock: Arc::new(SystemClock),
            enabled: true,
        }
    }

    /// The same limit, from which each request takes `units` in place of 1.
    ///
    /// # Panics
    ///
    /// If `units` is 0 or more than may pass at once: no request would ever be limited, or pass.
    #[track_caller]
    pub fn cost(&self, units: u32) -> Self {
        let most = self.inner.quota.burst_max();
        assert!(
            (1..=most).contains(&units),
            "a request costs 1 to {most} of the limit {:?}, not {units}",
            self.inner.name
        );
        Self {
            inner: Arc::clone(&self.inner),
            cost: units,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The quota.
    pub fn quota(&self) -> &Quota {
        &self.inner.quota
    }

    /// What it has done since the start.
    pub fn snapshot(&self) -> LimitSnapshot {
        self.inner.counters.snapshot()
    }

    /// Takes the cost from what `key` has left.
    ///
    /// # Errors
    ///
    /// [`LimitError::Exceeded`] if that is too little: 429 with `Retry-After`.
    /// [`LimitError::Unavailable`] if the shared store is away and the limit is
    /// [`WhenAway::Closed`].
    ///
    /// # Cancel safety
    ///
    /// A check that is dropped may have counted.
    pub async fn check(&self, key: impl Into<LimitKey>) -> Result<Decision, LimitError> {
        let decision = self
            .decide(&format!("k{}", key.into().0), self.cost)
            .await?;
        self.passed(decision)
    }

    /// The decision as a result.
    pub(super) fn passed(&self, decision: Decision) -> Result<Decision, LimitError> {
        match decision.allowed {
            true => Ok(decision),
            false => Err(LimitError::Exceeded {
                name: self.inner.name.clone(),
                decision,
            }),
        }
    }

    async fn decide(&self, subject: &str, cost: u32) -> Result<Decision, LimitError> {
        let Inner {
            name,
            quota,
            counters,
            ..
        } = &*self.inner;
        if !self.inner.enabled {
            return Ok(Decision::uncounted(quota.limit()));
        }
        let key = StoreKey {
            limit: name,
            subject,
        };
        let decision = match &self.inner.engine {
            Engine::Memory(store) => Ok(store.take(key, quota, cost)),
            Engine::Shared(shared) => shared.take(key, quota, cost, counters).await,
        };
        counters.count(decision.as_ref().is_ok_and(|it| it.allowed));
        decision
    }

    pub(super) async fn decide_for(&self, subject: &Subject) -> Result<Decision, LimitError> {
        self.decide(subject.counted(), self.cost).await
    }

    pub(super) fn is_before_guards(&self) -> bool {
        self.inner.by.is_by_address()
    }

    pub(super) fn subject(&self, parts: &Parts) -> Subject {
        self.inner.by.subject(parts, self.inner.ipv6_prefix)
    }

    pub(super) fn address(&self, parts: &Parts) -> Subject {
        Subject::address(parts, self.inner.ipv6_prefix)
    }

    pub(super) fn fields(&self) -> LimitFields {
        self.inner.fields
    }

    pub(super) fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.inner.enabled
    }
}

impl From<&Limit> for Limit {
    fn from(limit: &Limit) -> Self {
        limit.clone()
    }
}

/// The same limit at the same cost.
impl PartialEq for Limit {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) && self.cost == other.cost
    }
}

impl Eq for Limit {}

impl std::fmt::Debug for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limit")
            .field("name", &self.inner.name)
            .field("quota", &self.inner.quota)
            .field("by", &self.inner.by)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// A limit that is being described.
#[must_use = "call `build`"]
pub struct LimitBuilder {
    name: Option<String>,
    quota: Quota,
    by: LimitBy,
    ipv6_prefix: u8,
    fields: LimitFields,
    memory: Option<Arc<MemoryStore>>,
    shared: Option<Arc<dyn LimitStore>>,
    when_away: WhenAway,
    clock: SharedClock,
    enabled: bool,
}

impl LimitBuilder {
    /// What it is called in header fields, answers and stores: 1 to 64 of `A-Za-z0-9._-`. Limits of
    /// one name in one store count together, so a limit that shares a store must be given one.
    /// Default: `100-in-1min`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How callers of routes are told apart. Default: [`LimitBy::address`].
    pub fn by(mut self, by: LimitBy) -> Self {
        self.by = by;
        self
    }

    /// Bits of an IPv6 address that callers are told apart by, 1 to 128. Default: 64.
    pub fn ipv6_prefix(mut self, bits: u8) -> Self {
        self.ipv6_prefix = bits;
        self
    }

    /// What answers of routes say of the limit. Default: [`LimitFields::Draft8`].
    pub fn fields(mut self, fields: LimitFields) -> Self {
        self.fields = fields;
        self
    }

    /// Counts in `store`, which other limits may share. Default: a store of its own.
    pub fn memory(mut self, store: Arc<MemoryStore>) -> Self {
        self.memory = Some(store);
        self
    }

    /// Counts in `store`, together with other processes. Default: each process counts alone.
    pub fn shared(mut self, store: Arc<dyn LimitStore>) -> Self {
        self.shared = Some(store);
        self
    }

    /// What is done while the shared store is away. Default: [`WhenAway::Local`].
    pub fn when_away(mut self, when_away: WhenAway) -> Self {
        self.when_away = when_away;
        self
    }

    /// Where time comes from; a store of [`memory`](Self::memory) has its own. Default: the machine.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether it limits at all. Default: yes.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Checks every option, then makes the limit.
    ///
    /// # Errors
    ///
    /// [`LimitOptionError`] for the first option that is out of bounds.
    pub fn build(self) -> Result<Limit, LimitOptionError> {
        self.quota.check()?;
        let shares = self.shared.is_some() || self.memory.is_some();
        if shares && self.name.is_none() {
            return Err(LimitOptionError {
                option: "name",
                given: "none".to_owned(),
                expected: "one, as the store is shared",
            });
        }
        let name = self.name.unwrap_or_else(|| self.quota.default_name());
        check_name(&name)?;
        if !(1..=128).contains(&self.ipv6_prefix) {
            return Err(LimitOptionError {
                option: "IPv6 prefix",
                given: self.ipv6_prefix.to_string(),
                expected: "1 to 128",
            });
        }
        let own = || {
            let clock = Arc::clone(&self.clock);
            Arc::new(MemoryStore::with(MemoryStore::KEYS_MAX_DEFAULT, clock))
        };
        let engine = match self.shared {
            Some(store) => {
                Engine::Shared(Shared::new(store, self.when_away, Arc::clone(&self.clock)))
            }
            None => Engine::Memory(self.memory.unwrap_or_else(own)),
        };
        let inner = Inner {
            name,
            quota: self.quota,
            by: self.by,
            ipv6_prefix: self.ipv6_prefix,
            fields: self.fields,
            engine,
            counters: Counters::default(),
            clock: self.clock,
            enabled: self.enabled,
        };
        Ok(Limit {
            inner: Arc::new(inner),
            cost: 1,
        })
    }
}

impl std::fmt::Debug for LimitBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LimitBuilder")
            .field("name", &self.name)
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

fn check_name(name: &str) -> Result<(), LimitOptionError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match (1..=64).contains(&name.len()) && name.bytes().all(plain) {
        true => Ok(()),
        false => Err(LimitOptionError {
            option: "name",
            given: format!("{name:?}"),
            expected: "1 to 64 of A-Za-z0-9._-",
        }),
    }
}
