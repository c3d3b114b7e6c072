//! The outbox and its relay: what is sent, in which order, and what becomes of what fails.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use purlin_base::{
    Classified, Timestamp,
    time::{ManualClock, SharedClock},
};
use purlin_sql::{
    Db, SqlError, TimeOffset,
    outbox::{
        MessageState, OnRefused, Outbox, OutboxError, OutboxMessage, Relay, RelayBuilder, SinkError,
    },
};
use uuid::Uuid;

use crate::sinks::{Scripted, Step};

const LEASE: Duration = Duration::from_secs(15);
const LONG: Duration = Duration::from_secs(120);

/// The outbox of an empty database, and what stands for time.
pub(crate) struct Bench {
    pub(crate) db: Db,
    pub(crate) outbox: Outbox,
    pub(crate) offset: TimeOffset,
}

impl Bench {
    pub(crate) async fn new(db: &Db) -> Self {
        db.migrate(&purlin_sql::outbox::OUTBOX).await.unwrap();
        let offset = TimeOffset::default();
        Self {
            db: db.clone(),
            outbox: Outbox::new(db).time_offset(offset.clone()),
            offset,
        }
    }

    pub(crate) fn relay(&self, sink: &Arc<Scripted>) -> RelayBuilder {
        Relay::builder(&self.db)
            .sink(sink.clone())
            .time_offset(self.offset.clone())
            // Longer than a case takes: what waits does so until the time is moved.
            .retry(Duration::from_secs(60), Duration::from_secs(60))
    }

    pub(crate) async fn put(&self, key: Option<&str>, body: &str) -> Uuid {
        let message = message(key, body);
        let id = message.id;
        self.put_message(message).await.unwrap();
        id
    }

    pub(crate) async fn put_message(&self, message: OutboxMessage) -> Result<(), OutboxError> {
        let put = async |tx: &mut purlin_sql::Tx| self.outbox.put(tx, message).await;
        self.db.transaction(put).await
    }

    async fn state(&self, id: Uuid) -> Option<MessageState> {
        self.outbox
            .find(id)
            .await
            .unwrap()
            .map(|stored| stored.state)
    }
}

pub(crate) fn message(key: Option<&str>, body: &str) -> OutboxMessage {
    let message = OutboxMessage::new(Uuid::now_v7(), "test", "there", body);
    match key {
        Some(key) => message.key(key),
        None => message,
    }
}

pub(crate) async fn a_message_is_sent_once_its_transaction_is_committed(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::taking_all();
    let relay = bench.relay(&sink).build().unwrap();
    let whole = message(Some("k"), "kept").header("traceparent", "00-1-2-01");
    let undone = db
        .transaction(async |tx| {
            bench.outbox.put(tx, message(None, "undone")).await?;
            Err::<(), OutboxError>(SqlError::NoRow.into())
        })
        .await;
    undone.unwrap_err();
    relay.pass().await.unwrap();
    assert!(sink.sent().is_empty());
    bench.put_message(whole.clone()).await.unwrap();
    assert_eq!(relay.pass().await.unwrap().sent, 1);
    assert_eq!(sink.sent(), [whole]);
    assert_eq!(relay.pass().await.unwrap().sent, 0);
}

pub(crate) async fn a_message_is_found_until_it_is_sent(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::taking_all();
    let relay = bench.relay(&sink).build().unwrap();
    let id = bench.put(Some("k"), "found").await;
    let stored = bench.outbox.find(id).await.unwrap().unwrap();
    assert_eq!(stored.state, MessageState::Waiting);
    assert_eq!((stored.attempts, stored.message.id), (0, id));
    assert_eq!(stored.message.body, b"found");
    relay.pass().await.unwrap();
    assert_eq!(bench.outbox.find(id).await.unwrap(), None);
    assert_eq!(bench.outbox.find(Uuid::now_v7()).await.unwrap(), None);
}

