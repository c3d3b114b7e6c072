//! Renewing leases, and what a running attempt notes.

use std::{collections::HashMap, time::Duration};

use super::{scripts, store::Inner, turn::cut};
use crate::{
    Payload, QueueError,
    store::{Annotation, Lease, Renewal},
};

/// The beginning of the fields that hold the results of steps.
const STEP: &str = "purlin:step:";

impl Inner {
    pub(super) async fn renew(
        &self,
        leases: Vec<Lease>,
        lease: Duration,
    ) -> Result<Vec<Renewal>, QueueError> {
        let mut renewals = vec![Renewal::Lost; leases.len()];
        let mut queues: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, lease) in leases.iter().enumerate() {
            queues.entry(&lease.queue).or_default().push(place);
        }
        for (queue, places) in queues {
            let mut call = scripts::LEASE.prepare_invoke();
            call.key(self.keys.beginning(queue))
                .arg(u64::try_from(lease.as_millis()).unwrap_or(u64::MAX).max(1));
            for place in &places {
                let lease = &leases[*place];
                call.arg(&lease.id).arg(&lease.token).arg(lease.fence);
            }
            let answers: Vec<u8> = self.connections.renewal(&call).await?;
            for (place, answer) in places.into_iter().zip(answers) {
                renewals[place] = match answer {
                    0 => Renewal::Lost,
                    1 => Renewal::Kept,
                    _ => Renewal::CancelRequested,
                };
            }
        }
        Ok(renewals)
    }

    pub(super) async fn annotate(&self, lease: Lease, what: Annotation) -> Result<(), QueueError> {
        let (word, value, step) = match &what {
            Annotation::Progress(progress) => ("progress", progress.as_str(), ""),
            Annotation::Log(line) => ("log", cut(line), ""),
            Annotation::Data(data) => ("data", data.as_str(), ""),
            Annotation::Step { name, result } => ("step", result.as_str(), name.as_str()),
        };
        let mut call = scripts::ANNOTATE.prepare_invoke();
        call.key(self.keys.beginning(&lease.queue))
            .arg(&lease.id)
            .arg(&lease.token)
            .arg(lease.fence)
            .arg(word)
            .arg(value)
            .arg(step);
        match self.connections.script::<i64>(&call).await? {
            1 => Ok(()),
            -1 => Err(QueueError::Option {
                option: "steps",
                rule: "at most 100 of a job",
            }),
            _ => Err(QueueError::LeaseLost { id: lease.id }),
        }
    }

    pub(super) async fn steps(&self, lease: Lease) -> Result<Vec<(String, Payload)>, QueueError> {
        let mut call = scripts::STEPS.prepare_invoke();
        call.key(self.keys.beginning(&lease.queue))
            .arg(&lease.id)
            .arg(&lease.token)
            .arg(lease.fence);
        let fields: Option<HashMap<String, String>> = self.connections.script(&call).await?;
        let Some(fields) = fields else {
            return Err(QueueError::LeaseLost { id: lease.id });
        };
        let steps = fields.into_iter().filter_map(|(field, value)| {
            let name = field.strip_prefix(STEP)?;
            Some((name.to_owned(), Payload::from_json(value)))
        });
        let mut steps: Vec<_> = steps.collect();
        steps.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(steps)
    }
}
