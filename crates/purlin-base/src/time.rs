//! Time comes in from outside, so that a test can hold it still and move it.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

mod manual;
#[cfg(feature = "schemars")]
mod schema;
mod text;

pub use manual::ManualClock;

use crate::BoxFuture;

/// A moment in UTC, in whole microseconds: as fine as both databases keep it.
///
/// Written and read as RFC 3339 (`2026-11-24T03:44:34.120Z`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    unix_micros: i64,
}

/// A text is not a moment in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a time such as 2026-11-24T03:44:34Z")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self { unix_micros: 0 };

    /// The moment `unix_micros` microseconds after 1970; negative is before.
    pub const fn from_unix_micros(unix_micros: i64) -> Self {
        Self { unix_micros }
    }

    /// Microseconds since 1970.
    pub const fn unix_micros(self) -> i64 {
        self.unix_micros
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn unix_millis(self) -> i64 {
        self.unix_micros.div_euclid(1_000)
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.unix_micros.div_euclid(1_000_000)
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.unix_micros.saturating_sub(earlier.unix_micros);
        Duration::from_micros(micros.try_into().unwrap_or(0))
    }

    /// This moment and `wait` more; the end of time if that is too much.
    pub fn saturating_add(self, wait: Duration) -> Self {
        let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        Self {
            unix_micros: self.unix_micros.saturating_add(micros),
        }
    }

    /// This moment less `wait`; the beginning of time if that is too much.
    pub fn saturating_sub(self, wait: Duration) -> Self {
        let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        Self {
            unix_micros: self.unix_micros.saturating_sub(micros),
        }
    }

    fn chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.unix_micros).unwrap_or(if self.unix_micros < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text::of(self.chrono()).as_str())
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp)?;
        Ok(Self {
            unix_micros: time.timestamp_micros(),
        })
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text::of(self.chrono()).as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where time comes from.
///
/// [`SystemClock`] in production; [`ManualClock`] in tests, which stands still until it is moved.
pub trait Clock: Send + Sync + 'static {
    /// The time of day. It may jump, forwards or backwards, when the machine's clock is set.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; it never runs backwards. For measuring, not for dates.
    fn monotonic(&self) -> Duration;

    /// Ends once `wait` has passed. Dropping the future forgets it.
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()>;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(wait)
    }
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock; sleeps by tokio's timer, so it needs a tokio runtime to sleep in.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp {
            unix_micros: Utc::now().timestamp_micros(),
        }
    }

    fn monotonic(&self) -> Duration {
        use std::{sync::OnceLock, time::Instant};
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_and_read_as_rfc_3339_in_utc() {
        let time: Timestamp = "2026-11-24T05:44:34.120+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-24T03:44:34.120Z");
        assert_eq!(time.to_string().parse(), Ok(time));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(InvalidTimestamp));
    }

    #[test]
    fn every_moment_is_written_as_chrono_writes_it() {
        let micros = [0, 1, 999, 1_000, 120_000, 999_999, -1, -1_000];
        let seconds = [0, 951_782_399, 951_782_400, 1_709_164_800, 4_102_444_799];
        let far = [
            -62_135_596_800,
            -62_167_219_200,
            253_402_300_799,
            253_402_300_800,
            -99_999_999_999,
        ];
        for second in seconds.into_iter().chain(far) {
            for micro in micros {
                let time = Timestamp::from_unix_micros(second * 1_000_000 + micro);
                let by_chrono = time
                    .chrono()
                    .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                assert_eq!(time.to_string(), by_chrono);
            }
        }
    }

    #[test]
    fn microseconds_survive_json() {
        let time = Timestamp::from_unix_micros(1_764_000_000_123_456);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_time() {
        let late = Timestamp::from_unix_micros(i64::MAX - 1);
        assert_eq!(late.saturating_add(Duration::MAX).unix_micros(), i64::MAX);
        assert_eq!(Timestamp::UNIX_EPOCH.since(late), Duration::ZERO);
        assert!(!late.to_string().is_empty());
    }
}
