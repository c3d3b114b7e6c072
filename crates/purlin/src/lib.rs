//! The frame: [`App`], the prelude, and one thin module for each part.
//!
//! The parts stand alone; what is here only ties them together, so that one list in
//! `#[module]` is enough to build, serve, check and stop an application.
//!
//! ```no_run
//! use std::process::ExitCode;
//! use purlin::prelude::*;
//!
//! #[injectable]
//! pub struct Greeter {}
//!
//! #[injectable]
//! pub struct GreetingController { greeter: Arc<Greeter> }
//!
//! #[controller("/greetings")]
//! impl GreetingController {
//!     #[get("/{name}")]
//!     #[public]
//!     async fn greet(&self, Path(name): Path<String>) -> Json<String> {
//!         Json(format!("Hello {name}"))
//!     }
//! }
//!
//! #[module(providers(Greeter), controllers(GreetingController))]
//! pub struct AppModule;
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     purlin::logging::start();
//!     match App::of::<AppModule>().run().await {
//!         Ok(()) => ExitCode::SUCCESS,
//!         Err(error) => {
//!             tracing::error!("{}", error.report());
//!             ExitCode::from(error.exit_code())
//!         }
//!     }
//! }
//! ```

pub mod access;
pub mod app;
#[cfg(feature = "auth")]
pub mod auth;
pub mod diagnostics;
pub mod http;
pub mod logging;
#[cfg(feature = "queue")]
pub mod queue;
pub mod sql;

/// Modules, injection, lifecycle and configuration.
pub mod core {
    pub use purlin_core::*;
}

/// The words all parts share.
pub mod base {
    pub use purlin_base::*;
}

/// A bounded CPU pool, workers, and tasks that keep their context.
pub mod runtime {
    pub use purlin_runtime::*;
}

pub use app::{App, AppError};
pub use purlin_runtime::spawn;

/// What most files of an application need.
pub mod prelude {
    pub use std::sync::Arc;

    pub use purlin_base::{Classified, Context, ErrorClass, FieldError, Principal, Timestamp};
    pub use purlin_core::{ConfigModule, Named, config::Config, injectable, lifecycle, module};
    pub use purlin_http::{
        Accepted, Created, ETag, Guard, GuardRequest, Html, IfMatch, Json, NoContent, Page,
        PageRequest, Path, Preconditions, Problem, Query, Tagged, Valid, ValidQuery, Versioning,
        controller, versioning::Deprecation,
    };
    #[cfg(feature = "queue")]
    pub use purlin_queue::Job;
    pub use purlin_sql::{Db, FromRow, SqlError};

    pub use crate::{App, AppError, sql::SqlModule};
}
