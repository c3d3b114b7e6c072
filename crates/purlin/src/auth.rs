//! Identity, tied to modules: guards that are injected, the settings, and what runs in the
//! background.
//!
//! The guards of [`access`] are here once more, as classes: a module lists them, and each is built
//! from the `dyn Authenticator` in its reach, which [`AuthModule`] provides.
//!
//! ```
//! use purlin::{auth::{Role, RoleGuard, VisitorGuard}, prelude::*};
//!
//! pub struct Staff;
//!
//! impl Role for Staff {
//!     const NAME: &'static str = "staff";
//! }
//!
//! pub type StaffGuard = RoleGuard<Staff>;
//!
//! #[injectable]
//! pub struct BookController {}
//!
//! #[controller("/books")]
//! impl BookController {
//!     #[get]
//!     #[guard(VisitorGuard)]
//!     async fn list(&self) -> Json<Vec<String>> {
//!         Json(Vec::new())
//!     }
//!
//!     #[delete]
//!     #[guard(StaffGuard)]
//!     async fn clear(&self) -> NoContent {
//!         NoContent
//!     }
//! }
//! ```

mod background;
mod config;
mod guards;
mod module;
mod parts;
mod sessions;

pub use background::Background;
pub use config::{AuthConfig, AuthConfigError, SessionsIn};
pub use guards::{PermissionGuard, RoleGuard, SignedInGuard, VisitorGuard};
pub use module::{AuthModule, Identity};
pub use parts::IdentityParts;
pub use purlin_auth::{
    access::{
        AccessError, Authenticator, Authenticators, Identified, Permission, Proof, Role, RoleRef,
        RoleSet,
    },
    *,
};
