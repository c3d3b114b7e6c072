//! Concurrency and parallelism: waiting for many things with one thread, and computing with many.
//!
//! A heart that should beat every 5 ms shows what the event loop feels. `cargo run -p
//! purlin-examples --example concurrency`
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{
    error::Error,
    future::Future,
    hint::black_box,
    time::{Duration, Instant},
};

use purlin::runtime::{CpuPool, StopToken, Stopped};
use tokio::time::{MissedTickBehavior, interval, sleep};

const BEAT: Duration = Duration::from_millis(5);

/// Computes for about `length`, whatever the machine.
fn compute(length: Duration) -> u64 {
    let (begun, mut steps) = (Instant::now(), 0_u64);
    while begun.elapsed() < length {
        steps = black_box(steps + 1);
    }
    steps
}

/// The longest pause between two beats of the heart while `work` is done.
async fn longest_pause<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let mut heart = interval(BEAT);
    heart.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heart.tick().await;
    let mut work = std::pin::pin!(work);
    let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let done = tokio::select! {
            biased;
            done = &mut work => Some(done),
            _ = heart.tick() => None,
        };
        longest = longest.max(last.elapsed());
        last = Instant::now();
        if let Some(done) = done {
            return (longest, done);
        }
    }
}

/// Concurrency: one thread waits for ten things at once.
async fn wait_for_ten(each: Duration) -> Duration {
    let begun = Instant::now();
    let waits: Vec<_> = (0..10).map(|_| purlin::spawn(sleep(each))).collect();
    for wait in waits {
        let _ = wait.await;
    }
    begun.elapsed()
}

/// The mistake: what computes stands in the way of all that waits.
async fn compute_on_the_loop(length: Duration) -> u64 {
    compute(length)
}

/// Parallelism: all cores compute, and the loop is free. The first failure would stop the rest.
async fn compute_in_parallel(pool: &CpuPool, pieces: u64) -> Result<u64, Box<dyn Error>> {
    let piece = |number: u64, stop: &StopToken| {
        let numbers = number * 10_000..(number + 1) * 10_000;
        let mut primes = 0;
        for number in numbers {
            stop.check()?;
            primes += u64::from(is_prime(number));
        }
        Ok::<_, Stopped>(primes)
    };
    let primes = pool.parallel_map("primes", 0..pieces, piece).await?;
    Ok(primes.into_iter().sum())
}

fn is_prime(number: u64) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= number);
    number > 1 && divisors.all(|divisor| !number.is_multiple_of(divisor))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = CpuPool::builder().build()?;
    let length = Duration::from_millis(200);

    let waited = wait_for_ten(Duration::from_millis(100)).await;
    println!("ten waits of 100 ms, one thread: {waited:.0?}");

    let (pause, _) = longest_pause(compute_on_the_loop(length)).await;
    println!("200 ms computed on the loop: the heart stood still for {pause:.0?}");

    let (pause, _) = longest_pause(pool.run("compute", move || compute(length))).await;
    println!("the same on the CPU pool:    the heart stood still for {pause:.0?}");

    let (pause, primes) = longest_pause(compute_in_parallel(&pool, 100)).await;
    println!(
        "{} primes on every core:  the heart stood still for {pause:.0?}",
        primes?
    );

    pool.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn the_heart_stands_still_on_the_loop_and_beats_beside_the_pool() {
        let pool = CpuPool::builder().threads(1).niceness(19).build().unwrap();
        let (blocked, _) = longest_pause(compute_on_the_loop(LENGTH)).await;
        assert!(blocked >= LENGTH, "{blocked:?}");
        let (free, _) = longest_pause(pool.run("compute", || compute(LENGTH))).await;
        assert!(free < LENGTH, "{free:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn ten_waits_take_as_long_as_one() {
        let begun = tokio::time::Instant::now();
        wait_for_ten(Duration::from_secs(60)).await;
        assert_eq!(begun.elapsed().as_secs(), 60);
    }

    #[tokio::test]
    async fn the_parts_make_the_whole() {
        let pool = CpuPool::builder().threads(2).build().unwrap();
        assert_eq!(compute_in_parallel(&pool, 2).await.unwrap(), 2_262);
    }
}
