//! The codes of a secret.

use purlin_base::{Timestamp, random::Rng};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, Builder, Secret as Key};

use super::TotpError;

/// How long a code is shown.
pub(super) const STEP_SECONDS: i64 = 30;

/// What every authenticator app can do: SHA-1, six digits, 30 seconds.
pub(super) const DIGITS: usize = 6;

/// How many steps a clock may be off, either way.
const SKEW: i64 = 1;

pub(super) const SECRET_BYTES: usize = 20;

/// What the codes are made of: 160 bits, as RFC 4226 §4 recommends.
pub(super) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The step whose code is `shown`: one near `now`, and later than `last`. `None`: there is none.
    ///
    /// Each step is compared in the same time, whichever it is.
    pub(super) fn step_of(
        &self,
        shown: &str,
        now: Timestamp,
        last: i64,
    ) -> Result<Option<i64>, TotpError> {
        let here = now.unix_seconds().div_euclid(STEP_SECONDS);
        let (mut found, mut step_found) = (Choice::from(0), 0_i64);
        for step in here - SKEW..=here + SKEW {
            let code = self.code(step)?;
            let is_it = code.as_bytes().ct_eq(shown.as_bytes())
                & Choice::from(u8::from(step > last))
                & !found;
            step_found.conditional_assign(&step, is_it);
            found |= is_it;
        }
        Ok(bool::from(found).then_some(step_found))
    }

    fn code(&self, step: i64) -> Result<String, TotpError> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS as u8)
            .with_step_duration(STEP_SECONDS as u64)
            .with_secret(Key::new_stack(self.0))
            .build()
            .map_err(|_| TotpError::Secret)?;
        // Before 1970 there is no step.
        let seconds = step.saturating_mul(STEP_SECONDS).max(0);
        Ok(totp.generate(seconds.unsigned_abs()).to_string())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1: the last six of its eight digits.
        let secret = Secret(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(secret.code(seconds / STEP_SECONDS).unwrap(), code);
            let step = secret.step_of(code, at(seconds), 0).unwrap();
            assert_eq!(step, Some(seconds / STEP_SECONDS));
        }
    }

    #[test]
    fn one_step_off_either_way_is_taken_and_two_are_not() {
        let secret = Secret(*b"12345678901234567890");
        let step = 1_234_567_890 / STEP_SECONDS;
        let code = secret.code(step).unwrap();
        for (seconds, is_good) in [
            ((step - 2) * STEP_SECONDS + 29, false),
            ((step - 1) * STEP_SECONDS, true),
            ((step + 1) * STEP_SECONDS + 29, true),
            ((step + 2) * STEP_SECONDS, false),
        ] {
            let found = secret.step_of(&code, at(seconds), 0).unwrap();
            assert_eq!(found.is_some(), is_good, "{seconds}");
        }
        assert_eq!(
            secret
                .step_of(&code, at(step * STEP_SECONDS), step)
                .unwrap(),
            None
        );
    }
}
