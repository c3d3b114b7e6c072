//! The words all of Purlin's parts share, and nothing that does work.
//!
//! A part that needs to know who is asking, what time it is, or how an error is to be answered
//! finds the word for it here, so that parts need not know each other:
//!
//! | module | what it names |
//! | --- | --- |
//! | [`context`] | the request or job being worked on: who, trace, deadline, statements so far |
//! | [`principal`], [`role`], [`policy`] | who is asking, as what, and whether they may |
//! | [`error`] | the classes of failure, and the stable code every error carries |
//! | [`page`] | one page of a list |
//! | [`time`], [`random`], [`id`] | the clock, chance and identifiers, which come in from outside |
//! | [`kv`] | the key-value contract and its in-memory engine |
//! | [`lifecycle`] | how a part starts and stops |
//! | [`health`] | how a part says that it can work |
//! | [`work`] | what a thread is working on, and who is told when it takes long |
//! | [`live`] | how many listeners, timers, tasks … there are, and who made them |
//!
//! This crate depends on no other crate of Purlin.

pub mod context;
pub mod error;
pub mod health;
pub mod id;
pub mod kv;
pub mod lifecycle;
pub mod live;
pub mod page;
pub mod policy;
pub mod principal;
pub mod random;
pub mod role;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod work;

use std::{future::Future, pin::Pin};

pub use context::Context;
pub use error::{Classified, ErrorClass, ErrorClasses, FieldError};
pub use page::Page;
pub use principal::Principal;
pub use time::Timestamp;

/// An error of any type, as a cause that is passed on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A future behind a pointer, for traits that are used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
