use purlin_http::{Json, Path, controller};

struct Id;

struct Books;

#[controller("/books")]
impl Books {
    #[get("/{id}")]
    #[public]
    async fn read(&self, id: Id, _name: Path<String>) -> Json<u32> {
        let Id = id;
        Json(1)
    }
}

fn main() {}
