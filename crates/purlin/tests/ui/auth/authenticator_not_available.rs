//! The module lists `VisitorGuard`, and nobody finds out who asks.
use purlin::auth::VisitorGuard;
use purlin::core::module;

#[module(providers(VisitorGuard), exports(VisitorGuard))]
pub struct GuardModule;

fn main() {}
