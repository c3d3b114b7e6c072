//! What an engine does not offer it refuses.

use super::{
    Subject,
    subject::{MINUTE, QUEUE, child, job_with, json, parent},
};
use crate::{
    QueueError,
    store::{
        Annotation, Capability, Change, Control, Limits, Misfire, Overlap, Rate, Repeat, Schedule,
    },
};

pub async fn what_is_not_offered_is_refused(subject: &Subject<'_>) {
    let capabilities = subject.store.capabilities();
    for capability in Capability::ALL {
        if capabilities.has(capability) {
            continue;
        }
        if let Some(answer) = ask_for(subject, capability).await {
            let engine = subject.store.engine();
            assert!(
                matches!(&answer, Err(QueueError::NotOffered { engine: named, .. }) if *named == engine),
                "{}: {answer:?}",
                capability.name()
            );
        }
    }
}

/// Asks for it; `None` where there is nothing that could be asked.
async fn ask_for(subject: &Subject<'_>, capability: Capability) -> Option<Result<(), QueueError>> {
    let store = &subject.store;
    let limit = async |limits| store.control(QUEUE, Control::Limit(limits)).await.map(drop);
    let add = async |jobs| store.add(jobs).await.map(drop);
    Some(match capability {
        Capability::AddWithin => {
            assert!(store.transactional().is_none(), "there is no way in");
            return None;
        }
        Capability::Dag => add(vec![parent("p1"), parent("p2"), child("c", &["p1", "p2"])]).await,
        Capability::KeyLimits => {
            let rate = Rate {
                max: 1,
                per: MINUTE,
            };
            limit(Limits {
                key_rate: Some(rate),
                ..Limits::default()
            })
            .await
        }
        Capability::Tenants => {
            add(vec![job_with("t", |options| {
                options.tenant = Some("x".to_owned())
            })])
            .await
        }
        Capability::Tags => {
            add(vec![job_with("g", |options| {
                options.tags = vec!["x".to_owned()]
            })])
            .await
        }
        Capability::Steps => {
            subject.add_ids(&["s"]).await;
            let lease = subject.claim_this(QUEUE, "s").await.lease;
            let name = "one".to_owned();
            let result = json("1");
            store
                .annotate(lease, Annotation::Step { name, result })
                .await
        }
        Capability::CancelAnywhere => {
            subject.add_ids(&["r"]).await;
            subject.claim_this(QUEUE, "r").await;
            subject.change("r", Change::Cancel).await
        }
        Capability::Bury => {
            subject.add_ids(&["b"]).await;
            let reason = "why".to_owned();
            subject.change("b", Change::Bury { reason }).await
        }
        Capability::SchedulePolicies => {
            let schedule = Schedule {
                queue: QUEUE.to_owned(),
                id: "s".to_owned(),
                repeat: Repeat::Every(MINUTE),
                start: None,
                end: None,
                limit: None,
                misfire: Misfire::All(5),
                overlap: Overlap::Skip,
                name: "tick".to_owned(),
                version: 1,
                data: json("1"),
                options: Default::default(),
            };
            store.upsert_schedule(schedule).await.map(drop)
        }
        Capability::TimedRetention => store
            .control(QUEUE, Control::Retain(Default::default()))
            .await
            .map(drop),
        // Said of how something is done, or asked for in a transaction that is not there.
        Capability::CompleteWithin | Capability::AtomicBulk | Capability::CrashCount => {
            return None;
        }
    })
}
