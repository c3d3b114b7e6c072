//! Refresh tokens and the deny-list: each case on every engine.

mod cases;
mod engines;
mod histories;
mod revocation;
mod support;

pub(crate) use support::{Place, SECRET};
