use purlin_http::{NoContent, controller};

struct Books;

#[controller("/api/books")]
impl Books {
    #[get]
    #[public]
    #[version]
    async fn list(&self) -> NoContent {
        NoContent
    }

    #[post]
    #[public]
    #[version()]
    async fn create(&self) -> NoContent {
        NoContent
    }

    #[version("1")]
    async fn helper(&self) {}
}

fn main() {}
