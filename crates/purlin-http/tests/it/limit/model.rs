//! What each algorithm should do, from the list of all that was admitted.

use purlin_http::limit::{Algorithm, Quota};

/// One key. Keeps everything that was admitted, which no engine could afford.
pub(super) struct Model {
    quota: Quota,
    admitted: Vec<(u64, u64)>,
    origin: u64,
}

impl Model {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            quota,
            admitted: Vec::new(),
            origin: 0,
        }
    }

    /// Whether `cost` passes at `now`, and what is left.
    pub(super) fn take(&mut self, now: u64, cost: u32) -> (bool, u32) {
        let (size, most) = match self.quota.counted_by() {
            Algorithm::Gcra => (1, u64::from(self.quota.burst_max())),
            _ => (1, u64::from(self.quota.limit())),
        };
        let cost = u64::from(cost) * size;
        let used = self.used(now);
        let passes = cost == 0 || used + cost <= most;
        if passes && cost > 0 {
            self.admitted.push((now, cost));
        }
        let used = if passes { used + cost } else { used };
        (passes, most.saturating_sub(used) as u32)
    }

    fn used(&mut self, now: u64) -> u64 {
        match self.quota.counted_by() {
            Algorithm::Gcra => self.leaking(now),
            Algorithm::FixedWindow => self.of_window(now),
            _ => self.of_two_windows(now),
        }
    }

    /// A bucket that leaks a unit each gap, followed from its first drop.
    fn leaking(&self, now: u64) -> u64 {
        let gap = self.window().div_ceil(u64::from(self.quota.limit()));
        let (mut level, mut at) = (0_u64, 0);
        for (time, cost) in &self.admitted {
            level = level.saturating_sub(time - at) + cost * gap;
            at = *time;
        }
        level.saturating_sub(now - at).div_ceil(gap)
    }

    fn of_window(&mut self, now: u64) -> u64 {
        if self.admitted.is_empty() || now >= self.origin + self.window() {
            self.admitted.clear();
            self.origin = now;
        }
        self.admitted.iter().map(|(_, cost)| cost).sum()
    }

    fn of_two_windows(&mut self, now: u64) -> u64 {
        let window = self.window();
        let last = self
            .admitted
            .last()
            .map(|(time, _)| (time - self.origin) / window);
        if last.is_none_or(|last| now >= self.origin + (last + 2) * window) {
            self.admitted.clear();
            self.origin = now;
        }
        let present = (now - self.origin) / window;
        let in_window = |index: u64| -> u64 {
            let of = self.admitted.iter();
            let of = of.filter(|(time, _)| (time - self.origin) / window == index);
            of.map(|(_, cost)| cost).sum()
        };
        let before = if present == 0 {
            0
        } else {
            in_window(present - 1)
        };
        let elapsed = (now - self.origin) % window;
        (before * (window - elapsed)).div_ceil(window) + in_window(present)
    }

    fn window(&self) -> u64 {
        self.quota.window().as_micros() as u64
    }
}
