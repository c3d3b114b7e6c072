//! `allocations CONTESTANT hello|post TIMES`: allocations and bytes for each request, as JSON.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::error::Error;

use purlin_benches::{
    counting::{Counting, counted},
    drive,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<(), Box<dyn Error>> {
    let (contestant, call, times) = drive::arguments()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let spent = |times| -> Result<(u64, u64), Box<dyn Error>> {
        let (allocations, bytes) = counted();
        if !runtime.block_on(drive::run(&contestant, call, times))? {
            std::process::exit(drive::ABSENT);
        }
        let after = counted();
        Ok((after.0 - allocations, after.1 - bytes))
    };
    // The first run fills what is made once; the difference of the next two is the requests alone.
    spent(1)?;
    let (one, two) = (spent(times)?, spent(2 * times)?);
    println!(
        r#"{{"allocations":{:.3},"bytes":{:.1}}}"#,
        (two.0 - one.0) as f64 / times as f64,
        (two.1 - one.1) as f64 / times as f64,
    );
    Ok(())
}