pub(crate) async fn what_no_sink_could_take_is_refused_and_the_transaction_goes_on(db: &Db) {
    let bench = Bench::new(db).await;
    let outbox = bench.outbox.clone().message_bytes_max(100);
    let good = || message(Some("k"), "good");
    let long = "x".repeat(256);
    let taken = good();
    let bad = [
        (
            "OUTBOX_TOO_LARGE",
            OutboxMessage {
                body: vec![0; 99],
                ..good()
            },
        ),
        (
            "OUTBOX_SINK",
            OutboxMessage {
                sink: "Two words".into(),
                ..good()
            },
        ),
        (
            "OUTBOX_SINK",
            OutboxMessage {
                sink: String::new(),
                ..good()
            },
        ),
        (
            "OUTBOX_DESTINATION",
            OutboxMessage {
                destination: long.clone(),
                ..good()
            },
        ),
        (
            "OUTBOX_DESTINATION",
            OutboxMessage {
                destination: String::new(),
                ..good()
            },
        ),
        ("OUTBOX_KEY", good().key(long)),
        ("OUTBOX_KEY", good().key("a\nb")),
        ("OUTBOX_TAKEN", taken.clone()),
    ];
    db.transaction(async |tx| {
        outbox.put(tx, taken).await?;
        for (code, message) in bad {
            let refused = outbox.put(tx, message).await.unwrap_err();
            assert_eq!(refused.code(), code, "{refused}");
        }
        // Two bytes are the headers.
        outbox
            .put(
                tx,
                OutboxMessage {
                    body: vec![0; 98],
                    ..good()
                },
            )
            .await
    })
    .await
    .unwrap();
    assert_eq!(bench.outbox.depths().await.unwrap()[0].waiting, 2);
}

pub(crate) async fn messages_of_a_key_are_sent_one_after_another(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::taking_all();
    for number in 0..5 {
        for key in ["a", "b"] {
            bench.put(Some(key), &format!("{key}{number}")).await;
        }
    }
    bench.relay(&sink).build().unwrap().pass().await.unwrap();
    for key in ["a", "b"] {
        let expected: Vec<_> = (0..5).map(|number| format!("{key}{number}")).collect();
        assert_eq!(sink.bodies_of(key), expected);
    }
    for batch in sink.batches() {
        let mut keys: Vec<_> = batch.iter().map(|message| message.key.clone()).collect();
        keys.dedup();
        assert_eq!(keys.len(), batch.len(), "one of each key at most");
    }
}

pub(crate) async fn a_sink_that_keeps_the_order_is_given_many_of_a_key(db: &Db) {
    let bench = Bench::new(db).await;
    // The second of three fails the first time, so the third is not tried.
    let sink = Scripted::keeping_order(|message, times| match message.body.as_slice() {
        b"1" if times == 1 => Step::Answer(Err(SinkError::again("not yet"))),
        _ => Step::Answer(Ok(())),
    });
    for number in 0..3 {
        bench.put(Some("a"), &number.to_string()).await;
    }
    let relay = bench.relay(&sink).build().unwrap();
    let passed = relay.pass().await.unwrap();
    assert_eq!((passed.sent, passed.failed), (1, 1));
    assert_eq!(sink.batches()[0].len(), 3);
    bench.offset.advance(LONG);
    assert_eq!(relay.pass().await.unwrap().sent, 2);
    assert_eq!(sink.taken(), ["0", "1", "2"]);
    assert_eq!(bench.outbox.depths().await.unwrap(), []);
}

pub(crate) async fn a_message_that_fails_holds_back_its_own_key_only(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, times| {
        let fails = message.body == b"a0" && times <= 2;
        Step::Answer(if fails {
            Err(SinkError::again("busy"))
        } else {
            Ok(())
        })
    });
    let relay = bench.relay(&sink).build().unwrap();
    let first = bench.put(Some("a"), "a0").await;
    for body in ["a1", "b0", "c0"] {
        bench.put(Some(&body[..1]), body).await;
    }
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["b0", "c0"]);
    let stored = bench.outbox.find(first).await.unwrap().unwrap();
    assert_eq!(
        (stored.attempts, stored.last_failure.as_deref()),
        (1, Some("busy"))
    );
    // What comes later for the key waits as well, and other keys go on.
    for body in ["a2", "b1"] {
        bench.put(Some(&body[..1]), body).await;
    }
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["b0", "c0", "b1"]);
    bench.offset.advance(LONG);
    relay.pass().await.unwrap();
    assert_eq!(sink.taken().len(), 3, "it has failed again");
    bench.offset.advance(LONG);
    assert_eq!(relay.pass().await.unwrap().sent, 3);
    assert_eq!(sink.taken()[3..], ["a0", "a1", "a2"]);
}

pub(crate) async fn a_key_is_of_one_destination(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, _| {
        let fails = message.destination == "elsewhere";
        Step::Answer(if fails {
            Err(SinkError::again("busy"))
        } else {
            Ok(())
        })
    });
    let relay = bench.relay(&sink).build().unwrap();
    let elsewhere = |body| OutboxMessage {
        destination: "elsewhere".into(),
        ..message(Some("a"), body)
    };
    bench.put_message(elsewhere("0")).await.unwrap();
    bench.put(Some("a"), "1").await;
    bench.put_message(elsewhere("2")).await.unwrap();
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["1"]);
}

