//! Random histories of outbox, two relays and a consumer, held against what must come of them.
//!
//! Relays are killed between taking and deleting, stall while the other takes over, and have sinks
//! that fail or lose their answer. What must come of it needs no database to say: each message that
//! was committed has its effect once, in the order of its key; no other message has one.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use purlin_base::{
    BoxFuture, Timestamp,
    random::{Rng, SeededRng, SharedRng},
    time::{ManualClock, SharedClock},
};
use purlin_sql::{
    Db, SqlError, TimeOffset, Tx,
    inbox::{Inbox, InboxError, Once},
    outbox::{Outbox, OutboxError, OutboxMessage, Relay, Sink, SinkError},
};
use tokio::sync::watch;
use uuid::Uuid;

use super::outbox::{Bench, message};

const HISTORIES: u64 = 24;
const STEPS: u64 = 40;
const LEASE: Duration = Duration::from_secs(15);

/// By chance, or `PURLIN_SEED`.
#[allow(
    clippy::print_stdout,
    reason = "a history that failed can be had again"
)]
fn seed() -> u64 {
    let given = std::env::var("PURLIN_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| purlin_base::random::OsRng.next_u64());
    println!("these histories are those of PURLIN_SEED={seed}");
    seed
}

pub(crate) async fn whatever_happens_each_message_has_its_effect_once_and_in_order(db: &Db) {
    let rng: SharedRng = Arc::new(SeededRng::new(seed()));
    let bench = Bench::new(db).await;
    let effects = "create table effects (place bigint primary key, id text not null, key text)";
    db.write(effects).execute().await.unwrap();
    let mut met = Met::default();
    for _ in 0..HISTORIES {
        history(&bench, &rng, &mut met).await;
        db.write("delete from effects").execute().await.unwrap();
    }
    // Histories in which little happens say little.
    let Met {
        kills,
        take_overs,
        sent,
    } = met;
    assert!(kills >= 5 && take_overs >= 5 && sent >= 100, "{met:?}");
}

/// What happened in all histories.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    kills: u32,
    take_overs: u32,
    /// By relays that lived to note it.
    sent: u64,
}

async fn history(bench: &Bench, rng: &SharedRng, met: &mut Met) {
    let mut world = World::new(bench, rng);
    for _ in 0..STEPS {
        match rng.below(10) {
            0..4 => world.put().await,
            4..8 => world.pass().await,
            8 => world.stall().await,
            _ => world.advance(Duration::from_secs(rng.below(20))),
        }
        world.nothing_is_lost().await;
    }
    met.kills += world.met.kills;
    met.take_overs += world.met.take_overs;
    met.sent += world.met.sent;
    world.end().await;
}

/// What the sinks do from here on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Each message by chance.
    Random,
    /// Stop in the middle of a batch, by chance, until released.
    Stall,
    Good,
}

struct World<'a> {
    bench: &'a Bench,
    rng: SharedRng,
    sinks: [Arc<Consumer>; 2],
    relays: [Relay; 2],
    /// What was committed: ids by key, in the order of the puts.
    committed: BTreeMap<Option<String>, Vec<Uuid>>,
    /// By which relays wait; moved together with the database's.
    clock: ManualClock,
    met: Met,
}

impl<'a> World<'a> {
    fn new(bench: &'a Bench, rng: &SharedRng) -> Self {
        let sink = || Arc::new(Consumer::new(bench, Arc::clone(rng)));
        let sinks = [sink(), sink()];
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let relays = sinks.each_ref().map(|sink| relay(bench, sink, rng, &clock));
        Self {
            bench,
            rng: Arc::clone(rng),
            sinks,
            relays,
            committed: BTreeMap::new(),
            clock,
            met: Met::default(),
        }
    }

