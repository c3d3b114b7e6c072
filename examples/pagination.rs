//! Pagination: pages that neither shift nor grow slow, by signed cursors.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use purlin::{
    prelude::*,
    sql::{
        Query,
        cursor::CursorSigner,
        keyset::{Keyset, ListRequest},
    },
};

#[derive(Debug, FromRow)]
struct Book {
    id: i64,
    title: String,
    year: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Db::connect("sqlite::memory:").await?;
    db.write(
        "create table books (id integer primary key, title text not null, year integer not null)",
    )
    .execute()
    .await?;
    for (title, year) in [
        ("Emma", 1815),
        ("Walden", 1854),
        ("Dracula", 1897),
        ("Nana", 1880),
    ] {
        add(&db, title, year).await?;
    }

    let newest = Keyset::<Book>::named("-year")
        .desc("year", |b| b.year)
        .unique("id", |b| b.id);
    let signer = CursorSigner::new(b"thirty-two bytes of a real secret")?;
    let base = Query::new("select id, title, year from books");

    let mut cursor: Option<String> = None;
    loop {
        let request = ListRequest::new(Some(2), cursor.as_deref(), None, None)?;
        let page = newest
            .fetch(db.read(), &signer, request, base.clone())
            .await?;
        for book in &page.items {
            println!("{} {} ({})", book.id, book.title, book.year);
        }
        // A row that is added meanwhile moves nothing.
        add(&db, "The Time Machine", 1895).await?;
        let purlin::base::page::PageInfo::Cursor(ends) = page.page else {
            break;
        };
        cursor = ends.next_cursor;
        match &cursor {
            None => break,
            Some(next) => println!("-- next: {next}"),
        }
    }

    let forged = ListRequest::new(Some(2), Some("made-up"), None, None)?;
    let refused = newest.fetch(db.read(), &signer, forged, base).await;
    println!(
        "a made-up cursor: {}",
        refused.err().map_or("?".into(), |error| error.to_string())
    );
    db.close().await;
    Ok(())
}

async fn add(db: &Db, title: &str, year: i32) -> Result<u64, SqlError> {
    let insert = db.write("insert into books (title, year) values ($1, $2)");
    insert.bind(title).bind(year).execute().await
}
