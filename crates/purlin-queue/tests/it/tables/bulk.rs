//! What is done to many jobs at once.

use purlin_queue::{
    Dedup, QueueError, Store,
    job::Parent,
    sql::SqlStore,
    store::{Annotation, Control, NewJob, OnChildFailure},
};

use super::{claim, job, jobs};

pub(super) async fn a_command_over_more_jobs_than_a_commit_takes_goes_on_to_its_bound(
    store: &SqlStore,
) {
    store.add(jobs("q", 1_250)).await.unwrap();
    let delayed = false;
    let drain = |max| store.control("q", Control::Drain { delayed, max });
    assert_eq!(drain(1_100).await.unwrap(), 1_100);
    assert_eq!(store.counts("q").await.unwrap().waiting, 150);
    assert_eq!(drain(1_100).await.unwrap(), 150);
    assert_eq!(drain(1_100).await.unwrap(), 0);
}

pub(super) async fn an_obliterated_queue_leaves_no_row(store: &SqlStore) {
    store.add(everything()).await.unwrap();
    let running = claim(store, "q", 1).await.remove(0);
    let step = Annotation::Step {
        name: "a".into(),
        result: purlin_queue::Payload::null(),
    };
    for what in [Annotation::Log("line".into()), step] {
        store.annotate(running.lease.clone(), what).await.unwrap();
    }
    store.control("q", Control::Pause).await.unwrap();
    let (force, max) = (true, 100);
    let gone = store.control("q", Control::Obliterate { force, max }).await;
    assert_eq!(gone.unwrap(), 4);
    for count in [
        "select count(*) from purlin_jobs",
        "select count(*) from purlin_job_tags",
        "select count(*) from purlin_job_children",
        "select count(*) from purlin_job_logs",
        "select count(*) from purlin_job_steps",
        "select count(*) from purlin_queue_dedup",
        "select count(*) from purlin_queue_minutes where completed <> 0 or failed <> 0",
        "select count(*) from purlin_queues",
    ] {
        let rows = store.db().read().query(count).fetch_one::<(i64,)>().await;
        assert_eq!(rows.unwrap().0, 0, "{count}");
    }
}

/// A parent with a child, a job with a key, one with a tag.
fn everything() -> Vec<NewJob> {
    let parent = Parent {
        queue: "q".into(),
        id: "parent".into(),
        on_failure: OnChildFailure::Fail,
    };
    let mut jobs = ["keyed", "child", "parent", "tagged"].map(|id| job("q", id));
    jobs[0].options.dedup = Some(Dedup::simple("key"));
    jobs[1].parents = vec![parent];
    jobs[2].awaits_children = true;
    jobs[3].options.tags = vec!["red".into()];
    jobs.into()
}

pub(super) async fn a_queue_with_running_jobs_is_obliterated_only_by_force(store: &SqlStore) {
    store.add(jobs("q", 2)).await.unwrap();
    let running = claim(store, "q", 1).await.remove(0);
    let obliterate = |force| store.control("q", Control::Obliterate { force, max: 10 });
    let refused = obliterate(false).await.unwrap_err();
    assert!(
        matches!(&refused, QueueError::State { id, .. } if *id == running.lease.id),
        "{refused}"
    );
    assert_eq!(store.counts("q").await.unwrap().waiting, 1);
    assert_eq!(obliterate(true).await.unwrap(), 2);
    assert_eq!(store.job("q", &running.lease.id).await.unwrap(), None);
}
