//! A route asks `StaffGuard`, and the module does not have it.
use purlin::core::{injectable, module};
use purlin::http::{Guard, GuardRequest, Json, Problem, controller};

#[injectable]
pub struct StaffGuard {}

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

#[module(controllers(BookController))]
pub struct BookModule;

fn main() {}
