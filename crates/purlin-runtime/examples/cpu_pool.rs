//! Computes on a bounded pool while the event loop stays free.
//!
//! `cargo run -p purlin-runtime --example cpu_pool`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use purlin_runtime::CpuPool;

/// Slow on purpose: how many steps the Collatz walk from `start` takes.
fn steps(start: u64) -> u32 {
    let next = |n: u64| {
        if n.is_multiple_of(2) {
            n / 2
        } else {
            3 * n + 1
        }
    };
    let mut walk = std::iter::successors(Some(start), |n| (*n != 1).then(|| next(*n)));
    walk.by_ref().count() as u32 - 1
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = CpuPool::builder().name("collatz").build()?;

    let jobs: Vec<_> = (0..8_u64)
        .map(|part| {
            let range = 1 + part * 50_000..=(part + 1) * 50_000;
            let longest = move || range.max_by_key(|start| steps(*start));
            purlin_runtime::spawn(pool.run("longest walk", longest))
        })
        .collect();
    for job in jobs {
        if let Some(start) = job.await?? {
            println!("{start} takes {} steps", steps(start));
        }
    }

    let failed = pool.run("fault", || -> () { panic!("a fault in the work") });
    println!("contained: {:?}", failed.await);
    println!("{pool:?}");
    pool.close().await;
    Ok(())
}
