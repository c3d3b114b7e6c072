//! `queue SCENARIO WHERE [JOBS] [CONCURRENCY]`: what the job queue does in a second, as one line of
//! JSON. `WHERE` is an address of a database, or a file for `raw-…`. Scenarios:
//!
//! - `add`: as many callers as `CONCURRENCY`, each waiting for its own commit;
//! - `work`: jobs that do nothing and were there before, taken and ended in turns of up to
//!   `CONCURRENCY` jobs, one turn after another;
//! - `both`: `add` and `work` at once, until all were done;
//! - `latency`: from the call that adds to the start of the job, on an idle queue;
//! - `depth`: a turn of 10 jobs on an empty table, and with `JOBS` waiting, delayed and finished;
//! - `raw-add`, `raw-work`: bare rusqlite, one thread, `CONCURRENCY` rows in each transaction, the
//!   limit of grouping.
//!
//! A SQLite file is written with `synchronous=FULL`, Postgres as its server is set.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{error::Error, fs, path::Path};

mod depth;
mod latency;
mod load;
mod raw;

type Failure = Box<dyn Error + Send + Sync>;

/// About the size of a mail's payload.
const PAYLOAD: &str =
    r#"{"to":"reader@bookshop.test","template":"order-confirmation","order":"0199a0b1"}"#;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let scenario = arguments.next().ok_or("say which scenario")?;
    let place = arguments.next().ok_or("say where")?;
    let jobs: usize = arguments.next().map_or(Ok(50_000), |text| text.parse())?;
    let at_once: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    if let Some(file) = place.strip_prefix("sqlite://") {
        remove(file)?;
    }
    let told = match scenario.as_str() {
        "add" => load::add(&load::store(&place).await?, jobs, at_once).await?,
        "work" => load::work(&load::store(&place).await?, jobs, at_once).await?,
        "both" => load::both(&load::store(&place).await?, jobs, at_once).await?,
        "latency" => latency::measure(&load::store(&place).await?, jobs).await?,
        "depth" => depth::measure(&load::store(&place).await?, jobs).await?,
        "raw-add" => raw::add(&place, jobs, at_once)?,
        "raw-work" => raw::work(&place, jobs, at_once)?,
        _ => return Err("there is no such scenario".into()),
    };
    println!("{told}");
    Ok(())
}

/// Takes a database away that an earlier run has left.
fn remove(file: &str) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{file}{suffix}");
        if Path::new(&path).exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// A rate as it is told.
fn rate(jobs: usize, seconds: f64) -> String {
    let per_second = jobs as f64 / seconds;
    format!(r#"{{"jobs":{jobs},"seconds":{seconds:.3},"per_second":{per_second:.0}}}"#)
}
