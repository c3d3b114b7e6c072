//! Conditional requests: what the caller knows of a thing, and whether that still holds.
//!
//! | to | use |
//! | --- | --- |
//! | say in which state an answer shows a thing | [`Tagged`](crate::Tagged), [`Created::tagged`](crate::Created::tagged) |
//! | demand that a write name the state it changes | [`IfMatch`](crate::IfMatch) |
//! | honour every condition of a write | [`Preconditions`] |
//!
//! Conditions of GET and HEAD are decided by [`Edge`](crate::Edge) on the answer of the handler,
//! which has nothing to do for them.
//!
//! # Source
//!
//! RFC 9110 §13.

pub(crate) mod date;
mod failed;
mod preconditions;
mod states;
pub(crate) mod tag_list;
mod validators;

pub use failed::PreconditionFailed;
pub use preconditions::Preconditions;
pub(crate) use preconditions::Verdict;
pub use states::States;
pub use validators::Validators;
