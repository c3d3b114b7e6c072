//! What every engine must do. A case takes an empty database and never names an engine.

pub(crate) mod errors;
pub(crate) mod histories;
pub(crate) mod inbox;
pub(crate) mod outbox;
pub(crate) mod statements;
pub(crate) mod streams;
pub(crate) mod transactions;
pub(crate) mod wakes;

use purlin_sql::Db;

/// How many rows the table `items` has.
pub(crate) async fn count(db: &Db) -> i64 {
    let count = db.read().query("select count(*) from items");
    count.fetch_one::<(i64,)>().await.unwrap().0
}

/// A table with a key and a text.
pub(crate) async fn make_items(db: &Db) {
    db.write("create table items (id bigint primary key, name text)")
        .execute()
        .await
        .unwrap();
}

/// The only list of cases: a new one reaches every engine.
macro_rules! suite {
    ($engine:ident, $with_db:path) => {
        suite!(@ $engine, $with_db:
            statements: [
                what_is_written_can_be_read,
                every_value_comes_back_as_it_went,
                null_can_be_bound_for_every_type,
                a_list_of_values_is_bound_one_by_one,
                rows_can_be_returned_by_a_write,
                one_row_may_be_missing_or_not,
                more_rows_than_the_bound_are_refused,
                a_panic_while_a_row_is_read_is_the_callers,
                statements_are_counted_by_text_and_line,
                many_writers_at_once_all_write,
            ],
            errors: [
                broken_constraints_are_told_apart,
                a_statement_that_fails_does_not_harm_its_neighbours,
                a_reader_cannot_write,
                the_number_of_values_must_fit,
                text_with_nul_is_refused,
                a_statement_cannot_steer_the_transaction,
                a_statement_that_is_no_sql_is_our_fault,
                a_closed_database_says_so,
            ],
            transactions: [
                all_or_nothing_by_what_the_closure_returns,
                nesting_is_refused_at_once,
                a_read_inside_sees_the_state_before,
                a_transaction_that_takes_too_long_is_rolled_back,
                a_long_statement_is_stopped_at_the_deadline,
                a_transaction_dropped_before_its_commit_leaves_nothing,
                a_transaction_dropped_at_any_moment_leaves_nothing_open,
                whatever_is_dropped_at_any_moment_does_not_hold_up_the_close,
                a_commit_that_was_sent_runs_to_its_end,
                after_a_failed_statement_only_a_rollback_is_left,
                a_commit_that_fails_says_why,
                the_context_is_there_inside,
            ],
            streams: [
                a_stream_gives_every_row_in_order_beyond_the_bound_of_a_list,
                a_stream_is_counted_once,
                a_fault_of_the_statement_is_told_before_the_first_row,
                a_fault_in_the_middle_ends_the_stream,
                rows_that_nobody_takes_are_not_read,
                large_rows_make_small_batches,
                a_stream_that_is_dropped_stops_its_statement_and_frees_its_connection,
                a_call_that_is_dropped_before_the_first_row_stops_its_statement,
                streams_do_not_starve_reads_and_their_number_is_bounded,
                a_stream_sees_the_state_in_which_it_began_and_holds_up_no_write,
                a_stream_whose_rows_are_not_taken_is_ended,
                a_stream_that_takes_too_long_is_ended,
                closing_the_database_ends_its_streams,
                a_panic_while_a_row_of_a_stream_is_read_is_the_callers,
            ]
        );
    };
    (@ outbox $engine:ident, $with_db:path) => {
        suite!(@ $engine, $with_db:
            outbox: [
                a_message_is_sent_once_its_transaction_is_committed,
                a_message_is_found_until_it_is_sent,
                what_no_sink_could_take_is_refused_and_the_transaction_goes_on,
                messages_of_a_key_are_sent_one_after_another,
                a_sink_that_keeps_the_order_is_given_many_of_a_key,
                a_message_that_fails_holds_back_its_own_key_only,
                a_key_is_of_one_destination,
                a_message_without_a_key_waits_alone,
                a_refused_message_is_parked_and_its_key_goes_on,
                a_refused_message_holds_its_key_if_told_to,
                a_parked_message_can_be_discarded,
                a_message_that_fails_for_too_long_is_parked,
                a_sink_that_takes_nothing_is_left_alone_and_no_message_pays_for_it,
                a_sink_that_panics_or_answers_too_little_has_failed,
                a_sink_that_does_not_answer_in_time_has_failed,
                a_slow_key_does_not_hold_up_the_others,
                a_batch_is_bounded_by_number_and_by_bytes,
                of_two_relays_one_sends_until_its_lease_ends,
                a_relay_that_lost_its_lease_changes_nothing,
                a_relay_that_died_before_it_could_delete_sends_again,
                a_relay_that_runs_is_woken_and_stops_after_what_is_on_its_way,
                operators_see_what_waits_and_for_how_long,
            ],
            histories: [
                whatever_happens_each_message_has_its_effect_once_and_in_order,
            ],
            inbox: [
                a_message_is_the_first_once_for_each_consumer,
                a_message_whose_effect_was_undone_is_the_first_again,
                of_many_at_the_same_time_one_is_the_first,
                notes_are_forgotten_by_age_in_bounded_batches,
            ]
        );
    };
    (@ wakes $engine:ident, $with_db:path) => {
        suite!(@ $engine, $with_db:
            wakes: [
                many_wake_ups_are_one,
                every_listener_of_a_channel_is_woken,
                a_wait_that_is_dropped_loses_no_wake_up,
                a_transaction_wakes_when_it_is_committed,
                closing_the_database_wakes_once_more,
            ]
        );
    };
    (@ $engine:ident, $with_db:path: $($file:ident: [$($case:ident),+ $(,)?]),+) => {
        mod $engine {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $with_db(async |db| $crate::suite::$file::$case(&db).await).await;
                }
            )+)+
        }
    };
}

pub(crate) use suite;
