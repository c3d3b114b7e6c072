//! The stack of another thread of this process.
//!
//! A thread can only walk its own stack, so it is sent a signal, and its handler does the walking:
//! see [`capture`] for what makes that safe. Names are put to the addresses later, by whoever asked.

use crate::sync;

mod capture;
mod request;

pub(crate) use capture::of_thread;

/// Lines of a stack that are told.
const LINES_MAX: usize = 40;

/// The functions at `addresses`, innermost first, with file and line where the program has them.
///
/// What stands above the interrupted function belongs to the signal, and what stands below the
/// first poll of ours to the runtime: both are left out.
pub(crate) fn names_of(addresses: &[usize]) -> Vec<String> {
    let mut lines = Vec::new();
    for &address in addresses {
        let at_call = address.saturating_sub(1) as *mut std::ffi::c_void;
        backtrace::resolve(at_call, |symbol| {
            let name = symbol.name().map(|name| format!("{name:#}"));
            let name = name.unwrap_or_else(|| format!("{address:#x}"));
            lines.push(match (symbol.filename(), symbol.lineno()) {
                (Some(file), Some(line)) => format!("{name} at {}:{line}", file.display()),
                _ => name,
            });
        });
    }
    trim(lines)
}

fn trim(lines: Vec<String>) -> Vec<String> {
    let is_ours = |line: &String| {
        line.contains("purlin_diagnostics::stack::capture")
            || line.contains("purlin_diagnostics::stack::request")
    };
    let begin = lines.iter().rposition(is_ours).map_or(0, |at| at + 1);
    let is_poll = |line: &String| line.contains("purlin_base::work::poll::Scoped");
    let mut rest = lines.into_iter().skip(begin).collect::<Vec<_>>();
    // The frame by which the kernel enters a handler has no name of ours.
    if rest
        .first()
        .is_some_and(|line| line.contains("__restore_rt"))
    {
        rest.remove(0);
    }
    if let Some(end) = rest.iter().position(is_poll) {
        rest.truncate(end);
    }
    rest.truncate(LINES_MAX);
    rest
}
