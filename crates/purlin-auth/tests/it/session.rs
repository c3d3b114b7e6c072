//! Sessions from outside. The cases in `suite` and `histories` run on every store.

mod attacks;
mod browser;
mod cookies;
mod engines;
mod histories;
mod life;
mod suite;
