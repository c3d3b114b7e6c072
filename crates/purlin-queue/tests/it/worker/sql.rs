//! What needs a database: jobs and completions in the caller's transaction, by the clock of the
//! machine. On SQLite and on Postgres.

mod effects;

use crate::tables::engine::{self, engines};

engines! {
    effects: [
        a_job_in_a_transaction_is_there_if_and_only_if_that_commits,
        the_effect_and_the_completion_commit_together,
        a_transaction_that_is_rolled_back_leaves_neither_effect_nor_completion,
        an_attempt_that_was_overtaken_leaves_no_effect,
        many_jobs_have_their_effects_once_each,
        a_cancelled_job_is_told_though_it_does_not_look,
    ],
}
