//! What protects accounts beside passwords: links of mails, codes, the audit, and the last admin.
//! Each case on every engine.

mod admins;
mod app;
mod changing;
mod confirming;
mod forgotten;
mod second_factor;
mod site;
mod timing;
mod trail;

/// The only list of cases. On SQLite each is a test by itself; on Postgres one server takes them
/// all, since each start makes a database.
macro_rules! on_every_engine {
    ($($module:ident::$case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $case() {
                super::$module::$case(&super::site::Site::shared());
            })+
        }

        #[cfg(feature = "postgres")]
        #[test]
        fn all_of_it_on_postgres() {
            let Some(site) = site::Site::on_postgres() else {
                return;
            };
            $($module::$case(&site);)+
        }
    };
}

on_every_engine! {
    forgotten::a_link_sets_the_password_and_ends_what_the_old_one_has_begun,
    forgotten::an_address_that_nobody_has_gets_the_same_answer_and_no_mail,
    forgotten::pages_do_it_without_scripts_and_a_look_does_not_use_the_link,
    forgotten::a_password_that_may_not_be_chosen_leaves_the_link_good,
    forgotten::of_many_who_use_a_link_at_once_one_sets_the_password,
    forgotten::a_new_link_voids_the_old_and_an_hour_has_five,
    forgotten::what_is_no_token_is_refused_and_costs_no_hash,
    forgotten::a_forged_form_is_refused,
    changing::a_new_password_ends_all_but_the_session_that_set_it,
    changing::a_password_is_not_changed_without_the_old_one_or_to_a_bad_one,
    confirming::the_link_of_the_mail_confirms_the_address_once_and_a_look_does_not,
    confirming::an_address_in_use_gets_no_link_to_confirm,
    second_factor::a_program_is_asked_for_the_code_after_the_right_password_only,
    second_factor::a_browser_is_asked_for_the_code_on_a_second_page,
    second_factor::a_ticket_is_good_in_the_browser_that_showed_the_password_only,
    second_factor::a_recovery_code_signs_in_once_and_new_ones_void_the_old,
    second_factor::it_is_turned_off_by_password_and_code_together,
    second_factor::it_is_not_begun_without_the_password_nor_by_a_forged_form,
    second_factor::a_reset_keeps_it_for_whoever_has_shown_to_have_the_address,
    second_factor::a_reset_takes_it_from_whoever_opened_the_account_with_anothers_address,
    trail::what_happens_to_an_account_is_written_down,
    trail::only_admins_read_it,
}
