//! A route says nothing about who may call it.
use purlin::core::injectable;
use purlin::http::{Json, controller};

#[injectable]
pub struct BookController {}

#[controller("/books")]
impl BookController {
    #[get("/")]
    async fn list(&self) -> Json<u8> {
        Json(1)
    }
}

fn main() {}
