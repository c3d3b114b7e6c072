use super::*;
use crate::{
    JobOptions, Payload,
    store::{Misfire, Overlap},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cron(pattern: &str, tz: &str) -> Repeat {
    Repeat::Cron {
        pattern: pattern.to_owned(),
        tz: Some(tz.to_owned()),
    }
}

/// The first `count` ticks after `after`.
fn ticks(repeat: &Repeat, after: &str, count: usize) -> Vec<String> {
    let next = |after: Timestamp| next_after(repeat, None, None, after).unwrap();
    std::iter::successors(next(at(after)), |tick| next(*tick))
        .take(count)
        .map(|tick| tick.to_string())
        .collect()
}

fn schedule(repeat: Repeat, misfire: Misfire) -> Schedule {
    Schedule {
        queue: "q".into(),
        id: "s".into(),
        repeat,
        start: None,
        end: None,
        limit: None,
        misfire,
        overlap: Overlap::Allow,
        name: "job".into(),
        version: 1,
        data: Payload::null(),
        options: JobOptions::default(),
    }
}

fn minutely(misfire: Misfire) -> Schedule {
    schedule(cron("* * * * *", "UTC"), misfire)
}

#[test]
fn a_daily_time_that_the_change_to_summer_skips_comes_right_after_it() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        ticks(&daily, "2026-03-27T12:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"
        ]
    );
}

#[test]
fn a_daily_time_that_the_change_to_winter_repeats_comes_once() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        ticks(&daily, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    let after_the_first = "2026-10-25T00:45:00Z";
    assert_eq!(
        ticks(&daily, after_the_first, 1),
        ["2026-10-26T01:30:00Z"],
        "between its two moments the second one is no tick"
    );
}

#[test]
fn what_comes_every_so_often_goes_on_through_both_changes() {
    let half_hourly = cron("*/30 * * * *", "America/New_York");
    let spring = ticks(&half_hourly, "2026-03-08T06:29:59Z", 4);
    let autumn = ticks(&half_hourly, "2026-11-01T04:59:59Z", 6);
    assert_eq!(
        spring,
        [
            "2026-03-08T06:30:00Z",
            "2026-03-08T07:00:00Z",
            "2026-03-08T07:30:00Z",
            "2026-03-08T08:00:00Z"
        ]
    );
    assert_eq!(
        autumn,
        [
            "2026-11-01T05:00:00Z",
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:00:00Z",
            "2026-11-01T06:30:00Z",
            "2026-11-01T07:00:00Z",
            "2026-11-01T07:30:00Z"
        ]
    );
}

#[test]
fn six_fields_begin_with_the_seconds() {
    let repeat = cron("*/20 59 23 * * *", "UTC");
    assert_eq!(
        ticks(&repeat, "2026-11-24T23:59:20.500Z", 2),
        ["2026-11-24T23:59:40Z", "2026-11-25T23:59:00Z"]
    );
}

#[test]
fn a_time_zone_moves_the_ticks() {
    assert_eq!(
        ticks(
            &cron("0 9 * * *", "Asia/Kolkata"),
            "2026-11-24T00:00:00Z",
            1
        ),
        ["2026-11-24T03:30:00Z"]
    );
}

#[test]
fn every_counts_from_1970_or_from_the_start() {
    let every = Repeat::Every(Duration::from_secs(600));
    let now = at("2026-11-24T10:03:00Z");
    let start = at("2026-11-24T10:01:30Z");
    let next = |start, now| next_after(&every, start, None, now).unwrap();
    assert_eq!(next(None, now), Some(at("2026-11-24T10:10:00Z")));
    assert_eq!(next(Some(start), now), Some(at("2026-11-24T10:11:30Z")));
    let long_before = at("2020-01-01T00:00:00Z");
    assert_eq!(next(Some(start), long_before), Some(start));
}

#[test]
fn nothing_ticks_after_the_end() {
    let hourly = cron("0 * * * *", "UTC");
    let end = Some(at("2026-11-24T11:00:00Z"));
    let next = |after: &str| next_after(&hourly, None, end, at(after)).unwrap();
    assert_eq!(next("2026-11-24T10:30:00Z"), end);
    assert_eq!(next("2026-11-24T11:00:00Z"), None);
}

#[test]
fn what_is_no_schedule_is_refused_with_its_id_and_the_reason() {
    let patterns = [
        ("every day", "UTC", "pattern"),
        ("", "UTC", "pattern"),
        ("61 * * * *", "UTC", "pattern"),
        ("* * * * * * 2030", "UTC", "pattern"),
        ("* * * * *", "Mars/Olympus", "time zone"),
        ("0 0 30 2 *", "UTC", "no moment"),
        ("0 0 31 4,6,9,11 *", "Europe/Berlin", "no moment"),
    ];
    for (pattern, tz, part) in patterns {
        let schedule = schedule(cron(pattern, tz), Misfire::One);
        let error = first(&schedule, at("2026-11-24T10:00:00Z")).unwrap_err();
        assert!(
            matches!(&error, QueueError::Schedule { id, reason } if id == "s" && reason.contains(part)),
            "{pattern}: {error}"
        );
    }
    let never = schedule(Repeat::Every(Duration::ZERO), Misfire::One);
    assert!(first(&never, at("2026-11-24T10:00:00Z")).is_err());
}

