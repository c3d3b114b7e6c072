//! Unknown sections and entries, and things that stand twice.
use purlin_core::{injectable, module};

pub trait Mailer: Send + Sync {}

#[injectable]
pub struct Stock {}

#[injectable(lifecycles)]
pub struct Shop {}

#[module(provider(Stock))]
pub struct A;

#[module(providers(Stock, Stock))]
pub struct B;

#[module(providers(dyn Mailer))]
pub struct C;

#[module(providers(Stock = make(1)))]
pub struct D;

#[module(imports(A), imports(B))]
pub struct E;

fn main() {}
