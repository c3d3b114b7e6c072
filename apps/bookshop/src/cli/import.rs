//! `bookshop import FILE.csv`.

use std::{fs, path::Path, sync::Arc};

use super::{Failure, print, serve};
use crate::{
    books::BookIntake,
    import::{Console, ImportError, Report, SurveyedFile},
    settings::Settings,
};

/// Imports `file` into the catalogue, which may be served at the same time.
pub(super) async fn run(settings: Settings, file: &Path) -> Result<(), Failure> {
    purlin::logging::start_with(&settings.rust_log);
    let bytes = match fs::metadata(file) {
        Ok(facts) => facts.len(),
        Err(source) => return Err(refused(file, ImportError::Unreadable { source })),
    };
    // Before the database is opened: a file that is not read must not leave an empty one behind.
    let surveyed = SurveyedFile::open(file).map_err(|error| refused(file, error))?;
    let app = serve::app(settings)?.build().await?;
    let intake = app.find::<BookIntake>();
    let intake: Arc<BookIntake> = intake.expect("the catalogue has its intake");
    let mut console = Console::new(bytes);
    let report = surveyed.import(&*intake, &mut console).await;
    drop(console);
    app.stop().await;
    ended(report.map_err(|error| refused(file, error))?)
}

fn ended(report: Report) -> Result<(), Failure> {
    print(&report.to_string());
    if report.exit_code() == 0 {
        return Ok(());
    }
    Err(Failure {
        code: report.exit_code(),
        message: format!("{} bad rows were passed over", report.bad),
    })
}

fn refused(file: &Path, error: ImportError) -> Failure {
    let code = error.exit_code();
    let mut message = format!("{}: {error}", file.display());
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Failure { code, message }
}
