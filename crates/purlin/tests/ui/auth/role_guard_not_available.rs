//! A route asks `StaffGuard`, and the module does not have it.
use purlin::auth::{Role, RoleGuard};
use purlin::core::{injectable, module};
use purlin::http::{Json, controller};

pub struct Staff;

impl Role for Staff {
    const NAME: &'static str = "staff";
}

pub type StaffGuard = RoleGuard<Staff>;

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
