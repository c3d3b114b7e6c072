//! What the SQL engine keeps in its tables, and what races over it: on SQLite and on Postgres.

mod bulk;
mod counts;
pub(crate) mod engine;
mod events;
mod races;

use std::time::Duration;

use purlin_queue::{
    JobOptions, Payload, Store,
    sql::SqlStore,
    store::{Claim, ClaimedJob, Ending, Finish, NewJob, Turn},
};

use engine::engines;

engines! {
    bulk: [
        a_command_over_more_jobs_than_a_commit_takes_goes_on_to_its_bound,
        an_obliterated_queue_leaves_no_row,
        a_queue_with_running_jobs_is_obliterated_only_by_force,
    ],
    counts: [
        finished_jobs_are_counted_without_being_looked_at,
        counts_are_those_of_the_rows_whatever_happened,
    ],
    events: [
        events_are_read_once_and_in_order_in_pages_of_any_size,
        a_reader_that_begins_now_is_told_what_is_to_come,
        old_events_are_dropped,
        minutes_that_nobody_asks_for_any_more_are_dropped,
    ],
    races: [
        a_key_that_was_taken_by_a_transaction_that_rolled_back_is_free,
        an_id_that_was_taken_by_a_transaction_that_rolled_back_is_free,
        a_key_that_was_taken_by_a_transaction_that_committed_is_taken,
        of_many_that_want_a_key_at_once_one_has_it,
        the_last_of_those_that_came_while_a_job_ran_follows_it,
        two_children_that_end_at_once_let_their_parent_go_on,
        any_number_of_nodes_make_a_tick_once,
    ],
}

/// A job without anything special.
pub(crate) fn job(queue: &str, id: &str) -> NewJob {
    NewJob {
        queue: queue.to_owned(),
        id: id.to_owned(),
        name: "work".to_owned(),
        version: 1,
        data: Payload::null(),
        options: JobOptions::default(),
        parents: Vec::new(),
        awaits_children: false,
        traceparent: None,
    }
}

/// Jobs `1-…` to `count-…`.
pub(crate) fn jobs(queue: &str, count: usize) -> Vec<NewJob> {
    let id = |n: usize| format!("{n:05}-{queue}");
    (1..=count).map(|n| job(queue, &id(n))).collect()
}

pub(crate) async fn claim(store: &SqlStore, queue: &str, max: u32) -> Vec<ClaimedJob> {
    let claim = Some(Claim {
        queue: queue.to_owned(),
        max,
        lease: Duration::from_secs(30),
        worker: "test".to_owned(),
    });
    let turn = Turn {
        finish: Vec::new(),
        claim,
    };
    store.turn(turn).await.unwrap().claimed
}

pub(crate) async fn end(store: &SqlStore, job: &ClaimedJob, ending: Ending) {
    let lease = job.lease.clone();
    let turn = Turn {
        finish: vec![Finish { lease, ending }],
        claim: None,
    };
    store.turn(turn).await.unwrap();
}

pub(crate) async fn complete(store: &SqlStore, job: &ClaimedJob) {
    end(store, job, Ending::Complete(Payload::null())).await;
}
