//! Jobs that come again and again.

use purlin_base::Timestamp;

use super::{
    Subject,
    subject::{MINUTE, QUEUE, json, near},
};
use crate::{
    JobOptions, QueueError, State,
    store::{Capability, Control, Misfire, Overlap, Repeat, Schedule, ScheduleState},
};

/// Every ten minutes from now on, first in ten minutes.
async fn every_ten(subject: &Subject<'_>) -> Schedule {
    let now = subject.store.now().await.unwrap();
    Schedule {
        queue: QUEUE.to_owned(),
        id: "s".to_owned(),
        repeat: Repeat::Every(10 * MINUTE),
        start: Some(now.saturating_add(10 * MINUTE)),
        end: None,
        limit: None,
        misfire: Misfire::One,
        overlap: Overlap::Allow,
        name: "tick".to_owned(),
        version: 2,
        data: json(r#"{"n":1}"#),
        options: JobOptions::default(),
    }
}

async fn put(subject: &Subject<'_>, schedule: &Schedule) -> Timestamp {
    subject
        .store
        .upsert_schedule(schedule.clone())
        .await
        .unwrap()
}

async fn the_schedule(subject: &Subject<'_>) -> ScheduleState {
    let mut schedules = subject.store.schedules(QUEUE).await.unwrap();
    assert_eq!(schedules.len(), 1);
    schedules.remove(0)
}

pub async fn a_tick_is_made_at_its_moment_and_the_next_one_is_told(subject: &Subject<'_>) {
    let schedule = every_ten(subject).await;
    let first = put(subject, &schedule).await;
    assert_eq!(Some(first), schedule.start);
    assert_eq!(subject.pass(9 * MINUTE).await.ticks, 0);
    assert_eq!(subject.pass(MINUTE).await.ticks, 1);
    assert_eq!(subject.upkeep().await.ticks, 0);
    let job = subject.claim_one().await.job;
    assert_eq!(job.id, format!("repeat-s-{}", first.unix_millis()));
    assert_eq!(
        (job.name.as_str(), job.version, job.data),
        ("tick", 2, json(r#"{"n":1}"#))
    );
    assert_eq!(job.schedule.as_deref(), Some("s"));
    let state = the_schedule(subject).await;
    assert_eq!(
        (state.next, state.ticks),
        (Some(first.saturating_add(10 * MINUTE)), 1)
    );
    assert_eq!(state.schedule, schedule);
}

pub async fn a_tick_exists_once_however_many_look_after_it(subject: &Subject<'_>) {
    put(subject, &every_ten(subject).await).await;
    for round in 1..=5 {
        subject.advance(10 * MINUTE).await;
        let upkeeps: Vec<_> = (0..6)
            .map(|_| {
                let store = subject.store.clone();
                purlin_runtime::spawn(async move { store.upkeep(QUEUE, 100).await.unwrap().ticks })
            })
            .collect();
        let mut ticks = 0;
        for upkeep in upkeeps {
            ticks += upkeep.await.unwrap();
        }
        assert_eq!(ticks, 1);
        assert_eq!(the_schedule(subject).await.ticks, round);
    }
    assert_eq!(subject.claim(99).await.len(), 5);
}

async fn made_after_an_hour(subject: &Subject<'_>, misfire: Misfire) -> usize {
    let schedule = Schedule {
        misfire,
        ..every_ten(subject).await
    };
    put(subject, &schedule).await;
    let upkeep = subject.pass(65 * MINUTE).await;
    let next = the_schedule(subject).await.next.unwrap();
    assert!(near(
        next,
        schedule.start.unwrap().saturating_add(60 * MINUTE)
    ));
    let claimed = subject.claim(99).await.len();
    assert_eq!(upkeep.ticks as usize, claimed);
    claimed
}

pub async fn missed_ticks_may_be_skipped(subject: &Subject<'_>) {
    if subject.offers(Capability::SchedulePolicies) {
        assert_eq!(made_after_an_hour(subject, Misfire::Skip).await, 0);
    }
}

pub async fn one_may_be_made_for_all_missed_ticks(subject: &Subject<'_>) {
    assert_eq!(made_after_an_hour(subject, Misfire::One).await, 1);
}

pub async fn missed_ticks_may_all_be_made_up_to_a_bound(subject: &Subject<'_>) {
    if subject.offers(Capability::SchedulePolicies) {
        assert_eq!(made_after_an_hour(subject, Misfire::All(4)).await, 4);
    }
}

pub async fn a_tick_may_be_skipped_while_the_last_one_runs(subject: &Subject<'_>) {
    if !subject.offers(Capability::SchedulePolicies) {
        return;
    }
    let schedule = Schedule {
        overlap: Overlap::Skip,
        ..every_ten(subject).await
    };
    put(subject, &schedule).await;
    assert_eq!(subject.pass(10 * MINUTE).await.ticks, 1);
    assert_eq!(subject.pass(10 * MINUTE).await.ticks, 0, "it waits");
    let claimed = subject.claim_one().await;
    let lease = vec![claimed.lease.clone()];
    subject.store.renew(lease, 60 * MINUTE).await.unwrap();
    assert_eq!(subject.pass(10 * MINUTE).await.ticks, 0, "it runs");
    subject.complete(&claimed).await;
    assert_eq!(subject.pass(10 * MINUTE).await.ticks, 1);
    assert_eq!(the_schedule(subject).await.ticks, 2);
}

pub async fn ticks_may_overlap(subject: &Subject<'_>) {
    put(subject, &every_ten(subject).await).await;
    for _ in 0..3 {
        assert_eq!(subject.pass(10 * MINUTE).await.ticks, 1);
    }
    assert_eq!(subject.claim(9).await.len(), 3);
}

pub async fn a_schedule_ends_with_its_limit_and_at_its_end(subject: &Subject<'_>) {
    let ten = every_ten(subject).await;
    let limited = Schedule {
        limit: Some(2),
        ..ten.clone()
    };
    let ending = Schedule {
        id: "t".to_owned(),
        end: Some(ten.start.unwrap().saturating_add(5 * MINUTE)),
        ..ten
    };
    put(subject, &limited).await;
    put(subject, &ending).await;
    let mut ticks = 0;
    for _ in 0..5 {
        ticks += subject.pass(10 * MINUTE).await.ticks;
    }
    assert_eq!(ticks, 3, "two and one");
    let schedules = subject.store.schedules(QUEUE).await.unwrap();
    let next: Vec<_> = schedules
        .iter()
        .map(|state| (state.next, state.ticks))
        .collect();
    assert_eq!(next, [(None, 2), (None, 1)]);
}

pub async fn a_paused_queue_makes_no_ticks_and_then_those_it_missed(subject: &Subject<'_>) {
    put(subject, &every_ten(subject).await).await;
    subject.control(Control::Pause).await;
    assert_eq!(subject.pass(35 * MINUTE).await.ticks, 0);
    subject.control(Control::Resume).await;
    assert_eq!(subject.upkeep().await.ticks, 1);
}

pub async fn a_schedule_put_in_again_is_replaced_and_keeps_what_is_due(subject: &Subject<'_>) {
    let schedule = every_ten(subject).await;
    let first = put(subject, &schedule).await;
    subject.advance(12 * MINUTE).await;
    let other_data = Schedule {
        data: json("2"),
        ..schedule.clone()
    };
    assert_eq!(
        put(subject, &other_data).await,
        first,
        "the tick that is due stays due"
    );
    assert_eq!(subject.upkeep().await.ticks, 1);
    assert_eq!(subject.claim_one().await.job.data, json("2"));
    let now = subject.store.now().await.unwrap();
    let hourly = Schedule {
        repeat: Repeat::Every(60 * MINUTE),
        start: Some(now.saturating_add(60 * MINUTE)),
        ..schedule
    };
    assert_eq!(Some(put(subject, &hourly).await), hourly.start);
    let state = the_schedule(subject).await;
    assert_eq!(
        (state.ticks, state.schedule),
        (1, hourly),
        "its ticks still count"
    );
}

pub async fn a_schedule_removed_takes_its_waiting_tick_along(subject: &Subject<'_>) {
    put(subject, &every_ten(subject).await).await;
    subject.pass(10 * MINUTE).await;
    assert!(subject.store.remove_schedule(QUEUE, "s").await.unwrap());
    assert!(!subject.store.remove_schedule(QUEUE, "s").await.unwrap());
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    assert_eq!(subject.pass(60 * MINUTE).await.ticks, 0);
    put(subject, &every_ten(subject).await).await;
    subject.pass(10 * MINUTE).await;
    let running = subject.claim_one().await;
    subject.store.remove_schedule(QUEUE, "s").await.unwrap();
    assert_eq!(subject.state(&running.lease.id).await, Some(State::Active));
}

pub async fn a_pattern_of_cron_ticks_in_its_time_zone(subject: &Subject<'_>) {
    let now = subject.store.now().await.unwrap();
    let repeat = Repeat::Cron {
        pattern: "30 15 9 * * *".to_owned(),
        tz: Some("Asia/Kolkata".to_owned()),
    };
    let schedule = Schedule {
        repeat,
        start: None,
        ..every_ten(subject).await
    };
    let next = put(subject, &schedule).await;
    assert!(next.to_string().ends_with("T03:45:30Z"), "{next}");
    assert!(next >= now && next.since(now) <= 24 * 60 * MINUTE);
    subject.advance(next.since(now)).await;
    assert_eq!(subject.upkeep().await.ticks, 1);
}

pub async fn a_schedule_that_never_ticks_is_refused(subject: &Subject<'_>) {
    let ten = every_ten(subject).await;
    let cron = |pattern: &str, tz: &str| Repeat::Cron {
        pattern: pattern.to_owned(),
        tz: Some(tz.to_owned()),
    };
    let repeats = [
        cron("0 0 30 2 *", "UTC"),
        cron("every day", "UTC"),
        cron("* * * * *", "Nowhere"),
        Repeat::Every(std::time::Duration::ZERO),
    ];
    let ended = Schedule {
        end: ten.start.map(|start| start.saturating_sub(MINUTE)),
        ..ten.clone()
    };
    let schedules = repeats.map(|repeat| Schedule {
        repeat,
        ..ten.clone()
    });
    for schedule in schedules.into_iter().chain([ended]) {
        let error = subject.store.upsert_schedule(schedule).await.unwrap_err();
        assert!(
            matches!(&error, QueueError::Schedule { id, .. } if id == "s"),
            "{error}"
        );
    }
    assert_eq!(subject.store.schedules(QUEUE).await.unwrap(), []);
}

pub async fn draining_leaves_the_ticks(subject: &Subject<'_>) {
    put(subject, &every_ten(subject).await).await;
    subject.pass(10 * MINUTE).await;
    subject.add_ids(&["a"]).await;
    let drained = subject
        .control(Control::Drain {
            delayed: true,
            max: 100,
        })
        .await;
    assert_eq!(drained, 1);
    assert_eq!(subject.claim(9).await.len(), 1);
    assert_eq!(subject.pass(10 * MINUTE).await.ticks, 1);
}
