//! A shop's stock, in a plain tokio program: `cargo run -p purlin-sql --example shop`.
//!
//! The address of the database may be given: `… --example shop -- sqlite://shop.db`.

use purlin_sql::{Db, Migration, Migrations, Query, SqlError, Tx};

const SHOP: Migrations = Migrations::new(
    "shop",
    &[Migration {
        version: 1,
        name: "stock",
        sqlite: "create table stock (
                     book text primary key,
                     copies integer not null check (copies >= 0)
                 ) strict",
        postgres: "create table stock (
                       book text primary key,
                       copies bigint not null check (copies >= 0)
                   )",
    }],
);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let db = Db::connect(address.unwrap_or("sqlite::memory:".to_owned())).await?;
    db.migrate(&SHOP).await?;

    for (book, copies) in [("Emma", 3), ("Persuasion", 1)] {
        let put = "insert into stock values ($1, $2) on conflict (book) do update set copies = $2";
        db.write(put).bind(book).bind(copies).execute().await?;
    }
    for books in [
        ["Emma", "Emma"],
        ["Emma", "Persuasion"],
        ["Persuasion", "Emma"],
    ] {
        show(&books, sell(&db, &books).await);
    }
    let left = Query::new("select book, copies from stock where copies > $1").bind(0);
    for (book, copies) in db.read().query(left).fetch_all::<(String, i64)>().await? {
        show(&[&book], Ok(copies));
    }
    db.close().await;
    Ok(())
}

/// Takes every book from the stock, or none.
async fn sell(db: &Db, books: &[&str]) -> Result<i64, SqlError> {
    db.transaction(async |tx: &mut Tx| {
        for book in books {
            let take = tx.query("update stock set copies = copies - 1 where book = $1");
            take.bind(*book).execute().await?;
        }
        Ok(books.len() as i64)
    })
    .await
}

#[allow(clippy::print_stdout, reason = "this is what an example is for")]
fn show(books: &[&str], outcome: Result<i64, SqlError>) {
    match outcome {
        Ok(copies) => println!("{}: {copies}", books.join(" and ")),
        Err(error) => println!("{}: {error}", books.join(" and ")),
    }
}
