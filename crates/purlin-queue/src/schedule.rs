//! When schedules tick.
//!
//! Pure arithmetic: the moment is an argument and nothing is stored. An engine asks [`first`] when
//! a schedule is put in, [`due`] in its upkeep, and makes [`job_of`] each tick it is told to make.
//!
//! Any number of processes may ask at once: the same question has the same answer, and a tick's
//! job id is made of the schedule's id and the moment, so that the tick exists once.

use std::time::Duration;

use purlin_base::Timestamp;

use crate::{
    QueueError,
    job::{Start, check_name, check_queue},
    store::{Misfire, NewJob, Repeat, Schedule},
};

mod cron;

/// How late a tick may be made before it counts as missed: 60 s.
///
/// # Source
///
/// Quartz: `org.quartz.jobStore.misfireThreshold`.
pub const MISFIRE_AFTER: Duration = Duration::from_secs(60);

/// Ticks that one call of [`due`] names at most, and the most that [`Misfire::All`] may ask for.
pub const TICKS_MAX: u32 = 1000;

/// The shortest time of [`Repeat::Every`]: 1 ms, the grain of a tick's job id.
pub const EVERY_MIN: Duration = Duration::from_millis(1);

/// What is to be made of a schedule's ticks now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The ticks to make, oldest first.
    pub ticks: Vec<Timestamp>,
    /// The tick after all that have come; `None`: there is none.
    pub next: Option<Timestamp>,
}

/// The first tick after `after`, not before `start` and not after `end`. `None`: there is none.
///
/// # Errors
///
/// [`QueueError::Schedule`], its id empty, for a pattern or time zone that is none.
///
/// # Examples
///
/// ```
/// use purlin_queue::{schedule::next_after, store::Repeat};
///
/// let daily = Repeat::Cron { pattern: "30 2 * * *".into(), tz: Some("Europe/Berlin".into()) };
/// let after = "2026-03-28T12:00:00Z".parse()?;
/// // 02:30 is skipped by the change of the clocks: 03:00 summer time follows 01:59 winter time.
/// let next = next_after(&daily, None, None, after)?;
/// assert_eq!(next, Some("2026-03-29T01:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next_after(
    repeat: &Repeat,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    after: Timestamp,
) -> Result<Option<Timestamp>, QueueError> {
    let before_start = start.map(just_before);
    let after = before_start.map_or(after, |before| before.max(after));
    let next = match repeat {
        Repeat::Every(every) => {
            check_every(*every)?;
            Some(every_after(*every, start, after))
        }
        Repeat::Cron { pattern, tz } => cron::Pattern::read(pattern, tz.as_deref())?.after(after),
    };
    Ok(next.filter(|next| end.is_none_or(|end| *next <= end)))
}

/// Checks a schedule that is put in at `now`, and tells its first tick, at or after `now`.
///
/// # Errors
///
/// [`QueueError::Schedule`] for a pattern, time zone, bound or policy that is none, or when no
/// moment is to come; [`QueueError::Name`] and [`QueueError::Option`] as for any job.
pub fn first(schedule: &Schedule, now: Timestamp) -> Result<Timestamp, QueueError> {
    check(schedule)?;
    let named = |error| name_it(error, &schedule.id);
    next_after(
        &schedule.repeat,
        schedule.start,
        schedule.end,
        just_before(now),
    )
    .map_err(named)?
    .ok_or_else(|| refused(&schedule.id, "no moment is to come"))
}

