//! What can be looked at.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Subject,
    subject::{MINUTE, QUEUE, child, failure, job, job_with, json, parent},
};
use crate::{
    State,
    job::Start,
    store::{
        Annotation, Capability, Change, Control, Counts, EventKind, JobsQuery, Limits, NewJob,
        Rate, Worker,
    },
};

fn query(states: &[State]) -> JobsQuery {
    JobsQuery {
        queue: QUEUE.to_owned(),
        states: states.to_vec(),
        tag: None,
        name: None,
        offset: 0,
        max: 100,
    }
}

async fn found(subject: &Subject<'_>, query: JobsQuery) -> Vec<String> {
    let jobs = subject.store.jobs(query).await.unwrap();
    jobs.into_iter().map(|job| job.id).collect()
}

pub async fn jobs_are_counted_by_their_state(subject: &Subject<'_>) {
    subject.add_ids(&["done", "bad", "runs"]).await;
    let claimed = subject.claim(3).await;
    subject.complete(&claimed[0]).await;
    subject.fail(&claimed[1]).await;
    subject.add([parent("p"), child("c", &["p"])]).await;
    subject
        .add([
            job_with("u", |options| options.priority = 1),
            job_with("l", |options| options.start = Start::After(MINUTE)),
        ])
        .await;
    let counts = Counts {
        waiting: 1,
        prioritized: 1,
        delayed: 1,
        active: 1,
        waiting_children: 1,
        completed: 1,
        failed: 1,
    };
    assert_eq!(subject.store.counts(QUEUE).await.unwrap(), counts);
    assert_eq!(
        subject.store.counts("other").await.unwrap(),
        Counts::default()
    );
}

pub async fn ready_jobs_are_listed_as_they_would_be_claimed(subject: &Subject<'_>) {
    let of = |id, priority| job_with(id, |options| options.priority = priority);
    subject
        .add([of("b", 2), of("n1", 0), of("a", 1), of("n2", 0)])
        .await;
    let lifo = job_with("front", |options| options.lifo = true);
    subject.add([lifo]).await;
    let ready = query(&[State::Waiting, State::Prioritized]);
    let listed = found(subject, ready).await;
    assert_eq!(listed, ["front", "n1", "n2", "a", "b"]);
    assert_eq!(subject.claim_ids(9).await, listed);
}

pub async fn delayed_jobs_are_listed_by_their_moment(subject: &Subject<'_>) {
    for (id, minutes) in [("c", 9), ("a", 1), ("b", 5)] {
        let after = Start::After(minutes * MINUTE);
        subject
            .add([job_with(id, |options| options.start = after)])
            .await;
    }
    assert_eq!(
        found(subject, query(&[State::Delayed])).await,
        ["a", "b", "c"]
    );
}

pub async fn finished_jobs_are_listed_newest_first(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    for claimed in subject.claim(3).await {
        subject.complete(&claimed).await;
        subject.advance(MINUTE / 10).await;
    }
    assert_eq!(
        found(subject, query(&[State::Completed])).await,
        ["c", "b", "a"]
    );
}

pub async fn a_list_comes_in_pages(subject: &Subject<'_>) {
    let ids: Vec<String> = (0..7).map(|n| format!("j{n}")).collect();
    subject.add(ids.iter().map(|id| job(id))).await;
    let mut listed = Vec::new();
    for offset in [0, 3, 6, 9] {
        let page = JobsQuery {
            offset,
            max: 3,
            ..query(&[State::Waiting])
        };
        listed.extend(found(subject, page).await);
    }
    assert_eq!(listed, ids);
    assert_eq!(found(subject, query(&[])).await.len(), 7, "in any state");
}