    /// Some messages in one transaction, which may be rolled back.
    async fn put(&mut self) {
        let keys = [None, Some("a"), Some("b"), Some("c")];
        let chosen: Vec<_> = (0..=self.rng.below(5))
            .map(|_| message(keys[self.rng.below(4) as usize], "x"))
            .collect();
        let fails = self.rng.below(5) == 0;
        let outbox: &Outbox = &self.bench.outbox;
        let work = async |tx: &mut Tx| {
            for message in &chosen {
                outbox.put(tx, message.clone()).await?;
            }
            if fails {
                Err(SqlError::NoRow.into())
            } else {
                Ok::<_, OutboxError>(())
            }
        };
        let done = self.bench.db.transaction(work).await;
        assert_eq!(done.is_err(), fails);
        for message in chosen.into_iter().filter(|_| !fails) {
            self.committed
                .entry(message.key)
                .or_default()
                .push(message.id);
        }
    }

    /// One relay sends, and may be killed in the middle.
    async fn pass(&mut self) {
        let at = self.rng.below(2) as usize;
        let sink = &self.sinks[at];
        let may_stall = self.rng.below(3) == 0;
        sink.set(if may_stall { Mood::Stall } else { Mood::Random });
        let sent = {
            let pass = std::pin::pin!(self.relays[at].pass());
            let stalled = std::pin::pin!(sink.stalled());
            match select(pass, stalled).await {
                Either::Left((passed, _)) => Some(passed.unwrap().sent),
                Either::Right(_) => None,
            }
        };
        sink.set(Mood::Random);
        match sent {
            Some(sent) => self.met.sent += sent,
            None => self.kill(at),
        }
    }

    /// Its lease stays, and may end.
    fn kill(&mut self, at: usize) {
        self.met.kills += 1;
        self.relays[at] = self.relay(&self.sinks[at]);
        if self.rng.below(3) > 0 {
            self.advance(LEASE);
        }
    }

    /// One relay stalls, the other takes over, and then the first goes on.
    async fn stall(&mut self) {
        self.advance(LEASE);
        let (sink, [first, second]) = (&self.sinks[0], &self.relays);
        sink.set(Mood::Stall);
        let stalled = std::pin::pin!(sink.stalled());
        match select(std::pin::pin!(first.pass()), stalled).await {
            // By chance it did not.
            Either::Left((passed, _)) => self.met.sent += passed.unwrap().sent,
            Either::Right(((), pass)) => {
                let take_over = async {
                    self.advance(LEASE);
                    let passed = second.pass().await.unwrap();
                    sink.set(Mood::Random);
                    passed
                };
                // Together: the first may be about to note another batch.
                let (stale, passed) = tokio::join!(pass, take_over);
                stale.unwrap();
                self.met.take_overs += u32::from(passed.sent > 0);
            }
        }
        sink.set(Mood::Random);
    }

    fn advance(&self, by: Duration) {
        self.bench.offset.advance(by);
        self.clock.advance(by);
    }

    fn relay(&self, sink: &Arc<Consumer>) -> Relay {
        relay(self.bench, sink, &self.rng, &self.clock)
    }

    /// What was committed waits or has had its effect; nothing else has.
    async fn nothing_is_lost(&self) {
        let waiting = self.ids("select cast(id as text) from purlin_outbox").await;
        let done = self.ids("select id from effects").await;
        for id in self.committed.values().flatten() {
            assert!(waiting.contains(id) || done.contains(id), "{id} is lost");
        }
        for id in &done {
            assert!(
                self.committed.values().any(|ids| ids.contains(id)),
                "{id} was rolled back"
            );
        }
    }

    /// Everything goes well again, and what is left is sent.
    async fn end(self) {
        for sink in &self.sinks {
            sink.set(Mood::Good);
        }
        while !self.bench.outbox.depths().await.unwrap().is_empty() {
            self.advance(Duration::from_secs(120));
            // One that has lost its lease since is begun anew, so that it asks at once.
            self.relay(&self.sinks[0]).pass().await.unwrap();
        }
        let rows = self
            .bench
            .db
            .read()
            .query("select id, key from effects order by place");
        let rows = rows.fetch_all::<(Uuid, Option<String>)>().await.unwrap();
        let mut done: BTreeMap<Option<String>, Vec<Uuid>> = BTreeMap::new();
        for (id, key) in rows {
            done.entry(key).or_default().push(id);
        }
        // Those without a key have no order.
        let mut committed = self.committed.clone();
        for all in [&mut done, &mut committed] {
            all.entry(None).or_default().sort();
        }
        assert_eq!(done, committed);
    }

