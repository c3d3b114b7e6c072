use purlin_http::{Json, controller};

struct Staff;

struct Books;

#[controller("/books")]
impl Books {
    #[get("/{id}")]
    #[guard(Staff)]
    async fn read(&self) -> Json<u32> {
        Json(1)
    }
}

fn main() {}
