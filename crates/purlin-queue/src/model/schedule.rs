//! Schedules and their ticks.

use purlin_base::Timestamp;

use super::{Key, Model, Scheduled};
use crate::{
    QueueError, State,
    schedule::{due, first, job_of, replaced},
    store::{Overlap, Schedule, ScheduleState},
};

impl Model {
    /// Adds or replaces a schedule; the time of its next tick.
    pub(crate) fn upsert_schedule(
        &mut self,
        schedule: Schedule,
        now: Timestamp,
    ) -> Result<Timestamp, QueueError> {
        let known = self.queues.get(&schedule.queue);
        let old = known.and_then(|queue| queue.schedules.get(&schedule.id));
        let next = match old {
            Some(old) => replaced(&old.state.schedule, old.state.next, &schedule, now)?,
            None => first(&schedule, now)?,
        };
        let ticks = old.map_or(0, |old| old.state.ticks);
        if schedule.limit.is_some_and(|limit| ticks >= limit) {
            return Err(QueueError::Schedule {
                id: schedule.id,
                reason: format!("it has made the {ticks} ticks of its limit"),
            });
        }
        let last_job = old.and_then(|old| old.last_job.clone());
        let (queue, id) = (schedule.queue.clone(), schedule.id.clone());
        let next_tick = Some(next);
        let state = ScheduleState {
            schedule,
            next: next_tick,
            ticks,
        };
        let scheduled = Scheduled { state, last_job };
        self.queue(&queue).schedules.insert(id, scheduled);
        self.woken.insert(queue);
        Ok(next)
    }

    /// Removes a schedule and its tick that waits; whether it was there.
    pub(crate) fn remove_schedule(&mut self, queue: &str, id: &str, now: Timestamp) -> bool {
        let schedules = self.queues.get_mut(queue).map(|queue| &mut queue.schedules);
        let Some(removed) = schedules.and_then(|schedules| schedules.remove(id)) else {
            return false;
        };
        if let Some(job) = removed.last_job {
            let key = (queue.to_owned(), job);
            let waits = |entry: &super::Entry| {
                let state = entry.job.state;
                let its_own = entry.job.schedule.as_deref() == Some(id);
                its_own && (state.is_ready() || state == State::Delayed)
            };
            if self.jobs.get(&key).is_some_and(waits) {
                self.remove_job(&key, now);
            }
        }
        true
    }

    /// The schedules of a queue, by id.
    pub(crate) fn schedules(&self, queue: &str) -> Vec<ScheduleState> {
        let schedules = self.queues.get(queue).map(|queue| queue.schedules.values());
        let states = schedules.into_iter().flatten();
        states.map(|schedule| schedule.state.clone()).collect()
    }

    /// Makes the ticks that are due, at most `max`; a paused queue makes none.
    pub(super) fn tick(&mut self, queue: &str, max: u32, now: Timestamp) -> u32 {
        let Some(open) = self.queues.get(queue).filter(|queue| !queue.paused) else {
            return 0;
        };
        let is_due = |state: &ScheduleState| state.next.is_some_and(|next| next <= now);
        let states = open.schedules.values().map(|schedule| &schedule.state);
        let mut due: Vec<ScheduleState> = states.filter(|state| is_due(state)).cloned().collect();
        due.sort_by_key(|state| state.next);
        let mut made = 0;
        for state in due {
            if made < max {
                made += self.tick_one(&state, max - made, now);
            }
        }
        made
    }

    fn tick_one(&mut self, state: &ScheduleState, max: u32, now: Timestamp) -> u32 {
        let (schedule, next) = (&state.schedule, state.next.unwrap_or(now));
        let Ok(due) = due(schedule, next, now, state.ticks, max) else {
            return 0;
        };
        let mut made = 0;
        for at in due.ticks {
            if schedule.overlap == Overlap::Skip && self.last_tick_runs(schedule) {
                continue;
            }
            let added = self.add_one(job_of(schedule, at), Some(schedule.id.clone()), now);
            made += u32::from(added.is_new);
            self.scheduled(schedule).last_job = Some(added.id);
        }
        let scheduled = self.scheduled(schedule);
        scheduled.state.next = due.next;
        scheduled.state.ticks += u64::from(made);
        made
    }

    /// Whether the job of the last tick has not ended.
    fn last_tick_runs(&mut self, schedule: &Schedule) -> bool {
        let Some(id) = self.scheduled(schedule).last_job.clone() else {
            return false;
        };
        let key: Key = (schedule.queue.clone(), id);
        let last = self.jobs.get(&key);
        last.is_some_and(|entry| !entry.job.state.is_finished())
    }

    fn scheduled(&mut self, schedule: &Schedule) -> &mut Scheduled {
        let schedules = &mut self.queue(&schedule.queue).schedules;
        schedules.get_mut(&schedule.id).expect("it is due")
    }
}
