//! What every key-value engine must do, as a list of cases. A case never names an engine.
//!
//! An engine registers itself once, and gets every case as a test of its own:
//!
//! ```
//! use {purlin_base::{Timestamp, kv::{MemoryStore, suite::Subject}, time::ManualClock}, std::sync::Arc};
//!
//! async fn new_memory_store() -> Subject {
//!     let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
//!     let store = MemoryStore::builder().clock(clock.clone()).build().expect("the defaults are fine");
//!     Subject::new(Arc::new(store), move |by| clock.advance(by))
//! }
//!
//! purlin_base::kv_conformance!(memory, new_memory_store); // memory::a_value_is_read_as_written …
//! # fn main() {}
//! ```
//!
//! The crate that registers an engine needs `tokio` with `macros` and `rt-multi-thread`.

#![allow(clippy::missing_panics_doc, reason = "a case panics when it fails")]
#![allow(missing_docs, reason = "the name of a case is its sentence")]

use std::{fmt, time::Duration};

use super::SharedKeyValue;

mod atomic;
mod bounds;
mod histories;
mod life;
mod model;
mod values;

pub use atomic::*;
pub use bounds::*;
pub use histories::*;
pub use life::*;
pub use values::*;

/// An empty store that a case may do with as it likes, and the hand on its clock.
pub struct Subject {
    /// The store, with nothing in it.
    pub store: SharedKeyValue,
    advance: Box<dyn Fn(Duration) + Send + Sync>,
}

impl Subject {
    /// `advance` moves the time of the store forward, and of no other store.
    pub fn new(store: SharedKeyValue, advance: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        let advance = Box::new(advance);
        Self { store, advance }
    }

    /// Moves the time of the store forward.
    pub fn advance(&self, by: Duration) {
        (self.advance)(by);
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("capabilities", &self.store.capabilities())
            .finish_non_exhaustive()
    }
}

/// Makes a module `$engine` with one test for each case of [`suite`](crate::kv::suite).
/// `$new_subject` is an async function of the surrounding module that makes an empty
/// [`Subject`](crate::kv::suite::Subject).
///
/// The only list of cases: a new case reaches every engine, and none can be forgotten.
#[macro_export]
macro_rules! kv_conformance {
    ($engine:ident, $new_subject:ident) => {
        $crate::kv_conformance!(@ $engine, $new_subject: [
            a_value_is_read_as_written,
            nothing_is_found_where_nothing_was_written,
            the_last_value_written_is_the_one_that_is_read,
            many_keys_are_read_in_the_order_asked_for,
            a_deleted_key_is_gone_and_a_second_delete_finds_nothing,
            keys_differ_by_every_byte,
            a_key_is_claimed_once_and_the_loser_sees_the_value_of_the_winner,
            a_value_is_replaced_only_if_it_is_of_the_version_expected,
            a_version_from_before_a_delete_never_matches_again,
            a_key_is_deleted_only_if_it_is_of_the_version_expected,
            a_failed_change_changes_nothing,
            a_number_is_counted_from_nothing_and_read_as_decimal_text,
            what_is_no_number_cannot_be_counted,
            a_sum_beyond_64_bits_is_refused_and_the_number_stays,
            of_many_claims_at_once_one_wins,
            no_increment_is_lost_when_many_come_at_once,
            no_exchange_is_lost_when_many_come_at_once,
            an_entry_is_there_until_the_moment_its_time_is_over,
            an_entry_without_an_end_stays,
            a_new_value_replaces_the_time_that_was_left,
            the_time_left_grows_shorter,
            a_life_is_prolonged_shortened_and_made_endless,
            a_life_that_is_over_is_not_prolonged,
            an_expired_key_may_be_claimed_again,
            a_version_from_before_the_end_of_a_life_never_matches_again,
            a_counters_window_does_not_grow_with_its_use,
            a_ttl_is_rounded_up_to_whole_milliseconds,
            keys_out_of_bounds_are_refused,
            values_beyond_the_bound_are_refused_and_those_at_it_kept,
            lives_out_of_bounds_are_refused,
            too_many_keys_at_once_are_refused,
            a_random_history_is_that_of_the_model,
            random_histories_side_by_side_are_those_of_the_model,
        ]);
    };
    (@ $engine:ident, $new_subject:ident: [$($case:ident),+ $(,)?]) => {
        mod $engine {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::kv::suite::$case(super::$new_subject().await).await;
            })+
        }
    };
}
