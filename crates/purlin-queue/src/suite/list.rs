//! The only list of cases: a new one reaches every engine, and none can be forgotten.

/// Makes a module `$engine` with one test for each case of [`suite`](mod@crate::suite), and one for its
/// random histories. `$with` is a path to an async function that takes a case, runs it with a
/// [`Harness`](crate::suite::Harness) over an empty store, and cleans up after it.
#[macro_export]
macro_rules! suite {
    ($engine:ident, $with:path) => {
        $crate::suite!(@ $engine, $with:
            adding: [
                a_job_is_told_as_it_was_added,
                jobs_are_claimed_in_the_order_they_were_added,
                the_lowest_priority_number_goes_first_and_none_before_all,
                lifo_goes_in_front_of_those_of_its_priority,
                a_delayed_job_is_ready_once_its_time_has_come,
                a_moment_that_has_passed_is_now,
                a_delayed_job_takes_its_place_by_its_moment,
                an_id_that_is_there_is_not_added_again,
                an_id_belongs_to_its_queue,
                a_call_that_is_refused_adds_nothing,
                many_at_once_are_all_added_and_each_once,
                nothing_added_is_no_error,
            ],
            claiming: [
                a_claim_takes_at_most_what_was_asked_and_nothing_twice,
                a_claimed_job_is_told_as_its_attempt_has_begun,
                each_attempt_has_a_greater_fence,
                of_many_claims_at_once_each_job_is_taken_by_one,
                a_paused_queue_gives_nothing_but_takes_endings,
                a_queue_can_be_paused_before_it_is_there,
                a_turn_ends_attempts_before_it_takes_jobs,
                an_empty_claim_is_not_told_to_come_back_too_late,
                whoever_waits_is_woken_by_a_job,
            ],
            ending: [
                a_completed_job_keeps_its_result,
                a_failed_attempt_is_followed_by_the_next_one,
                the_last_attempt_is_not_retried,
                a_failure_for_good_ends_the_job_whatever_attempts_are_left,
                a_snooze_costs_no_attempt,
                why_a_job_was_snoozed_can_be_read,
                a_job_that_is_handed_back_has_its_old_place,
                a_retry_goes_behind_those_that_wait,
                a_stale_token_changes_nothing,
                an_attempt_ends_once_within_one_turn_too,
                one_lost_attempt_does_not_harm_the_others_of_its_turn,
                a_long_reason_is_cut_between_two_characters,
                progress_and_new_data_are_kept,
                the_newest_lines_of_a_log_are_kept,
                results_of_steps_are_there_for_the_next_attempt,
            ],
            leases: [
                a_job_whose_worker_died_is_taken_again_first,
                a_job_that_kills_its_process_ends_in_the_dead_letters,
                a_renewed_lease_is_not_reaped,
                an_attempt_that_is_late_but_was_not_reaped_still_counts,
                each_lease_of_a_renewal_is_answered_in_order,
                a_job_ends_or_is_reaped_and_never_both,
                many_leases_that_ran_out_are_reaped_some_at_a_time,
                nobody_renews_what_is_not_there,
            ],
            limits: [
                no_more_run_at_once_than_the_queue_allows,
                a_limit_can_be_changed_and_lifted,
                no_more_run_at_once_than_each_key_allows,
                a_window_of_starts_begins_with_its_first,
                each_key_has_its_own_window,
                a_dead_workers_place_is_free_once_it_is_reaped,
                many_claims_at_once_do_not_pass_the_limits,
            ],
            tenants: [
                a_tenant_with_many_jobs_does_not_hold_up_the_others,
                weights_give_a_tenant_more_turns,
                within_a_tenant_the_order_stays,
                a_tenant_that_was_away_has_saved_up_no_turns,
                all_that_is_ready_is_taken_whoever_has_a_turn,
            ],
            failing: [
                a_child_may_fail_its_parent_and_all_above,
                a_failed_child_may_be_ignored,
                a_failed_child_may_let_its_parent_go_on_at_once,
                a_failed_child_may_be_as_if_it_had_never_been,
                a_parent_may_wait_until_a_failed_child_is_retried_or_removed,
                a_child_that_is_retried_is_waited_for_again,
                a_cancelled_child_has_failed,
                a_child_that_fails_while_its_parent_runs_fails_it_when_it_waits,
                a_long_line_of_parents_fails_to_its_top,
                nobody_waits_for_a_failed_child_of_which_nothing_is_kept,
            ],
            flows: [
                a_parent_waits_for_its_children_and_reads_their_results,
                a_flow_may_lead_through_several_queues_and_levels,
                a_child_that_is_gone_leaves_its_result,
                a_child_may_have_several_parents,
                a_child_that_is_removed_is_not_waited_for,
                a_parent_removed_takes_children_along_that_were_not_started,
                a_running_job_may_add_children_and_wait_for_them,
                a_parent_goes_on_after_its_own_delay,
                children_may_be_added_to_a_parent_that_waits,
                a_child_that_was_there_already_counts,
                a_flow_that_is_added_again_changes_nothing,
                a_cycle_is_refused,
                a_parent_that_cannot_wait_is_refused,
                children_that_end_at_once_free_their_parent_once,
                a_child_replaced_within_its_call_is_not_waited_for,
                an_id_used_again_is_no_child_of_the_old_parent,
                a_parent_waits_for_the_open_ones_of_children_that_were_there,
            ],
            dedup: [
                a_key_is_held_until_its_job_has_ended,
                a_job_that_is_tried_again_holds_its_key,
                keys_differ_and_belong_to_their_queue,
                within_one_call_the_first_holds_the_key,
                throttled_a_key_is_held_for_its_time,
                a_throttled_key_is_held_though_its_job_is_gone,
                a_time_may_end_before_the_job,
                debounced_the_last_one_of_a_burst_runs,
                debounced_a_job_that_is_ready_is_not_replaced,
                replaced_a_delayed_job_gives_its_place_to_the_last,
                the_last_one_is_kept_while_one_runs_and_added_when_it_ends,
                nothing_is_kept_of_a_burst_before_the_job_runs,
                what_is_kept_waits_for_the_end_and_not_for_a_retry,
                a_job_removed_frees_its_key,
                of_many_with_one_key_one_is_added,
            ],
            schedules: [
                a_tick_is_made_at_its_moment_and_the_next_one_is_told,
                a_tick_exists_once_however_many_look_after_it,
                missed_ticks_may_be_skipped,
                one_may_be_made_for_all_missed_ticks,
                missed_ticks_may_all_be_made_up_to_a_bound,
                a_tick_may_be_skipped_while_the_last_one_runs,
                ticks_may_overlap,
                a_schedule_ends_with_its_limit_and_at_its_end,
                a_paused_queue_makes_no_ticks_and_then_those_it_missed,
                a_schedule_put_in_again_is_replaced_and_keeps_what_is_due,
                a_schedule_removed_takes_its_waiting_tick_along,
                a_pattern_of_cron_ticks_in_its_time_zone,
                a_schedule_that_never_ticks_is_refused,
                draining_leaves_the_ticks,
            ],
            operating: [
                in_each_state_an_operator_may_do_what_the_table_says,
                a_job_that_is_not_there_cannot_be_changed,
                a_cancelled_job_says_why_it_ended,
                a_buried_job_can_be_driven_again,
                a_job_driven_again_begins_from_its_first_attempt,
                a_new_priority_moves_a_job,
                a_new_delay_counts_from_now_and_only_for_who_waits,
                new_data_is_what_the_next_attempt_gets,
                a_promoted_job_goes_behind_those_that_wait,
                draining_removes_what_waits_and_not_what_runs,
                cleaning_removes_what_is_old_in_one_state,
                all_that_failed_is_tried_again_some_at_a_time,
                all_that_is_delayed_can_be_promoted,
                an_obliterated_queue_leaves_nothing,
                obliterating_fences_who_still_runs,
            ],
            looking: [
                jobs_are_counted_by_their_state,
                ready_jobs_are_listed_as_they_would_be_claimed,
                delayed_jobs_are_listed_by_their_moment,
                finished_jobs_are_listed_newest_first,
                a_list_comes_in_pages,
                jobs_are_found_by_name_and_tag,
                queues_are_told_with_their_settings,
                workers_are_there_until_their_time_is_over,
                events_tell_a_jobs_life_in_order,
                no_event_is_missed_by_a_reader_while_many_write,
                endings_are_counted_by_the_minute,
                nothing_is_found_where_nothing_is,
            ],
            retention: [
                a_job_of_which_nothing_is_kept_is_gone_when_it_ends,
                the_newest_so_many_are_kept,
                those_are_kept_that_are_young_enough,
                retention_is_applied_without_any_other_job,
                retention_counts_and_drops_some_at_a_time,
                by_default_a_finished_job_is_kept_for_a_day_and_a_failed_one_for_longer,
            ],
            refusals: [
                what_is_not_offered_is_refused,
            ],
            histories: [
                a_random_history_is_that_of_the_model,
                random_histories_side_by_side_are_those_of_the_model,
            ],
        );
    };
    (@ $engine:ident, $with:path: $($file:ident: [$($case:ident,)+],)+) => {
        mod $engine {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $with(async |harness: &dyn $crate::suite::Harness| {
                        let subject = $crate::suite::Subject::new(harness);
                        $crate::suite::$file::$case(&subject).await;
                    })
                    .await;
                }
            )+)+
        }
    };
}
