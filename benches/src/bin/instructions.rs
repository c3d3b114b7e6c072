//! `instructions CONTESTANT hello|post TIMES`: drives a router in process so many times, to be run
//! under callgrind. The runner takes the difference of two counts, so that the start falls out.

use std::error::Error;

use purlin_benches::drive;

fn main() -> Result<(), Box<dyn Error>> {
    let (contestant, call, times) = drive::arguments()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    if !runtime.block_on(drive::run(&contestant, call, times))? {
        std::process::exit(drive::ABSENT);
    }
    Ok(())
}
