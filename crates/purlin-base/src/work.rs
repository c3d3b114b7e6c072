//! What a thread is working on right now: the name that time and memory are counted under.
//!
//! Whoever runs the code of others says whose it is: HTTP names the route, a queue the job, a
//! broker the message, `purlin_runtime::spawn` the task. A name is a [`Label`]; while a poll or a
//! piece of work runs, the thread carries it. Two things follow:
//!
//! - a [`Watcher`] is told of every poll that held its thread too long, with the name;
//! - an allocator that counts can ask [`Label::current`] for whom it allocates.
//!
//! Without a watcher a poll pays for two writes to a thread-local; with one, for reading the time
//! twice as well.
//!
//! ```
//! use purlin_base::work::Label;
//!
//! let label = Label::job("mails.send");
//! {
//!     let _entered = label.enter();
//!     assert_eq!(Label::current(), label);
//! }
//! assert_eq!(Label::current(), Label::NONE);
//! ```

mod label;
mod poll;
mod threads;
mod watcher;

pub use label::{Label, WorkKind};
pub use poll::{Entered, Scoped, Tagged};
pub use threads::{Busy, busy_threads};
pub use watcher::{LongPoll, Watcher, Watching, watch};
