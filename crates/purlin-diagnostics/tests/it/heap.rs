//! For whom memory is held. The allocator is this test binary's own.

use std::thread;

use purlin_base::work::Label;
use purlin_diagnostics::heap::{self, ProfilingAllocator};

#[global_allocator]
static ALLOCATOR: ProfilingAllocator = ProfilingAllocator::system();

const MIB: usize = 1 << 20;

/// So many bytes in pieces of `piece`, held for `label`.
fn hold(label: Label, bytes: usize, piece: usize) -> Vec<Vec<u8>> {
    let _entered = label.enter();
    (0..bytes / piece).map(|_| vec![1; piece]).collect()
}

fn live(label: Label) -> f64 {
    heap::profile().of(label).live_bytes as f64 / MIB as f64
}

#[test]
fn what_is_held_is_known_for_each_label_and_gone_when_it_is_freed() {
    let (small, large) = (
        Label::job("heap.small"),
        Label::route("POST", "/heap/large"),
    );
    let kept_small = hold(small, 64 * MIB, 256);
    let kept_large = hold(large, 256 * MIB, 3 * MIB);
    // Four standard deviations: 64 MiB in 128 expected samples.
    assert!(
        (live(small) - 64.0).abs() < 64.0 * 4.0 / 11.3,
        "{}",
        live(small)
    );
    assert!((live(large) - 255.0).abs() < 4.0, "{}", live(large));
    drop(kept_small);
    assert_eq!(live(small), 0.0);
    drop(kept_large);
    assert_eq!(live(large), 0.0);
    assert!(heap::profile().of(large).allocated_bytes > 250 * MIB as u64);
}

#[test]
fn what_one_thread_allocates_and_another_frees_is_gone() {
    let label = Label::job("heap.handed_on");
    let kept = thread::spawn(move || hold(label, 32 * MIB, MIB))
        .join()
        .unwrap();
    assert!(live(label) > 16.0, "{}", live(label));
    thread::spawn(move || drop(kept)).join().unwrap();
    assert_eq!(live(label), 0.0);
}

#[test]
fn what_grows_in_place_belongs_to_whoever_made_it_grow() {
    let (first, second) = (Label::job("heap.first"), Label::job("heap.second"));
    let mut bytes = {
        let _entered = first.enter();
        vec![1_u8; 16 * MIB]
    };
    assert!(live(first) > 15.0, "{}", live(first));
    {
        let _entered = second.enter();
        bytes.reserve_exact(64 * MIB);
    }
    assert_eq!(live(first), 0.0);
    assert!(live(second) > 79.0, "{}", live(second));
    drop(bytes);
    assert_eq!(live(second), 0.0);
}

#[test]
fn many_threads_that_allocate_and_free_leave_nothing() {
    let label = Label::job("heap.storm");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn(move || {
                for round in 0..200 {
                    let kept = hold(label, MIB, 1 << (8 + round % 8));
                    drop(kept);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(live(label), 0.0);
    assert!(heap::profile().of(label).allocated_bytes > 1_200 * MIB as u64);
}

#[test]
fn the_profile_says_that_it_is_active_and_what_c_code_holds_is_its_own_line() {
    let _kept = hold(Label::job("heap.active"), 8 * MIB, MIB);
    let profile = heap::profile();
    assert!(profile.is_active && profile.live_bytes > 0);
    assert_eq!(profile.left_out, 0);
    assert!(!heap::pprof().is_empty());
    assert_eq!(
        profile.c_bytes.is_some(),
        cfg!(all(target_os = "linux", target_env = "gnu"))
    );
}
