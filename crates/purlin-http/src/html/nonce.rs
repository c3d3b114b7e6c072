//! The word that says which scripts of a page are ours.

use std::fmt;

use purlin_base::random::{OsRng, Rng};

/// A number used once: 128 bits that nobody can guess, in hexadecimal. Scripts and styles that
/// carry it are ours, others do not run.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A new one, from the operating system's own chance.
    pub fn fresh() -> Self {
        Self::from_rng(&OsRng)
    }

    /// A new one from `rng`, which must be fit for secrets outside of tests.
    pub fn from_rng(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The word itself: for `nonce="…"`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Does not show it: who reads the log must not be able to write scripts.
impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}
