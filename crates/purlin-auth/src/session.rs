//! Sessions on the server, for browsers.
//!
//! A cookie holds 256 random bits and nothing else; everything known about the session stays on
//! the server, in a [`SessionStore`], under the hash of those bits. [`Sessions`] decides when a
//! session begins, changes its id and ends; the stores only keep.
//!
//! | store | for |
//! | --- | --- |
//! | [`MemorySessionStore`] | one process, tests |
//! | [`SqlSessionStore`] | SQLite, Postgres |
//! | `RedisSessionStore` (feature `redis`) | many processes, no database |
//!
//! `ExpressSessions` (feature `redis`) shares sign-ins with an Express application.

mod builder;
mod changes;
mod cookie;
mod error;
#[cfg(feature = "redis")]
mod express;
mod id;
mod memory;
mod pre_session;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod roles;
mod sessions;
mod shown;
mod sql;
mod store;

pub use builder::SessionsBuilder;
pub use changes::{SessionChanges, SessionRemoval};
pub use cookie::{COOKIE_HEADER_BYTES_MAX, CookiePolicy, SameSite};
pub use error::{SessionError, SessionOptionError};
#[cfg(feature = "redis")]
pub use express::{ExpressSession, ExpressSessions, ExpressSessionsBuilder};
pub use id::{SessionId, SessionKey};
pub use memory::MemorySessionStore;
pub use pre_session::PreSession;
pub use record::{
    DEVICE_CHARS_MAX, ROLE_BYTES_MAX, ROLES_MAX, SessionRecord, USER_BYTES_MAX, USER_SESSIONS_MAX,
};
#[cfg(feature = "redis")]
pub use redis::RedisSessionStore;
pub use roles::RolesOfUser;
pub use sessions::Sessions;
pub use shown::{NewSession, Session};
pub use sql::SqlSessionStore;
pub use store::{SessionStore, SharedSessionStore, StoreFuture};
