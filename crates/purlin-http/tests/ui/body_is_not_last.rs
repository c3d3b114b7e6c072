use purlin_http::{Json, Path, controller};

struct Books;

#[controller("/books")]
impl Books {
    #[put("/{id}")]
    #[public]
    async fn replace(&self, _body: Json<u32>, _id: Path<u32>) -> Json<u32> {
        Json(1)
    }
}

fn main() {}
