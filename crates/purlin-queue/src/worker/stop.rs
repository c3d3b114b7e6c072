//! How a worker winds down.

use std::time::Duration;

use purlin_base::time::Clock as _;

use super::{
    attempt::Halt,
    shared::Shared,
    supervisor::{Supervisor, sleep},
};
use crate::store::Turn;

/// How long what was told to stop, and what the store is still to be told, is waited for beyond the
/// grace.
const LAST_WAIT: Duration = Duration::from_secs(2);

impl Supervisor {
    /// Takes no more, hands back what has not begun, waits for what runs until the deadline, then
    /// tells it to stop and hands it back. Code that blocks its thread is left behind: its lease runs
    /// out.
    pub(super) async fn wind_down(&mut self) {
        while !self.ahead.is_empty() {
            self.hand_back_first();
        }
        let mut over = self.shared.clock.sleep(self.shared.stop.within());
        let mut was_told = false;
        loop {
            self.absorb_ended();
            self.give_up_lost();
            if self.running == 0 && self.backlog.is_empty() {
                break;
            }
            let now = self.shared.clock.monotonic();
            let finish = self.backlog.batch(now);
            if !finish.is_empty() {
                let claim = None;
                self.take_turn(Turn { finish, claim }).await;
                continue;
            }
            let again_in = self.backlog.again_at(now).map(|at| at.saturating_sub(now));
            tokio::select! {
                biased;
                Some(ended) = self.ended.recv() => self.absorb(ended),
                () = &mut over => {
                    if was_told {
                        break;
                    }
                    was_told = true;
                    self.shared.attempts.halt_all(Halt::Stopping);
                    over = self.shared.clock.sleep(self.shared.settings.grace + LAST_WAIT);
                }
                () = sleep(&self.shared, again_in) => {}
            }
        }
        self.say_what_is_left();
        leave(&self.shared).await;
    }

    fn say_what_is_left(&self) {
        let (queue, running) = (self.shared.queue(), self.running);
        if running > 0 {
            tracing::warn!(queue, running, "jobs did not stop; their leases run out");
        }
        if !self.backlog.is_empty() {
            let endings = self.backlog.unsent();
            tracing::warn!(
                queue,
                endings,
                "the store did not take results before the stop"
            );
        }
    }
}

async fn leave(shared: &Shared) {
    tokio::select! {
        left = shared.store.leave(shared.queue(), &shared.id) => {
            if let Err(error) = left {
                tracing::debug!(queue = shared.queue(), %error, "a worker could not say that it is gone");
            }
        }
        () = shared.clock.sleep(LAST_WAIT) => {}
    }
}
