//! Access tokens: signed by keys that rotate, checked once and then remembered.
//!
//! | to | see |
//! | --- | --- |
//! | issue and verify | [`AccessTokens`] |
//! | keep the keys in the database, and change them | [`SigningKeys`] |
//! | use keys that come from elsewhere | [`TokenKey`], [`KeyRing`] |
//! | publish the public keys | [`KeyRing::routes`], [`Jwks`] |
//!
//! That a token was not revoked since it was issued is asked elsewhere: see
//! [`standing`](crate::standing).

mod access_tokens;
mod algorithm;
mod cache;
mod check;
mod claims;
mod error;
mod jwks;
mod key;
mod ring;
mod signing_keys;
mod strict_json;
mod verified;

pub use access_tokens::{AccessTokens, AccessTokensBuilder, IssuedToken};
pub use algorithm::Algorithm;
pub use error::{KeyError, TokenError};
pub use jwks::{Jwk, Jwks};
pub use key::TokenKey;
pub use ring::KeyRing;
pub use signing_keys::{SigningKeys, SigningKeysBuilder};
pub use verified::VerifiedToken;

/// The longest token that is looked at, in bytes: 8 KiB. None that is longer is issued.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
