//! What a one-time token is for.

use std::time::Duration;

/// The longest life of a one-time token: 7 days.
pub const PURPOSE_TTL_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a one-time token is for, and how long it is good. A token of one purpose is none of
/// another.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_auth::one_time::Purpose;
///
/// const INVITE: Purpose = Purpose::new("invite", Duration::from_secs(24 * 60 * 60));
/// assert_eq!(Purpose::RESET_PASSWORD.ttl(), Duration::from_secs(600));
/// # assert_eq!(INVITE.name(), "invite");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    name: &'static str,
    ttl: Duration,
}

impl Purpose {
    /// To show that one reads the mails of an address: 24 hours.
    pub const VERIFY_EMAIL: Self = Self::new("verify-email", Duration::from_secs(24 * 60 * 60));

    /// To choose a new password without the old one: 10 minutes.
    ///
    /// # Source
    ///
    /// OWASP ASVS 5.0, 6.5.5: at most 10 minutes for what is sent out of band.
    pub const RESET_PASSWORD: Self = Self::new("reset-password", Duration::from_secs(10 * 60));

    /// The purpose `name`, 1 to 64 bytes, with tokens that are good for `ttl`: 1 s to
    /// [`PURPOSE_TTL_MAX`].
    ///
    /// # Panics
    ///
    /// Out of these bounds; in a `const` that is a compile error.
    pub const fn new(name: &'static str, ttl: Duration) -> Self {
        assert!(
            !name.is_empty() && name.len() <= 64,
            "a name has 1 to 64 bytes"
        );
        let secs = ttl.as_secs();
        assert!(
            secs >= 1 && secs <= PURPOSE_TTL_MAX.as_secs(),
            "a token is good for 1 s to 7 days"
        );
        Self { name, ttl }
    }

    /// The same with another life, as a setting may ask for; it is brought into the bounds.
    #[must_use]
    pub fn with_ttl(self, ttl: Duration) -> Self {
        let ttl = ttl.clamp(Duration::from_secs(1), PURPOSE_TTL_MAX);
        Self { ttl, ..self }
    }

    /// The name, by which tokens of different purposes are told apart.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How long a token is good.
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }
}
