//! How often an idle queue is asked, and whether jobs are short enough to take some ahead.

use std::time::Duration;

/// Below this mean, the next job would be waited for longer than this one runs.
const SHORT: Duration = Duration::from_millis(20);

/// When the store is asked next, by the worker's monotonic clock.
pub(super) struct Pace {
    poll: (Duration, Duration),
    wait: Duration,
    due_at: Duration,
    /// The moving mean of what attempts take; `None` until one has ended.
    mean: Option<Duration>,
}

impl Pace {
    /// `poll`: how long an idle queue waits to be asked again, at first and at most.
    pub(super) fn new(poll: (Duration, Duration)) -> Self {
        Self {
            poll,
            wait: poll.0,
            due_at: Duration::ZERO,
            mean: None,
        }
    }

    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.due_at <= now
    }

    pub(super) fn due_at(&self) -> Duration {
        self.due_at
    }

    /// There may be something: it is asked at once.
    pub(super) fn hinted(&mut self) {
        self.wait = self.poll.0;
        self.due_at = Duration::ZERO;
    }

    /// `came` jobs came of the `asked`.
    pub(super) fn claimed(
        &mut self,
        now: Duration,
        came: u32,
        asked: u32,
        again_in: Option<Duration>,
    ) {
        if came >= asked {
            // There may be more.
            self.hinted();
            return;
        }
        self.wait = match came {
            0 => (self.wait * 2).min(self.poll.1),
            _ => self.poll.0,
        };
        let wait = again_in.map_or(self.wait, |again| again.min(self.wait));
        // A store that says "at once" and then gives nothing is not asked without a pause.
        self.due_at = now + wait.max(Duration::from_millis(1));
    }

    /// An attempt took this long.
    pub(super) fn ended(&mut self, took: Duration) {
        self.mean = Some(self.mean.map_or(took, |mean| (mean * 7 + took) / 8));
    }

    /// What was taken ahead had to be handed back.
    pub(super) fn were_not_short(&mut self) {
        self.mean = Some(SHORT * 8);
    }

    pub(super) fn are_short(&self) -> bool {
        self.mean.is_some_and(|mean| mean < SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn pace() -> Pace {
        Pace::new((25 * MS, 1000 * MS))
    }

    #[test]
    fn an_idle_queue_is_asked_less_and_less_and_a_hint_brings_it_back() {
        let mut pace = pace();
        let mut waits = Vec::new();
        for _ in 0..8 {
            pace.claimed(Duration::ZERO, 0, 10, None);
            waits.push(pace.due_at().as_millis());
        }
        assert_eq!(waits, [50, 100, 200, 400, 800, 1000, 1000, 1000]);
        pace.hinted();
        assert!(pace.is_due(Duration::ZERO));
    }

    #[test]
    fn a_store_that_knows_when_is_asked_then_and_never_without_a_pause() {
        let mut pace = pace();
        pace.claimed(Duration::ZERO, 0, 10, Some(7 * MS));
        assert_eq!(pace.due_at(), 7 * MS);
        pace.claimed(Duration::ZERO, 0, 10, Some(Duration::ZERO));
        assert_eq!(pace.due_at(), MS);
        pace.claimed(Duration::ZERO, 0, 10, Some(3600 * 1000 * MS));
        assert!(pace.due_at() <= 1000 * MS);
    }

    #[test]
    fn jobs_are_taken_ahead_only_while_they_are_short() {
        let mut pace = pace();
        assert!(!pace.are_short());
        pace.ended(MS);
        assert!(pace.are_short());
        pace.ended(Duration::from_secs(1));
        assert!(!pace.are_short());
    }
}
