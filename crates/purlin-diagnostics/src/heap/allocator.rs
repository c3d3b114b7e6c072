//! The allocator: the only part that is `unsafe`.
#![allow(
    unsafe_code,
    reason = "a global allocator, and a question to the C library, cannot be had without it"
)]

use std::alloc::{GlobalAlloc, Layout, System};

use super::sampler;

/// An allocator around another, by default the system's, that remembers for whom some of the
/// memory is held. See the [module](super).
#[derive(Debug, Default)]
pub struct ProfilingAllocator<A = System> {
    inner: A,
}

impl ProfilingAllocator {
    /// Around the system's allocator.
    pub const fn system() -> Self {
        Self { inner: System }
    }
}

impl<A> ProfilingAllocator<A> {
    /// Around `inner`, such as jemalloc.
    pub const fn around(inner: A) -> Self {
        Self { inner }
    }
}

// SAFETY: every call goes to `inner` with what the caller gave, and its answer goes back
// unchanged, so the contract is `inner`'s. The sampler is told of addresses as numbers, and neither
// reads nor writes what they point to. It never panics, and what it allocates itself (nothing, on
// the systems we know) is not sampled.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ProfilingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is `inner`'s own.
        let at = unsafe { self.inner.alloc(layout) };
        sampler::allocated(at.addr(), layout.size());
        at
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let at = unsafe { self.inner.alloc_zeroed(layout) };
        sampler::allocated(at.addr(), layout.size());
        at
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // Before: once it is free, another thread may be given the same address.
        sampler::freed(at.addr());
        // SAFETY: as above; `at` came from `inner`.
        unsafe { self.inner.dealloc(at, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Taken out before, for the reason above, and put back if nothing came of it.
        let sample = sampler::freed(at.addr());
        // SAFETY: as above; `at` came from `inner`.
        let moved = unsafe { self.inner.realloc(at, layout, size) };
        if moved.is_null() {
            sampler::put_back(at.addr(), sample);
        } else {
            sampler::allocated(moved.addr(), size);
        }
        moved
    }
}

/// Bytes that the C library's allocator has handed out and not taken back, to whomever.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn handed_out() -> Option<u64> {
    // SAFETY: reads the allocator's own counters under its own locks, and returns them by value.
    let info = unsafe { libc::mallinfo2() };
    Some((info.uordblks + info.hblkhd) as u64)
}

/// What the C library's allocator says of its arenas, in its own words.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn malloc_info() -> Option<String> {
    let (mut text, mut bytes) = (std::ptr::null_mut(), 0);
    // SAFETY: both places outlive the stream, which is closed once; after that the text is ours, of
    // so many bytes, and is freed once. It is freed by the allocator that it came from.
    unsafe {
        let stream = libc::open_memstream(&raw mut text, &raw mut bytes);
        if stream.is_null() {
            return None;
        }
        let written = libc::malloc_info(0, stream) == 0;
        let closed = libc::fclose(stream) == 0;
        if text.is_null() {
            return None;
        }
        let info = std::slice::from_raw_parts(text.cast::<u8>(), bytes);
        let info = String::from_utf8_lossy(info).into_owned();
        libc::free(text.cast());
        (written && closed).then_some(info)
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn malloc_info() -> Option<String> {
    None
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn handed_out() -> Option<u64> {
    None
}
