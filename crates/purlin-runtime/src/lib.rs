//! A bounded CPU pool, and tasks that keep their context.
//!
//! - [`spawn`] begins a task that stays in the [`Context`](purlin_base::Context) of its caller.
//!
//! It works in any tokio program; nothing else of Purlin is needed.

mod spawn;

pub use spawn::spawn;
