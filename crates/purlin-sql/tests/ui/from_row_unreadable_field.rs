use purlin_sql::FromRow;

struct Isbn;

#[derive(FromRow)]
struct Book {
    id: i64,
    isbn: Option<Isbn>,
    #[row(flatten)]
    price: Isbn,
}

fn main() {}
