use purlin_http::{Json, controller};

struct Books;

#[controller("/books")]
impl Books {
    #[get("/a")]
    #[public]
    fn not_async(&self) -> Json<u32> {
        Json(1)
    }

    #[get("/b")]
    #[public]
    async fn without_self() -> Json<u32> {
        Json(1)
    }

    #[get("/c")]
    #[public]
    async fn exclusive(&mut self) -> Json<u32> {
        Json(1)
    }

    #[public]
    async fn without_verb(&self) -> Json<u32> {
        Json(1)
    }
}

fn main() {}
