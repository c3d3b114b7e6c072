//! Takes jobs, runs them, and tells the store how they ended: the loop of a worker.
//!
//! One turn is one call of the store, which ends attempts and takes jobs in one commit. While it is
//! under way, jobs run and end; what has ended by its end goes into the next one. So the batches grow
//! with the load by themselves, and an idle queue waits for nothing.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use purlin_base::{BoxFuture, time::Clock as _};
use tokio::sync::{Notify, mpsc};

use super::{
    backlog::Backlog,
    pace::Pace,
    run::{self, Ended, Taken},
    shared::Shared,
};
use crate::{
    QueueError,
    store::{Claim, Ending, Finished, Turn, Turned},
};

/// Jobs that one turn takes or ends, at most.
pub(super) const TURN_MAX: usize = 1000;

/// How long the store may take for a turn while the worker stops.
const STOP_TURN_MAX: Duration = Duration::from_secs(2);

/// How long a job that was taken ahead may wait for a free place before it is handed back.
const AHEAD_MAX: Duration = Duration::from_secs(1);

/// The loop of a worker.
pub(super) struct Supervisor {
    pub(super) shared: Arc<Shared>,
    /// Taken and not begun.
    pub(super) ahead: VecDeque<Taken>,
    pub(super) running: u32,
    pub(super) backlog: Backlog,
    pub(super) ended: mpsc::Receiver<Ended>,
    tell_ended: mpsc::Sender<Ended>,
    pace: Pace,
    wake: Option<BoxFuture<'static, ()>>,
}

