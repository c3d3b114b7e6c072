//! Orders and their mails: a job in the transaction of its order, a mail that is sent once, a report
//! when all have been sent.
//!
//! `cargo run -p purlin-queue --example mails`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::{sync::Arc, time::Duration};

use purlin_base::time::SystemClock;
use purlin_queue::{
    Backoff, Batch, Flow, Job, JobContext, JobError, Queues, Worker,
    sql::{MIGRATIONS, SqlStore},
};
use purlin_sql::Db;
use serde::{Deserialize, Serialize};

/// Tells a customer that an order has been taken.
#[derive(Serialize, Deserialize)]
struct Confirm {
    order: i64,
    to: String,
}

impl Job for Confirm {
    const NAME: &'static str = "confirm";
    const QUEUE: &'static str = "mails";
    type Output = String;
}

/// Runs when every mail of a day has been sent.
#[derive(Serialize, Deserialize)]
struct Report;

impl Job for Report {
    const NAME: &'static str = "report";
    const QUEUE: &'static str = "mails";
    type Output = usize;
}

/// The mail goes out, and then its mark and the completion commit together: the mark is there exactly
/// once, whatever crashes in between.
async fn confirm(db: Db, job: Confirm, context: JobContext) -> Result<String, JobError> {
    if job.order == 2 && context.attempt() == 1 {
        return Err(JobError::failed("the mail server is busy"));
    }
    let receipt = format!(
        "order {} to {}, attempt {}",
        job.order,
        job.to,
        context.attempt()
    );
    db.transaction(async |tx| {
        let mark = tx.query("insert into sent (order_id) values ($1)");
        mark.bind(job.order).execute().await?;
        context.complete_in(tx, &receipt).await?;
        Ok::<_, JobError>(())
    })
    .await?;
    Ok(receipt)
}

async fn report(_: Report, context: JobContext) -> Result<usize, JobError> {
    let receipts = context.children_values::<String>().await?;
    for receipt in &receipts {
        println!("sent: {receipt}");
    }
    Ok(receipts.len())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Db::connect("sqlite::memory:").await?;
    db.migrate(&MIGRATIONS).await?;
    let tables = "create table sent (order_id integer primary key) strict";
    db.write(tables).execute().await?;

    let store = Arc::new(SqlStore::new(db.clone(), Arc::new(SystemClock)));
    let for_marks = db.clone();
    let worker = Worker::builder(store.clone(), "mails")
        .concurrency(4)
        .processor::<Confirm, _>(move |job: Confirm, context: JobContext| {
            confirm(for_marks.clone(), job, context)
        })
        .processor::<Report, _>(report)
        .start()
        .await?;

    let queues = Queues::new(store);
    let batch = (1..=3).fold(Batch::new(Report), |batch, order| {
        let to = format!("customer-{order}@example.org");
        let mail = Flow::new(Confirm { order, to }).attempts(3);
        batch.flow(mail.backoff(Backoff::fixed(Duration::from_millis(50))))
    });
    let added = batch.add_to(&queues).await?;
    let sent = added
        .job
        .wait_until_finished(Duration::from_secs(10))
        .await?;
    println!("{sent} mails were sent");

    worker.stop(Duration::from_secs(10)).await;
    db.close().await;
    Ok(())
}
