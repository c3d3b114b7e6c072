use purlin_sql::FromRow;

#[derive(FromRow)]
enum Status {
    Open,
    Paid,
}

#[derive(FromRow)]
struct Id(i64);

fn main() {}
