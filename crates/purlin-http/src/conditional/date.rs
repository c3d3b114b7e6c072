//! Dates in header fields, in whole seconds.

use std::time::{Duration, SystemTime};

use http::HeaderValue;
use purlin_base::Timestamp;

/// 9999-12-31T23:59:59Z: no later year can be written.
const LAST_SECOND: i64 = 253_402_300_799;

/// The date `value`, in any of HTTP's three forms, as seconds since 1970. `None` if it is none.
pub(crate) fn read(value: &HeaderValue) -> Option<i64> {
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    since.as_secs().try_into().ok()
}

/// `at` as a field value, rounded down. `None` outside of the years 1970 to 9999.
pub(crate) fn write(at: Timestamp) -> Option<HeaderValue> {
    let seconds = at.unix_seconds();
    if !(0..=LAST_SECOND).contains(&seconds) {
        return None;
    }
    let since = Duration::from_secs(seconds.unsigned_abs());
    let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since);
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_are_read_and_the_first_is_written() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read(&HeaderValue::from_static(text)), Some(784_111_777));
        }
        let at = Timestamp::from_unix_micros(784_111_777_999_999);
        assert_eq!(write(at).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn what_is_no_date_is_not_read_and_no_moment_is_too_far_to_ask() {
        let bad = "|now|0|1994-11-06T08:49:37Z|Sun, 06 Nov 1994|Sun, 99 Nov 1994 08:49:37 GMT\
                   |Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT\
                   |Fri, 01 Jan 10000 00:00:00 GMT|Thu, 31 Dec 1969 23:59:59 GMT";
        for text in bad.split('|') {
            assert_eq!(read(&HeaderValue::from_str(text).unwrap()), None, "{text}");
        }
        for micros in [i64::MIN, -1, (LAST_SECOND + 1) * 1_000_000, i64::MAX] {
            assert_eq!(write(Timestamp::from_unix_micros(micros)), None);
        }
        let last = write(Timestamp::from_unix_micros(LAST_SECOND * 1_000_000)).unwrap();
        assert_eq!(last, "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(read(&last), Some(LAST_SECOND));
    }
}
