//! One run of a history.

use std::collections::BTreeSet;

use purlin_base::Timestamp;

use super::{
    Difference,
    compare::{compare, same_answer},
    ops::{End, Op},
    words::{annotation, changing, controlling, ending, schedule},
};
use crate::{
    QueueError,
    model::Model,
    store::{Claim, Finish, Lease, NewJob, Turn, Upkeep},
    suite::subject::{MINUTE, Subject},
};

/// The engine and the model, side by side.
pub(super) struct Run<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) queues: &'a [String],
    pub(super) model: Model,
    /// Every job that was added, the newest first.
    jobs: Vec<(String, String)>,
    /// Every attempt that was begun, as the engine knows it, the newest first.
    attempts: Vec<Lease>,
    ids: u32,
}

/// What to say of a difference.
pub(super) type Outcome = Result<(), String>;

/// Runs a history in queues of its own; where the engine and the model first differ.
pub(super) async fn run(
    subject: &Subject<'_>,
    queues: &[String],
    ops: &[Op],
) -> Option<Difference> {
    to_the_start_of_a_minute(subject).await;
    let mut run = Run {
        subject,
        queues,
        model: Model::default(),
        jobs: Vec::new(),
        attempts: Vec::new(),
        ids: 0,
    };
    for (step, op) in ops.iter().enumerate() {
        let done = match run.step(op).await {
            Ok(()) => compare(&run).await,
            Err(what) => Err(what),
        };
        if let Err(what) = done {
            return Some(Difference { step, what });
        }
    }
    None
}

/// Schedules tick at whole minutes; an engine whose clock runs on is kept away from them.
async fn to_the_start_of_a_minute(subject: &Subject<'_>) {
    let now = subject.store.now().await.expect("the store tells the time");
    let into = now.unix_micros().rem_euclid(60_000_000);
    let left = u64::try_from(60_000_000 - into + 2_000_000).unwrap_or(0);
    subject
        .advance(std::time::Duration::from_micros(left))
        .await;
}

impl Run<'_> {
    async fn now(&self) -> Timestamp {
        self.subject
            .store
            .now()
            .await
            .expect("the store tells the time")
    }

    async fn step(&mut self, op: &Op) -> Outcome {
        let now = self.now().await;
        let store = self.subject.store.clone();
        match op {
            Op::Add(specs) => {
                let jobs = self.new_jobs(specs);
                self.jobs.splice(
                    0..0,
                    jobs.iter().map(|job| (job.queue.clone(), job.id.clone())),
                );
                let model = self.model.add(jobs.clone(), now);
                same_answer("added", store.add(jobs).await, model)
            }
            Op::Turn { finish, queue, max } => self.turn(finish, *queue, *max, now).await,
            Op::Renew { attempts, minutes } => {
                let leases: Vec<Lease> = attempts
                    .iter()
                    .filter_map(|at| self.attempts.get(*at))
                    .cloned()
                    .collect();
                let model = self.model.renew(&leases, *minutes * MINUTE, now);
                let engine = store.renew(leases, *minutes * MINUTE).await;
                same_answer("renewed", engine, Ok(model))
            }
            Op::Annotate { attempt, note } => {
                let Some(lease) = self.attempts.get(*attempt).cloned() else {
                    return Ok(());
                };
                let model = self.model.annotate(&lease, annotation(*note), now);
                let engine = store.annotate(lease, annotation(*note)).await;
                same_answer("noted", engine, model)
            }
            Op::Change { job, change } => {
                let Some((queue, id)) = self.jobs.get(*job).cloned() else {
                    return Ok(());
                };
                let change = changing(*change);
                let model = self.model.change(&queue, &id, change.clone(), now);
                same_answer("changed", store.change(&queue, &id, change).await, model)
            }
            Op::Control { queue, control } => {
                let queue = &self.queues[*queue];
                let control = controlling(*control);
                let model = self.model.control(queue, control.clone(), now);
                same_answer("controlled", store.control(queue, control).await, model)
            }
            Op::Schedule { queue, id, kind } => {
                let schedule = schedule(&self.queues[*queue], *id, *kind);
                let model = self.model.upsert_schedule(schedule.clone(), now);
                same_answer("scheduled", store.upsert_schedule(schedule).await, model)
            }
            Op::Unschedule { queue, id } => {
                let (queue, id) = (&self.queues[*queue], format!("s{id}"));
                let model = self.model.remove_schedule(queue, &id, now);
                same_answer(
                    "unscheduled",
                    store.remove_schedule(queue, &id).await,
                    Ok(model),
                )
            }
            Op::Pass { minutes } => {
                self.subject.advance(*minutes * MINUTE).await;
                self.upkeep().await
            }
        }
    }

    fn new_jobs(&mut self, specs: &[super::jobs::JobSpec]) -> Vec<NewJob> {
        let mut jobs = Vec::new();
        for spec in specs {
            self.ids += 1;
            let fresh = format!("j{}", self.ids);
            jobs.push(spec.job(self.queues, fresh, &jobs, &self.jobs));
        }
        jobs
    }

    async fn turn(
        &mut self,
        finish: &[(usize, End)],
        queue: usize,
        max: u32,
        now: Timestamp,
    ) -> Outcome {
        let mut seen = BTreeSet::new();
        let finish: Vec<Finish> = finish
            .iter()
            .filter(|(at, _)| seen.insert(*at))
            .filter_map(|(at, end)| {
                let lease = self.attempts.get(*at)?.clone();
                Some(Finish {
                    lease,
                    ending: ending(*end),
                })
            })
            .collect();
        let claim = (max > 0).then(|| Claim {
            queue: self.queues[queue].clone(),
            max,
            lease: 2 * MINUTE,
            worker: "suite".to_owned(),
        });
        let turn = Turn {
            finish: finish.clone(),
            claim,
        };
        let turned = self
            .subject
            .store
            .turn(turn)
            .await
            .map_err(|error| error.to_string())?;
        let ended: Vec<_> = finish
            .into_iter()
            .map(|end| self.model.finish(end, now))
            .collect();
        if turned.finished != ended {
            return Err(format!("ended: {:?}\nmodel: {ended:?}", turned.finished));
        }
        let is_less = turned.claimed.len() < max as usize;
        for taken in turned.claimed {
            let key = (taken.lease.queue.clone(), taken.lease.id.clone());
            let model = self.model.claim_this(&key, 2 * MINUTE, now);
            let model = model.ok_or_else(|| format!("{key:?} was taken and was not next"))?;
            if taken.lease.fence != model.lease.fence {
                let (engine, model) = (taken.lease.fence, model.lease.fence);
                return Err(format!(
                    "{key:?} was taken with fence {engine}, model: {model}"
                ));
            }
            super::compare::same_record(&taken.job, &model.job)?;
            self.attempts.insert(0, taken.lease);
        }
        let left = self.model.claimable(&self.queues[queue], now);
        match left.first().filter(|_| is_less) {
            Some(left) => Err(format!("{left:?} was not taken, though more was asked for")),
            None => Ok(()),
        }
    }

    async fn upkeep(&mut self) -> Outcome {
        for queue in self.queues {
            let now = self.now().await;
            let model = self.model.upkeep(queue, 1000, now);
            let engine = self.subject.store.upkeep(queue, 1000).await;
            let told = |upkeep: Upkeep| Upkeep {
                next: None,
                ..upkeep
            };
            same_answer("looked after", engine.map(told), Ok(told(model)))?;
        }
        Ok(())
    }
}

/// The code of a failure: its words are the engine's own.
pub(super) fn code(error: &QueueError) -> &'static str {
    purlin_base::Classified::code(error)
}
