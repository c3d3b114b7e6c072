use purlin_http::{Json, controller};

struct Books;

#[controller("/books")]
impl Books {
    #[get("/{id}")]
    #[post("/{id}")]
    #[public]
    async fn read(&self) -> Json<u32> {
        Json(1)
    }
}

fn main() {}
