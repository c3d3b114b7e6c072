//! What callers are told of something that they should no longer use.

use http::Uri;
use purlin_base::Timestamp;

/// That a route or a whole version should no longer be used: since when, until when it works,
/// where to read about it and what takes its place. It changes nothing but the answers' fields.
///
/// A moment is a date (`2026-07-01`, its first second in UTC) or a time in RFC 3339. One that is
/// malformed, that is not within 1970 to 9999, and a sunset before the deprecation stop the start.
///
/// # Source
///
/// RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`), RFC 5829 (`successor-version`).
///
/// # Examples
///
/// ```
/// use purlin_http::versioning::Deprecation;
///
/// let deprecation = Deprecation::since("2026-07-01")
///     .sunset("2027-07-01T12:00:00Z")
///     .info("https://books.example/moving-to-2");
/// assert_eq!(deprecation.since.unix_seconds(), 1_782_864_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecation {
    /// Since when it should not be used; may be to come.
    pub since: Timestamp,
    /// When it may stop to work.
    pub sunset: Option<Timestamp>,
    /// Where people read about it.
    pub info: Option<&'static str>,
    /// What takes its place. `None`: the same address in the nearest later version that has it and
    /// is not deprecated.
    pub successor: Option<&'static str>,
    fault: Option<String>,
}

impl Deprecation {
    /// Not to be used since `moment`.
    pub fn since(moment: &str) -> Self {
        let mut new = Self {
            since: Timestamp::UNIX_EPOCH,
            sunset: None,
            info: None,
            successor: None,
            fault: None,
        };
        new.since = new.read(moment).unwrap_or_default();
        new
    }

    /// It may stop to work at `moment`.
    pub fn sunset(mut self, moment: &str) -> Self {
        self.sunset = self.read(moment);
        self
    }

    /// People read about it at `uri`: a link with the relation `deprecation`.
    pub fn info(mut self, uri: &'static str) -> Self {
        self.info = Some(self.checked(uri));
        self
    }

    /// `uri` takes its place: a link with the relation `successor-version`.
    pub fn successor(mut self, uri: &'static str) -> Self {
        self.successor = Some(self.checked(uri));
        self
    }

    /// Why it cannot be told so, if it cannot.
    pub(super) fn fault(&self) -> Option<String> {
        let backward = self.sunset.filter(|sunset| *sunset < self.since);
        let backward = backward.map(|sunset| {
            let since = self.since;
            format!("the sunset {sunset} is before the deprecation {since}")
        });
        self.fault.clone().or(backward)
    }

    fn read(&mut self, moment: &str) -> Option<Timestamp> {
        const YEAR_10000_SECONDS: i64 = 253_402_300_800;
        let whole = format!("{moment}T00:00:00Z");
        let parsed: Option<Timestamp> = moment.parse().or_else(|_| whole.parse()).ok();
        let fits = |time: &Timestamp| (0..YEAR_10000_SECONDS).contains(&time.unix_seconds());
        let read = parsed.filter(fits);
        if read.is_none() {
            self.blame(format!("`{moment}` is no date of 1970 to 9999"));
        }
        read
    }

    fn checked(&mut self, uri: &'static str) -> &'static str {
        if uri.parse::<Uri>().is_err() {
            self.blame(format!("`{uri}` is no address"));
        }
        uri
    }

    fn blame(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_is_a_fault() {
        let good = Deprecation::since("2026-07-01");
        assert_eq!(good.fault(), None);
        assert_eq!(good.clone().sunset("2026-07-01").fault(), None);
        for (bad, part) in [
            (Deprecation::since("soon"), "`soon` is no date"),
            (Deprecation::since("1969-12-31"), "no date of 1970"),
            (good.clone().sunset("+10000-01-01"), "no date"),
            (good.clone().sunset("2026-06-30"), "before the deprecation"),
            (good.clone().info("a b"), "no address"),
            (good.successor(""), "no address"),
        ] {
            let fault = bad.fault().unwrap_or_default();
            assert!(fault.contains(part), "{bad:?}: {fault}");
        }
    }
}