/// The next tick of a schedule that replaces `old` at `now`, where `next` was to be `old`'s.
///
/// If both tick at the same moments, a tick that is due and was not made stays due: a process that
/// puts its schedules in when it starts does not skip what it missed while it was down.
///
/// # Errors
///
/// As [`first`].
pub fn replaced(
    old: &Schedule,
    next: Option<Timestamp>,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<Timestamp, QueueError> {
    let times = |schedule: &Schedule| (schedule.repeat.clone(), schedule.start, schedule.end);
    match next {
        Some(next) if times(old) == times(schedule) => check(schedule).map(|()| next),
        _ => first(schedule, now),
    }
}

/// What is to be made at `now` of a schedule whose next tick was to be at `next`, and that has made
/// `made` ticks so far; at most `max` ticks, the others stay due.
///
/// # Errors
///
/// As [`next_after`].
pub fn due(
    schedule: &Schedule,
    next: Timestamp,
    now: Timestamp,
    made: u64,
    max: u32,
) -> Result<Due, QueueError> {
    let mut ticks = missed(schedule, next, now).map_err(|error| name_it(error, &schedule.id))?;
    if schedule.misfire == Misfire::Skip {
        ticks.retain(|tick| now.since(*tick) <= MISFIRE_AFTER);
    }
    let left = schedule
        .limit
        .map_or(u64::MAX, |limit| limit.saturating_sub(made));
    ticks.truncate(usize::try_from(left).unwrap_or(usize::MAX));
    let is_over = left <= ticks.len() as u64;
    let over_max = ticks.get(max as usize).copied();
    ticks.truncate(max as usize);
    let next = match over_max {
        Some(_) => over_max,
        None if is_over => None,
        None if next > now => Some(next),
        None => next_after(&schedule.repeat, schedule.start, schedule.end, now)
            .map_err(|error| name_it(error, &schedule.id))?,
    };
    Ok(Due { ticks, next })
}

/// The ticks from `next` to `now` that the misfire policy looks at.
fn missed(
    schedule: &Schedule,
    next: Timestamp,
    now: Timestamp,
) -> Result<Vec<Timestamp>, QueueError> {
    let until = schedule.end.map_or(now, |end| end.min(now));
    let count = match schedule.misfire {
        Misfire::Skip | Misfire::One => 1,
        Misfire::All(newest) => newest.clamp(1, TICKS_MAX),
    };
    newest(&schedule.repeat, schedule.start, next, until, count)
}

/// The job of a schedule's tick at `at`. It has the options of the schedule, is ready at once, and
/// its id is `repeat-{schedule}-{milliseconds since 1970}`.
pub fn job_of(schedule: &Schedule, at: Timestamp) -> NewJob {
    let id = format!("repeat-{}-{}", schedule.id, at.unix_millis());
    let mut options = schedule.options.clone();
    options.start = Start::Now;
    options.id = Some(id.clone());
    NewJob {
        queue: schedule.queue.clone(),
        id,
        name: schedule.name.clone(),
        version: schedule.version,
        data: schedule.data.clone(),
        options,
        parents: Vec::new(),
        awaits_children: false,
        traceparent: None,
    }
}

/// The newest `count` ticks from `first`, which is one, to `until`, oldest first.
fn newest(
    repeat: &Repeat,
    start: Option<Timestamp>,
    first: Timestamp,
    until: Timestamp,
    count: u32,
) -> Result<Vec<Timestamp>, QueueError> {
    let back: Box<dyn Iterator<Item = Timestamp>> = match repeat {
        Repeat::Every(every) => {
            check_every(*every)?;
            let last = every_after(*every, start, until).saturating_sub(*every);
            Box::new(std::iter::successors(Some(last), |tick| {
                Some(tick.saturating_sub(*every))
            }))
        }
        Repeat::Cron { pattern, tz } => {
            let pattern = cron::Pattern::read(pattern, tz.as_deref())?;
            let last = pattern.until(until);
            Box::new(std::iter::successors(last, move |tick| {
                pattern.until(just_before(*tick))
            }))
        }
    };
    let mut ticks: Vec<Timestamp> = back
        .take_while(|tick| *tick >= first)
        .take(count as usize)
        .collect();
    ticks.reverse();
    Ok(ticks)
}

/// The first multiple of `every` since 1970 or `start` that is after `after`.
fn every_after(every: Duration, start: Option<Timestamp>, after: Timestamp) -> Timestamp {
    let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX);
    let origin = start.map_or(0, Timestamp::unix_micros);
    let since = i128::from(after.unix_micros()) - i128::from(origin);
    let steps = since.div_euclid(i128::from(every)) + 1;
    let micros = i128::from(origin) + steps * i128::from(every);
    Timestamp::from_unix_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn just_before(time: Timestamp) -> Timestamp {
    time.saturating_sub(Duration::from_micros(1))
}

fn check(schedule: &Schedule) -> Result<(), QueueError> {
    check_queue(&schedule.queue)?;
    check_name("schedule", &schedule.id)?;
    check_name("job", &schedule.name)?;
    schedule.options.check()?;
    if let Misfire::All(newest) = schedule.misfire
        && !(1..=TICKS_MAX).contains(&newest)
    {
        return Err(refused(&schedule.id, "missed ticks: 1 to 1000"));
    }
    if schedule.limit == Some(0) {
        return Err(refused(&schedule.id, "limit: at least 1"));
    }
    Ok(())
}

fn check_every(every: Duration) -> Result<(), QueueError> {
    if every < EVERY_MIN {
        return Err(refused("", "every: at least 1 ms"));
    }
    Ok(())
}

fn refused(id: &str, reason: &str) -> QueueError {
    QueueError::Schedule {
        id: id.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Puts the schedule's name to a failure of its pattern.
fn name_it(error: QueueError, id: &str) -> QueueError {
    match error {
        QueueError::Schedule { reason, .. } => refused(id, &reason),
        other => other,
    }
}

#[cfg(test)]
mod tests;
