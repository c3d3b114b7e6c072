//! Identity, tied to modules.

pub use purlin_auth::*;
