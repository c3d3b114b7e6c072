//! Which parameters reach a time on this machine.

use std::time::Duration;

use purlin_base::time::Clock;

use super::{
    Argon2Params, PasswordError,
    engine::{Engine, SALT_BYTES},
};

/// What [`Argon2Params::calibrate`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calibration {
    /// The parameters.
    pub params: Argon2Params,
    /// What one hash took: the median of five.
    pub took: Duration,
}

const TRIES: usize = 5;
const PASSES_MAX: u32 = 64;

impl Argon2Params {
    /// The strongest parameters whose hash takes at most about `target` here: as much memory as
    /// allowed, up to `memory_kib_max`, then as many passes as fit. If not even OWASP's least fits,
    /// it is OWASP's least, and [`took`](Calibration::took) says so.
    ///
    /// `memory_kib_max` is brought into 19 456 to [`MEMORY_KIB_MAX`](Self::MEMORY_KIB_MAX).
    ///
    /// Hashes on the calling thread, for about 20 times the target: not inside a server.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Failed`] if the memory could not be had.
    pub fn calibrate(
        target: Duration,
        memory_kib_max: u32,
        clock: &dyn Clock,
    ) -> Result<Calibration, PasswordError> {
        let least = Self::default();
        let mut memory_kib = memory_kib_max.clamp(least.memory_kib, Self::MEMORY_KIB_MAX);
        loop {
            let params = fill_passes(memory_kib, target, clock)?;
            let found = measure(params, clock)?;
            if found.took <= target.mul_f64(1.1) || memory_kib == least.memory_kib {
                return Ok(found);
            }
            memory_kib = (memory_kib - memory_kib / 8).max(least.memory_kib);
        }
    }
}

/// As many passes over `memory_kib` as fit into `target`, and at least as many as are safe.
fn fill_passes(
    memory_kib: u32,
    target: Duration,
    clock: &dyn Clock,
) -> Result<Argon2Params, PasswordError> {
    let work_max = (Argon2Params::WORK_MAX / u64::from(memory_kib)) as u32;
    let params = |passes: u32| Argon2Params {
        memory_kib,
        passes,
        lanes: 1,
    };
    let (one, three) = (
        measure(params(1), clock)?.took,
        measure(params(3), clock)?.took,
    );
    let pass = three.saturating_sub(one).max(Duration::from_micros(2)) / 2;
    let more = target.saturating_sub(one).as_nanos() / pass.as_nanos();
    let fit = u32::try_from(more + 1).unwrap_or(PASSES_MAX);
    let least = (1..).find(|&passes| memory_kib >= Argon2Params::floor_kib(passes));
    let least = least.unwrap_or(PASSES_MAX);
    Ok(params(fit.min(PASSES_MAX).min(work_max).max(least)))
}

fn measure(params: Argon2Params, clock: &dyn Clock) -> Result<Calibration, PasswordError> {
    let engine = Engine::new(params).ok_or(PasswordError::Failed)?;
    let hash = || engine.hash(b"correct horse battery staple", &[7; SALT_BYTES]);
    hash()?; // The memory of the first is new, and that of the others is not.
    let mut took = [Duration::ZERO; TRIES];
    for took in &mut took {
        let begun = clock.monotonic();
        hash()?;
        *took = clock.monotonic().saturating_sub(begun);
    }
    took.sort_unstable();
    let took = took[TRIES / 2];
    Ok(Calibration { params, took })
}
