//! A moment as pages show it.

use purlin_base::Timestamp;
use serde::Serialize;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment for `<time>`: one text for programs, in whole seconds since HTML knows no more than
/// milliseconds, and one for people, in UTC since without scripts nobody knows where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    datetime: String,
    text: String,
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        let micros = time.unix_seconds().saturating_mul(1_000_000);
        let datetime = Timestamp::from_unix_micros(micros).to_string();
        let text = for_people(&datetime).unwrap_or_else(|| datetime.clone());
        Self { datetime, text }
    }
}

/// `24 November 2026, 13:05 UTC` for `2026-11-24T13:05:09Z`.
fn for_people(datetime: &str) -> Option<String> {
    let (date, time) = datetime.split_once('T')?;
    let mut parts = date.rsplitn(3, '-'); // From the right: a year may have a sign of its own.
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, month): (u8, usize) = (day.parse().ok()?, month.parse().ok()?);
    let (month, minute) = (MONTHS.get(month.checked_sub(1)?)?, time.get(..5)?);
    Some(format!("{day} {month} {year}, {minute} UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_by_people_and_by_programs() {
        for (time, datetime, text) in [
            (
                "2026-11-24T13:05:09.123456Z",
                "2026-11-24T13:05:09Z",
                "24 November 2026, 13:05 UTC",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "1 January 2026, 00:00 UTC",
            ),
            (
                "1969-12-31T23:59:59.5Z",
                "1969-12-31T23:59:59Z",
                "31 December 1969, 23:59 UTC",
            ),
        ] {
            let moment = Moment::from(time.parse::<Timestamp>().unwrap());
            let expected = (datetime.to_owned(), text.to_owned());
            assert_eq!((moment.datetime, moment.text), expected);
        }
    }

    #[test]
    fn even_the_end_of_time_is_shown() {
        let end = Moment::from(Timestamp::from_unix_micros(i64::MAX));
        assert!(end.text.ends_with(" UTC"), "{end:?}");
    }
}
