//! The outbox: producers, relays and a consumer with an inbox.
//!
//! | in the ledger | when |
//! | --- | --- |
//! | `T` | before a message is put |
//! | `A` | after the transaction that put it was committed |
//! | `R` | after the transaction that put it was rolled back |
//! | `S` | when the sink has it: an effect that no transaction undoes |

use std::{collections::HashMap, sync::Arc, time::Duration};

use purlin_base::{BoxError, BoxFuture, id::IdMaker, random::Rng};
use purlin_sql::{
    Db, Migration, Migrations, SqlError, Tx, crash_point,
    inbox::{Inbox, InboxError, Once},
    outbox::{OUTBOX, Outbox, OutboxError, OutboxMessage, Relay, Sink, SinkError},
};

use crate::{
    ledger::{Ledger, Line},
    subject::{Findings, Subject, Task, World},
};

mod check;

const SINK: &str = "ledger";
const PRODUCERS: u64 = 3;
const KEYS_EACH: u64 = 6;
const LEASE: Duration = Duration::from_secs(15);

/// The effects of the consumer. Nothing in the table keeps one from being there twice.
const TABLES: Migrations = Migrations::new(
    "crash_outbox",
    &[Migration {
        version: 1,
        name: "effects",
        sqlite: "create table effects (place integer primary key autoincrement, id text not null, \
                 key text not null, number integer not null) strict",
        postgres: "create table effects (place bigint generated always as identity primary key, \
                   id text not null, key text not null, number bigint not null)",
    }],
);

/// Producers, relays and a consumer.
pub(crate) struct Relays;

impl Subject for Relays {
    fn name(&self) -> &'static str {
        "outbox"
    }

    fn points(&self) -> &'static [&'static str] {
        &[
            "outbox.put",
            "producer.committed",
            "outbox.fetched",
            "sink.noted",
            "consumer.handled",
            "consumer.committed",
            "outbox.sent",
            "outbox.settled",
        ]
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn work(&self, world: World) -> BoxFuture<'static, Result<(), BoxError>> {
        Box::pin(work(world))
    }

    fn check<'a>(
        &'a self,
        ledger: &'a [Line],
        db: &'a Db,
    ) -> BoxFuture<'a, Result<Findings, BoxError>> {
        Box::pin(check::check(ledger, db))
    }
}

async fn work(world: World) -> Result<(), BoxError> {
    let db = &world.db;
    db.migrate(&OUTBOX).await?;
    db.migrate(&TABLES).await?;
    let sink = Arc::new(Consumer {
        db: db.clone(),
        inbox: Inbox::new(db),
        ledger: Arc::clone(&world.ledger),
    });
    let relay = Relay::builder(db).sink(sink).batch_max(16).lease(LEASE);
    let relay = relay.time_offset(world.offset.clone()).build()?;
    let outbox = Outbox::new(db).time_offset(world.offset.clone());
    if world.task == Task::Finish {
        while !outbox.depths().await?.is_empty() {
            relay.pass().await?;
        }
        return Ok(());
    }
    relay.start();
    let world = Arc::new(world);
    let producers = (0..PRODUCERS).map(|number| {
        let producer = Producer::new(number, Arc::clone(&world), outbox.clone());
        purlin_runtime::spawn(producer.run())
    });
    for producer in producers.collect::<Vec<_>>() {
        producer.await??;
    }
    Ok(())
}

/// Puts messages of its own keys, one transaction after another.
struct Producer {
    world: Arc<World>,
    outbox: Outbox,
    ids: IdMaker,
    keys: Vec<String>,
    /// The number that the last message of a key had.
    last: HashMap<String, u64>,
}

impl Producer {
    fn new(number: u64, world: Arc<World>, outbox: Outbox) -> Self {
        // Two that live at the same time would number the same keys; the next but one goes on.
        let group = world.round % 2;
        let mut last = HashMap::new();
        for line in &world.past {
            last.insert(
                line.key.clone(),
                line.number.max(last.get(&line.key).copied().unwrap_or(0)),
            );
        }
        Self {
            keys: (0..KEYS_EACH)
                .map(|key| format!("{group}-p{number}-k{key}"))
                .collect(),
            world,
            outbox,
            ids: IdMaker::default(),
            last,
        }
    }

    async fn run(mut self) -> Result<(), BoxError> {
        loop {
            let lines = self.next();
            self.world.ledger.note(&lines)?;
            let keeps = self.world.rng.below(8) > 0;
            let verdict = match self.put(&lines, keeps).await {
                Ok(()) => 'A',
                Err(OutboxError::Sql(SqlError::NoRow)) => 'R',
                // Another process held the file or the row for too long: not acknowledged.
                Err(_) => continue,
            };
            crash_point!("producer.committed");
            let verdicts: Vec<Line> = lines.iter().map(|line| line.of(verdict)).collect();
            self.world.ledger.note(&verdicts)?;
        }
    }

    /// What to put next.
    fn next(&mut self) -> Vec<Line> {
        let count = 1 + self.world.rng.below(5);
        let line = |_| {
            let key = &self.keys[self.world.rng.below(KEYS_EACH) as usize];
            let number = self.last.entry(key.clone()).or_default();
            *number += 1;
            Line {
                kind: 'T',
                id: self.ids.make().to_string(),
                key: key.clone(),
                number: *number,
            }
        };
        (0..count).map(line).collect()
    }

    async fn put(&self, lines: &[Line], keeps: bool) -> Result<(), OutboxError> {
        let work = async |tx: &mut Tx| {
            for line in lines {
                let id = line.id.parse().expect("we made it");
                let message = OutboxMessage::new(id, SINK, "effects", line.number.to_string());
                self.outbox.put(tx, message.key(&line.key)).await?;
            }
            if keeps {
                Ok(())
            } else {
                Err(SqlError::NoRow.into())
            }
        };
        self.world.db.transaction(work).await
    }
}

/// The sink, and the consumer behind it.
struct Consumer {
    db: Db,
    inbox: Inbox,
    ledger: Arc<Ledger>,
}

impl Consumer {
    async fn take(&self, message: &OutboxMessage) -> Result<(), BoxError> {
        let body = String::from_utf8(message.body.clone())?;
        let line = Line {
            kind: 'S',
            id: message.id.to_string(),
            key: message.key.clone().unwrap_or_default(),
            number: body.parse()?,
        };
        self.ledger.note(std::slice::from_ref(&line))?;
        crash_point!("sink.noted");
        let effect = async |tx: &mut Tx| {
            if self.inbox.once(tx, "consumer", &line.id).await? == Once::First {
                let insert = "insert into effects (id, key, number) values ($1, $2, $3)";
                let insert = tx.query(insert).bind(&line.id).bind(&line.key);
                insert.bind(line.number as i64).execute().await?;
            }
            crash_point!("consumer.handled");
            Ok::<_, InboxError>(())
        };
        self.db.transaction(effect).await?;
        crash_point!("consumer.committed");
        Ok(())
    }
}

impl Sink for Consumer {
    fn name(&self) -> &str {
        SINK
    }

    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
        Box::pin(async move {
            let (mut answers, mut stuck) = (Vec::new(), Vec::new());
            for message in batch {
                let answer = if stuck.contains(&&message.key) {
                    Err(SinkError::again("one before it failed"))
                } else {
                    self.take(message).await.map_err(SinkError::again)
                };
                if answer.is_err() {
                    stuck.push(&message.key);
                }
                answers.push(answer);
            }
            answers
        })
    }

    fn keeps_order(&self) -> bool {
        true
    }
}
