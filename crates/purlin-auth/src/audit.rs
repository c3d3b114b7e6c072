//! Who did what: events that are added, never changed, and go when their time is over.
//!
//! An [`Event`] is written in the transaction of what it tells of, or alone where nothing else is
//! written, as after a wrong password. The tables refuse changes by themselves.
//!
//! Secrets do not belong into an event. Details are bounded, and one whose name says that it is a
//! secret is hidden; that is a net, and not a licence.

mod error;
mod event;
mod trail;

pub use error::AuditError;
pub use event::{DETAIL_CHARS_MAX, DETAILS_MAX, Event, HIDDEN, KIND_BYTES_MAX, SUBJECT_BYTES_MAX};
pub use trail::{Audit, RETENTION_DEFAULT, Recorded};
