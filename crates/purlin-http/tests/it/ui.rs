//! What the compiler says to those who forget.

#[test]
fn mistakes_of_controllers_do_not_compile_and_say_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
