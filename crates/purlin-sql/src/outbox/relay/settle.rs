//! What an answer of the sink means for the rows.

use std::collections::HashSet;

use super::{
    Core, OnRefused, Passed, backoff,
    flight::{Answers, Batch, Mark, Place, place},
    lease::Lease,
};
use crate::{
    Json, SqlError, Tx,
    outbox::{OutboxMessage, SinkError, sink::shortened, tables},
};

/// Messages of different keys that must fail together before it is the sink that is away.
const OUTAGE_PLACES_MIN: usize = 8;

/// What is to be written about a batch.
#[derive(Default)]
pub(super) struct Verdict {
    sent: Vec<i64>,
    /// Keys that had failed and go on.
    freed: Vec<Place>,
    failures: Vec<Failure>,
}

/// One message that was not taken.
struct Failure {
    mark: Mark,
    place: Option<Place>,
    reason: String,
    is_final: bool,
}

/// How a batch was settled.
pub(super) enum Settled {
    Done(Passed),
    /// Another relay has the lease: nothing was written.
    LeaseLost,
}

/// The sink took nothing of a batch whose messages have nothing to do with each other.
pub(super) fn is_outage(batch: &Batch, answers: &Answers) -> bool {
    let is_again = |answer: &Result<(), SinkError>| matches!(answer, Err(SinkError::Again { .. }));
    if !answers.iter().all(is_again) {
        return false;
    }
    let places: HashSet<Option<Place>> = batch.messages.iter().map(place).collect();
    let keyless = batch
        .messages
        .iter()
        .filter(|one| one.key.is_none())
        .count();
    let keyed = places.iter().flatten().count();
    keyed + keyless >= OUTAGE_PLACES_MIN
}

impl Verdict {
    pub(super) fn of(core: &Core, batch: &Batch, answers: Answers) -> Self {
        let mut verdict = Self::default();
        let mut stuck = HashSet::new();
        let messages = batch.messages.iter().zip(&batch.marks);
        for ((message, mark), answer) in messages.zip(answers) {
            verdict.add(core, message, *mark, answer, &mut stuck);
        }
        verdict
    }

    fn add(
        &mut self,
        core: &Core,
        message: &OutboxMessage,
        mark: Mark,
        answer: Result<(), SinkError>,
        stuck: &mut HashSet<Place>,
    ) {
        let place = place(message);
        let Err(error) = answer else {
            self.sent.push(mark.seq);
            self.freed.extend(place.filter(|_| mark.attempts > 0));
            return;
        };
        // Held back by one before it: this one was not tried.
        if place
            .as_ref()
            .is_some_and(|place| !stuck.insert(place.clone()))
        {
            return;
        }
        let too_old = mark.age >= core.settings.retry_for;
        let (reason, is_final) = match error {
            SinkError::Refused { reason } => (reason, true),
            SinkError::Again { reason } if too_old => (
                format!("not sent within {:?}: {reason}", core.settings.retry_for),
                true,
            ),
            SinkError::Again { reason } => (reason, false),
        };
        self.failures.push(Failure {
            mark,
            place,
            reason: shortened(&reason),
            is_final,
        });
    }

    /// Writes it, if the lease is still held.
    pub(super) async fn write(
        &self,
        core: &Core,
        lease: &Lease,
        sink: &str,
    ) -> Result<Settled, SqlError> {
        let Some(token) = lease.token() else {
            return Ok(Settled::LeaseLost);
        };
        let held = if self.failures.is_empty() && self.freed.is_empty() {
            let delete = core.db.write(core.words.delete).bind(sink);
            let delete = delete.bind(token).bind(Json(&self.sent));
            self.sent.is_empty() || delete.execute().await? > 0
        } else {
            let work = async |tx: &mut Tx| {
                let renew = lease.renewal(core, token, core.settings.lease);
                if tx.query(renew).execute().await? == 0 {
                    return Ok::<_, SqlError>(false);
                }
                self.write_in(tx, core, token, sink).await.map(|()| true)
            };
            core.db.transaction(work).await?
        };
        Ok(if held {
            Settled::Done(self.passed())
        } else {
            Settled::LeaseLost
        })
    }

    async fn write_in(
        &self,
        tx: &mut Tx,
        core: &Core,
        token: i64,
        sink: &str,
    ) -> Result<(), SqlError> {
        if !self.sent.is_empty() {
            let delete = tx.query(core.words.delete).bind(sink);
            delete.bind(token).bind(Json(&self.sent)).execute().await?;
        }
        for (destination, key) in &self.freed {
            let unhold = tx.query(tables::UNHOLD).bind(sink);
            unhold.bind(destination).bind(key).execute().await?;
        }
        for failure in &self.failures {
            failure.write_in(tx, core, sink).await?;
        }
        Ok(())
    }

    fn passed(&self) -> Passed {
        let parked = self.failures.iter().filter(|one| one.is_final).count() as u64;
        Passed {
            sent: self.sent.len() as u64,
            failed: self.failures.len() as u64 - parked,
            parked,
        }
    }
}

impl Failure {
    async fn write_in(&self, tx: &mut Tx, core: &Core, sink: &str) -> Result<(), SqlError> {
        let seq = self.mark.seq;
        if self.is_final {
            let reason = self.reason.as_str();
            tracing::warn!(target: "purlin::outbox", sink, seq, reason, "a message is parked");
            let park = tx.query(core.words.park).bind(seq).bind(reason);
            park.bind(core.offset.micros()).execute().await?;
            return self.end_key(tx, core, sink).await;
        }
        let settings = &core.settings;
        let (min, max) = (settings.retry_min, settings.retry_max);
        let wait = backoff::wait(&*core.rng, self.mark.attempts + 1, min, max);
        // With a key it is the key that waits, and only the key: else those behind could be due
        // before this one.
        let own_wait = if self.place.is_some() {
            core.offset.micros()
        } else {
            core.offset.after(wait)
        };
        let fail = tx.query(core.words.fail).bind(seq).bind(&self.reason);
        fail.bind(own_wait).execute().await?;
        if let Some((destination, key)) = &self.place {
            let hold = tx.query(core.words.hold).bind(sink).bind(destination);
            let hold = hold.bind(key).bind(core.offset.after(wait));
            hold.execute().await?;
        }
        Ok(())
    }

    /// What becomes of those behind a message that is parked.
    async fn end_key(&self, tx: &mut Tx, core: &Core, sink: &str) -> Result<(), SqlError> {
        let Some((destination, key)) = &self.place else {
            return Ok(());
        };
        let then = match core.settings.on_refused {
            OnRefused::HoldKey => tables::HOLD_FOR_GOOD,
            OnRefused::Skip => tables::UNHOLD,
        };
        let then = tx.query(then).bind(sink).bind(destination);
        then.bind(key).execute().await.map(|_| ())
    }
}
