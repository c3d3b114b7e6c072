//! Memory leaks: what is never let go of is counted under the name of who made it.
//!
//! A service remembers every visitor in a map that nothing is taken out of, and begins a task for
//! each that never ends. Nothing fails. Then diagnostics say who it was.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use purlin::{
    base::{live, work::Label},
    diagnostics::{Cache, heap},
};

/// A program has one allocator, and says so itself.
#[global_allocator]
static ALLOCATOR: heap::ProfilingAllocator = heap::ProfilingAllocator::system();

const VISITORS: usize = 4_000;
const PAGE_BYTES: usize = 8 * 1024;

/// The mistake: a map that only grows.
static VISITED: Mutex<Option<HashMap<usize, Vec<u8>>>> = Mutex::new(None);

fn remember(visitor: usize, page: Vec<u8>) {
    let mut visited = VISITED.lock().unwrap_or_else(PoisonError::into_inner);
    visited.get_or_insert_default().insert(visitor, page);
}

/// Answers a visitor, as a route would: under its name, which HTTP gives by itself.
async fn visit(visitor: usize, cache: &Cache<usize, Vec<u8>>) {
    let route = Label::route("GET", "/visitors/{id}");
    let work = async {
        remember(visitor, vec![1; PAGE_BYTES]);
        // The other mistake: a task that waits for ever.
        purlin::spawn(std::future::pending::<()>());
    };
    route.scope(work).await;
    // The cure: the same, bounded.
    let route = Label::route("GET", "/pages/{id}");
    route
        .scope(async { cache.insert(visitor, vec![1; PAGE_BYTES]) })
        .await;
}

async fn report() -> Result<String, Box<dyn std::error::Error>> {
    let cache = Cache::builder().entries_max(100).build()?;
    for visitor in 0..VISITORS {
        visit(visitor, &cache).await;
    }
    let mut report = String::new();
    writeln!(report, "held, in MiB:")?;
    for held in heap::profile().work.iter().take(2) {
        writeln!(report, "{:>4}  {}", held.live_bytes >> 20, held.label)?;
    }
    writeln!(report, "alive:")?;
    let mut counts = live::counts();
    counts.sort_by_key(|count| std::cmp::Reverse(count.live));
    for count in counts.iter().take(2) {
        writeln!(report, "      {count}")?;
    }
    Ok(report)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", report().await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_route_that_leaks_and_the_line_that_spawns_are_named() {
        let report = super::report().await.unwrap();
        let lines: Vec<&str> = report.lines().collect();
        assert!(lines[1].ends_with("route GET /visitors/{id}"), "{report}");
        let mib: usize = lines[1].trim().split(' ').next().unwrap().parse().unwrap();
        assert!((20..=45).contains(&mib), "{report}");
        assert!(report.contains("task examples/memory.rs:"), "{report}");
        assert!(report.contains("4000 live, 4000 made"), "{report}");
        assert!(report.contains("cache_entry"), "{report}");
        assert!(report.contains("100 live"), "{report}");
    }
}
