//! What the compiler says when settings are declared wrongly.

#[test]
fn a_wrong_declaration_of_settings_is_a_compile_error_that_names_the_cure() {
    trybuild::TestCases::new().compile_fail("tests/ui/config/*.rs");
}
