//! Keeps a panic from going further, and says what it said and where.
//!
//! The place of a panic is told to the panic hook alone, so the first use puts a hook in front of
//! the one that stands: it notes the place on threads that run work of ours, and then does what
//! was done before. Whoever replaces the hook later takes the place away, nothing else.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

/// How much of a panic's message is kept, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1_024;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// What it said, at most [`MESSAGE_BYTES_MAX`].
    pub(crate) message: String,
    /// `file:line:column`, if the hook saw it.
    pub(crate) place: Option<String>,
}

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it is an error.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    watch_places();
    let watched_before = WATCHED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    WATCHED.set(watched_before);
    outcome.map_err(|payload| {
        let message = message_of(&*payload);
        let place = PLACE.take();
        contain(|| drop(payload));
        Panic { message, place }
    })
}

/// Runs `work` and keeps a panic from going further. A second panic, of the payload's own drop,
/// is kept by never dropping that payload.
pub(crate) fn contain(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

fn watch_places() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if WATCHED.try_with(Cell::get).unwrap_or(false) {
                let place = info.location().map(ToString::to_string);
                let _ = PLACE.try_with(|kept| kept.replace(place));
            }
            earlier(info);
        }));
    });
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
    message[..end].to_owned()
}
