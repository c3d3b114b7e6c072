//! Calls of many callers in one commit.
//!
//! Calls wait in a list. A commit that begins takes all that waits then, up to a bound; while it
//! runs, others gather for the next one, which stands in line already. Nobody is answered before
//! the commit. If a commit fails for what one call asked, each of its calls is done again alone.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use purlin_base::BoxFuture;
use purlin_sql::{Db, SqlError, Tx};
use tokio::sync::{Semaphore, oneshot};

use super::{add, commit::Commit, core::Core, turn};
use crate::{
    QueueError,
    store::{Added, NewJob, Turn, Turned},
};

/// Jobs added and attempts ended in one commit at most, unless one call alone has more.
const ITEMS_MAX: usize = 256;

/// Bytes of payloads and results in one commit at most, unless one call alone has more.
const BYTES_MAX: usize = 4 << 20;

/// Calls that may wait for a commit. Beyond it a caller waits to be let in.
const CALLS_MAX: usize = 4096;

/// What waits for the next commit.
pub(super) struct Batcher {
    waiting: Mutex<Waiting>,
    places: Semaphore,
    /// Commits at once at most. On SQLite there is one writer: one runs and one stands in line.
    commits_max: usize,
}

#[derive(Default)]
struct Waiting {
    calls: VecDeque<Call>,
    /// A commit stands in line that has not begun: it will take what waits.
    in_line: bool,
    /// Commits that run or stand in line.
    commits: usize,
}

/// A call, and where its answer goes.
struct Call {
    asked: Asked,
    reply: oneshot::Sender<Result<Answer, QueueError>>,
}

enum Asked {
    Add(Vec<NewJob>),
    Turn(Turn),
}

enum Answer {
    Added(Vec<Added>),
    Turned(Turned),
}

impl Batcher {
    pub(super) fn new(db: &Db) -> Self {
        Self {
            waiting: Mutex::default(),
            places: Semaphore::new(CALLS_MAX),
            commits_max: if db.engine() == "sqlite" { 2 } else { 4 },
        }
    }

    pub(super) async fn add(
        &self,
        core: &Arc<Core>,
        jobs: Vec<NewJob>,
    ) -> Result<Vec<Added>, QueueError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        match self.call(core, Asked::Add(jobs)).await? {
            Answer::Added(added) => Ok(added),
            Answer::Turned(_) => unreachable!("an add is answered as one"),
        }
    }

    pub(super) async fn turn(&self, core: &Arc<Core>, turn: Turn) -> Result<Turned, QueueError> {
        turn::check(&turn)?;
        match self.call(core, Asked::Turn(turn)).await? {
            Answer::Turned(turned) => Ok(turned),
            Answer::Added(_) => unreachable!("a turn is answered as one"),
        }
    }

    async fn call(&self, core: &Arc<Core>, asked: Asked) -> Result<Answer, QueueError> {
        let _place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => self
                .places
                .acquire()
                .await
                .map_err(|_| QueueError::Closed)?,
        };
        let (reply, answer) = oneshot::channel();
        self.lock().calls.push_back(Call { asked, reply });
        self.begin_if_due(core);
        // The commit that had taken the call went away without a word: its runtime was stopped.
        answer.await.unwrap_or(Err(QueueError::Closed))
    }

    /// Puts a commit in line if something waits and none stands there.
    fn begin_if_due(&self, core: &Arc<Core>) {
        let mut waiting = self.lock();
        let due = !waiting.calls.is_empty() && !waiting.in_line;
        if due && waiting.commits < self.commits_max {
            waiting.in_line = true;
            waiting.commits += 1;
            drop(waiting);
            let running = Running {
                core: Arc::clone(core),
                has_begun: Arc::default(),
            };
            purlin_runtime::spawn(running.run());
        }
    }

    /// What waits, up to the bounds.
    fn take(&self) -> Vec<Call> {
        let mut waiting = self.lock();
        waiting.in_line = false;
        let (mut items, mut bytes, mut taken) = (0, 0, Vec::new());
        while let Some(call) = waiting.calls.pop_front() {
            if call.reply.is_closed() {
                continue;
            }
            items += call.asked.items();
            bytes += call.asked.bytes();
            let fits = items <= ITEMS_MAX && bytes <= BYTES_MAX;
            if !fits && !taken.is_empty() {
                waiting.calls.push_front(call);
                break;
            }
            taken.push(call);
        }
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting
            .lock()
            .expect("nothing panics while it is held")
    }
}

impl Asked {
    fn items(&self) -> usize {
        match self {
            Self::Add(jobs) => jobs.len(),
            Self::Turn(turn) => turn.finish.len() + usize::from(turn.claim.is_some()),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Add(jobs) => jobs.iter().map(|job| job.data.as_str().len()).sum(),
            Self::Turn(turn) => turn.finish.iter().map(|finish| finish.ending.bytes()).sum(),
        }
    }

    fn queues<'a>(&'a self, queues: &mut BTreeSet<&'a str>) {
        match self {
            Self::Add(jobs) => queues.extend(jobs.iter().map(|job| job.queue.as_str())),
            Self::Turn(turn) => {
                queues.extend(turn.claim.iter().map(|claim| claim.queue.as_str()));
                queues.extend(turn.finish.iter().map(|finish| finish.lease.queue.as_str()));
            }
        }
    }
}

/// One commit, in line or running. Dropped, it makes room for the next one.
struct Running {
    core: Arc<Core>,
    has_begun: Arc<Begun>,
}

