//! Passwords: hashed slowly, compared without telling who exists, and bounded in memory and time.
//!
//! New hashes are Argon2id. Hashes that others made (Argon2 of any kind, bcrypt, scrypt) are
//! verified, and replaced when their owner signs in.
//!
//! | what happens | the answer |
//! | --- | --- |
//! | too many callers wait for a hash | [`PasswordError::Busy`]: 503, with a time to wait |
//! | there is no such account | as much work as for one of ours, and [`Verdict::Wrong`] |
//! | a password of a megabyte signs in | [`Verdict::Wrong`] at once, whoever it is for |
//! | a stored hash asks for gigabytes | [`PasswordError::StoredTooCostly`], and no memory is taken |
//!
//! At most `concurrency` hashes run at once: new ones take `concurrency` times the memory of
//! [`Argon2Params`], which is kept; a stored one takes at most 256 MiB beside it while it runs.

use std::{fmt, future::Future, sync::Arc, time::Instant};

use password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use purlin_base::{Context, random::SharedRng};
use purlin_runtime::CpuPool;
use tokio::sync::Semaphore;

mod bcrypt;
mod builder;
mod calibrate;
mod common;
mod engine;
mod error;
mod params;
mod policy;
mod stored;
mod text;

pub use builder::PasswordsBuilder;
pub use calibrate::Calibration;
pub use error::{PasswordError, PasswordOptionError};
pub use params::Argon2Params;
pub use policy::{PasswordPolicy, PolicyViolation};
pub use text::PASSWORD_BYTES_MAX;

use engine::{Engine, HASH_BYTES, SALT_BYTES};
use stored::{Argon2Hash, Stored};

/// Hashes and compares passwords. Cheap to clone; clones share the bounds.
///
/// # Examples
///
/// ```
/// use purlin_auth::password::{Passwords, Verdict};
/// use purlin_runtime::CpuPool;
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let passwords = Passwords::builder(CpuPool::builder().build()?).build()?;
/// passwords.check_policy("a quiet harbour at dusk")?;
/// let stored = passwords.hash("a quiet harbour at dusk").await?;
/// assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// let verdict = passwords.verify("a quiet harbour at dusk", Some(&stored)).await?;
/// assert_eq!(verdict, Verdict::Right);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    cpu: CpuPool,
    policy: PasswordPolicy,
    rng: SharedRng,
    engine: Engine,
    /// The hash of nobody's password.
    nobody: [u8; HASH_BYTES],
    /// For everybody who hashes or waits.
    places: Arc<Semaphore>,
    /// For everybody who hashes.
    turns: Arc<Semaphore>,
    concurrency: usize,
    queue_max: usize,
}

/// What became of a password that was offered.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password, or there is no such account.
    Wrong,
    /// The password.
    Right,
    /// The password, and its stored hash is not as we would make it today. Here is the new one:
    /// store it if the old one is still there (`UPDATE … WHERE id = $1 AND hash = $2`).
    RightOutdated(String),
}

impl Verdict {
    /// Whether it was the password.
    pub const fn is_right(&self) -> bool {
        !matches!(self, Self::Wrong)
    }
}

impl fmt::Debug for Verdict {
    /// Leaves the hash out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wrong => "Wrong",
            Self::Right => "Right",
            Self::RightOutdated(_) => "RightOutdated(..)",
        })
    }
}

impl Passwords {
    /// Begins with the pool that hashes; see [`PasswordsBuilder`] for what can be set.
    pub fn builder(cpu: CpuPool) -> PasswordsBuilder {
        PasswordsBuilder::new(cpu)
    }

    /// Whether `password` may become somebody's: see [`PasswordPolicy::check`].
    ///
    /// # Errors
    ///
    /// The first [`PolicyViolation`] found.
    pub fn check_policy(&self, password: &str) -> Result<(), PolicyViolation> {
        self.0.policy.check(password)
    }

