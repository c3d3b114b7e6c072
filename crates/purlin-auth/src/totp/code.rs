//! Which half minute a code belongs to. Arithmetic only: the clock is read elsewhere.

use purlin_base::Timestamp;
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret};

/// Bytes of a secret: as long as the hash of SHA-1, as RFC 4226 recommends.
pub(super) const SECRET_BYTES: usize = 20;

const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;

/// The step that `code` is of: the one before `now`, the present or the next, if it is later than
/// `last`. All are compared, whichever is found, so that the time it takes tells nothing.
pub(super) fn step_of(
    secret: &[u8; SECRET_BYTES],
    code: &str,
    now: Timestamp,
    last: i64,
) -> Option<i64> {
    let code = digits(code)?;
    let present = now.unix_seconds().max(0) / STEP_SECONDS;
    let steps = [present - 1, present, present + 1];
    let matching = steps.map(|step| (step, bool::from(at(secret, step).ct_eq(&code))));
    let later = matching.into_iter().filter(|(step, _)| *step > last);
    later
        .filter_map(|(step, is_same)| is_same.then_some(step))
        .next()
}

/// The six digits of `code`, which may be written with spaces between them.
fn digits(code: &str) -> Option<[u8; DIGITS]> {
    // Longer than six digits with a space each: nothing that an app shows.
    if code.len() > 2 * DIGITS {
        return None;
    }
    let digits: Vec<u8> = code.bytes().filter(|byte| *byte != b' ').collect();
    let digits: [u8; DIGITS] = digits.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

/// The code of `step`; of a step before 1970 that of the first.
fn at(secret: &[u8; SECRET_BYTES], step: i64) -> [u8; DIGITS] {
    let totp = Builder::new()
        .with_secret(Secret::new_stack(*secret))
        .build_noncompliant();
    let seconds = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
    let mut code = [b'0'; DIGITS];
    let shown = totp.generate(seconds).to_string();
    for (digit, byte) in code.iter_mut().rev().zip(shown.bytes().rev()) {
        *digit = byte;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn second(second: i64) -> Timestamp {
        Timestamp::from_unix_micros(second * 1_000_000)
    }

    #[test]
    fn the_codes_of_rfc_6238_come_out() {
        let cases = [
            (59, b"287082"),
            (1_111_111_109, b"081804"),
            (1_111_111_111, b"050471"),
            (1_234_567_890, b"005924"),
            (2_000_000_000, b"279037"),
            (20_000_000_000, b"353130"),
        ];
        for (seconds, code) in cases {
            assert_eq!(&at(SECRET, seconds / 30), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_from_a_step_before_to_a_step_after() {
        let step = 1_234_567_890 / 30;
        let of = |now| step_of(SECRET, "005924", second(now), 0);
        let first = step * 30;
        assert_eq!(of(first - 31), None);
        for now in [first - 30, first, first + 29, first + 59] {
            assert_eq!(of(now), Some(step), "{now}");
        }
        assert_eq!(of(first + 60), None);
    }

    #[test]
    fn what_is_no_six_digits_is_no_code() {
        let of = |code: &str| step_of(SECRET, code, second(1_234_567_890), 0);
        assert!(of("005 924").is_some());
        for code in [
            "", "5924", "+05924", "0059240", "00592４", "-05924", "005\t924",
        ] {
            assert_eq!(of(code), None, "{code:?}");
        }
        assert_eq!(of(&"0".repeat(1 << 20)), None);
    }

    #[test]
    fn before_1970_nothing_panics() {
        assert_eq!(
            step_of(SECRET, "000000", second(i64::MIN / 2_000_000), 0),
            None
        );
    }
}
