//! Controllers, guards, layers and extractors on axum and tower.
//!
//! Everything here works in a plain axum program, without modules and without macros: the
//! extractors and answers are axum's own traits, [`Routes`] becomes an [`axum::Router`], and
//! [`Edge`] is a tower layer.
//!
//! | to | use |
//! | --- | --- |
//! | say what a path answers | [`Controller`], [`Route`], [`Routes`], [`controller`] |
//! | say who may call it | [`Guard`], [`Route::public`] |
//! | read a request | [`Json`], [`Valid`], [`Query`], [`ValidQuery`], [`Path`], [`PageRequest`], [`IfMatch`] |
//! | know what the caller accepts | [`accept`] |
//! | answer it | [`Reply`]: [`Json`], [`Created`], [`Accepted`], [`NoContent`], [`Page`], [`Tagged`], [`Html`] |
//! | answer while it is made | [`stream::Csv`], [`stream::EventStream`] |
//! | fail | any error that is [`Classified`](purlin_base::Classified); it becomes a [`Problem`] |
//! | put routes together | [`Mount`] |
//! | request ids, limits, panics, logs | [`Edge`] |
//! | serve and drain | [`Server`], [`Health`], [`Signals`] |

pub mod accept;
pub mod check;
mod controller;
pub mod edge;
pub mod extract;
pub mod guard;
pub mod health;
pub mod mount;
pub mod problem;
pub mod reply;
pub mod route;
pub mod server;
pub mod signal;
pub mod stream;

pub use axum::Router;
pub use controller::Controller;
pub use edge::Edge;
pub use extract::{Caller, IfMatch, Json, PageRequest, Path, Query, Valid, ValidQuery};
pub use guard::{Guard, GuardRequest, GuardSet};
pub use health::Health;
pub use mount::Mount;
pub use problem::Problem;
#[doc = include_str!("../docs/controller.md")]
pub use purlin_macros::controller;
pub use reply::{Accepted, Created, ETag, Html, NoContent, Page, Raw, Reply, Tagged};
pub use route::{Access, Route, RouteInfo, Routes};
pub use server::Server;
pub use signal::Signals;

/// Its examples are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
