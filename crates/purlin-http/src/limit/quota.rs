//! How much is allowed, and by which arithmetic.

use std::time::Duration;

use super::LimitOptionError;

/// How requests are counted against a [`Quota`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The generic cell rate algorithm: room comes back evenly, one request each window / limit,
    /// never all at once. The default.
    Gcra,
    /// The whole limit comes back at once, a window after the first request. Around that moment
    /// up to twice the limit may pass within a short time.
    FixedWindow,
    /// A window that moves: what was used in the window before counts in part, as if it had come
    /// evenly. It takes 8 bytes of counters where an exact log takes 8 bytes a request. Error: a
    /// caller whose requests all came at the end of the window before may bring less than twice
    /// the limit into one window; an even caller gets the limit exactly.
    SlidingWindow,
}

/// So many requests, or units of cost, in so much time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_http::limit::{Algorithm, Quota};
///
/// let api = Quota::per_minute(100);
/// let steady = Quota::per_second(50).burst(10);
/// let daily = Quota::new(1_000, Duration::from_secs(86_400)).algorithm(Algorithm::FixedWindow);
/// assert_eq!(api.default_name(), "100-in-1min");
/// assert_eq!(daily.default_name(), "1000-in-1day");
/// # assert_eq!(steady.limit(), 50);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    limit: u32,
    window: Duration,
    burst: Option<u32>,
    algorithm: Algorithm,
}

impl Quota {
    /// The largest limit.
    pub const LIMIT_MAX: u32 = 1_000_000_000;
    /// The shortest window.
    pub const WINDOW_MIN: Duration = Duration::from_secs(1);
    /// The longest window: 31 days.
    pub const WINDOW_MAX: Duration = Duration::from_secs(31 * 86_400);
    /// Requests a second of one key, at most.
    pub const RATE_MAX: u32 = 100_000;

    /// `limit` in each `window`, by GCRA. What is out of bounds is found when the limit is built.
    pub const fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit,
            window,
            burst: None,
            algorithm: Algorithm::Gcra,
        }
    }

    /// `limit` in each second.
    pub const fn per_second(limit: u32) -> Self {
        Self::new(limit, Duration::from_secs(1))
    }

    /// `limit` in each minute.
    pub const fn per_minute(limit: u32) -> Self {
        Self::new(limit, Duration::from_secs(60))
    }

    /// `limit` in each hour.
    pub const fn per_hour(limit: u32) -> Self {
        Self::new(limit, Duration::from_secs(3_600))
    }

    /// How many may come at once, 1 to the limit; for GCRA only. Default: the whole limit.
    pub const fn burst(mut self, requests: u32) -> Self {
        self.burst = Some(requests);
        self
    }

    /// How to count. Default: [`Algorithm::Gcra`].
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The limit of one window.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// The window.
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// How requests are counted.
    pub const fn counted_by(&self) -> Algorithm {
        self.algorithm
    }

    /// The most that can pass at once: a greater cost never passes.
    pub fn burst_max(&self) -> u32 {
        match self.algorithm {
            Algorithm::Gcra => self.burst.unwrap_or(self.limit),
            _ => self.limit,
        }
    }

    /// The name of a limit that is given none: `100-in-1min`.
    pub fn default_name(&self) -> String {
        let seconds = self.window_seconds();
        let units = [(86_400, "day"), (3_600, "hr"), (60, "min"), (1, "sec")];
        let fits = units.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
        let (unit, word) = *fits.unwrap_or(&(1, "sec"));
        let count = seconds / unit;
        let plural = if unit == 86_400 && count > 1 { "s" } else { "" };
        format!("{}-in-{count}{word}{plural}", self.limit)
    }

    /// Whole seconds of the window, rounded up.
    pub(super) fn window_seconds(&self) -> u64 {
        seconds_up(self.window)
    }

    pub(super) fn window_micros(&self) -> u64 {
        micros(self.window.clamp(Self::WINDOW_MIN, Self::WINDOW_MAX))
    }

    /// Between two requests of a steady caller, rounded up: the limit is never exceeded for that.
    pub(super) fn gap_micros(&self) -> u64 {
        self.window_micros()
            .div_ceil(u64::from(self.limit).max(1))
            .max(1)
    }

    pub(super) fn check(&self) -> Result<(), LimitOptionError> {
        let fault = |option, given: String, expected| {
            Err(LimitOptionError {
                option,
                given,
                expected,
            })
        };
        if !(Self::WINDOW_MIN..=Self::WINDOW_MAX).contains(&self.window) {
            let given = format!("{:?}", self.window);
            return fault("window", given, "1 second to 31 days");
        }
        let per_window = u64::from(Self::RATE_MAX) * self.window_micros() / 1_000_000;
        let limit = u64::from(self.limit);
        if self.limit == 0 || self.limit > Self::LIMIT_MAX || limit > per_window {
            let expected = "1 to 1 000 000 000, and at most 100 000 a second";
            return fault("limit", self.limit.to_string(), expected);
        }
        if self.algorithm == Algorithm::SlidingWindow && limit * self.window_micros() > SLIDING_MAX
        {
            let expected = "limit times window in microseconds of at most 2^53";
            return fault("limit", self.limit.to_string(), expected);
        }
        match self.burst {
            Some(burst) if burst == 0 || burst > self.limit => {
                fault("burst", burst.to_string(), "1 to the limit")
            }
            _ => Ok(()),
        }
    }
}

/// Limit times window of a sliding window: beyond it the numbers of Redis' scripts are not exact.
pub(super) const SLIDING_MAX: u64 = 1 << 53;

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

pub(super) fn seconds_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
