//! Text that came in at run time cannot become a statement, however it is passed.

use purlin_sql::{Db, Query};

async fn find(db: &Db, title: String) {
    let text = format!("select id from books where title = '{title}'");
    let _ = db.read().query(text.clone());
    let _ = db.write(&text);
    let _ = Query::new("select id from books where ").push(title);
}

fn main() {}
