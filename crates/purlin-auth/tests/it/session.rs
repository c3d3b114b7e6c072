//! Sessions from outside. The cases in `suite` and `histories` run on every store.

mod attacks;
mod browser;
mod changes;
mod cookies;
mod engines;
#[cfg(feature = "redis")]
mod express;
mod histories;
mod life;
mod revoking;
mod suite;
mod table;
