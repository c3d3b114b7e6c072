//! SQL injection and N+1: only literals become SQL, and a statement that is repeated for each row is
//! counted by the line that sent it.
//!
//! Put `&format!("select … {name}")` where a statement stands, and read what the compiler says.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use purlin::{prelude::*, sql::Query};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Db::connect("sqlite::memory:").await?;
    db.write("create table authors (id integer primary key, name text not null)")
        .execute()
        .await?;
    for name in ["Austen", "Brontë", "Robert'); drop table authors; --"] {
        db.write("insert into authors (name) values ($1)")
            .bind(name)
            .execute()
            .await?;
    }

    let context = Context::builder().request_id("example").build();
    context.clone().scope(read(&db)).await?;
    context.statements(|log| {
        println!("\n{} statements:", log.total());
        for seen in log.counts() {
            println!(
                "{:>3} × {}\n      {}",
                seen.count, seen.shape, seen.sent_from
            );
        }
    });

    // A handle for reading cannot write, whatever is asked of it.
    let refused = db
        .read()
        .query("delete from authors")
        .fetch_all::<(i64,)>()
        .await;
    println!(
        "\na write through db.read(): {}",
        refused.err().map_or("?".into(), |e| e.to_string())
    );
    db.close().await;
    Ok(())
}

async fn read(db: &Db) -> Result<(), SqlError> {
    // The mistake: one statement for each row. The log names this line.
    for id in 1..=3 {
        let one = db
            .read()
            .query("select name from authors where id = $1")
            .bind(id);
        let (name,) = one.fetch_one::<(String,)>().await?;
        println!("one by one: {name}");
    }
    // The cure: one statement for all of them.
    let all = Query::new("select name from authors where id in ").push(Query::list([1, 2, 3]));
    let names = db.read().query(all).fetch_all::<(String,)>().await?;
    println!("together: {names:?}");
    Ok(())
}
