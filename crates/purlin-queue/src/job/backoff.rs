//! How long to wait before the next attempt.

use std::time::Duration;

use purlin_base::random::Rng;
use serde::{Deserialize, Serialize};

/// How long to wait before the next attempt.
///
/// # Source
///
/// BullMQ's `backoff`: `exponential` doubles from `delay`, `jitter` takes off up to that share at
/// random. `polynomial` and the ceiling are ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// How it grows.
    pub kind: BackoffKind,
    /// The wait after the first attempt.
    pub delay: Duration,
    /// From 0 (none) to 1: the share of the wait that is taken off at random.
    #[serde(default)]
    pub jitter: f64,
    /// The longest wait. Default: a day.
    #[serde(default = "a_day")]
    pub ceiling: Duration,
}

/// How a [`Backoff`] grows with the attempts made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackoffKind {
    /// Always `delay`.
    Fixed,
    /// `delay · 2^(made − 1)`.
    Exponential,
    /// `delay · made^power`.
    Polynomial(u32),
    /// The worker's own function of that name; with none of that name, as [`Fixed`](Self::Fixed).
    Custom(String),
}

fn a_day() -> Duration {
    Duration::from_secs(24 * 3600)
}

impl Backoff {
    /// Always `delay`.
    pub fn fixed(delay: Duration) -> Self {
        Self::new(BackoffKind::Fixed, delay)
    }

    /// `delay`, then twice as long after each attempt.
    pub fn exponential(delay: Duration) -> Self {
        Self::new(BackoffKind::Exponential, delay)
    }

    /// `delay` times the attempts made to the power of `power`.
    pub fn polynomial(delay: Duration, power: u32) -> Self {
        Self::new(BackoffKind::Polynomial(power), delay)
    }

    /// The worker's function of that name.
    pub fn custom(name: impl Into<String>, delay: Duration) -> Self {
        Self::new(BackoffKind::Custom(name.into()), delay)
    }

    /// Takes off up to `share` (0 to 1) of each wait at random, so that what failed together does
    /// not come back together.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = share;
        self
    }

    /// No wait is longer than `ceiling`.
    #[must_use]
    pub fn ceiling(mut self, ceiling: Duration) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// The wait once `made` attempts (at least 1) have failed, for every kind but `Custom`.
    pub fn wait(&self, made: u32, rng: &dyn Rng) -> Duration {
        let made = made.max(1);
        let factor = match self.kind {
            BackoffKind::Fixed | BackoffKind::Custom(_) => 1.0,
            BackoffKind::Exponential => 2f64.powi(i32::try_from(made - 1).unwrap_or(i32::MAX)),
            BackoffKind::Polynomial(power) => {
                f64::from(made).powi(i32::try_from(power).unwrap_or(i32::MAX))
            }
        };
        self.bounded(self.delay.as_secs_f64() * factor, rng)
    }

    /// `seconds` within the ceiling, with jitter taken off.
    fn bounded(&self, seconds: f64, rng: &dyn Rng) -> Duration {
        let seconds = seconds.min(self.ceiling.as_secs_f64());
        let chance = rng.below(1 << 32) as f64 / f64::from(u32::MAX);
        let share = if self.jitter > 0.0 {
            self.jitter * chance
        } else {
            0.0
        };
        Duration::from_secs_f64((seconds * (1.0 - share)).max(0.0))
    }

    fn new(kind: BackoffKind, delay: Duration) -> Self {
        Self {
            kind,
            delay,
            jitter: 0.0,
            ceiling: a_day(),
        }
    }
}
