use purlin_http::{Json, Valid, controller};

#[derive(serde::Deserialize, garde::Validate)]
struct NewBook {
    #[garde(skip)]
    title: String,
}

#[derive(serde::Serialize)]
struct Book {
    title: String,
}

struct Books;

#[controller("/books")]
impl Books {
    #[post]
    #[public]
    async fn create(&self, Valid(book): Valid<NewBook>) -> Json<Book> {
        Json(Book { title: book.title })
    }
}

fn main() {}
