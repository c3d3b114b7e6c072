//! The table of HTTP rules: each row names the tests that show it.

use std::{fs, io, path::Path};

/// The tests that `table` names and that no source below `root` has.
///
/// # Errors
///
/// A folder or a file that cannot be read.
pub fn unknown_tests(root: &Path, table: &str) -> io::Result<Vec<String>> {
    let mut sources = String::new();
    for folder in ["crates", "apps"] {
        gather(&root.join(folder), &mut sources)?;
    }
    let is_known = |test: &&str| sources.contains(&format!("fn {test}("));
    Ok(tests(table)
        .filter(|it| !is_known(it))
        .map(str::to_owned)
        .collect())
}

/// The names of all tests in `table`, without their files.
pub fn tests(table: &str) -> impl Iterator<Item = &str> {
    let words = table.split([' ', ',', '|', '`', '\n']);
    words
        .filter_map(|word| word.rsplit_once("::"))
        .map(|(_, test)| test)
}

fn gather(folder: &Path, sources: &mut String) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, sources)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            sources.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
