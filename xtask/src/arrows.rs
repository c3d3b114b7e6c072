//! Which crate may depend on which: the picture of `ARCHITECTURE.md`, as a table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Every crate of the toolkit with the crates of ours that it may depend on.
///
/// Parts know neither each other, beyond what stands here, nor the frame.
pub const ALLOWED: &[(&str, &[&str])] = &[
    ("purlin-macros", &[]),
    ("purlin-base", &[]),
    ("purlin-runtime", &["purlin-base"]),
    (
        "purlin-sql",
        &["purlin-base", "purlin-macros", "purlin-runtime"],
    ),
    (
        "purlin-http",
        &["purlin-base", "purlin-macros", "purlin-runtime"],
    ),
    (
        "purlin-auth",
        &["purlin-base", "purlin-http", "purlin-runtime", "purlin-sql"],
    ),
    ("purlin-core", &["purlin-base", "purlin-macros"]),
    (
        "purlin-queue",
        &["purlin-base", "purlin-macros", "purlin-runtime", "purlin-sql"],
    ),
    ("purlin-diagnostics", &["purlin-base", "purlin-runtime"]),
    (
        "purlin",
        &[
            "purlin-auth",
            "purlin-base",
            "purlin-core",
            "purlin-diagnostics",
            "purlin-http",
            "purlin-macros",
            "purlin-queue",
            "purlin-runtime",
            "purlin-sql",
        ],
    ),
    ("purlin-cli", &["purlin-auth", "purlin-base", "purlin-http"]),
];

/// What each crate below `crates/` of the workspace at `root` depends on, of ours. Dependencies
/// of tests do not count.
///
/// # Errors
///
/// If a manifest cannot be read.
pub fn drawn(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut drawn = BTreeMap::new();
    let folder = root.join("crates");
    for entry in fs::read_dir(&folder).map_err(|error| error.to_string())? {
        let path = entry
            .map_err(|error| error.to_string())?
            .path()
            .join("Cargo.toml");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let manifest: toml::Table = text
            .parse()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let name = manifest["package"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        drawn.insert(name, ours(&manifest));
    }
    Ok(drawn)
}

fn ours(manifest: &toml::Table) -> BTreeSet<String> {
    let sections = ["dependencies", "build-dependencies"];
    let tables = sections
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table());
    let names = tables.flat_map(toml::Table::keys);
    names
        .filter(|name| name.starts_with("purlin"))
        .cloned()
        .collect()
}

/// The arrows of `drawn` that [`ALLOWED`] does not have, in words.
pub fn forbidden(drawn: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut forbidden = Vec::new();
    for (from, targets) in drawn {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == from) else {
            forbidden.push(format!("`{from}` is not in the table of crates"));
            continue;
        };
        let wrong = targets.iter().filter(|to| !allowed.contains(&to.as_str()));
        forbidden.extend(wrong.map(|to| format!("`{from}` may not depend on `{to}`")));
    }
    forbidden
}