pub(crate) async fn a_message_without_a_key_waits_alone(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, times| {
        let fails = message.body == b"0" && times == 1;
        Step::Answer(if fails {
            Err(SinkError::again("busy"))
        } else {
            Ok(())
        })
    });
    let relay = bench.relay(&sink).build().unwrap();
    for body in ["0", "1"] {
        bench.put(None, body).await;
    }
    relay.pass().await.unwrap();
    bench.put(None, "2").await;
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["1", "2"]);
    bench.offset.advance(LONG);
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["1", "2", "0"]);
}

/// Refuses `a0`, until told otherwise.
fn refusing() -> Arc<Scripted> {
    Scripted::new(|message, times| {
        let refused = message.body == b"a0" && times == 1;
        Step::Answer(if refused {
            Err(SinkError::refused("no such queue"))
        } else {
            Ok(())
        })
    })
}

pub(crate) async fn a_refused_message_is_parked_and_its_key_goes_on(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = refusing();
    let relay = bench.relay(&sink).build().unwrap();
    let refused = bench.put(Some("a"), "a0").await;
    bench.put(Some("a"), "a1").await;
    let passed = relay.pass().await.unwrap();
    assert_eq!((passed.sent, passed.parked), (1, 1));
    assert_eq!(sink.taken(), ["a1"]);
    let parked = bench.outbox.parked("test", 0, 10).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].message.id, refused);
    let is_told = |state: &MessageState| matches!(state, MessageState::Parked { reason, .. } if reason == "no such queue");
    assert!(is_told(&parked[0].state), "{parked:?}");
    let after = bench
        .outbox
        .parked("test", parked[0].seq, 10)
        .await
        .unwrap();
    assert_eq!(after, []);
    assert!(bench.outbox.requeue(refused).await.unwrap());
    assert!(!bench.outbox.requeue(refused).await.unwrap());
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["a1", "a0"]);
}

pub(crate) async fn a_refused_message_holds_its_key_if_told_to(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = refusing();
    let relay = bench
        .relay(&sink)
        .on_refused(OnRefused::HoldKey)
        .build()
        .unwrap();
    let refused = bench.put(Some("a"), "a0").await;
    for body in ["a1", "b0"] {
        bench.put(Some(&body[..1]), body).await;
    }
    relay.pass().await.unwrap();
    bench.offset.advance(LONG);
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["b0"]);
    assert!(bench.outbox.requeue(refused).await.unwrap());
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["b0", "a0", "a1"]);
}

pub(crate) async fn a_parked_message_can_be_discarded(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = refusing();
    let relay = bench
        .relay(&sink)
        .on_refused(OnRefused::HoldKey)
        .build()
        .unwrap();
    let refused = bench.put(Some("a"), "a0").await;
    let next = bench.put(Some("a"), "a1").await;
    relay.pass().await.unwrap();
    assert!(
        !bench.outbox.discard(next).await.unwrap(),
        "it waits, and may be on its way"
    );
    assert!(bench.outbox.discard(refused).await.unwrap());
    assert!(!bench.outbox.discard(refused).await.unwrap());
    relay.pass().await.unwrap();
    assert_eq!(sink.taken(), ["a1"]);
    assert_eq!(bench.outbox.depths().await.unwrap(), []);
}

pub(crate) async fn a_message_that_fails_for_too_long_is_parked(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|_, _| Step::Answer(Err(SinkError::again("away"))));
    let relay = bench.relay(&sink).retry_for(2 * LONG).build().unwrap();
    let id = bench.put(Some("a"), "a0").await;
    for _ in 0..2 {
        relay.pass().await.unwrap();
        assert_eq!(bench.state(id).await, Some(MessageState::Waiting));
        bench.offset.advance(LONG);
    }
    assert_eq!(relay.pass().await.unwrap().parked, 1);
    let state = bench.state(id).await;
    let told = matches!(&state, Some(MessageState::Parked { reason, .. }) if reason.ends_with("240s: away"));
    assert!(told, "{state:?}");
    // It is given the whole time again.
    assert!(bench.outbox.requeue(id).await.unwrap());
    assert_eq!(relay.pass().await.unwrap().failed, 1);
}

