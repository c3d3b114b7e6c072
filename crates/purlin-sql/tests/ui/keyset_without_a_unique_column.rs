use purlin_sql::keyset::Keyset;

struct Book {
    year: i32,
}

fn by_year() -> Keyset<Book> {
    Keyset::named("year").asc("year", |book: &Book| book.year)
}

fn main() {}