pub async fn jobs_are_found_by_name_and_tag(subject: &Subject<'_>) {
    let named = |id: &str, name: &str| NewJob {
        name: name.to_owned(),
        ..job(id)
    };
    subject.add([named("a", "mail"), named("b", "cover")]).await;
    let by_name = JobsQuery {
        name: Some("cover".to_owned()),
        ..query(&[State::Waiting])
    };
    assert_eq!(found(subject, by_name).await, ["b"]);
    if !subject.offers(Capability::Tags) {
        return;
    }
    let tagged = |id, tags: &[&str]| {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        job_with(id, |options| options.tags = tags)
    };
    subject
        .add([tagged("c", &["x", "y"]), tagged("d", &["y"])])
        .await;
    let by = |tag: &str| JobsQuery {
        tag: Some(tag.to_owned()),
        ..query(&[State::Waiting])
    };
    assert_eq!(found(subject, by("y")).await, ["c", "d"]);
    assert_eq!(found(subject, by("x")).await, ["c"]);
    subject.change("c", Change::Remove).await.unwrap();
    assert_eq!(found(subject, by("x")).await, [""; 0]);
}

pub async fn queues_are_told_with_their_settings(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let limits = Limits {
        concurrency: Some(3),
        rate: Some(Rate {
            max: 5,
            per: MINUTE,
        }),
        tenant_weights: match subject.store.capabilities().has(Capability::Tenants) {
            true => BTreeMap::from([("gold".to_owned(), 2)]),
            false => BTreeMap::new(),
        },
        ..Limits::default()
    };
    subject.control(Control::Limit(limits.clone())).await;
    subject
        .store
        .control("b.other", Control::Pause)
        .await
        .unwrap();
    let queues = subject.store.queues().await.unwrap();
    let told: Vec<_> = queues
        .iter()
        .map(|queue| (queue.name.as_str(), queue.paused))
        .collect();
    assert_eq!(told, [("b.other", true), (QUEUE, false)]);
    assert_eq!(queues[1].limits, limits);
}

pub async fn workers_are_there_until_their_time_is_over(subject: &Subject<'_>) {
    let now = subject.store.now().await.unwrap();
    let worker = |id: &str, running| Worker {
        id: id.to_owned(),
        queue: QUEUE.to_owned(),
        name: "same name".to_owned(),
        pid: 7,
        concurrency: 5,
        running,
        started_at: now,
    };
    let (one, two) = (worker("one", 0), worker("two", 2));
    subject.store.beat(one.clone(), 2 * MINUTE).await.unwrap();
    subject.store.beat(two.clone(), 2 * MINUTE).await.unwrap();
    assert_eq!(
        subject.store.workers(QUEUE).await.unwrap(),
        [one, two.clone()]
    );
    subject.advance(MINUTE).await;
    let busy = worker("one", 5);
    subject.store.beat(busy.clone(), 2 * MINUTE).await.unwrap();
    subject.store.leave(QUEUE, "two").await.unwrap();
    assert_eq!(subject.store.workers(QUEUE).await.unwrap(), [busy]);
    subject.advance(3 * MINUTE).await;
    assert_eq!(subject.store.workers(QUEUE).await.unwrap(), []);
}

/// What has happened since `mark`.
async fn events_since(subject: &Subject<'_>, mark: &mut String) -> Vec<(String, EventKind)> {
    let mut events = Vec::new();
    loop {
        let page = subject
            .store
            .events(QUEUE, Some(mark.clone()), 100)
            .await
            .unwrap();
        *mark = page.1;
        if page.0.is_empty() {
            return events;
        }
        events.extend(page.0.into_iter().map(|event| (event.job, event.kind)));
    }
}

