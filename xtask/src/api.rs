//! What others' tools make of the bookshop's API: `cargo xtask api`.
//!
//! Starts the built bookshop with a database of its own, and holds each document that its
//! management listener serves against the published one, against what the routes answer, and
//! against a client in TypeScript. A tool that cannot be installed and a document that is not
//! there are failures.

mod bookshop;
mod tools;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use self::{
    bookshop::Bookshop,
    tools::{Schemathesis, run},
};

/// The published versions.
const VERSIONS: [&str; 2] = ["v1", "v2"];

/// Longest that schemathesis may take for one document.
const SCHEMATHESIS_MAX: Duration = Duration::from_secs(70);

/// Requests for each operation and phase.
const EXAMPLES: &str = "30";

/// Every run asks the same.
const SEED: &str = "24";

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let failures = match all() {
        Ok(failures) => failures,
        Err(failure) => vec![failure],
    };
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    println!("api took {} s", start.elapsed().as_secs());
    failures.is_empty()
}

/// What failed; or why nothing could be tried.
fn all() -> Result<Vec<String>, String> {
    let root = root()?;
    let work = root.join("target/api");
    std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--package=bookshop",
        "--package=purlin-cli",
    ]);
    run("build", cargo.current_dir(&root), Duration::from_secs(900))?;
    let schemathesis = Schemathesis::install(&root, &work)?;
    let typescript = tools::typescript(&root, &work)?;
    let bookshop = Bookshop::start(&root, &work)?;
    let mut failures = Vec::new();
    for version in VERSIONS {
        println!("\n== {version}");
        failures.extend(published(&root, &bookshop, version).err());
        failures.extend(truthful(&schemathesis, &bookshop, version).err());
    }
    println!("\n== typescript");
    failures.extend(compiled(&typescript, &bookshop).err());
    failures.extend(bookshop.stop().err());
    Ok(failures)
}

fn root() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.map(Path::to_owned)
        .ok_or_else(|| "the package stands nowhere".to_owned())
}

/// The published version is served as it was.
fn published(root: &Path, bookshop: &Bookshop, version: &str) -> Result<(), String> {
    let committed = root.join(format!("apps/bookshop/openapi/{version}.json"));
    let mut check = Command::new(root.join("target/debug/purlin"));
    check
        .args(["api", "check"])
        .arg(committed)
        .arg(bookshop.document(version));
    run(
        &format!("api check {version}"),
        &mut check,
        Duration::from_secs(60),
    )
}

/// The document tells the truth of every route, whatever is sent. What schemathesis notes down
/// stays below `target`.
fn truthful(schemathesis: &Schemathesis, bookshop: &Bookshop, version: &str) -> Result<(), String> {
    let mut command = schemathesis.command();
    command
        .args([
            "run",
            "--checks=all",
            "--no-color",
            "--continue-on-failure",
            "--workers=1",
        ])
        .args([
            "--request-timeout=10",
            "--seed",
            SEED,
            "--max-examples",
            EXAMPLES,
        ])
        .args(["--origin", &bookshop.address])
        .arg(format!(
            "--header=Authorization: Bearer {}",
            bookshop.staff_token
        ))
        .arg(bookshop.document(version));
    run(
        &format!("schemathesis {version}"),
        &mut command,
        SCHEMATHESIS_MAX,
    )
}

/// The documents make types that the client compiles with.
fn compiled(typescript: &Path, bookshop: &Bookshop) -> Result<(), String> {
    let tool = |name: &str| Command::new(typescript.join("node_modules/.bin").join(name));
    for version in VERSIONS {
        let mut types = tool("openapi-typescript");
        types
            .arg(bookshop.document(version))
            .args(["-o", &format!("{version}.d.ts")]);
        let name = format!("openapi-typescript {version}");
        run(
            &name,
            types.current_dir(typescript),
            Duration::from_secs(60),
        )?;
    }
    let mut tsc = tool("tsc");
    run(
        "tsc",
        tsc.args(["-p", "."]).current_dir(typescript),
        Duration::from_secs(60),
    )
}
