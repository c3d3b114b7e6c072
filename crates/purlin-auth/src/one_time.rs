//! Tokens that are good once, for one purpose, for a short time: what a mail holds to confirm an
//! address, or to choose a new password.
//!
//! 256 random bits, kept as their SHA-256. There is one token for each user and purpose: a new one
//! puts the old one out, so a user has at most as many as there are purposes. It is spent by one
//! conditional statement in the transaction of what it allows: of many who show it at once one is
//! let in, and what is rolled back has spent nothing.
//!
//! How often somebody may ask for a token, and that the answer is the same whether there is such a
//! user or not, is the caller's business.

mod error;
mod purpose;
mod tokens;

pub use error::OneTimeError;
pub use purpose::{PURPOSE_TTL_MAX, Purpose};
pub use tokens::{ABOUT_BYTES_MAX, IssuedOneTimeToken, OneTimeTokens, Redeemed, USER_BYTES_MAX};
