//! The messages of the compiler, pinned.

#[test]
fn text_made_at_run_time_is_no_statement() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
