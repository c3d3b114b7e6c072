//! How much one caller may ask for.
//!
//! A [`Limit`] is a quota with a name, a way to tell callers apart and a place to count. It is
//! hung on a route or a group ([`Route::limit`](crate::Route::limit),
//! [`Routes::limit`](crate::Routes::limit)), on all routes below a path
//! ([`RateLimits`], [`Mount::limits`](crate::Mount::limits)), or asked by a service
//! ([`Limit::check`]).
//!
//! Limits by address are asked before the guards; those by user, header or of your own after them,
//! and what a guard refuses counts for the caller's address. The body is not read before. A route
//! without limits pays nothing.
//!
//! Counts are kept in this process ([`MemoryStore`]) or, with the feature `redis`, shared
//! (`RedisStore`). What happens when the shared store is away is the limit's choice: [`WhenAway`].
//!
//! # Examples
//!
//! ```
//! use purlin_http::{NoContent, Route, Routes, limit::{Limit, LimitBy, Quota}};
//!
//! let search = Limit::builder(Quota::per_minute(30)).by(LimitBy::user()).build()?;
//! let routes = Routes::at("/books")
//!     .route(Route::get("/").limit(&search).public().handler(async || NoContent))
//!     // Ten of the thirty at once.
//!     .route(Route::get("/similar").limit(search.cost(10)).public().handler(async || NoContent));
//! # Ok::<(), purlin_http::limit::LimitOptionError>(())
//! ```

mod algorithm;
mod away;
mod counters;
mod decision;
pub(crate) mod enforce;
mod error;
mod fields;
mod key;
mod memory;
mod policy;
mod quota;
#[cfg(feature = "redis")]
mod redis;
mod rules;
mod store;
mod unrouted;

pub use away::WhenAway;
pub use counters::LimitSnapshot;
pub use decision::Decision;
pub use error::{LimitError, LimitOptionError};
pub use fields::LimitFields;
pub use key::{LimitBy, LimitKey};
pub use memory::MemoryStore;
pub use policy::{Limit, LimitBuilder};
pub use quota::{Algorithm, Quota};
#[cfg(feature = "redis")]
pub use redis::{RedisStore, RedisStoreError};
pub use rules::{LimitRule, RateLimits};
pub use store::{LimitStore, StoreAway, StoreKey};
pub(crate) use unrouted::{PathLimits, Taker};
