//! `bookshop routes`: what is served, and who may call it.

use std::ffi::OsString;

use purlin::access::AccessMatrix;

use super::{Failure, print, serve};
use crate::settings::Settings;

/// How the routes are shown.
pub(super) struct Shown {
    access: bool,
    json: bool,
}

impl Shown {
    /// Takes the switches out of `arguments`.
    pub(super) fn take(arguments: &mut Vec<OsString>) -> Self {
        let mut take = |name: &str| {
            let before = arguments.len();
            arguments.retain(|argument| argument != name);
            arguments.len() < before
        };
        Self {
            access: take("--access"),
            json: take("--json"),
        }
    }
}

/// Prints the routes.
///
/// They are those of the real modules, built over a database that is gone with the process: the
/// one of the settings is neither opened nor made.
pub(super) async fn run(mut settings: Settings, shown: Shown) -> Result<(), Failure> {
    "sqlite::memory:".clone_into(&mut settings.database_url);
    let matrix = serve::app(settings)?.access_matrix().await?;
    let text = match shown {
        Shown { json: true, .. } => matrix.to_json(),
        Shown { access: true, .. } => matrix.to_string(),
        _ => list(&matrix),
    };
    print(text.trim_end());
    Ok(())
}

/// A line for each route: its method, its path and its handler.
fn list(matrix: &AccessMatrix) -> String {
    let routes = || matrix.routes.iter();
    let width = routes().map(|route| route.path.len()).max().unwrap_or(0);
    routes()
        .map(|route| {
            format!(
                "{:6}  {:width$}  {}\n",
                route.method, route.path, route.handler
            )
        })
        .collect()
}
