//! Answers that are sent while they are made: tables and events.
//!
//! | answer | what it is |
//! | --- | --- |
//! | [`Csv`] | a table of any number of rows, in flat memory |
//! | [`EventStream`] | server-sent events |
//!
//! Both outlive their handler: the time that [`Edge`](crate::Edge) allows is that to the head of the
//! answer, and cuts neither. They run outside of the handler's [`Context`](purlin_base::Context);
//! what they log carries the id of its request. A caller who hangs up drops the source, and so ends
//! what feeds it.

mod coding;
mod csv;
mod events;
mod fault;

pub use coding::StreamCoding;
pub use csv::{Csv, CsvError};
pub use events::{Event, EventError, EventSender, EventStream, LastEventId, NotSent};
