//! What a person reads when a module does not compile.

#[test]
fn each_mistake_is_refused_with_the_pinned_message() {
    trybuild::TestCases::new().compile_fail("tests/ui/modules/*.rs");
}
