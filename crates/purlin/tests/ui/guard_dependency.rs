//! `StaffGuard` needs `Tokens`, and nobody provides it.
use std::sync::Arc;

use purlin::core::{injectable, module};
use purlin::http::{Guard, GuardRequest, Json, Problem, controller};

pub struct Tokens;

#[injectable]
pub struct StaffGuard {
    tokens: Arc<Tokens>,
}

impl Guard for StaffGuard {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

#[injectable]
pub struct BookController {}

#[controller("/books")]
impl BookController {
    #[get("/")]
    #[guard(StaffGuard)]
    async fn list(&self) -> Json<u8> {
        Json(1)
    }
}

#[module(providers(StaffGuard), controllers(BookController))]
pub struct BookModule;

fn main() {}
