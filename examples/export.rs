//! Streams: a table of any number of rows in flat memory, and events that come when they happen.
//!
//! `cargo run -p purlin-examples --example export`, then
//! `curl -s http://127.0.0.1:3000/numbers.csv.gz | gunzip | tail -1` and
//! `curl -N http://127.0.0.1:3000/ticks`.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::time::Duration;

use purlin::{
    http::stream::{Csv, Event, EventError, EventStream, LastEventId},
    prelude::*,
    runtime::{CpuPool, cpu::CpuPoolError},
    sql::{Migrations, RowStream, Schema, SqlConfig},
};

struct NoTables;

impl Schema for NoTables {
    const MIGRATIONS: Migrations = Migrations::new("none", &[]);
}

fn pool() -> Result<CpuPool, CpuPoolError> {
    CpuPool::builder().build()
}

#[injectable]
struct StreamController {
    db: Arc<Db>,
    pool: Arc<CpuPool>,
}

type Numbers = RowStream<(i64, String)>;

#[controller]
impl StreamController {
    /// A million rows, made while they are sent. Hang up, and the statement is stopped.
    #[get("/numbers.csv.gz")]
    #[public]
    async fn numbers(&self) -> Result<Csv<(i64, String)>, SqlError> {
        let made = "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
                    select i, '=' || i from n";
        let rows: Numbers = self.db.read().query(made).bind(1_000_000).stream().await?;
        Ok(Csv::new(&["number", "formula"], rows)
            .filename("numbers.csv.gz")
            .gz(&self.pool))
    }

    /// A tick each second; who comes back goes on where it was.
    #[get("/ticks")]
    #[public]
    async fn ticks(&self, seen: Option<LastEventId>) -> EventStream {
        let first = seen.and_then(|LastEventId(id)| id.parse::<u32>().ok());
        let (sender, events) = EventStream::channel(4);
        purlin::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(1));
            for n in first.map_or(1, |n| n.saturating_add(1)).. {
                every.tick().await;
                let Ok(tick) = tick(n) else { return };
                if sender.send(tick).is_err() {
                    return; // It has hung up, or reads too slowly: it comes back.
                }
            }
        });
        events
    }
}

fn tick(n: u32) -> Result<Event, EventError> {
    Event::new(&n)?.name("tick")?.id(n.to_string())
}

#[module(
    imports(SqlModule<NoTables>),
    providers(CpuPool = factory(pool)),
    controllers(StreamController)
)]
struct ExportModule;

#[tokio::main]
async fn main() -> Result<(), purlin::AppError> {
    purlin::logging::start();
    let app = App::of::<ExportModule>().input(SqlConfig::new("sqlite::memory:"));
    app.run_with(|serving| println!("http://{}/ticks", serving.address()))
        .await
}
