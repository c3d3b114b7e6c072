//! How many messages a second the relay carries to a sink in the same process.
//!
//! `cargo bench -p purlin-sql --bench outbox`, with `PURLIN_TEST_POSTGRES` for Postgres too. SQLite
//! is a file with `synchronous=FULL`. Each message is deleted once it was sent; those of a key are
//! sent in order.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use purlin_base::{BoxFuture, id::IdMaker};
use purlin_sql::{
    Db, SqlConfig,
    outbox::{OUTBOX, Outbox, OutboxError, OutboxMessage, Relay, Sink, SinkError},
};

const MESSAGES: u64 = 40_000;
const KEYS: u64 = 500;
const PER_TRANSACTION: u64 = 100;
const BODY: &[u8] =
    b"ninety bytes of payload, as long as a small event or the arguments of a job would be, about";

/// Takes everything at once.
struct Counter {
    keeps_order: bool,
    taken: AtomicU64,
}

impl Sink for Counter {
    fn name(&self) -> &str {
        "counter"
    }

    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
        self.taken.fetch_add(batch.len() as u64, Relaxed);
        Box::pin(async { vec![Ok(()); batch.len()] })
    }

    fn keeps_order(&self) -> bool {
        self.keeps_order
    }
}

async fn put(db: &Db, ids: &IdMaker) -> Duration {
    let outbox = Outbox::new(db);
    let began = Instant::now();
    for first in (0..MESSAGES).step_by(PER_TRANSACTION as usize) {
        db.transaction(async |tx| {
            for number in first..first + PER_TRANSACTION {
                let message = OutboxMessage::new(ids.make(), "counter", "topic", BODY);
                let message = message.key((number % KEYS).to_string());
                outbox.put(tx, message).await?;
            }
            Ok::<_, OutboxError>(())
        })
        .await
        .expect("there is room");
    }
    began.elapsed()
}

async fn measure(db: &Db, keeps_order: bool) {
    let put = put(db, &IdMaker::default()).await;
    let sink = Arc::new(Counter {
        keeps_order,
        taken: AtomicU64::new(0),
    });
    let relay = Relay::builder(db).sink(sink.clone()).build();
    let relay = relay.expect("the options are good");
    let began = Instant::now();
    let passed = relay.pass().await.expect("nothing fails");
    let sent = began.elapsed();
    assert_eq!(passed.sent, MESSAGES);
    assert_eq!(sink.taken.load(Relaxed), MESSAGES);
    relay.start();
    relay.stop().await;
    let rate = |took: Duration| (MESSAGES as f64 / took.as_secs_f64()) as u64;
    println!(
        "{:<9} {:<24} put {:>7}/s   sent {:>7}/s",
        db.engine(),
        if keeps_order {
            "many of a key in a batch"
        } else {
            "one of a key in a batch"
        },
        rate(put),
        rate(sent)
    );
}

async fn run(config: SqlConfig) {
    let db = Db::connect(config).await.expect("it opens");
    db.migrate(&OUTBOX).await.expect("it migrates");
    for keeps_order in [true, false, true, false] {
        measure(&db, keeps_order).await;
    }
    db.close().await;
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("there is a folder for it");
        let file = folder.path().join("outbox.db");
        run(SqlConfig::new(format!("sqlite://{}", file.display()))).await;
        if let (true, Ok(url)) = (
            cfg!(feature = "postgres"),
            std::env::var("PURLIN_TEST_POSTGRES"),
        ) {
            let joint = if url.contains('?') { '&' } else { '?' };
            let url = format!("{url}{joint}options=-c%20search_path%3Dpurlin_outbox_bench");
            let admin = Db::connect(url.as_str()).await.expect("it answers");
            for statement in [
                "drop schema if exists purlin_outbox_bench cascade",
                "create schema purlin_outbox_bench",
            ] {
                admin
                    .write(statement)
                    .execute()
                    .await
                    .expect("it may make a schema");
            }
            run(SqlConfig::new(url)).await;
            let drop = "drop schema purlin_outbox_bench cascade";
            admin
                .write(drop)
                .execute()
                .await
                .expect("it may drop a schema");
            admin.close().await;
        }
    });
}