    /// A new hash of `password`, as a PHC string of about 97 characters. Asks no policy: see
    /// [`check_policy`](Self::check_policy).
    ///
    /// The password is hashed in NFC, with every kind of space as a plain one, so that it is the
    /// same from every keyboard.
    ///
    /// # Errors
    ///
    /// - [`PasswordError::TooLong`] above [`PASSWORD_BYTES_MAX`] bytes.
    /// - [`PasswordError::Busy`] if too many wait already.
    /// - [`PasswordError::Timeout`] if the deadline of the context passes before its turn.
    /// - [`PasswordError::Failed`] if the memory could not be had.
    /// - [`PasswordError::Cpu`] if the pool is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue. A hash that has begun runs to its end
    /// and holds its place until then.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        if password.len() > PASSWORD_BYTES_MAX {
            let bytes_max = PASSWORD_BYTES_MAX;
            return Err(PasswordError::TooLong { bytes_max });
        }
        let inner = Arc::clone(&self.0);
        let password = text::prepared(password);
        self.run(move || inner.make(&password)).await
    }

    /// Whether `password` is that of the `stored` hash; `None` if there is no such account, or it
    /// has no password. That takes the same work, so that nobody learns who has an account.
    ///
    /// Longer than [`PASSWORD_BYTES_MAX`] is [`Verdict::Wrong`] at once, whatever is stored.
    ///
    /// Only hashes with the current parameters take the same time as an account that does not
    /// exist: one left behind by another system stands out until its owner has signed in.
    ///
    /// # Errors
    ///
    /// - [`PasswordError::StoredUnreadable`] and [`PasswordError::StoredTooCostly`] if `stored` is
    ///   no hash that can be computed: a fault in the data, not the caller's.
    /// - Else as [`hash`](Self::hash), without `TooLong`.
    ///
    /// # Cancel safety
    ///
    /// As [`hash`](Self::hash).
    pub async fn verify(
        &self,
        password: &str,
        stored: Option<&str>,
    ) -> Result<Verdict, PasswordError> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(Verdict::Wrong);
        }
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Ok(self.0.nobodys()), Stored::parse)?;
        let inner = Arc::clone(&self.0);
        let forms = text::forms(password);
        let verdict = self.run(move || inner.compare(&forms, &stored)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// The most memory that new hashes take and keep, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let hashes = self.0.concurrency as u64;
        hashes * u64::from(self.0.engine.params().memory_kib())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let queue_max = self.0.queue_max;
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| PasswordError::Busy { queue_max })?;
        let turn = in_time(Arc::clone(&self.0.turns).acquire_owned()).await?;
        let turn = turn.map_err(|_| PasswordError::Failed)?;
        let work = move || {
            let _held = (place, turn); // To the end of the work, though its caller may be gone.
            work()
        };
        self.0.cpu.run("password", work).await?
    }
}

impl Inner {
    fn make(&self, password: &str) -> Result<String, PasswordError> {
        let mut salt = [0; SALT_BYTES];
        self.rng.fill(&mut salt);
        let hash = self.engine.hash(password.as_bytes(), &salt)?;
        phc(self.engine.params(), &salt, &hash).ok_or(PasswordError::Failed)
    }

    fn compare(&self, forms: &[String], stored: &Stored) -> Result<Verdict, PasswordError> {
        for (place, form) in forms.iter().enumerate() {
            if !stored.matches(form, &self.engine)? {
                continue;
            }
            let current = place == 0 && stored.is_current(self.engine.params());
            return match current {
                true => Ok(Verdict::Right),
                false => self.make(&forms[0]).map(Verdict::RightOutdated),
            };
        }
        Ok(Verdict::Wrong)
    }

    /// What an account that does not exist is compared with.
    fn nobodys(&self) -> Stored {
        Stored::Argon2(Argon2Hash {
            algorithm: argon2_rust::Algorithm::Argon2id,
            version: argon2_rust::Version::V0x13,
            params: self.engine.params(),
            salt: self.nobody[..SALT_BYTES].to_vec(),
            hash: self.nobody.to_vec(),
        })
    }
}

fn phc(params: Argon2Params, salt: &[u8], hash: &[u8]) -> Option<String> {
    let mut given = ParamsString::new();
    given.add_decimal("m", params.memory_kib()).ok()?;
    given.add_decimal("t", params.passes()).ok()?;
    given.add_decimal("p", params.lanes()).ok()?;
    let phc = PasswordHash {
        algorithm: password_hash::phc::Ident::new("argon2id").ok()?,
        version: Some(0x13),
        params: given,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(hash).ok()?),
    };
    Some(phc.to_string())
}

/// Waits for `future`, and not beyond the deadline of the context.
async fn in_time<F: Future>(future: F) -> Result<F::Output, PasswordError> {
    let deadline: Option<Instant> = Context::current().and_then(|context| context.deadline());
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline.into(), future)
            .await
            .map_err(|_| PasswordError::Timeout),
        None => Ok(future.await),
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("argon2", &self.0.engine.params())
            .field("concurrency", &self.0.concurrency)
            .field("queue_max", &self.0.queue_max)
            .finish_non_exhaustive()
    }
}
