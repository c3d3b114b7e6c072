//! The application with its default layers on one worker, with diagnostics and without.

use std::{error::Error, time::Instant};

use purlin::diagnostics::Diagnostics;

use crate::{ours, serve};

/// Serves at a free port until it is killed.
///
/// # Errors
/// It does not start.
pub fn serve(with_diagnostics: bool) -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    purlin::logging::start_with("warn");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut app = ours::app(0);
        if with_diagnostics {
            app = app.diagnostics(Diagnostics::builder().start()?);
        }
        app.run_with(|serving| serve::announce(serving.address(), since))
            .await
            .map_err(|error| error.report().into())
    })
}
