//! The cases on each engine.

use super::cases;
use crate::engines::on_every_engine;

on_every_engine! {
    cases::processes_that_start_at_once_agree_on_a_key,
    cases::a_new_key_is_published_before_it_signs_and_the_old_one_outlives_its_tokens,
    cases::processes_that_rotate_at_once_make_one_key,
    cases::another_process_sees_a_rotation_when_it_refreshes,
    cases::a_key_that_leaked_is_out_of_use_at_once,
    cases::a_waiting_key_signs_at_once_when_the_one_before_it_leaked,
    cases::an_unknown_key_is_looked_for_at_most_once_in_a_second,
    cases::keys_that_are_kept_fresh_follow_the_database,
    cases::another_secret_is_told_at_the_start,
    cases::a_row_that_was_changed_is_told_at_the_start,
    cases::a_symmetric_key_under_another_name_is_told_at_the_start,
    cases::nothing_of_a_key_is_readable_in_the_database,
    cases::another_algorithm_is_a_rotation,
    cases::a_key_of_every_algorithm_survives_a_restart,
    cases::rotations_that_come_too_fast_are_refused,
    cases::a_database_that_fails_leaves_the_keys_as_they_were,
}
