//! What Node 20 prints, as measured: the order is held even where there is no Node.

use conformance_loop::{
    interpreter::{Time, trace},
    program::Program,
};

pub(crate) fn ours(program: &str) -> String {
    let program = Program::parse(program).unwrap();
    trace(&program, Time::default()).unwrap().join(" ")
}

macro_rules! golden {
    ($($name:ident: $program:literal => $lines:literal;)+) => {
        /// Every program here, for Node to be asked as well.
        pub(crate) const PROGRAMS: &[(&str, &str)] = &[$(($program, $lines)),+];

        $(#[test]
        fn $name() {
            assert_eq!(ours($program), $lines);
        })+
    };
}

golden! {
    the_classic_order:
        r#"{"main": [{"timeout": [{"log": "timeout"}], "ms": 0}, {"immediate": [{"log": "immediate"}]},
            {"tick": [{"log": "tick1"}]},
            {"promise": [{"log": "p1"}, {"tick": [{"log": "tick-from-p"}]}, {"promise": [{"log": "p-from-p"}]}]},
            {"micro": [{"log": "qm"}]},
            {"tick": [{"log": "tick2"}, {"promise": [{"log": "p-from-tick"}]}, {"tick": [{"log": "tick-from-tick"}]}]},
            {"log": "sync"}, {"spin": 3}]}"#
        => "sync tick1 tick2 tick-from-tick p1 qm p-from-tick p-from-p tick-from-p timeout immediate";
    a_throw_in_main_drains_at_once:
        r#"{"main": [{"tick": [{"log": "t"}]}, {"immediate": [{"log": "i"}]}, {"throw": "m"}, {"log": "never"}]}"#
        => "uncaught m t i";
    a_throw_in_a_tick_of_main_leaves_the_rest_to_the_check_phase:
        r#"{"main": [{"tick": [{"throw": "m"}]}, {"tick": [{"log": "t"}]}, {"micro": [{"log": "u"}]},
            {"immediate": [{"log": "i"}]}]}"#
        => "uncaught m t u i";
    a_throw_in_a_tick_of_main_leaves_the_rest_to_the_next_callback:
        r#"{"main": [{"timeout": [{"log": "x"}], "ms": 1}, {"tick": [{"throw": "m"}]}, {"tick": [{"throw": "n"}]},
            {"tick": [{"log": "t"}]}, {"spin": 4}]}"#
        => "uncaught m x uncaught n t";
    a_throw_in_a_microtask_does_not_stop_the_drain:
        r#"{"main": [{"micro": [{"throw": "m"}]}, {"micro": [{"log": "u"}]}, {"tick": [{"log": "t"}]}]}"#
        => "t uncaught m u";
    a_throw_in_an_immediate_lets_the_next_of_the_batch_run_first:
        r#"{"main": [{"immediate": [{"tick": [{"log": "t"}]}, {"throw": "m"}]}, {"immediate": [{"log": "b"}]},
            {"immediate": [{"log": "c"}]}]}"#
        => "uncaught m b t c";
    a_throw_in_a_read_leaves_its_ticks_to_the_check_phase:
        r#"{"main": [{"read": [{"tick": [{"log": "t"}]}, {"immediate": [{"log": "i"}]}, {"throw": "m"}]}]}"#
        => "uncaught m t i";
    rejections_come_after_ticks_and_microtasks_in_their_order:
        r#"{"main": [{"promise": [{"throw": "p"}]}, {"async": [[{"throw": "a"}], [{"log": "never"}]]},
            {"micro": [{"tick": [{"log": "t"}]}]}, {"log": "sync"}]}"#
        => "sync t unhandled a unhandled p";
    an_async_function_goes_on_by_microtasks:
        r#"{"main": [{"async": [[{"log": "a"}], [{"log": "b"}], [{"log": "c"}]]}, {"async": []},
            {"micro": [{"log": "u"}]}, {"micro": [{"log": "v"}]}, {"log": "sync"}]}"#
        => "a sync b u v c";
    a_refresh_of_a_fired_timeout_arms_it_again:
        r#"{"main": [{"timeout": [{"log": "x"}], "ms": 30, "id": "x"},
            {"timeout": [{"refresh": "x"}, {"log": "r"}], "ms": 60}]}"#
        => "x r x";
    a_refresh_of_a_cleared_timeout_does_nothing:
        r#"{"main": [{"timeout": [{"log": "x"}], "ms": 30, "id": "x"}, {"clear": "x"}, {"refresh": "x"},
            {"clear": "unknown"}, {"unref": "unknown"}, {"log": "end"}]}"#
        => "end";
    a_timer_set_in_a_timer_never_runs_in_the_same_phase:
        r#"{"main": [{"timeout": [{"timeout": [{"log": "t"}], "ms": 1}, {"immediate": [{"log": "i"}]}, {"spin": 30}], "ms": 1}]}"#
        => "i t";
    from_an_immediate_a_due_timer_comes_first:
        r#"{"main": [{"immediate": [{"timeout": [{"log": "t"}], "ms": 0}, {"immediate": [{"log": "i"}]}, {"spin": 3}]}]}"#
        => "t i";
    an_interval_clears_itself_before_its_last_body:
        r#"{"main": [{"interval": [{"log": "n"}, {"refresh": "v"}], "ms": 30, "times": 3, "id": "v"}]}"#
        => "n n n";
    an_interval_counts_from_the_start_of_its_body:
        r#"{"main": [{"interval": [{"log": "n"}, {"spin": 65}], "ms": 10, "times": 2},
            {"timeout": [{"log": "t"}], "ms": 120}]}"#
        => "n n t";
    an_unrefd_immediate_runs_if_the_loop_turns_for_another_reason:
        r#"{"main": [{"immediate": [{"log": "i"}], "id": "i"}, {"unref": "i"}, {"timeout": [{"log": "t"}], "ms": 30}]}"#
        => "i t";
    an_unrefd_timer_alone_never_runs:
        r#"{"main": [{"timeout": [{"log": "never"}], "ms": 1, "id": "x"}, {"unref": "x"}, {"log": "end"}]}"#
        => "end";
    an_id_names_the_newest_object:
        r#"{"main": [{"immediate": [{"log": "first"}], "id": "x"}, {"immediate": [{"log": "second"}], "id": "x"}, {"clear": "x"}]}"#
        => "first";
    in_a_read_an_immediate_comes_before_a_timeout:
        r#"{"main": [{"read": [{"timeout": [{"log": "t"}], "ms": 0}, {"immediate": [{"log": "i"}]}]}]}"#
        => "i t";
    an_immediate_cleared_in_its_batch_does_not_run:
        r#"{"main": [{"immediate": [{"log": "a"}, {"clear": "b"}]}, {"immediate": [{"log": "b"}], "id": "b"}, {"immediate": [{"log": "c"}]}]}"#
        => "a c";
    a_delay_that_is_no_delay_is_one_millisecond:
        r#"{"main": [{"timeout": [{"log": "a"}], "ms": 2147483648}, {"timeout": [{"log": "b"}], "ms": -7},
            {"timeout": [{"log": "c"}], "ms": 1.9}, {"spin": 5}]}"#
        => "a b c";
}