pub async fn events_tell_a_jobs_life_in_order(subject: &Subject<'_>) {
    subject.add_ids(&["before"]).await;
    subject.claim(1).await;
    let mut mark = subject.store.events(QUEUE, None, 10).await.unwrap().1;
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    let half = Annotation::Progress(json("50"));
    subject
        .store
        .annotate(claimed.lease.clone(), half)
        .await
        .unwrap();
    subject.complete(&claimed).await;
    let kinds: Vec<EventKind> = events_since(subject, &mut mark)
        .await
        .into_iter()
        .filter_map(|(job, kind)| (job == "a").then_some(kind))
        .collect();
    let life = [
        EventKind::Added,
        EventKind::Waiting,
        EventKind::Active,
        EventKind::Progress(json("50")),
        EventKind::Completed(json("1")),
    ];
    assert_eq!(kinds, life);
    assert_eq!(
        events_since(subject, &mut mark).await,
        [],
        "each is told once"
    );
    subject.add_ids(&["b"]).await;
    let claimed = subject.claim_one().await;
    subject.fail(&claimed).await;
    let events = events_since(subject, &mut mark).await;
    let failed = ("b".to_owned(), EventKind::Failed(failure("broken")));
    assert!(events.contains(&failed), "{events:?}");
}

pub async fn no_event_is_missed_by_a_reader_while_many_write(subject: &Subject<'_>) {
    let mut mark = subject.store.events(QUEUE, None, 10).await.unwrap().1;
    let adds: Vec<_> = (0..8)
        .map(|writer| {
            let store = subject.store.clone();
            purlin_runtime::spawn(async move {
                for n in 0..15 {
                    store
                        .add(vec![job(&format!("{writer}-{n}"))])
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    for add in adds {
        seen.extend(events_since(subject, &mut mark).await);
        add.await.unwrap();
    }
    // What was committed may be told a moment later, where commits overtake each other.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let is_added = |(_, kind): &&(String, EventKind)| *kind == EventKind::Added;
    while seen.iter().filter(is_added).count() < 120 && std::time::Instant::now() < deadline {
        seen.extend(events_since(subject, &mut mark).await);
        tokio::task::yield_now().await;
    }
    let mut added: Vec<&String> = seen.iter().filter(is_added).map(|(job, _)| job).collect();
    added.sort();
    added.dedup();
    assert_eq!(
        (added.len(), seen.iter().filter(is_added).count()),
        (120, 120)
    );
}

pub async fn endings_are_counted_by_the_minute(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    let claimed = subject.claim(3).await;
    subject.complete(&claimed[0]).await;
    subject.fail(&claimed[1]).await;
    subject.advance(2 * MINUTE).await;
    subject.complete(&claimed[2]).await;
    let rates = subject.store.rates(QUEUE, 5).await.unwrap();
    assert_eq!(rates.len(), 5, "also those without an ending");
    let whole = rates
        .iter()
        .all(|rate| rate.minute.unix_micros() % 60_000_000 == 0);
    assert!(whole && rates.is_sorted_by_key(|rate| rate.minute));
    let sum = |count: fn(&crate::store::MinuteCount) -> u64| rates.iter().map(count).sum::<u64>();
    assert_eq!(
        (sum(|rate| rate.completed), sum(|rate| rate.failed)),
        (2, 1)
    );
    let busy = rates
        .iter()
        .filter(|rate| rate.completed + rate.failed > 0)
        .count();
    assert!((2..=3).contains(&busy), "{rates:?}");
}

pub async fn nothing_is_found_where_nothing_is(subject: &Subject<'_>) {
    let store = &subject.store;
    assert_eq!(store.job(QUEUE, "nobody").await.unwrap(), None);
    assert_eq!(store.jobs(query(&[])).await.unwrap(), []);
    assert_eq!(store.logs(QUEUE, "nobody", 0, 9).await.unwrap().total, 0);
    assert_eq!(store.children(QUEUE, "nobody").await.unwrap(), []);
    assert_eq!(store.queues().await.unwrap(), []);
    assert_eq!(store.workers(QUEUE).await.unwrap(), []);
    assert_eq!(store.schedules(QUEUE).await.unwrap(), []);
    assert_eq!(store.upkeep(QUEUE, 10).await.unwrap(), Default::default());
}
