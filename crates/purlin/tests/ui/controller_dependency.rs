//! `BookController` needs `Books`, and nobody provides it.
use std::sync::Arc;

use purlin::core::{injectable, module};
use purlin::http::{Json, controller};

pub struct Books;

#[injectable]
pub struct BookController {
    books: Arc<Books>,
}

#[controller("/books")]
impl BookController {
    #[get("/")]
    #[public]
    async fn list(&self) -> Json<u8> {
        Json(1)
    }
}

#[module(controllers(BookController))]
pub struct BookModule;

fn main() {}
