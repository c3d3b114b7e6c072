//! Who may do what: finding out who asks, and guards that ask for a role or a permission.
//!
//! An [`Authenticator`] finds out who asks from the head of a request: [`BearerAuthenticator`] by
//! an access token, [`SessionAuthenticator`] by the cookie of a browser, [`Authenticators`] by one
//! after the other. The guards stand on it:
//!
//! | guard | lets pass |
//! | --- | --- |
//! | [`VisitorGuard`] | everybody, and recognises who is signed in |
//! | [`SignedInGuard`] | whoever is signed in |
//! | [`RoleGuard`] | whoever has a role |
//! | [`PermissionGuard`] | whoever has a permission |
//!
//! A proof that is shown must be good: an access token that is not is refused with 401 by all of
//! them, [`VisitorGuard`] too. A cookie of a session that is gone is nobody's, since browsers keep
//! cookies longer than servers keep sessions.
//!
//! What depends on the thing asked for, such as whose order it is, is decided by a
//! [`policy`](purlin_base::policy), in the handler.

mod authenticator;
mod bearer;
mod error;
mod guard;
mod identified;
mod scheme;
mod session;

pub use authenticator::{Authenticator, Authenticators};
pub use bearer::{BearerAuthenticator, TokensInForce, Verified, VerifyToken};
pub use error::AccessError;
pub use guard::{PermissionGuard, RoleGuard, SignedInGuard, VisitorGuard};
pub use identified::{Identified, Proof};
pub use purlin_base::role::{Permission, Role, RoleRef, RoleSet};
pub use scheme::Scheme;
pub use session::{FoundSession, LoadSession, SessionAuthenticator};
