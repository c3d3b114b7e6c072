//! A guard asks for `Stuff`, which is no role.
use purlin::auth::RoleGuard;
use purlin::core::injectable;
use purlin::http::{Json, controller};

pub struct Stuff;

pub type StaffGuard = RoleGuard<Stuff>;

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

fn main() {}
