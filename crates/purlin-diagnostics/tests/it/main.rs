//! Diagnostics from outside: what is planted is found, and named.

mod cache;
mod delay;
mod diagnostics;
mod growth;
#[cfg(feature = "heap-profile")]
mod heap;
mod watch;

/// Computes for so long: what no poll should do.
fn block_for(duration: std::time::Duration) {
    let began = std::time::Instant::now();
    while began.elapsed() < duration {
        std::hint::spin_loop();
    }
}