/// The calls that a commit has taken, once it has begun.
#[derive(Default)]
struct Begun(Mutex<Option<Arc<Taken>>>);

/// What was asked, and where the answers go.
struct Taken {
    asked: Vec<Asked>,
    replies: Mutex<Vec<oneshot::Sender<Result<Answer, QueueError>>>>,
}

impl Running {
    async fn run(self) {
        let (core, begun) = (Arc::clone(&self.core), Arc::clone(&self.has_begun));
        let outcome = self
            .core
            .transact(
                move |tx| {
                    let (core, begun) = (Arc::clone(&core), Arc::clone(&begun));
                    Box::pin(async move {
                        let taken = begun.get(&core);
                        do_all(core, tx, &taken.asked).await
                    })
                },
                false,
            )
            .await;
        let taken = self.has_begun.get(&self.core);
        let replies = taken.take_replies();
        match outcome {
            Ok(answers) => {
                for (reply, answer) in replies.into_iter().zip(answers) {
                    // The caller may have gone away; it is done all the same.
                    let _ = reply.send(Ok(answer));
                }
            }
            Err(error) => self.failed(&taken, replies, error).await,
        }
    }

    /// A fault of the database is everybody's; another one is looked for, one by one.
    async fn failed(
        &self,
        taken: &Arc<Taken>,
        replies: Vec<oneshot::Sender<Result<Answer, QueueError>>>,
        error: QueueError,
    ) {
        if let QueueError::Sql(fault) = &error
            && is_of_the_database(fault)
        {
            for reply in replies {
                let _ = reply.send(Err(QueueError::Sql(fault.clone())));
            }
            return;
        }
        if replies.len() == 1 {
            for reply in replies {
                let _ = reply.send(Err(error));
                return;
            }
            return;
        }
        for (at, reply) in replies.into_iter().enumerate() {
            let _ = reply.send(self.alone(taken, at).await);
        }
    }

    /// Does one of the calls in a commit of its own.
    async fn alone(&self, taken: &Arc<Taken>, at: usize) -> Result<Answer, QueueError> {
        let (core, taken) = (Arc::clone(&self.core), Arc::clone(taken));
        let answers = self
            .core
            .transact(
                move |tx| {
                    let (core, taken) = (Arc::clone(&core), Arc::clone(&taken));
                    Box::pin(async move { do_all(core, tx, &taken.asked[at..=at]).await })
                },
                false,
            )
            .await?;
        answers.into_iter().next().ok_or(QueueError::Closed)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let batcher = &self.core.batcher;
        {
            let mut waiting = batcher.lock();
            waiting.commits -= 1;
            if !self.has_begun.has_begun() {
                waiting.in_line = false;
            }
        }
        // Without a runtime nobody waits either.
        if tokio::runtime::Handle::try_current().is_ok() {
            batcher.begin_if_due(&self.core);
        }
    }
}

impl Begun {
    /// What the commit does, which is settled when it is first asked.
    fn get(&self, core: &Core) -> Arc<Taken> {
        let mut taken = self.0.lock().expect("nothing panics while it is held");
        Arc::clone(taken.get_or_insert_with(|| {
            let calls = core.batcher.take();
            let (asked, replies) = calls
                .into_iter()
                .map(|call| (call.asked, call.reply))
                .unzip();
            Arc::new(Taken {
                asked,
                replies: Mutex::new(replies),
            })
        }))
    }

    fn has_begun(&self) -> bool {
        self.0
            .lock()
            .expect("nothing panics while it is held")
            .is_some()
    }
}

impl Taken {
    fn take_replies(&self) -> Vec<oneshot::Sender<Result<Answer, QueueError>>> {
        std::mem::take(
            &mut *self
                .replies
                .lock()
                .expect("nothing panics while it is held"),
        )
    }
}

/// What every call of a commit is told alike.
fn is_of_the_database(fault: &SqlError) -> bool {
    matches!(
        fault,
        SqlError::Serialization(_)
            | SqlError::Busy(_)
            | SqlError::Exhausted
            | SqlError::StorageFull(_)
            | SqlError::Unavailable(_)
            | SqlError::Unknown(_)
            | SqlError::Closed
    )
}

/// Does what was asked: first everything is added, then attempts end, then jobs are taken.
fn do_all<'a>(
    core: Arc<Core>,
    tx: &'a mut Tx,
    asked: &'a [Asked],
) -> BoxFuture<'a, Result<Vec<Answer>, QueueError>> {
    Box::pin(async move {
        let mut queues = BTreeSet::new();
        asked.iter().for_each(|asked| asked.queues(&mut queues));
        let mut commit = Commit::begin(core, tx, &queues).await?;
        let (mut adds, mut turns) = (Vec::new(), Vec::new());
        for asked in asked {
            match asked {
                Asked::Add(jobs) => adds.push(jobs.as_slice()),
                Asked::Turn(turn) => turns.push(turn),
            }
        }
        let mut added = add::add_all(&mut commit, &adds).await?.into_iter();
        let mut turned = turn::turn_all(&mut commit, &turns).await?.into_iter();
        commit.seal().await?;
        let answers = asked.iter().filter_map(|asked| match asked {
            Asked::Add(_) => added.next().map(Answer::Added),
            Asked::Turn(_) => turned.next().map(Answer::Turned),
        });
        Ok(answers.collect())
    })
}
