//! The cases on each engine.

use purlin_auth::MIGRATIONS;
use purlin_sql::Db;

use super::{cases, histories, revocation};

async fn with_sqlite(case: impl AsyncFnOnce(Db)) {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    case(db.clone()).await;
    db.close().await;
}

/// Runs `case` in a schema of its own; skipped where there is no server.
#[cfg(feature = "postgres")]
async fn with_postgres(case: impl AsyncFnOnce(Db)) {
    use purlin_sql::Query;

    let Some(server) = purlin_base::testing::server("PURLIN_TEST_POSTGRES") else {
        return;
    };
    let schema = format!("purlin_refresh_{}", uuid::Uuid::now_v7().simple());
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
    admin
        .write(named("create schema "))
        .execute()
        .await
        .unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
    let db = Db::connect(url.as_str()).await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    case(db.clone()).await;
    db.close().await;
    let drop = named("drop schema ").push(" cascade");
    admin.write(drop).execute().await.unwrap();
    admin.close().await;
}

macro_rules! suite {
    ($($home:ident::$case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_sqlite(super::$home::$case).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_postgres(super::$home::$case).await;
            })+
        }
    };
}

suite! {
    cases::a_token_is_answered_with_its_successor_until_the_family_ends,
    cases::nothing_of_a_token_is_readable_in_the_database,
    cases::a_spent_token_gets_the_same_successor_while_that_is_unused_and_no_longer_than_the_grace,
    cases::a_spent_token_whose_successor_was_used_ends_the_family,
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
