//! Ending attempts and taking jobs, a batch at a time.

use std::time::Duration;

use redis::Value;

use super::{
    connection::unreadable,
    record::{Stored, cause_name, from_millis, read},
    reply::{array, hash, int, text},
    scripts,
    store::Inner,
};
use crate::{
    QueueError, State,
    store::{Claim, ClaimedJob, Ending, Finish, Finished, Lease, Turn, Turned},
};

/// Attempts that a turn may end, and jobs that it may take.
const TURN_MAX: usize = 1000;
/// Bytes that are kept of a reason.
const REASON_MAX: usize = 4096;

impl Inner {
    pub(super) async fn turn(&self, turn: Turn) -> Result<Turned, QueueError> {
        if turn.finish.len() > TURN_MAX {
            return Err(QueueError::Option {
                option: "finish",
                rule: "at most 1000",
            });
        }
        let mut turned = Turned {
            finished: vec![Finished::LeaseLost; turn.finish.len()],
            ..Turned::default()
        };
        for (queue, places) in by_queue(&turn) {
            let claim = turn.claim.as_ref().filter(|claim| claim.queue == queue);
            let finish = places.iter().map(|place| &turn.finish[*place]);
            let part = self.part(&queue, finish.collect(), claim).await?;
            for (place, finished) in places.into_iter().zip(part.finished) {
                turned.finished[place] = finished;
            }
            if claim.is_some() {
                turned.claimed = part.claimed;
                turned.again_in = part.again_in;
            }
        }
        Ok(turned)
    }

    /// What a turn asks of one queue.
    async fn part(
        &self,
        queue: &str,
        finish: Vec<&Finish>,
        claim: Option<&Claim>,
    ) -> Result<Turned, QueueError> {
        let tokens = self.tokens();
        let max = claim.map_or(0, |claim| claim.max.min(TURN_MAX as u32));
        let lease = claim.map_or(Duration::ZERO, |claim| claim.lease);
        let mut call = scripts::TURN.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(finish.len())
            .arg(max)
            .arg(in_millis(lease).max(1))
            .arg(claim.map_or("", |claim| &claim.worker))
            .arg(&tokens);
        for finish in finish {
            let (kind, value, cause, wait) = words(&finish.ending);
            call.arg(&finish.lease.id)
                .arg(&finish.lease.token)
                .arg(finish.lease.fence)
                .arg(kind)
                .arg(value)
                .arg(cause)
                .arg(wait);
        }
        let answer: Value = self.connections.script(&call).await?;
        self.read_turn(queue, answer, &tokens, lease).await
    }

    async fn read_turn(
        &self,
        queue: &str,
        answer: Value,
        tokens: &str,
        lease: Duration,
    ) -> Result<Turned, QueueError> {
        let mut parts = array(answer, "turn")?.into_iter();
        let mut part = || parts.next().ok_or_else(|| unreadable("turn"));
        let (ended, taken, again, now) = (part()?, part()?, part()?, part()?);
        let until = from_millis(int(&now, "turn")?).saturating_add(lease);
        let mut turned = Turned {
            finished: array(ended, "turn")?
                .into_iter()
                .map(finished)
                .collect::<Result<_, _>>()?,
            ..Turned::default()
        };
        for job in array(taken, "turn")? {
            let (stored, token) = self.taken(queue, job, tokens)?;
            if stored.record.schedule.is_some() {
                self.make_next_tick(&stored).await;
            }
            turned.claimed.push(ClaimedJob {
                lease: Lease {
                    queue: queue.to_owned(),
                    id: stored.record.id.clone(),
                    fence: stored.record.fence,
                    token,
                },
                lease_until: until,
                job: stored.record,
            });
        }
        turned.again_in = u64::try_from(int(&again, "turn")?)
            .ok()
            .map(Duration::from_millis);
        Ok(turned)
    }

    /// One job that was taken, and its token.
    fn taken(&self, queue: &str, job: Value, tokens: &str) -> Result<(Stored, String), QueueError> {
        let mut parts = array(job, "turn")?.into_iter();
        let mut part = || parts.next().ok_or_else(|| unreadable("turn"));
        let (id, position, fields) = (part()?, part()?, part()?);
        let token = format!("{tokens}{}", int(&position, "turn")?);
        let stored = read(
            queue,
            text(id, "turn")?,
            State::Active,
            hash(fields, "turn")?,
            &self.keys,
        );
        Ok((stored, token))
    }
}

/// The queues of a turn, each with the places of its attempts; the queue to claim from comes last, so
/// that what ends in others frees what it may.
fn by_queue(turn: &Turn) -> Vec<(String, Vec<usize>)> {
    let mut queues: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, finish) in turn.finish.iter().enumerate() {
        let queue = &finish.lease.queue;
        match queues.iter_mut().find(|(name, _)| name == queue) {
            Some((_, places)) => places.push(place),
            None => queues.push((queue.clone(), vec![place])),
        }
    }
    if let Some(claim) = &turn.claim {
        let at = queues.iter().position(|(name, _)| *name == claim.queue);
        let last = at.map_or((claim.queue.clone(), Vec::new()), |at| queues.remove(at));
        queues.push(last);
    }
    queues
}

/// How an ending is told to the script: its kind, the value or reason, the cause, the wait.
fn words(ending: &Ending) -> (&'static str, &str, String, u64) {
    let none = String::new;
    match ending {
        Ending::Complete(value) => ("complete", value.as_str(), none(), 0),
        Ending::Retry { failure, after } => (
            "retry",
            cut(&failure.reason),
            cause_name(failure.cause),
            in_millis(*after),
        ),
        Ending::Fail(failure) => ("fail", cut(&failure.reason), cause_name(failure.cause), 0),
        Ending::Snooze { after, reason } => (
            "snooze",
            cut(reason.as_deref().unwrap_or_default()),
            none(),
            in_millis(*after),
        ),
        Ending::Release => ("release", "", none(), 0),
        Ending::AwaitChildren => ("children", "", none(), 0),
    }
}

/// Milliseconds, rounded up: a wait is never shorter than asked.
fn in_millis(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// At most [`REASON_MAX`] bytes, cut between characters.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(REASON_MAX)]
}

fn finished(word: Value) -> Result<Finished, QueueError> {
    let word = text(word, "turn")?;
    if word == "lost" {
        return Ok(Finished::LeaseLost);
    }
    State::by_name(&word)
        .map(Finished::Done)
        .ok_or_else(|| unreadable("turn"))
}
