//! The cases on each engine.

use purlin_auth::MIGRATIONS;
use purlin_sql::Db;

use super::{Place, auditing, factors, one_time};

async fn with_sqlite(case: impl AsyncFnOnce(&Place)) {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    case(&Place::new(db.clone())).await;
    db.close().await;
}

/// Runs `case` in a schema of its own; skipped where there is no server.
#[cfg(feature = "postgres")]
async fn with_postgres(case: impl AsyncFnOnce(&Place)) {
    use purlin_sql::Query;

    let Some(server) = purlin_base::testing::server("PURLIN_TEST_POSTGRES") else {
        return;
    };
    let schema = format!("purlin_account_{}", uuid::Uuid::now_v7().simple());
    // A name cannot be bound: each of its characters is a literal of this program.
    let named = |what: &'static str| {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        let letter = |c| {
            let at = letters.find(c).unwrap();
            Query::new(&letters[at..=at])
        };
        Query::new(what).push(Query::join(schema.chars().map(letter), ""))
    };
    let admin = Db::connect(server.as_str()).await.unwrap();
    let create = named("create schema ");
    admin.write(create).execute().await.unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
    let db = Db::connect(url.as_str()).await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    case(&Place::new(db.clone())).await;
    db.close().await;
    let drop = named("drop schema ").push(" cascade");
    admin.write(drop).execute().await.unwrap();
    admin.close().await;
}

macro_rules! suite {
    ($($module:ident::$case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_sqlite(super::$module::$case).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_postgres(super::$module::$case).await;
            })+
        }
    };
}

suite! {
    one_time::a_token_is_good_once_for_its_user,
    one_time::a_token_of_one_purpose_is_none_of_another,
    one_time::a_token_expires_to_the_moment,
    one_time::a_new_token_puts_the_old_one_out,
    one_time::of_many_who_show_a_token_at_once_one_is_let_in,
    one_time::what_is_rolled_back_has_spent_nothing,
    one_time::what_is_no_token_is_refused,
    one_time::a_token_is_readable_nowhere,
    one_time::all_tokens_of_a_user_can_be_put_out,
    one_time::expired_tokens_are_swept_and_no_others,
    one_time::a_user_out_of_bounds_is_refused,
    factors::a_factor_counts_once_its_first_code_was_shown,
    factors::a_code_is_good_once,
    factors::a_code_that_confirmed_is_used_up,
    factors::of_many_who_show_a_code_at_once_one_is_let_in,
    factors::a_clock_may_be_off_by_one_step,
    factors::a_code_of_another_user_is_wrong,
    factors::an_enrolment_waits_for_fifteen_minutes_and_is_replaced_by_another,
    factors::a_confirmed_factor_is_not_replaced,
    factors::each_of_ten_recovery_codes_is_good_once,
    factors::a_recovery_code_is_read_however_it_is_typed,
    factors::of_many_who_show_a_recovery_code_at_once_one_is_let_in,
    factors::new_recovery_codes_put_the_old_ones_out,
    factors::a_factor_that_is_removed_is_gone_with_its_codes,
    factors::what_is_rolled_back_leaves_the_code_good,
    factors::nothing_of_a_factor_is_readable_in_the_database,
    factors::another_secret_opens_nothing,
    factors::a_row_of_another_user_opens_nothing,
    factors::what_is_no_code_is_refused,
    auditing::an_event_is_written_with_all_that_is_known,
    auditing::an_event_goes_with_its_transaction,
    auditing::events_of_a_user_are_listed_latest_first_by_page,
    auditing::events_are_never_changed,
    auditing::events_go_when_their_time_is_over,
    auditing::what_is_out_of_bounds_is_cut_and_what_is_secret_hidden,
}
