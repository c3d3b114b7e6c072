//! Passwords, tokens, sessions, and who may do what.
//!
//! | to | see |
//! | --- | --- |
//! | keep passwords | [`password`] |
//! | sign access tokens and check them | [`token`] |
//! | keep somebody signed in, and sign them out | [`refresh`], [`standing`] |
//! | sign browsers in | [`session`] |
//! | say who may call what | [`access`] |
//! | confirm an address, or forget a password | [`one_time`] |
//! | ask for a second factor | [`totp`] |
//! | write down who did what | [`audit`] |
//!
//! Every part stands alone. The tables are those of [`MIGRATIONS`].

pub mod access;
pub mod audit;
pub mod one_time;
mod owner;
pub mod password;
pub mod refresh;
pub mod session;
pub mod standing;
mod tables;
pub mod token;
pub mod totp;

pub use tables::MIGRATIONS;
