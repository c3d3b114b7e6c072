//! Tells the processor which line of memory will be read soon.
#![cfg_attr(
    target_arch = "x86_64",
    allow(unsafe_code, reason = "the hint takes a pointer; it reads nothing")
)]

/// Begins to fetch the line at `address`, and waits for nothing. Only a hint: any address will do.
#[cfg(target_arch = "x86_64")]
pub(super) fn begin(address: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

    // SAFETY: a hint for the cache is allowed for every address, mapped or not, and changes no
    // value.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::without_provenance(address)) }
}

/// There is no hint on other processors.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn begin(_address: usize) {}