#[test]
fn a_tick_that_is_due_is_made_and_the_next_one_is_after_now() {
    for misfire in [Misfire::Skip, Misfire::One, Misfire::All(5)] {
        let next = at("2026-11-24T10:00:00Z");
        let due = due(
            &minutely(misfire),
            next,
            at("2026-11-24T10:00:30Z"),
            0,
            1000,
        )
        .unwrap();
        let after = Some(at("2026-11-24T10:01:00Z"));
        assert_eq!((due.ticks, due.next), (vec![next], after));
    }
}

#[test]
fn of_missed_ticks_one_or_some_or_none_are_made() {
    let daily = |misfire| schedule(cron("0 10 * * *", "UTC"), misfire);
    let now = at("2026-11-24T12:00:00Z");
    let made = |misfire| due(&daily(misfire), at("2026-11-20T10:00:00Z"), now, 0, 1000).unwrap();
    let newest = at("2026-11-24T10:00:00Z");
    let before = at("2026-11-23T10:00:00Z");
    assert_eq!(made(Misfire::Skip).ticks, []);
    assert_eq!(made(Misfire::One).ticks, [newest]);
    assert_eq!(made(Misfire::All(2)).ticks, [before, newest]);
    assert_eq!(made(Misfire::All(9)).ticks.len(), 5);
    for misfire in [Misfire::Skip, Misfire::One, Misfire::All(2)] {
        assert_eq!(made(misfire).next, Some(at("2026-11-25T10:00:00Z")));
    }
}

#[test]
fn years_of_missed_seconds_are_bounded_by_the_newest() {
    let next = at("2020-01-01T00:00:00Z");
    let now = at("2026-11-24T10:00:00Z");
    let secondly = schedule(cron("* * * * * *", "UTC"), Misfire::All(3));
    let every = schedule(Repeat::Every(Duration::from_millis(1)), Misfire::All(1000));
    assert_eq!(due(&secondly, next, now, 0, 1000).unwrap().ticks.len(), 3);
    let ticks = due(&every, next, now, 0, 1000).unwrap().ticks;
    assert_eq!((ticks.len(), *ticks.last().unwrap()), (1000, now));
}

#[test]
fn a_limit_ends_the_ticks() {
    let limited = Schedule {
        limit: Some(3),
        ..minutely(Misfire::All(10))
    };
    let next = at("2026-11-24T10:00:00Z");
    let due = due(&limited, next, at("2026-11-24T10:09:00Z"), 1, 1000).unwrap();
    assert_eq!((due.ticks.len(), due.next), (2, None));
}

#[test]
fn ticks_over_the_bound_of_a_call_stay_due() {
    let all = minutely(Misfire::All(4));
    let now = at("2026-11-24T10:09:30Z");
    let some = due(&all, at("2026-11-24T10:00:00Z"), now, 0, 3).unwrap();
    let rest = due(&all, some.next.unwrap(), now, 3, 3).unwrap();
    assert_eq!(
        [some.ticks, rest.ticks].concat(),
        [6, 7, 8, 9].map(|minute| at(&format!("2026-11-24T10:0{minute}:00Z")))
    );
    assert_eq!(rest.next, Some(at("2026-11-24T10:10:00Z")));
}

#[test]
fn a_schedule_that_is_put_in_again_keeps_the_tick_it_missed() {
    let old = minutely(Misfire::One);
    let next = at("2026-11-24T10:00:00Z");
    let now = at("2026-11-24T10:05:30Z");
    assert_eq!(replaced(&old, Some(next), &old, now).unwrap(), next);
    let hourly = schedule(cron("0 * * * *", "UTC"), Misfire::One);
    let fresh = at("2026-11-24T11:00:00Z");
    assert_eq!(replaced(&old, Some(next), &hourly, now).unwrap(), fresh);
}

#[test]
fn the_newest_ticks_are_those_that_counting_forward_finds() {
    let patterns = [
        "30 2 * * *",
        "15 1,2,3 * * *",
        "*/10 * * * *",
        "0 0 2 * * *",
        "45 2 29 3 *",
        "0 3 * * SUN",
    ];
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    let changes = [
        "2026-03-28T00:00:00Z",
        "2026-10-24T00:00:00Z",
        "2026-03-07T00:00:00Z",
        "2026-10-31T00:00:00Z",
        "2026-10-03T00:00:00Z",
        "2026-04-04T00:00:00Z",
    ];
    for (pattern, zone) in patterns.iter().flat_map(|p| zones.map(|z| (*p, z))) {
        for from in changes {
            let repeat = cron(pattern, zone);
            let now = at(from).saturating_add(Duration::from_secs(3 * 24 * 3600));
            let next = |after| next_after(&repeat, None, Some(now), after).unwrap();
            let forward: Vec<Timestamp> =
                std::iter::successors(next(at(from)), |tick| next(*tick)).collect();
            let Some(first) = forward.first() else {
                continue;
            };
            let backward = newest(&repeat, None, *first, now, TICKS_MAX).unwrap();
            assert_eq!(backward, forward, "{pattern} in {zone} from {from}");
        }
    }
}
