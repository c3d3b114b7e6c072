//! `purlin api check`: a published version cannot change by accident.

use std::{fs, io, path::PathBuf, process::ExitCode};

use clap::Args;
use purlin_http::openapi_check::{Change, DocumentError, Rule, breaking_changes};
use serde_json::Value;

use super::source::{Source, SourceError};
use crate::output::print;

/// What `purlin api check` is told.
#[derive(Args)]
pub(crate) struct Check {
    /// The document that clients were built against: a file, or an http address
    committed: Source,
    /// The document that is served now: a file, or an http address
    served: Source,
    /// Take what is served as the published document from now on: writes the file COMMITTED
    #[arg(long)]
    accept: bool,
}

/// Why nothing could be said of the two documents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{0}: is it the right one?")]
    Document(#[from] DocumentError),
    #[error("--accept writes a file, and COMMITTED is an address")]
    AcceptAddress,
    #[error("{}: cannot be written: {error}", path.display())]
    Unwritten { path: PathBuf, error: io::Error },
}

/// Compares, tells, and says how it ends: 1 if something breaks a client.
pub(crate) async fn run(check: &Check) -> Result<ExitCode, CheckError> {
    if check.accept && matches!(check.committed, Source::Address(_)) {
        return Err(CheckError::AcceptAddress);
    }
    let served = check.served.read().await?;
    let committed = match check.committed.read().await {
        // The first time there is nothing yet: the served document is taken as it is.
        Err(error) if check.accept && error.is_missing() => served.clone(),
        committed => committed?,
    };
    let changes = breaking_changes(&committed, &served)?;
    tell(&changes);
    if check.accept {
        accept(&check.committed, &served)?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(conclude(&changes, committed == served))
}

fn tell(changes: &[Change]) {
    let mut operation = "";
    for change in changes {
        if change.operation != operation {
            operation = &change.operation;
            print("");
            print(operation);
        }
        let place = match change.place.as_str() {
            "" => String::new(),
            place => format!("{place}: "),
        };
        print(format_args!("  {place}{}", change.what));
        print(format_args!(
            "    {}: {}",
            change.rule.code(),
            change.rule.why()
        ));
    }
}

fn conclude(changes: &[Change], is_same: bool) -> ExitCode {
    match changes {
        [] if is_same => print("nothing has changed"),
        [] => print("nothing breaks a client; run again with --accept to commit what was added"),
        changes => {
            print("");
            print(counted(changes.len()));
            print(advice(changes));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 change that breaks a client".to_owned(),
        count => format!("{count} changes that break a client"),
    }
}

fn advice(changes: &[Change]) -> &'static str {
    if changes.iter().all(|change| change.rule == Rule::TooLarge) {
        return "simplify the schemas, so that the rest can be compared";
    }
    "leave this version as it was and put the change into a new one; if no client is to be \
     spared, run again with --accept"
}

fn accept(committed: &Source, served: &Value) -> Result<(), CheckError> {
    let Source::File(path) = committed else {
        return Err(CheckError::AcceptAddress);
    };
    let text = format!("{served:#}\n");
    fs::write(path, text).map_err(|error| CheckError::Unwritten {
        path: path.clone(),
        error,
    })?;
    print(format_args!("accepted: {} is written", path.display()));
    Ok(())
}
