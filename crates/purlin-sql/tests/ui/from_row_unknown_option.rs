use purlin_sql::FromRow;

#[derive(FromRow)]
struct Book {
    #[row(column = "name")]
    title: String,
    #[row(flatten, json)]
    price: i64,
}

fn main() {}
