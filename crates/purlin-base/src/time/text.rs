//! Writes a moment as RFC 3339, without an allocation: nearly every answer holds one.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

/// `2026-11-24T03:44:34.120456Z`.
const LONGEST: usize = 27;

/// A moment as text.
pub(super) enum Text {
    Usual([u8; LONGEST], usize),
    /// A year that has not four digits.
    Far(String),
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Usual(bytes, len) => std::str::from_utf8(&bytes[..*len]).unwrap_or_default(),
            Self::Far(text) => text,
        }
    }
}

/// `time` with no fraction, milliseconds or microseconds, whichever loses nothing.
pub(super) fn of(time: DateTime<Utc>) -> Text {
    let Some(year) = u32::try_from(time.year()).ok().filter(|year| *year <= 9999) else {
        return Text::Far(time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    };
    let mut bytes = *b"0000-00-00T00:00:00.000000Z";
    digits(&mut bytes[0..4], year);
    digits(&mut bytes[5..7], time.month());
    digits(&mut bytes[8..10], time.day());
    digits(&mut bytes[11..13], time.hour());
    digits(&mut bytes[14..16], time.minute());
    digits(&mut bytes[17..19], time.second());
    let micros = time.nanosecond() / 1_000;
    digits(&mut bytes[20..26], micros);
    let len = match micros {
        0 => 20,
        _ if micros.is_multiple_of(1_000) => 24,
        _ => LONGEST,
    };
    bytes[len - 1] = b'Z';
    Text::Usual(bytes, len)
}

/// The last digits of `number`, as many as there is room for.
fn digits(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}
