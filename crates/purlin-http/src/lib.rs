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
//! | read a request | [`Json`], [`Valid`], [`Form`], [`Query`], [`ValidQuery`], [`Path`], [`PageRequest`], [`IfMatch`] |
//! | honour conditional requests | [`conditional`], [`Tagged`], [`IfMatch`], [`Preconditions`] |
//! | read files | [`Upload`] |
//! | know what the caller accepts | [`accept`] |
//! | speak XML beside JSON | [`Route::xml`], [`XmlRoots`] |
//! | answer it | [`Reply`]: [`Json`], [`Created`], [`Accepted`], [`NoContent`], [`Page`], [`Tagged`], [`Html`] |
//! | answer with a file, in ranges too | [`FileReply`] |
//! | write pages | [`html`] |
//! | answer while it is made | [`stream::Csv`], [`stream::EventStream`] |
//! | fail | any error that is [`Classified`](purlin_base::Classified); it becomes a [`Problem`] |
//! | know who is at the other end | [`client_address::ClientAddress`] |
//! | bound what one caller may ask for | [`limit`](mod@limit) |
//! | put routes together | [`Mount`] |
//! | serve several versions | [`Versioning`] |
//! | say what they are to callers | [`openapi`] |
//! | request ids, limits, panics, logs | [`Edge`] |
//! | show documents of an API | [`docs_page`](mod@docs_page) |
//! | keep other sites' pages out, or let them in | [`csrf`], [`cors`] |
//! | tell browsers to be careful | [`security_headers`], [`html::HtmlPolicy`] |
//! | keep a published version as it is | [`openapi_check`] |
//! | serve and drain | [`Server`], [`Health`], [`Signals`] |

pub mod accept;
pub mod check;
pub mod client_address;
#[cfg(feature = "compression")]
mod codings;
pub mod conditional;
mod controller;
pub mod cors;
pub mod csrf;
pub mod docs_page;
pub mod edge;
pub mod extract;
pub mod files;
mod format;
pub mod guard;
pub mod health;
pub mod html;
pub mod limit;
pub mod mount;
pub mod openapi;
pub mod openapi_check;
mod origin;
pub mod problem;
pub mod reply;
pub mod route;
pub mod security_headers;
pub mod server;
pub mod signal;
pub mod stream;
pub mod upload;
pub mod versioning;
mod xml;

pub use axum::Router;
pub use conditional::Preconditions;
pub use controller::Controller;
pub use edge::Edge;
pub use extract::{Caller, Form, IfMatch, Json, PageRequest, Path, Query, Valid, ValidQuery};
pub use files::FileReply;
pub use guard::{AccessRule, Guard, GuardRequest, GuardSet};
pub use health::Health;
pub use html::Html;
pub use mount::Mount;
pub use problem::Problem;
#[doc = include_str!("../docs/controller.md")]
pub use purlin_macros::controller;
pub use reply::{Accepted, Created, ETag, NoContent, Page, Raw, Reply, Tagged, WithCookie};
pub use route::{Access, Route, RouteInfo, Routes};
pub use server::Server;
pub use signal::Signals;
pub use upload::Upload;
pub use versioning::Versioning;
pub use xml::XmlRoots;

/// Its examples are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
