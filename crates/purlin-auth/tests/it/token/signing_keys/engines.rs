//! The cases on each engine.

use super::{Db, MIGRATIONS, cases};

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
    let schema = format!("purlin_tokens_{}", uuid::Uuid::now_v7().simple());
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
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_sqlite(super::cases::$case).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::with_postgres(super::cases::$case).await;
            })+
        }
    };
}

suite! {
    processes_that_start_at_once_agree_on_a_key,
    a_new_key_is_published_before_it_signs_and_the_old_one_outlives_its_tokens,
    processes_that_rotate_at_once_make_one_key,
    another_process_sees_a_rotation_when_it_refreshes,
    a_key_that_leaked_is_out_of_use_at_once,
    a_waiting_key_signs_at_once_when_the_one_before_it_leaked,
    an_unknown_key_is_looked_for_at_most_once_in_a_second,
    keys_that_are_kept_fresh_follow_the_database,
    another_secret_is_told_at_the_start,
    a_row_that_was_changed_is_told_at_the_start,
    a_symmetric_key_under_another_name_is_told_at_the_start,
    nothing_of_a_key_is_readable_in_the_database,
    another_algorithm_is_a_rotation,
    a_key_of_every_algorithm_survives_a_restart,
    rotations_that_come_too_fast_are_refused,
    a_database_that_fails_leaves_the_keys_as_they_were,
}
