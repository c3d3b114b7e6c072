//! Results of steps: read once an attempt, written as they come.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::OnceCell;

use super::JobContext;
use crate::{Payload, QueueError, job::check_name, store::Annotation};

/// Steps of one job, at most.
pub(super) const STEPS_MAX: usize = 100;

#[derive(Default)]
pub(super) struct Steps(OnceCell<Mutex<HashMap<String, Payload>>>);

impl Steps {
    /// What the step returned in an earlier attempt.
    pub(super) async fn find(
        &self,
        context: &JobContext,
        name: &str,
    ) -> Result<Option<Payload>, QueueError> {
        check_name("step", name)?;
        let steps = self.read(context).await?;
        let known = lock(steps);
        if known.len() >= STEPS_MAX && !known.contains_key(name) {
            return Err(QueueError::Option {
                option: "steps",
                rule: "at most 100 a job",
            });
        }
        Ok(known.get(name).cloned())
    }

    pub(super) async fn keep(
        &self,
        context: &JobContext,
        name: &str,
        result: Payload,
    ) -> Result<(), QueueError> {
        let step = Annotation::Step {
            name: name.to_owned(),
            result: result.clone(),
        };
        context.annotate(step).await?;
        lock(self.read(context).await?).insert(name.to_owned(), result);
        Ok(())
    }

    async fn read(
        &self,
        context: &JobContext,
    ) -> Result<&Mutex<HashMap<String, Payload>>, QueueError> {
        let read = async || {
            // The first attempt that ever was has nothing to read.
            let stored = match context.fence() {
                0 | 1 => Vec::new(),
                _ => context.stored_steps().await?,
            };
            Ok(Mutex::new(stored.into_iter().collect()))
        };
        self.0.get_or_try_init(read).await
    }
}

fn lock(steps: &Mutex<HashMap<String, Payload>>) -> MutexGuard<'_, HashMap<String, Payload>> {
    steps.lock().unwrap_or_else(PoisonError::into_inner)
}
