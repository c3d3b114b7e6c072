//! A borrowed text is not a literal.

use purlin_sql::Db;

fn find(db: &Db, text: &str) {
    let _ = db.read().query(text);
}

fn main() {}
