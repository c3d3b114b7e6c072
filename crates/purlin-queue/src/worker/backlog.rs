//! Endings that the store does not know of yet: kept and sent again until their leases end.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use purlin_base::Classified as _;

use super::{attempt::Attempt, supervisor::TURN_MAX};
use crate::{
    QueueError,
    job::{Failure, FailureCause},
    store::{Ending, Finish, Finished},
};

/// How long a store that failed is left alone: at first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Endings in the order in which they came. There are no more than jobs that the worker may hold.
pub(super) struct Backlog {
    kept: VecDeque<Kept>,
    /// How many of the first are in the turn that is under way.
    sent: usize,
    /// Endings in one turn: fewer after a failure, so that one that cannot be taken is found.
    batch_max: usize,
    /// The store is not asked before.
    not_before: Duration,
    wait: Duration,
}

struct Kept {
    attempt: Arc<Attempt>,
    ending: Ending,
    /// The store has refused it, alone.
    was_refused: bool,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            sent: 0,
            batch_max: TURN_MAX,
            not_before: Duration::ZERO,
            wait: AGAIN.0,
        }
    }
}

impl Backlog {
    pub(super) fn push(&mut self, attempt: Arc<Attempt>, ending: Ending) {
        attempt.set_ended();
        self.kept.push_back(Kept {
            attempt,
            ending,
            was_refused: false,
        });
    }

    /// Endings that no turn under way carries.
    pub(super) fn unsent(&self) -> usize {
        self.kept.len() - self.sent
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether the store may be asked.
    pub(super) fn is_reachable(&self, now: Duration) -> bool {
        self.not_before <= now
    }

    /// When something kept is to be sent again.
    pub(super) fn again_at(&self, now: Duration) -> Option<Duration> {
        (!self.kept.is_empty() || !self.is_reachable(now)).then_some(self.not_before)
    }

    /// What the next turn ends.
    pub(super) fn batch(&mut self, now: Duration) -> Vec<Finish> {
        if !self.is_reachable(now) {
            return Vec::new();
        }
        self.sent = self.kept.len().min(self.batch_max);
        let batch = self.kept.iter().take(self.sent);
        batch
            .map(|kept| Finish {
                lease: kept.attempt.lease.clone(),
                ending: kept.ending.clone(),
            })
            .collect()
    }

    /// The store has answered: what came of each that was sent.
    pub(super) fn told(&mut self, finished: Vec<Finished>) -> Vec<(Arc<Attempt>, Finished)> {
        let sent = self.kept.drain(..std::mem::take(&mut self.sent));
        let told = sent.map(|kept| kept.attempt).zip(finished).collect();
        self.wait = AGAIN.0;
        self.batch_max = (self.batch_max * 2).min(TURN_MAX);
        told
    }

    /// The store has failed: how long it is left alone.
    pub(super) fn failed(&mut self, now: Duration, error: &QueueError) -> Duration {
        let sent = std::mem::take(&mut self.sent);
        self.batch_max = (self.batch_max.min(sent.max(2)) / 2).max(1);
        if sent == 1 && !error.class().is_transient() {
            self.refused(error);
        }
        let wait = self.wait;
        self.not_before = now + wait;
        self.wait = (wait * 2).min(AGAIN.1);
        wait
    }

    /// The store does not take the first one, however often: it becomes a failure with the store's
    /// words, and if that is refused as well the lease is left to run out.
    fn refused(&mut self, error: &QueueError) {
        let Some(mut kept) = self.kept.pop_front() else {
            return;
        };
        if kept.was_refused {
            kept.attempt.halt(super::attempt::Halt::Lost);
            return;
        }
        kept.was_refused = true;
        kept.ending = Ending::Fail(Failure {
            cause: FailureCause::Error,
            reason: super::context::cut(format!("the store did not take the result: {error}")),
        });
        self.kept.push_back(kept);
    }

    /// Gives up those whose leases have run out at `now`; they.
    pub(super) fn give_up_lost(&mut self, now: Duration) -> Vec<Arc<Attempt>> {
        let is_lost = |kept: &Kept| kept.attempt.is_lost() || kept.attempt.good_until() <= now;
        if !self.kept.iter().any(is_lost) {
            return Vec::new();
        }
        let all = std::mem::take(&mut self.kept).into_iter();
        let (lost, kept): (VecDeque<Kept>, VecDeque<Kept>) = all.partition(is_lost);
        self.kept = kept;
        lost.into_iter().map(|kept| kept.attempt).collect()
    }
}
