//! What a thread is working on, and who is told when it takes long.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use purlin_base::work::{Label, LongPoll, Watcher, busy_threads, watch};

struct Notes {
    limit: Duration,
    polls: Mutex<Vec<LongPoll>>,
}

impl Notes {
    fn new(limit: Duration) -> Arc<Self> {
        let polls = Mutex::default();
        Arc::new(Self { limit, polls })
    }

    fn of(&self, label: Label) -> Vec<Duration> {
        let polls = self.polls.lock().unwrap();
        let of_label = polls.iter().filter(|poll| poll.label == label);
        of_label.map(|poll| poll.took).collect()
    }
}

impl Watcher for Notes {
    fn limit(&self) -> Duration {
        self.limit
    }

    fn took_long(&self, poll: &LongPoll) {
        self.polls.lock().unwrap().push(poll.clone());
    }
}

const MS: Duration = Duration::from_millis(1);

fn block_for(duration: Duration) {
    let began = Instant::now();
    while began.elapsed() < duration {
        std::hint::spin_loop();
    }
}

#[test]
fn names_are_put_back_in_the_order_in_which_they_were_entered() {
    let (outer, inner) = (Label::job("work.outer"), Label::job("work.inner"));
    let entered = outer.enter();
    {
        let _entered = inner.enter();
        let tagged = Label::NONE.tag();
        assert_eq!(Label::current(), Label::NONE);
        drop(tagged);
        assert_eq!(Label::current(), inner);
    }
    assert_eq!(Label::current(), outer);
    drop(entered);
    assert_eq!(Label::current(), Label::NONE);
}

#[test]
fn each_watcher_hears_of_what_is_over_its_own_limit() {
    let (strict, patient) = (Notes::new(2 * MS), Notes::new(Duration::from_secs(3_600)));
    let watching = [watch(strict.clone()), watch(patient.clone())];
    let label = Label::job("work.long");
    {
        let _entered = label.enter();
        block_for(5 * MS);
    }
    let heard = strict.of(label);
    assert_eq!(heard.len(), 1);
    assert!(heard[0] >= 5 * MS);
    assert_eq!(patient.of(label), []);
    drop(watching);
    {
        let _entered = label.enter();
        block_for(5 * MS);
    }
    assert_eq!(strict.of(label).len(), 1);
}

#[test]
fn what_is_inside_is_not_counted_for_what_is_around_it() {
    let notes = Notes::new(MS);
    let _watching = watch(notes.clone());
    let (outer, inner) = (Label::job("work.around"), Label::job("work.inside"));
    {
        let _outer = outer.enter();
        block_for(5 * MS);
        {
            let _inner = inner.enter();
            block_for(20 * MS);
        }
        block_for(5 * MS);
    }
    let (around, inside) = (notes.of(outer), notes.of(inner));
    assert!(inside[0] >= 20 * MS, "{inside:?}");
    assert!(around[0] >= 10 * MS, "{around:?}");
    let seen = busy_threads();
    assert!(
        seen.iter()
            .all(|busy| busy.label != outer && busy.label != inner)
    );
}

#[test]
fn another_thread_sees_what_this_one_is_working_on() {
    let notes = Notes::new(Duration::from_secs(3_600));
    let _watching = watch(notes);
    let label = Label::message("work.seen");
    let _entered = label.enter();
    let seen = std::thread::spawn(busy_threads).join().unwrap();
    let seen = seen.into_iter().find(|busy| busy.label == label).unwrap();
    let here = std::thread::current();
    assert_eq!(&*seen.thread_name, here.name().unwrap_or_default());
    assert_eq!(seen.os_thread.is_some(), cfg!(target_os = "linux"));
}
