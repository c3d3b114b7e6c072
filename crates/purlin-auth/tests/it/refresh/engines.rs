//! The cases on each engine.

use super::{cases, histories, revocation};
use crate::engines::on_every_engine;

on_every_engine! {
    cases::a_token_is_answered_with_its_successor_until_the_family_ends,
    cases::nothing_of_a_token_is_readable_in_the_database,
    cases::a_spent_token_gets_the_same_successor_while_that_is_unused_and_no_longer_than_the_grace,
    cases::a_spent_token_whose_successor_was_used_ends_the_family,
    cases::a_token_of_one_family_is_nothing_to_another_of_the_same_user,
    cases::fifty_redeems_of_one_token_make_one_rotation,
    cases::a_redeem_and_a_revocation_at_once_leave_the_family_revoked,
    cases::what_is_no_token_is_refused_and_harms_nobody,
    cases::devices_are_listed_and_ended_one_by_one_and_not_by_strangers,
    cases::one_sign_in_too_many_ends_the_longest_unused,
    cases::what_has_expired_is_swept_in_batches,
    revocation::signing_out_everywhere_spares_a_new_sign_in_of_the_same_second,
    revocation::another_process_hears_of_it_when_it_reads,
    revocation::rows_of_transactions_that_overlap_a_reading_are_not_missed,
    revocation::a_change_that_was_rolled_back_is_forgotten,
    revocation::new_roles_take_away_before_the_commit_and_give_after_it,
    revocation::a_process_that_starts_knows_what_was_revoked_before,
    cases::a_sign_in_can_be_refreshed_only_so_often,
    revocation::sign_outs_everywhere_at_once_all_succeed,
    revocation::roles_that_are_set_at_once_end_the_same_everywhere,
    histories::random_histories_go_as_the_model_says,
}
