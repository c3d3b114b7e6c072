//! The SQL engine's hot path under many callers: what shares a commit, what is fenced, what limits
//! hold. On SQLite and on Postgres.

mod batches;
mod faults;
mod fencing;
mod limits;
mod processes;

use crate::tables::engine::{self, engines};

engines! {
    batches: [
        calls_of_many_callers_share_commits,
        a_call_that_is_refused_does_not_harm_its_neighbours,
        a_call_larger_than_a_commits_bound_is_one_commit,
        a_caller_that_goes_away_leaves_all_of_its_jobs_or_none,
        what_is_finished_and_added_can_be_claimed_by_the_same_commit,
    ],
    fencing: [
        an_attempt_whose_lease_was_reaped_changes_nothing,
        an_end_that_is_sent_twice_counts_once,
        an_attempt_is_ended_or_reaped_and_never_both,
        no_job_is_taken_twice,
    ],
    limits: [
        limits_are_not_exceeded_by_many_claims_at_once,
        a_full_window_says_when_it_opens,
        a_plain_job_takes_its_turn_among_tenants,
        a_key_that_is_full_does_not_hold_back_others,
    ],
}
