use purlin_sql::keyset::Keyset;

struct Book {
    id: i64,
    year: Option<i32>,
}

fn by_year() -> Keyset<Book> {
    Keyset::<Book>::named("year")
        .asc("year", |book| book.year)
        .unique("id", |book| book.id)
}

fn main() {}
