use purlin_http::{Json, controller};

struct Books;

#[controller("/books")]
impl Books {
    #[get("/{id}")]
    #[public]
    async fn read(&self) -> Result<Json<u32>, std::fmt::Error> {
        Ok(Json(1))
    }
}

fn main() {}
