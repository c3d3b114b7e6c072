use purlin_http::controller;

struct Books;

#[controller("/books")]
impl Books {
    #[get("/{id}")]
    #[public]
    async fn read(&self) -> (u16, String) {
        (200, String::new())
    }
}

fn main() {}
