//! What is on its way to a sink, and what may be sent beside it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use purlin_base::time::SharedClock;
use tokio::task::{Id, JoinSet};

use crate::{
    FromRow, Row, RowError,
    outbox::{OutboxMessage, Sink, SinkError},
};

/// A message as the relay sees it.
pub(super) struct Due {
    pub(super) message: OutboxMessage,
    pub(super) mark: Mark,
}

/// What the relay knows of a message beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) seq: i64,
    /// Bytes of headers and body.
    size: u64,
    /// How often it has failed.
    pub(super) attempts: u32,
    /// How long it has been waiting.
    pub(super) age: Duration,
}

impl FromRow for Due {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let age = row.get::<i64>("age")?;
        Ok(Self {
            message: OutboxMessage::from_row(row)?,
            mark: Mark {
                seq: row.get("seq")?,
                size: row.get("size")?,
                attempts: row.get("attempts")?,
                age: crate::outbox::elapsed(age),
            },
        })
    }
}

/// Messages that are handed to a sink at once.
pub(super) struct Batch {
    pub(super) messages: Vec<OutboxMessage>,
    pub(super) marks: Vec<Mark>,
}

/// Destination and key: what order holds for.
pub(super) type Place = (String, String);

/// The place of a message; one without a key has none.
pub(super) fn place(message: &OutboxMessage) -> Option<Place> {
    let key = message.key.as_ref()?;
    Some((message.destination.clone(), key.clone()))
}

/// What a sink answered.
pub(super) type Answers = Vec<Result<(), SinkError>>;

/// The batches on their way. Dropped, their calls are dropped.
#[derive(Default)]
pub(super) struct Flight {
    calls: JoinSet<Answers>,
    batches: HashMap<Id, Arc<Batch>>,
    seqs: HashSet<i64>,
    places: HashSet<Place>,
    bytes: u64,
}

impl Flight {
    pub(super) fn batches(&self) -> usize {
        self.batches.len()
    }

    pub(super) fn messages(&self) -> u32 {
        u32::try_from(self.seqs.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Of the messages that are due, in order, those that may be sent now: none whose key is on its
    /// way, and unless the sink keeps the order, one of each key.
    pub(super) fn choose(&self, due: Vec<Due>, batch_max: u32, keeps_order: bool) -> Batch {
        let mut in_batch = HashSet::new();
        let mut may_go = |due: &Due| match place(&due.message) {
            _ if self.seqs.contains(&due.mark.seq) => false,
            None => true,
            Some(place) if self.places.contains(&place) => false,
            Some(place) => in_batch.insert(place) || keeps_order,
        };
        let chosen = due.into_iter().filter(|due| may_go(due));
        let (messages, marks) = chosen
            .take(batch_max as usize)
            .map(|due| (due.message, due.mark))
            .unzip();
        Batch { messages, marks }
    }

    /// Hands `batch` to `sink`.
    pub(super) fn begin(
        &mut self,
        batch: Batch,
        sink: Arc<dyn Sink>,
        clock: SharedClock,
        deadline: Duration,
    ) {
        self.seqs.extend(batch.marks.iter().map(|mark| mark.seq));
        self.places.extend(batch.messages.iter().filter_map(place));
        self.bytes += batch.size();
        let batch = Arc::new(batch);
        let call = call(Arc::clone(&batch), sink, clock, deadline);
        let id = self.calls.spawn(call).id();
        self.batches.insert(id, batch);
    }

    /// The next batch that was answered; it stays in flight until [`settled`](Self::settled).
    /// `None`: nothing is on its way.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub(super) async fn answered(&mut self) -> Option<(Id, Arc<Batch>, Answers)> {
        let (id, answers) = match self.calls.join_next_with_id().await? {
            Ok((id, answers)) => (id, Some(answers)),
            Err(panic) => {
                tracing::error!(target: "purlin::outbox", error = %panic, "a sink panicked");
                (panic.id(), None)
            }
        };
        let batch = Arc::clone(self.batches.get(&id)?);
        let answers = answers.unwrap_or_else(|| all_again(&batch, "the sink panicked"));
        Some((id, batch, answers))
    }

    /// The rows of a batch say now what was answered.
    pub(super) fn settled(&mut self, id: Id) {
        let Some(batch) = self.batches.remove(&id) else {
            return;
        };
        self.bytes -= batch.size();
        for (message, mark) in batch.messages.iter().zip(&batch.marks) {
            self.seqs.remove(&mark.seq);
            if let Some(place) = place(message) {
                self.places.remove(&place);
            }
        }
    }
}

impl Batch {
    fn size(&self) -> u64 {
        self.marks.iter().map(|mark| mark.size).sum()
    }
}

/// One answer for each message, whatever the sink does, but for a panic.
async fn call(
    batch: Arc<Batch>,
    sink: Arc<dyn Sink>,
    clock: SharedClock,
    deadline: Duration,
) -> Answers {
    let mut answers = tokio::select! {
        answers = sink.send(&batch.messages) => answers,
        () = clock.sleep(deadline) => all_again(&batch, "the sink did not answer in time"),
    };
    if answers.len() != batch.messages.len() {
        let (sink, given, wanted) = (sink.name(), answers.len(), batch.messages.len());
        tracing::error!(target: "purlin::outbox", sink, given, wanted, "a sink gave another number of answers");
        let missing = || Err(SinkError::again("the sink gave no answer"));
        answers.resize_with(wanted, missing);
    }
    answers
}

fn all_again(batch: &Batch, reason: &str) -> Answers {
    vec![Err(SinkError::again(reason)); batch.messages.len()]
}
