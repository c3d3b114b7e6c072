//! The arithmetic of the three algorithms: from what is known of a key to a decision.
//!
//! Whole microseconds; no clock and no store. The scripts in `redis/` do the same, and one suite
//! holds both to one model.

use super::{Algorithm, Decision, Quota, quota::SLIDING_MAX};

/// What is known of a key. After `expiry` it is as if nothing were known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// GCRA: the theoretical arrival time. Fixed window: its end. Sliding: two windows after the
    /// beginning of the present one.
    pub(super) expiry: u64,
    /// Used in this window.
    pub(super) current: u32,
    /// Used in the window before.
    pub(super) previous: u32,
}

/// Decides, and gives the new state if it changes. No quota and no cost overflows: one that is out of
/// its bounds is held to them.
pub(super) fn step(quota: &Quota, known: State, now: u64, cost: u32) -> (Decision, Option<State>) {
    // More than may pass at once never passes, however much more.
    let cost = cost.min(quota.burst_max().saturating_add(1));
    match quota.counted_by() {
        Algorithm::Gcra => gcra(quota, known, now, cost),
        Algorithm::FixedWindow => fixed(quota, known, now, cost),
        Algorithm::SlidingWindow => sliding(quota, known, now, cost),
    }
}

fn gcra(quota: &Quota, known: State, now: u64, cost: u32) -> (Decision, Option<State>) {
    let gap = quota.gap_micros();
    let burst = u64::from(quota.burst_max()) * gap;
    let arrival = known.expiry.max(now);
    let next = arrival + u64::from(cost) * gap;
    let retry = (next - now).saturating_sub(burst);
    let allowed = cost == 0 || retry == 0;
    let stays = if allowed { next } else { arrival } - now;
    let left = burst.saturating_sub(stays) / gap;
    let retry = if allowed { 0 } else { retry };
    let decision = Decision::from_micros(allowed, quota.limit(), [left, retry, stays]);
    let state = State {
        expiry: next,
        ..State::default()
    };
    (decision, (allowed && cost > 0).then_some(state))
}

fn fixed(quota: &Quota, known: State, now: u64, cost: u32) -> (Decision, Option<State>) {
    let limit = u64::from(quota.limit());
    let (end, used) = match known.expiry > now {
        true => (known.expiry, u64::from(known.current)),
        false => (now + quota.window_micros(), 0),
    };
    let asked = used + u64::from(cost);
    let allowed = cost == 0 || asked <= limit;
    let used = if allowed { asked } else { used };
    let retry = if allowed { 0 } else { end - now };
    let reset = if used == 0 { 0 } else { end - now };
    let left = limit.saturating_sub(used);
    let decision = Decision::from_micros(allowed, quota.limit(), [left, retry, reset]);
    let state = State {
        expiry: end,
        current: u32::try_from(used).unwrap_or(u32::MAX),
        previous: 0,
    };
    (decision, (allowed && cost > 0).then_some(state))
}

fn sliding(quota: &Quota, known: State, now: u64, cost: u32) -> (Decision, Option<State>) {
    let window = quota.window_micros();
    let limit = u64::from(quota.limit()).min(SLIDING_MAX / window);
    let (start, current, previous) = windows(known, now, window);
    // The state may be of a quota that was larger.
    let previous = previous.min(limit);
    let elapsed = now.saturating_sub(start);
    let counted = (previous * (window - elapsed)).div_ceil(window);
    let asked = current + u64::from(cost);
    let allowed = cost == 0 || counted + asked <= limit;
    let retry = match allowed {
        true => 0,
        false => wait(
            [limit, window, elapsed],
            [current, previous, u64::from(cost)],
        ),
    };
    let current = if allowed { asked } else { current };
    let reset = match (current, previous) {
        (0, 0) => 0,
        (0, _) => window - elapsed,
        _ => 2 * window - elapsed,
    };
    let left = limit.saturating_sub(counted + current);
    let decision = Decision::from_micros(allowed, quota.limit(), [left, retry, reset]);
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let state = State {
        expiry: start + 2 * window,
        current: narrow(current),
        previous: narrow(previous),
    };
    (decision, (allowed && cost > 0).then_some(state))
}

/// The beginning of the present window, and what was used in it and in the one before.
fn windows(known: State, now: u64, window: u64) -> (u64, u64, u64) {
    if known.expiry <= now {
        return (now, 0, 0);
    }
    let start = known.expiry.saturating_sub(2 * window);
    match now >= start + window {
        true => (start + window, 0, known.current.into()),
        false => (start, known.current.into(), known.previous.into()),
    }
}

/// How long until there is room for `cost`: in this window, as the one before loses weight, or in
/// the next, as this one does.
fn wait([limit, window, elapsed]: [u64; 3], [current, previous, cost]: [u64; 3]) -> u64 {
    // When a window with `used` counts no more than `room`, from the end of that window.
    let fades = |used: u64, room: u64| window - (room * window / used.max(1)).min(window);
    match limit.checked_sub(current + cost) {
        Some(room) => fades(previous, room).saturating_sub(elapsed),
        None => window - elapsed + fades(current, limit.saturating_sub(cost)),
    }
}
