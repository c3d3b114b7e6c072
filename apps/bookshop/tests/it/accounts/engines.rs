//! The cases on each engine.

macro_rules! suite {
    ($($module:ident::$case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let shop = crate::accounts::Shop::open("sqlite::memory:").await;
                crate::accounts::$module::$case(&shop).await;
                shop.close().await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let Some(database) = crate::engines::postgres::Database::create() else {
                    return;
                };
                let shop = crate::accounts::Shop::open(&database.url()).await;
                crate::accounts::$module::$case(&shop).await;
                shop.close().await;
            })+
        }
    };
}

suite! {
    people::a_new_database_has_three_accounts_one_of_each_role,
    people::an_account_is_found_by_its_address_whatever_the_case,
    people::a_hash_is_swapped_only_for_the_one_that_was_read,
    people::roles_are_replaced_and_kept,
    people::the_list_of_accounts_is_walked_both_ways,
    people::an_address_is_verified_once,
    registering::who_registers_is_a_reader_and_is_written_to,
    registering::an_address_in_use_gets_the_same_answer_and_its_owner_a_mail,
    registering::the_owner_of_an_address_is_written_to_once_a_day,
    registering::of_many_who_register_at_once_one_has_the_account,
    registering::nothing_that_a_stranger_wrote_is_in_a_mail,
    registering::a_password_that_may_not_be_chosen_is_refused_before_it_is_hashed,
    reviewing::a_review_is_kept_with_the_name_of_its_reader,
    reviewing::a_second_review_by_the_same_reader_is_refused,
    reviewing::of_many_reviews_at_once_by_one_reader_one_is_kept,
    reviewing::markup_is_cleaned_on_its_way_in,
    reviewing::who_has_no_account_cannot_review,
    reviewing::a_book_that_is_not_there_has_no_reviews,
    reviewing::the_reviews_of_a_book_go_with_it,
    reviewing::the_list_is_walked_and_its_cursors_fit_no_other_book,
}
