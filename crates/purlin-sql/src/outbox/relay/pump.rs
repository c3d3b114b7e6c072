//! What is done next for one sink.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::Id};

use super::{
    Core, Passed, backoff,
    flight::{Answers, Batch, Due, Flight},
    lease::Lease,
    settle::{Settled, Verdict, is_outage},
};
use crate::{
    Query, SqlError,
    outbox::{CHANNEL, Sink, latest},
};

/// The loop of one sink.
pub(super) struct Pump {
    core: Arc<Core>,
    sink: Arc<dyn Sink>,
    lease: Lease,
    flight: Flight,
    /// Answers that could not be written down yet. Their messages stay in flight.
    unwritten: Vec<Answered>,
    outage: Outage,
}

/// A batch, and what the sink said about it.
type Answered = (Id, Arc<Batch>, Answers);

/// How long the sink has taken nothing.
#[derive(Default)]
struct Outage {
    failures: u32,
    /// Nothing is sent until then, by the monotonic clock.
    until: Duration,
}

impl Pump {
    pub(super) fn new(core: Arc<Core>, sink: Arc<dyn Sink>) -> Self {
        Self {
            core,
            lease: Lease::new(sink.name()),
            sink,
            flight: Flight::default(),
            unwritten: Vec::new(),
            outage: Outage::default(),
        }
    }

    /// Sends what is due, until nothing is.
    pub(super) async fn pass(&mut self) -> Result<Passed, SqlError> {
        let mut passed = self.write_down().await?;
        loop {
            self.fill().await?;
            let Some(answered) = self.flight.answered().await else {
                return Ok(passed);
            };
            self.unwritten.push(answered);
            passed += self.write_down().await?;
        }
    }

    /// Sends until `stop` says to stop, then waits for what is on its way.
    pub(super) async fn run(&mut self, stop: &mut watch::Receiver<bool>) {
        let core = Arc::clone(&self.core);
        let mut listener = core.db.listen(CHANNEL);
        let mut wait = core.settings.poll_min;
        while !*stop.borrow_and_update() {
            let began = self.turn().await;
            wait = core.settings.next_poll(wait, began);
            tokio::select! {
                biased;
                changed = stop.changed() => if changed.is_err() { break },
                Some(answered) = self.flight.answered() => {
                    self.unwritten.push(answered);
                    wait = core.settings.poll_min;
                }
                () = listener.woken() => wait = core.settings.poll_min,
                () = core.clock.sleep(wait) => {}
            }
        }
        tokio::select! {
            () = self.finish() => {}
            () = core.clock.sleep(core.settings.stop_deadline) => {}
        }
        self.flight = Flight::default();
        self.unwritten.clear();
        if let Err(error) = self.lease.release(&core).await {
            self.log(&error, "a lease was not given back; it runs out by itself");
        }
    }

    /// Writes down what was answered and begins what there is room for. Whether something began.
    async fn turn(&mut self) -> bool {
        let done = async {
            self.write_down().await?;
            self.fill().await
        };
        match done.await {
            Ok(began) => began,
            Err(error) => {
                self.log(&error, "the outbox cannot be read or written");
                false
            }
        }
    }

    /// Waits for the answers that are to come and writes them down.
    async fn finish(&mut self) {
        loop {
            if let Err(error) = self.write_down().await {
                return self.log(&error, "what was sent could not be noted; it is sent again");
            }
            match self.flight.answered().await {
                Some(answered) => self.unwritten.push(answered),
                None => return,
            }
        }
    }

    /// Begins batches while there is room and something to send. Whether one began.
    async fn fill(&mut self) -> Result<bool, SqlError> {
        if self.lease.keep(&self.core).await?.is_none() {
            self.abandon();
            return Ok(false);
        }
        let mut began = false;
        while self.flight.batches() < self.core.settings.batches_max as usize
            && self.core.clock.monotonic() >= self.outage.until
        {
            let due = self.due().await?;
            let settings = &self.core.settings;
            let batch = self
                .flight
                .choose(due, settings.batch_max, self.sink.keeps_order());
            if batch.messages.is_empty() {
                break;
            }
            crate::crash_point!("outbox.fetched");
            let (sink, clock) = (Arc::clone(&self.sink), Arc::clone(&self.core.clock));
            self.flight
                .begin(batch, sink, clock, settings.send_deadline);
            began = true;
        }
        Ok(began)
    }

    /// The first messages that are due. Those in flight are still there, so more are asked for.
    async fn due(&self) -> Result<Vec<Due>, SqlError> {
        let Core {
            db,
            words,
            settings,
            offset,
            ..
        } = &*self.core;
        let messages = settings.batch_max + self.flight.messages();
        let bytes = settings.batch_bytes_max.saturating_add(self.flight.bytes());
        let fetch = Query::new(words.fetch).bind(self.sink.name());
        let fetch = fetch.bind(offset.micros()).bind(messages);
        latest(db, fetch.bind(i64::try_from(bytes).unwrap_or(i64::MAX))).await
    }

    /// Writes down every answer.
    async fn write_down(&mut self) -> Result<Passed, SqlError> {
        let mut passed = Passed::default();
        while let Some((_, batch, answers)) = self.unwritten.last() {
            let done = self.settle(batch, answers).await?;
            let Some((id, batch, answers)) = self.unwritten.pop() else {
                break;
            };
            match done {
                Settled::Done(more) => {
                    self.flight.settled(id);
                    self.note_outage(is_outage(&batch, &answers));
                    passed += more;
                }
                Settled::LeaseLost => {
                    self.lease.lose();
                    self.abandon();
                }
            }
        }
        Ok(passed)
    }

    async fn settle(&self, batch: &Batch, answers: &Answers) -> Result<Settled, SqlError> {
        if is_outage(batch, answers) {
            return Ok(Settled::Done(Passed::default()));
        }
        let verdict = Verdict::of(&self.core, batch, answers.clone());
        crate::crash_point!("outbox.sent");
        let settled = verdict
            .write(&self.core, &self.lease, self.sink.name())
            .await;
        crate::crash_point!("outbox.settled");
        settled
    }

    /// A sink that takes nothing is asked less and less often, and nothing is held against the
    /// messages.
    fn note_outage(&mut self, is_outage: bool) {
        if !is_outage {
            self.outage = Outage::default();
            return;
        }
        self.outage.failures += 1;
        let settings = &self.core.settings;
        let (min, max) = (settings.retry_min, settings.retry_max);
        let wait = backoff::wait(&*self.core.rng, self.outage.failures, min, max);
        self.outage.until = self.core.clock.monotonic() + wait;
        let sink = self.sink.name();
        tracing::warn!(target: "purlin::outbox", sink, ?wait, "the sink takes nothing");
    }

    /// Drops what is on its way: it is another relay's now.
    fn abandon(&mut self) {
        self.flight = Flight::default();
        self.unwritten.clear();
    }

    fn log(&self, error: &SqlError, what: &'static str) {
        tracing::warn!(target: "purlin::outbox", sink = self.sink.name(), %error, "{what}");
    }
}