impl Supervisor {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let places = (shared.settings.concurrency + shared.settings.prefetch) as usize;
        let (tell_ended, ended) = mpsc::channel(places.max(1));
        Self {
            pace: Pace::new(shared.settings.poll),
            shared,
            ahead: VecDeque::new(),
            running: 0,
            backlog: Backlog::default(),
            ended,
            tell_ended,
            wake: None,
        }
    }

    /// Works until it is asked to stop, then winds down. Everything that belongs to the worker ends
    /// with it, however it ends.
    pub(super) async fn work(mut self) {
        let _gone = self.shared.gone.clone().drop_guard();
        let _done = self.shared.done.clone().drop_guard();
        while !self.shared.stop.asked.is_cancelled() {
            self.absorb_ended();
            self.give_up_lost();
            self.hand_back_stale();
            self.begin_ahead();
            self.listen();
            match self.next_turn() {
                Some(turn) => self.take_turn(turn).await,
                None => self.wait().await,
            }
        }
        self.wind_down().await;
    }

    /// Enlists for the next hint, before the store is asked: what comes in between is not missed.
    fn listen(&mut self) {
        if self.wake.is_none() {
            self.wake = self.shared.store.woken(self.shared.queue());
        }
    }

    fn next_turn(&mut self) -> Option<Turn> {
        let now = self.shared.clock.monotonic();
        let finish = self.backlog.batch(now);
        let wanted = self.wanted();
        let is_due = !finish.is_empty() || self.pace.is_due(now);
        let may_claim = wanted > 0 && is_due && self.backlog.is_reachable(now);
        if finish.is_empty() && !may_claim {
            return None;
        }
        let claim = may_claim.then(|| Claim {
            queue: self.shared.queue().to_owned(),
            max: wanted,
            lease: self.shared.settings.lease,
            worker: self.shared.id.clone(),
        });
        Some(Turn { finish, claim })
    }

    /// Free places, and some more if jobs are so short that the next would be waited for.
    fn wanted(&self) -> u32 {
        let settings = &self.shared.settings;
        let held = self.running + self.ahead.len() as u32;
        let ahead = match self.pace.are_short() {
            true => settings.prefetch,
            false => 0,
        };
        // What has ended and is not known to the store still has its place: so what is kept is bounded.
        let kept = self.backlog.unsent() as u32;
        (settings.concurrency + ahead)
            .saturating_sub(held + kept)
            .min(TURN_MAX as u32)
    }

    pub(super) async fn take_turn(&mut self, turn: Turn) {
        let store = Arc::clone(&self.shared.store);
        let clock = Arc::clone(&self.shared.clock);
        let (asked, sent) = (
            turn.claim.as_ref().map(|claim| claim.max),
            clock.monotonic(),
        );
        let mut turn = store.turn(turn);
        let within = self.turn_within();
        let mut bound = clock.sleep(within);
        let mut was_hinted = false;
        let turned = loop {
            tokio::select! {
                biased;
                turned = &mut turn => break turned,
                Some(ended) = self.ended.recv() => {
                    self.absorb(ended);
                    self.begin_ahead();
                }
                () = hint(&mut self.wake, &self.shared.came) => was_hinted = true,
                () = &mut bound => break Err(QueueError::TimedOut { waited: within }),
            }
        };
        match turned {
            Ok(turned) => self.turned(turned, asked, sent),
            Err(error) => self.failed(&error),
        }
        if was_hinted {
            // The turn may have looked before that which the hint is about was there.
            self.pace.hinted();
        }
    }

    /// How long the store may take for a turn. A stop does not wait for one that is away.
    fn turn_within(&self) -> Duration {
        let lease = self.shared.settings.lease;
        match self.shared.stop.asked.is_cancelled() {
            true => lease.min(STOP_TURN_MAX),
            false => lease,
        }
    }

    /// Lets go of endings whose leases have run out: another attempt may have begun.
    pub(super) fn give_up_lost(&mut self) {
        for attempt in self.backlog.give_up_lost(self.shared.clock.monotonic()) {
            let (queue, job) = (self.shared.queue(), &attempt.lease.id);
            tracing::warn!(
                queue,
                job,
                "a result is discarded: the lease ran out before the store took it"
            );
            self.shared.attempts.remove(attempt.slot);
        }
    }

    fn turned(&mut self, turned: Turned, asked: Option<u32>, sent: Duration) {
        let finished = turned.finished;
        let some_ended = finished.iter().any(|it| matches!(it, Finished::Done(_)));
        for (attempt, finished) in self.backlog.told(finished) {
            self.shared.attempts.remove(attempt.slot);
            if finished == Finished::LeaseLost {
                let (queue, job) = (self.shared.queue(), &attempt.lease.id);
                tracing::warn!(queue, job, "a result came too late: the lease was lost");
            }
        }
        if some_ended {
            self.shared.home.local().tell_ended();
        }
        let came = turned.claimed.len() as u32;
        for claimed in turned.claimed {
            let taken = self.shared.take(claimed, sent);
            self.ahead.push_back(taken);
        }
        let Some(asked) = asked else { return };
        let now = self.shared.clock.monotonic();
        self.pace.claimed(now, came, asked, turned.again_in);
        if came < asked && turned.again_in.is_some() {
            self.shared.look_again.notify_one();
        }
    }

    fn failed(&mut self, error: &QueueError) {
        let now = self.shared.clock.monotonic();
        let again_in = self.backlog.failed(now, error);
        tracing::warn!(queue = self.shared.queue(), %error, ?again_in, "the store did not take a turn");
    }

    /// Begins what was taken, as far as there are free places.
    fn begin_ahead(&mut self) {
        while self.running < self.shared.settings.concurrency {
            let Some(taken) = self.ahead.pop_front() else {
                return;
            };
            if taken.attempt.is_lost() {
                self.shared.attempts.remove(taken.attempt.slot);
                continue;
            }
            self.running += 1;
            let (shared, tell) = (Arc::clone(&self.shared), self.tell_ended.clone());
            purlin_runtime::spawn(async move {
                let ended = run::run(shared, taken).await;
                // There is a place for each that runs; nobody listens once the worker is gone.
                let _ = tell.send(ended).await;
            });
        }
    }

    pub(super) fn absorb_ended(&mut self) {
        while let Ok(ended) = self.ended.try_recv() {
            self.absorb(ended);
        }
    }

    pub(super) fn absorb(&mut self, ended: Ended) {
        self.running -= 1;
        self.pace.ended(ended.took);
        let Ended {
            attempt, ending, ..
        } = ended;
        match ending {
            Some(ending) if !attempt.is_lost() => self.backlog.push(attempt, ending),
            _ => {
                self.shared.attempts.remove(attempt.slot);
                if attempt.ended_within() {
                    self.shared.home.local().tell_ended();
                }
            }
        }
    }

    /// Hands back what has waited too long for a free place: another worker may have one.
    fn hand_back_stale(&mut self) {
        if self.running < self.shared.settings.concurrency {
            return;
        }
        let now = self.shared.clock.monotonic();
        while let Some(first) = self.ahead.front()
            && now.saturating_sub(first.at) >= AHEAD_MAX
        {
            self.hand_back_first();
            self.pace.were_not_short();
        }
    }

    pub(super) fn hand_back_first(&mut self) {
        if let Some(taken) = self.ahead.pop_front() {
            self.backlog.push(taken.attempt, Ending::Release);
        }
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) {
        let now = self.shared.clock.monotonic();
        let wanted = self.wanted();
        let mut until = self.backlog.again_at(now);
        if wanted > 0 && self.backlog.is_reachable(now) {
            until = nearest(until, Some(self.pace.due_at()));
        }
        until = nearest(until, self.ahead.front().map(|first| first.at + AHEAD_MAX));
        let wait = until.map(|until| until.saturating_sub(now));
        tokio::select! {
            biased;
            () = self.shared.stop.asked.cancelled() => {}
            Some(ended) = self.ended.recv() => self.absorb(ended),
            () = hint(&mut self.wake, &self.shared.came) => self.pace.hinted(),
            () = sleep(&self.shared, wait) => {}
        }
    }
}

/// Ends when there may be something to take, as the store or the upkeep says.
async fn hint(wake: &mut Option<BoxFuture<'static, ()>>, came: &Notify) {
    let of_store = async {
        match wake {
            Some(hint) => hint.as_mut().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = of_store => *wake = None,
        () = came.notified() => {}
    }
}

pub(super) async fn sleep(shared: &Shared, wait: Option<Duration>) {
    match wait {
        Some(wait) => shared.clock.sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn nearest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