    async fn ids(&self, query: &'static str) -> Vec<Uuid> {
        let rows = self.bench.db.read().query(query).fetch_all::<(Uuid,)>();
        rows.await.unwrap().into_iter().map(|(id,)| id).collect()
    }
}

fn relay(bench: &Bench, sink: &Arc<Consumer>, rng: &SharedRng, clock: &ManualClock) -> Relay {
    let clock: SharedClock = Arc::new(clock.clone());
    let relay = Relay::builder(&bench.db).sink(sink.clone());
    let relay = relay.batch_max(8).batches_max(2);
    // Not by itself: a sink that stalls does so until the history goes on.
    let relay = relay.send_deadline(Duration::MAX).clock(clock);
    let relay = relay.rng(Arc::clone(rng));
    relay.time_offset(bench.offset.clone()).build().unwrap()
}

/// A sink and the consumer behind it: the effect of a message is a row, in one commit with the note
/// in the inbox.
struct Consumer {
    db: Db,
    inbox: Inbox,
    rng: SharedRng,
    mood: watch::Sender<Mood>,
    stalls: watch::Sender<bool>,
}

impl Consumer {
    fn new(bench: &Bench, rng: SharedRng) -> Self {
        Self {
            db: bench.db.clone(),
            inbox: Inbox::new(&bench.db).time_offset(TimeOffset::default()),
            rng,
            mood: watch::Sender::new(Mood::Random),
            stalls: watch::Sender::new(false),
        }
    }

    fn set(&self, mood: Mood) {
        self.stalls.send_replace(false);
        self.mood.send_replace(mood);
    }

    /// Ends once a batch stands still.
    async fn stalled(&self) {
        let mut stalls = self.stalls.subscribe();
        stalls.wait_for(|stalls| *stalls).await.unwrap();
    }

    async fn take(&self, message: &OutboxMessage) {
        let work = async |tx: &mut Tx| {
            let id = message.id.to_string();
            if self.inbox.once(tx, "consumer", &id).await? == Once::First {
                let effect = "insert into effects (place, id, key)
                              select coalesce(max(place), 0) + 1, $1, $2 from effects";
                let effect = tx.query(effect).bind(id).bind(message.key.clone());
                effect.execute().await?;
            }
            Ok::<_, InboxError>(())
        };
        while let Err(error) = self.db.transaction(work).await {
            // Two batches at the same time took the same place.
            let again = matches!(&error, InboxError::Sql(SqlError::Unique { .. }));
            assert!(again, "{error}");
        }
    }

    /// What becomes of one message.
    async fn answer(&self, message: &OutboxMessage) -> Result<(), SinkError> {
        let mood = *self.mood.borrow();
        if mood == Mood::Stall && self.rng.below(3) == 0 {
            self.stalls.send_replace(true);
            let mut mood = self.mood.subscribe();
            mood.wait_for(|mood| *mood != Mood::Stall).await.unwrap();
        }
        let chance = if mood == Mood::Good {
            0
        } else {
            self.rng.below(10)
        };
        if chance == 9 {
            return Err(SinkError::again("not taken"));
        }
        self.take(message).await;
        if chance == 8 {
            return Err(SinkError::again("taken, and the answer is lost"));
        }
        Ok(())
    }
}

impl Sink for Consumer {
    fn name(&self) -> &str {
        "test"
    }

    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
        Box::pin(async move {
            let (mut answers, mut stuck) = (Vec::new(), Vec::new());
            for message in batch {
                let is_stuck = message.key.is_some() && stuck.contains(&&message.key);
                let answer = match is_stuck {
                    true => Err(SinkError::again("one before it failed")),
                    false => self.answer(message).await,
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
