use purlin_http::{Json, controller};

struct Books;

#[controller("books")]
impl Books {
    #[get("/:id")]
    #[public]
    async fn old(&self) -> Json<u32> {
        Json(1)
    }

    #[get("/{id")]
    #[public]
    async fn open(&self) -> Json<u32> {
        Json(1)
    }

    #[get("/{*rest}/more")]
    #[public]
    async fn rest(&self) -> Json<u32> {
        Json(1)
    }

    #[get("/{id}/{id}")]
    #[public]
    async fn twice(&self) -> Json<u32> {
        Json(1)
    }
}

fn main() {}
