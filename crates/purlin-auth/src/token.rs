//! Access tokens: signed by keys that rotate, checked once and then remembered.

mod verified;

pub use verified::VerifiedToken;
