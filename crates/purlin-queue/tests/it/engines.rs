//! What the book says of the engines is what they say themselves.

use std::sync::Arc;

use purlin_base::time::SystemClock;
use purlin_queue::{
    MemoryStore, Store,
    sql::SqlStore,
    store::{Capabilities, Capability},
};
use purlin_sql::Db;

const CHAPTER: &str = include_str!("../../../../docs/queue-engines.md");

/// What an engine is said to offer, in its column of the table.
fn said(column: usize) -> Vec<(String, bool)> {
    let table = CHAPTER
        .lines()
        .skip_while(|line| !line.starts_with("| offered |"));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| -> Vec<String> {
        let inside = line.trim_matches('|').split('|');
        inside.map(|cell| cell.trim().to_owned()).collect()
    };
    rows.map(|line| {
        let cells = cells(line);
        let offered = match cells[column].as_str() {
            "yes" => true,
            "no" => false,
            other => panic!("{other:?} is neither yes nor no: {line}"),
        };
        (cells[0].clone(), offered)
    })
    .collect()
}

fn offered(capabilities: Capabilities) -> Vec<(String, bool)> {
    let all = Capability::ALL.into_iter();
    all.map(|one| (one.name().to_owned(), capabilities.has(one)))
        .collect()
}

#[tokio::test]
async fn the_chapter_says_what_each_engine_offers() {
    let clock = Arc::new(SystemClock);
    let memory = MemoryStore::new(clock.clone());
    let db = Db::connect("sqlite::memory:").await.unwrap();
    // The same type on both: what it offers does not depend on the engine below.
    let sql = SqlStore::new(db.clone(), clock);
    for (column, capabilities) in [
        (1, memory.capabilities()),
        (2, sql.capabilities()),
        (3, sql.capabilities()),
    ] {
        assert_eq!(said(column), offered(capabilities), "column {column}");
    }
    #[cfg(feature = "redis")]
    assert_eq!(
        said(4),
        offered(purlin_queue::redis::RedisStore::offered()),
        "column 4"
    );
    db.close().await;
}