pub(crate) async fn a_sink_that_takes_nothing_is_left_alone_and_no_message_pays_for_it(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|_, times| {
        let away = times == 1;
        Step::Answer(if away {
            Err(SinkError::again("away"))
        } else {
            Ok(())
        })
    });
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let shared: SharedClock = Arc::new(clock.clone());
    let relay = bench.relay(&sink).clock(shared).build().unwrap();
    let mut ids = Vec::new();
    for key in 0..8 {
        ids.push(bench.put(Some(&key.to_string()), "x").await);
    }
    assert_eq!(relay.pass().await.unwrap(), Default::default());
    for id in &ids {
        assert_eq!(bench.outbox.find(*id).await.unwrap().unwrap().attempts, 0);
    }
    relay.pass().await.unwrap();
    assert_eq!(sink.batches().len(), 1, "it is not asked again at once");
    clock.advance(Duration::from_secs(60));
    assert_eq!(relay.pass().await.unwrap().sent, 8);
}

pub(crate) async fn a_sink_that_panics_or_answers_too_little_has_failed(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, times| match (message.body.as_slice(), times) {
        (b"panics", 1) => Step::Panic,
        (b"silent", 1) => Step::NoAnswer,
        _ => Step::Answer(Ok(())),
    });
    let relay = bench.relay(&sink).batch_max(1).build().unwrap();
    bench.put(Some("a"), "panics").await;
    bench.put(Some("b"), "silent").await;
    bench.put(Some("c"), "good").await;
    let passed = relay.pass().await.unwrap();
    assert_eq!((passed.sent, passed.failed), (1, 2));
    bench.offset.advance(LONG);
    assert_eq!(relay.pass().await.unwrap().sent, 2);
}

pub(crate) async fn a_sink_that_does_not_answer_in_time_has_failed(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|_, times| match times {
        1 => Step::Wait,
        _ => Step::Answer(Ok(())),
    });
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let shared: SharedClock = Arc::new(clock.clone());
    let relay = bench.relay(&sink).clock(shared).build().unwrap();
    let id = bench.put(Some("a"), "slow").await;
    let begun = async {
        sink.begun(1).await;
        clock.advance(Duration::from_secs(10));
    };
    let (passed, ()) = tokio::join!(relay.pass(), begun);
    assert_eq!(passed.unwrap().failed, 1);
    let stored = bench.outbox.find(id).await.unwrap().unwrap();
    assert_eq!(
        stored.last_failure.as_deref(),
        Some("the sink did not answer in time")
    );
}

pub(crate) async fn a_slow_key_does_not_hold_up_the_others(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, _| match message.body.as_slice() {
        b"slow" => Step::Wait,
        _ => Step::Answer(Ok(())),
    });
    let relay = bench.relay(&sink).build().unwrap();
    bench.put(Some("a"), "slow").await;
    relay.start();
    sink.begun(1).await;
    bench.put(Some("a"), "behind").await;
    bench.put(Some("b"), "quick").await;
    sink.begun(2).await;
    assert_eq!(sink.batches()[1][0].body, b"quick");
    sink.release();
    sink.begun(3).await;
    relay.stop().await;
    assert_eq!(sink.taken(), ["quick", "slow", "behind"]);
}

pub(crate) async fn a_batch_is_bounded_by_number_and_by_bytes(db: &Db) {
    let bench = Bench::new(db).await;
    for _ in 0..5 {
        bench.put(None, "small").await;
    }
    let sink = Scripted::taking_all();
    let relay = bench.relay(&sink).batch_max(2).build().unwrap();
    relay.pass().await.unwrap();
    assert!(sink.batches().iter().all(|batch| batch.len() <= 2));
    assert_eq!(sink.taken().len(), 5);
    drop(relay);

    bench.offset.advance(LEASE);
    let large = "x".repeat(600);
    for _ in 0..3 {
        bench.put(None, &large).await;
    }
    let sink = Scripted::taking_all();
    let relay = bench
        .relay(&sink)
        .batch_bytes_max(1000)
        .batches_max(1)
        .build()
        .unwrap();
    relay.pass().await.unwrap();
    // One is begun as long as there is room for a byte.
    let lengths: Vec<_> = sink.batches().iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1]);
}

pub(crate) async fn of_two_relays_one_sends_until_its_lease_ends(db: &Db) {
    let bench = Bench::new(db).await;
    let (here, there) = (Scripted::taking_all(), Scripted::taking_all());
    let first = bench.relay(&here).build().unwrap();
    let second = bench.relay(&there).build().unwrap();
    bench.put(None, "0").await;
    assert_eq!(first.pass().await.unwrap().sent, 1);
    bench.put(None, "1").await;
    assert_eq!(second.pass().await.unwrap().sent, 0);
    drop(first);
    bench.offset.advance(LEASE);
    // A relay that was refused tries again after a second, or at its start.
    let third = bench.relay(&there).build().unwrap();
    assert_eq!(third.pass().await.unwrap().sent, 1);
    assert_eq!((here.taken().len(), there.taken().len()), (1, 1));
}

