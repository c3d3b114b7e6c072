//! `purlin password calibrate`: how much a hash may cost here.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use purlin_auth::password::{Argon2Params, Calibration, PasswordError};
use purlin_base::time::SystemClock;

use super::units;
use crate::output::{print, say};

/// What `purlin password calibrate` is told.
#[derive(Args)]
pub(crate) struct Calibrate {
    /// How long a hash may take
    #[arg(long, default_value = "250ms", value_parser = units::duration)]
    target: Duration,
    /// How much memory a hash may take; times the hashes that run at once
    #[arg(long, default_value = "64MiB", value_parser = units::memory_kib)]
    memory_max: u32,
}

/// Measures and tells; ends with 1 if not even the weakest safe parameters are that fast.
pub(crate) fn run(calibrate: &Calibrate) -> Result<ExitCode, PasswordError> {
    let clock = SystemClock;
    let found = Argon2Params::calibrate(calibrate.target, calibrate.memory_max, &clock)?;
    tell(&found, calibrate.target);
    if found.params == Argon2Params::default() && found.took > calibrate.target.mul_f64(1.1) {
        say("no safe parameters are that fast here: these are the least");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(found: &Calibration, target: Duration) {
    let params = found.params;
    let (memory, passes, lanes) = (params.memory_kib(), params.passes(), params.lanes());
    let (took, target) = (found.took.as_secs_f64() * 1e3, target.as_millis());
    print(format_args!(
        "// {took:.0} ms here for one hash (median of 5, target {target} ms), {} MiB",
        memory.div_ceil(1_024)
    ));
    print(format_args!(
        "Argon2Params::new({memory}, {passes}, {lanes})?"
    ));
}
