//! Leases.

use std::{collections::HashMap, sync::Arc, time::Duration};

use purlin_sql::Json;
use serde::Serialize;

use super::{commit::Commit, core::Core, time::micros};
use crate::{
    QueueError,
    store::{Lease, Renewal},
};

/// Extends leases, before everything else that waits for the database.
pub(super) async fn renew(
    core: &Arc<Core>,
    leases: Vec<Lease>,
    lease: Duration,
) -> Result<Vec<Renewal>, QueueError> {
    if leases.is_empty() {
        return Ok(Vec::new());
    }
    core.leases.note(lease);
    let leases = Arc::new(leases);
    core.commit_urgently(move |commit| {
        let leases = Arc::clone(&leases);
        Box::pin(async move {
            let until = commit.now.saturating_add(micros(lease));
            if commit.core.is_sqlite() {
                one_by_one(commit, &leases, until).await
            } else {
                together(commit, &leases, until).await
            }
        })
    })
    .await
}

async fn one_by_one(
    commit: &mut Commit<'_>,
    leases: &[Lease],
    until: i64,
) -> Result<Vec<Renewal>, QueueError> {
    let mut renewals = Vec::with_capacity(leases.len());
    for lease in leases {
        let cancel = commit
            .tx
            .query(
                "update purlin_jobs set at = $4
                 where queue = $1 and id = $2 and fence = $3 and state = 3 returning cancel_requested",
            )
            .bind(&lease.queue)
            .bind(&lease.id)
            .bind(lease.fence.cast_signed())
            .bind(until)
            .fetch_optional::<(i64,)>()
            .await?;
        renewals.push(renewal(cancel.map(|(cancel,)| cancel)));
    }
    Ok(renewals)
}

#[derive(Serialize)]
struct Named<'a> {
    queue: &'a str,
    id: &'a str,
    fence: u64,
}

async fn together(
    commit: &mut Commit<'_>,
    leases: &[Lease],
    until: i64,
) -> Result<Vec<Renewal>, QueueError> {
    let named = |lease: &'_ Lease| {
        (
            lease.queue.clone(),
            lease.id.clone(),
            lease.fence.cast_signed(),
        )
    };
    let wanted: Vec<Named<'_>> = leases
        .iter()
        .map(|lease| Named {
            queue: &lease.queue,
            id: &lease.id,
            fence: lease.fence,
        })
        .collect();
    let rows = commit
        .tx
        .query(
            "with held as materialized (
                 select seq as held_seq from purlin_jobs as job
                 join jsonb_to_recordset($1::jsonb) as wanted (queue text, id text, fence bigint)
                   on job.queue = wanted.queue and job.id = wanted.id and job.fence = wanted.fence
                 where job.state = 3 order by seq for update of job)
             update purlin_jobs set at = $2 from held where seq = held_seq
             returning queue, id, fence, cancel_requested",
        )
        .bind(Json(&wanted))
        .bind(until)
        .fetch_all::<(String, String, i64, i64)>()
        .await?;
    let kept: HashMap<_, _> = rows
        .into_iter()
        .map(|(queue, id, fence, cancel)| ((queue, id, fence), cancel))
        .collect();
    let renewed = |lease: &Lease| renewal(kept.get(&named(lease)).copied());
    Ok(leases.iter().map(renewed).collect())
}

fn renewal(cancel: Option<i64>) -> Renewal {
    match cancel {
        None => Renewal::Lost,
        Some(0) => Renewal::Kept,
        Some(_) => Renewal::CancelRequested,
    }
}