pub(crate) async fn a_relay_that_lost_its_lease_changes_nothing(db: &Db) {
    let bench = Bench::new(db).await;
    for answer in [
        Ok(()),
        Err(SinkError::again("late")),
        Err(SinkError::refused("late")),
    ] {
        let stalled = Scripted::new(move |_, _| Step::WaitThen(answer.clone()));
        let stale = bench.relay(&stalled).build().unwrap();
        let id = bench.put(Some("a"), "x").await;
        let failing = Scripted::new(|_, times| match times {
            1 => Step::Answer(Err(SinkError::again("new"))),
            _ => Step::Answer(Ok(())),
        });
        let taken_over = async {
            stalled.begun(1).await;
            bench.offset.advance(LEASE);
            let fresh = bench.relay(&failing).build().unwrap();
            assert_eq!(fresh.pass().await.unwrap().failed, 1);
            stalled.release();
            fresh
        };
        let (passed, fresh) = tokio::join!(stale.pass(), taken_over);
        assert_eq!(passed.unwrap(), Default::default());
        let stored = bench
            .outbox
            .find(id)
            .await
            .unwrap()
            .expect("it is not deleted");
        assert_eq!(stored.last_failure.as_deref(), Some("new"));
        assert_eq!((stored.attempts, stored.state), (1, MessageState::Waiting));
        bench.offset.advance(LONG);
        // The new one holds the lease still: nobody else has asked.
        assert_eq!(fresh.pass().await.unwrap().sent, 1);
        drop(fresh);
        bench.offset.advance(LEASE);
    }
}

pub(crate) async fn a_relay_that_died_before_it_could_delete_sends_again(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|_, times| match times {
        1 => Step::Wait,
        _ => Step::Answer(Ok(())),
    });
    let id = bench.put(Some("a"), "x").await;
    {
        let dying = bench.relay(&sink).build().unwrap();
        let pass = dying.pass();
        let mut pass = std::pin::pin!(pass);
        while sink.batches().is_empty() {
            assert!(pass.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    bench.offset.advance(LEASE);
    assert_eq!(
        bench
            .relay(&sink)
            .build()
            .unwrap()
            .pass()
            .await
            .unwrap()
            .sent,
        1
    );
    let ids: Vec<_> = sink.sent().iter().map(|message| message.id).collect();
    assert_eq!(ids, [id, id]);
}

pub(crate) async fn a_relay_that_runs_is_woken_and_stops_after_what_is_on_its_way(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = Scripted::new(|message, _| match message.body.as_slice() {
        b"slow" => Step::Wait,
        _ => Step::Answer(Ok(())),
    });
    let relay = bench.relay(&sink).build().unwrap();
    relay.start();
    relay.start();
    bench.put(None, "0").await;
    sink.begun(1).await;
    let slow = bench.put(None, "slow").await;
    sink.begun(2).await;
    let ((), ()) = tokio::join!(relay.stop(), async {
        tokio::task::yield_now().await;
        sink.release();
    });
    assert_eq!(bench.state(slow).await, None, "it was noted as sent");
    // The lease was given back: another relay sends at once.
    bench.put(None, "1").await;
    assert_eq!(
        bench
            .relay(&sink)
            .build()
            .unwrap()
            .pass()
            .await
            .unwrap()
            .sent,
        1
    );
    relay.start();
    relay.stop().await;
}

pub(crate) async fn operators_see_what_waits_and_for_how_long(db: &Db) {
    let bench = Bench::new(db).await;
    let sink = refusing();
    bench.put(Some("a"), "a0").await;
    let relay = bench.relay(&sink).build().unwrap();
    relay.pass().await.unwrap();
    bench.put(None, "1").await;
    bench.offset.advance(LONG);
    bench.put(None, "2").await;
    let other = OutboxMessage {
        sink: "other".into(),
        ..message(None, "x")
    };
    bench.put_message(other).await.unwrap();
    let depths = bench.outbox.depths().await.unwrap();
    let counts: Vec<_> = depths
        .iter()
        .map(|d| (d.sink.as_str(), d.waiting, d.parked))
        .collect();
    assert_eq!(counts, [("other", 1, 0), ("test", 2, 1)]);
    let oldest = depths[1].oldest_age.unwrap();
    assert!((LONG..2 * LONG).contains(&oldest), "{oldest:?}");
}
