//! A soak: everything of the runtime under a steady load for minutes, in memory that stays flat.
//!
//! Fifty rounds a second of an event loop, workers, events, streams and a cache. What one round
//! keeps by mistake, thirty thousand rounds show. `cargo run --release -p purlin-examples --example
//! soak -- --minutes 10`; it fails if the memory has grown by more than 4 MiB after its warm-up, or
//! if anything that was begun is still alive at the end.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

#[path = "soak/load.rs"]
mod load;
#[path = "soak/memory.rs"]
mod memory;

use std::{error::Error, time::Duration};

use purlin::base::live;
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::{
    load::Load,
    memory::{Flatness, GROWTH_BYTES_MAX},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// From the beginning of one round to that of the next, unless a round takes longer.
const ROUND_EVERY: Duration = Duration::from_millis(20);

/// What is measured begins after this part of the time: by then caches and pools are full.
const WARM_UP: u32 = 4;

/// Looks at the memory, of the whole time.
const LOOKS: u32 = 240;

struct Soaked {
    rounds: u64,
    flatness: Flatness,
    /// What is still alive that the load began.
    left: Vec<String>,
}

/// Keeps the load up for `time`.
async fn soak(time: Duration) -> Outcome<Soaked> {
    let load = Load::begin()?;
    let mut flatness = Flatness::default();
    let mut beat = interval(ROUND_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (start, mut rounds, mut look) = (Instant::now(), 0, time / WARM_UP);
    while start.elapsed() < time {
        beat.tick().await;
        load.round(rounds).await?;
        rounds += 1;
        if start.elapsed() >= look {
            flatness.look(start.elapsed());
            look += time / LOOKS;
        }
    }
    load.end().await?;
    let counts = live::counts().into_iter();
    let left = counts.filter(|count| count.live > 0);
    Ok(Soaked {
        rounds,
        flatness,
        left: left.map(|count| count.to_string()).collect(),
    })
}

/// `--minutes 10` or `--seconds 5`; a minute without either.
fn time_of(mut words: impl Iterator<Item = String>) -> Outcome<Duration> {
    let Some(unit) = words.next() else {
        return Ok(Duration::from_secs(60));
    };
    let number: u64 = words.next().ok_or("how many?")?.parse()?;
    match unit.as_str() {
        "--minutes" => Ok(Duration::from_secs(60 * number)),
        "--seconds" => Ok(Duration::from_secs(number)),
        _ => Err(format!("{unit} is neither --minutes nor --seconds").into()),
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let time = time_of(std::env::args().skip(1))?;
    let soaked = soak(time).await?;
    println!("{} rounds in {} s", soaked.rounds, time.as_secs());
    println!("memory: {}", soaked.flatness);
    if !soaked.left.is_empty() {
        return Err(format!("still alive: {}", soaked.left.join("; ")).into());
    }
    if soaked.flatness.growth_bytes() > GROWTH_BYTES_MAX {
        return Err("the memory grows".into());
    }
    println!("flat, and nothing is left");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_short_soak_is_flat_and_leaves_nothing() {
        let soaked = soak(Duration::from_secs(8)).await.unwrap();
        assert!(soaked.rounds >= 20, "{} rounds", soaked.rounds);
        assert_eq!(soaked.left, [""; 0]);
        let growth = soaked.flatness.growth_bytes();
        assert!(growth <= GROWTH_BYTES_MAX, "{}", soaked.flatness);
    }

    #[test]
    fn a_leak_of_a_kibibyte_each_round_would_be_seen() {
        let mut flatness = Flatness::default();
        for second in 0..600_u32 {
            let leaked = u64::from(second) * 50 * 1024;
            let restless = u64::from(second * 7_919 % 61) << 14;
            flatness.note(
                Duration::from_secs(second.into()),
                (40 << 20) + leaked + restless,
            );
        }
        assert!(flatness.growth_bytes() > GROWTH_BYTES_MAX, "{flatness}");
    }
}
