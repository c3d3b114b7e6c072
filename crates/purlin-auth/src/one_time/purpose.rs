//! What a token is for.

use std::time::Duration;

use super::OneTimeOptionError;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a token is for, and how long it is good. A token of one purpose is nothing for another.
///
/// # Examples
///
/// ```
/// use {purlin_auth::one_time::Purpose, std::time::Duration};
///
/// let invite = Purpose::new("invite").lifetime_of(Duration::from_secs(3 * 24 * 60 * 60))?;
/// assert_eq!(Purpose::RESET_PASSWORD.lifetime(), Duration::from_secs(600));
/// # Ok::<(), purlin_auth::one_time::OneTimeOptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    name: &'static str,
    lifetime: Duration,
}

impl Purpose {
    /// To confirm that an address is the user's. Good for 24 hours.
    pub const VERIFY_EMAIL: Self = Self {
        name: "verify_email",
        lifetime: DAY,
    };

    /// To set a password that was forgotten. Good for 10 minutes.
    ///
    /// # Source
    ///
    /// OWASP ASVS 5, 6.5.5.
    pub const RESET_PASSWORD: Self = Self {
        name: "reset_password",
        lifetime: Duration::from_secs(600),
    };

    /// Another purpose, whose tokens are good for 10 minutes. Names tell purposes apart.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            lifetime: Duration::from_secs(600),
        }
    }

    /// The same purpose with tokens that are good for another time: 1 minute to 30 days.
    ///
    /// # Errors
    ///
    /// [`OneTimeOptionError`] when it is out of its bounds.
    pub fn lifetime_of(mut self, lifetime: Duration) -> Result<Self, OneTimeOptionError> {
        if !(MINUTE..=30 * DAY).contains(&lifetime) {
            return Err(OneTimeOptionError {
                option: "lifetime",
                expected: "1 minute to 30 days",
            });
        }
        self.lifetime = lifetime;
        Ok(self)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How long a token is good.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}
