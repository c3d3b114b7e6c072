//! Takes the stack of another thread by a signal: the only part that is `unsafe`.
//!
//! The signal is `SIGURG`, which is ignored by whoever does not ask for it, and which runtimes use
//! for the same purpose. The handler walks its thread's own stack into a fixed array: it does not
//! allocate and takes no lock of ours. The walk itself is the system unwinder's, which finds its
//! tables without a lock since glibc 2.35; it has been run once before, so that what it sets up at
//! its first use is there. With an older or another C library a walk that interrupts the loading of
//! a shared library could wait for it; that is why this is a feature, and why a thread is only
//! ever asked after it has been held up.
#![allow(
    unsafe_code,
    reason = "a signal handler and a walk of the stack cannot be had without it"
)]

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use super::{
    request::Request,
    sync::atomic::{AtomicU64, AtomicUsize},
};

const FRAMES_MAX: usize = 128;
/// How long the other thread may take to answer; one that is not let run may take longer.
const PATIENCE: Duration = Duration::from_millis(50);

static REQUEST: Request<FRAMES_MAX> = Request::of(
    AtomicU64::new(0),
    AtomicUsize::new(0),
    [const { AtomicUsize::new(0) }; FRAMES_MAX],
);
/// One is asked at a time.
static TURN: Mutex<()> = Mutex::new(());

/// The return addresses on the stack of `thread` of this process, innermost first. `None` if it
/// does not answer, or another handler has the signal.
pub(crate) fn of_thread(thread: u32) -> Option<Vec<usize>> {
    if !is_installed() {
        return None;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    REQUEST.ask(thread);
    // SAFETY: a system call with three integers. A thread that has ended is an error, not a fault;
    // one that has taken its number is sent a signal that it does not heed, as it is not asked.
    let sent = unsafe {
        libc::syscall(
            libc::SYS_tgkill,
            libc::c_long::from(libc::getpid()),
            libc::c_long::from(thread),
            libc::c_long::from(libc::SIGURG),
        )
    };
    let patience = if sent == 0 { PATIENCE } else { Duration::ZERO };
    wait_for(thread, Instant::now() + patience)
}

/// Waits for the handler. One that has begun is waited for to its end, which is near: it must not
/// write while the next asks.
fn wait_for(thread: u32, until: Instant) -> Option<Vec<usize>> {
    loop {
        if let Some(frames) = REQUEST.take(thread) {
            return Some(frames);
        }
        if Instant::now() >= until && REQUEST.give_up(thread) {
            return None;
        }
        std::thread::park_timeout(Duration::from_micros(200));
    }
}

/// Installs the handler at the first call; `false` if somebody else has one for the signal.
fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        // What the unwinder sets up at its first use is set up here, and not in a handler.
        backtrace::trace(|_| true);
        install()
    })
}

fn install() -> bool {
    // SAFETY: both structures are plain data for which zeros are valid; the pointers are to locals
    // that outlive the calls; the handler has the signature that SA_SIGINFO is absent for.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGURG, std::ptr::null(), &raw mut before) != 0 {
            return false;
        }
        if before.sa_sigaction != libc::SIG_DFL && before.sa_sigaction != libc::SIG_IGN {
            return false;
        }
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(libc::c_int) = on_signal;
        action.sa_sigaction = handler as libc::sighandler_t;
        // Calls that are interrupted go on by themselves.
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGURG, &raw const action, std::ptr::null_mut()) == 0
    }
}

/// Writes down the stack of this thread, if it is the one that is asked.
extern "C" fn on_signal(_signal: libc::c_int) {
    // SAFETY: a system call without arguments, which cannot fail and so leaves `errno` alone.
    let thread = unsafe { libc::syscall(libc::SYS_gettid) };
    let Ok(thread) = u32::try_from(thread) else {
        return;
    };
    REQUEST.answer(thread, |note| {
        // SAFETY: the lock that the safe function takes guards what puts names to addresses, which
        // is not done here; a handler must not wait for it. The walk is of this thread's own stack.
        unsafe {
            backtrace::trace_unsynchronized(|frame| note(frame.ip().addr()));
        }
    });
}
