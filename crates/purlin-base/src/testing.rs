//! What the tests of all parts share. Only with the feature `testing`.

use std::{env, io::Write};

/// The address of the server that a suite needs, from the environment variable `variable`.
///
/// `None` if the variable is not set: the suite is then skipped, and says so in a line that the
/// test runner does not swallow.
///
/// # Panics
///
/// If the variable is not set while `PURLIN_TEST_REQUIRE` is `1`: where servers are promised, an
/// absent one is a failure.
pub fn server(variable: &str) -> Option<String> {
    if let Some(address) = env::var(variable)
        .ok()
        .filter(|address| !address.is_empty())
    {
        return Some(address);
    }
    let required = env::var("PURLIN_TEST_REQUIRE").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "{variable} is not set, and PURLIN_TEST_REQUIRE is"
    );
    // Written to the stream itself: what `println!` writes is kept back for a test that passes.
    let line = format!("skipped: {variable} is not set\n");
    std::io::stdout().lock().write_all(line.as_bytes()).ok();
    None
}
