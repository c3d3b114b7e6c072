//! Why an application did not start.

use std::{error::Error, io};

use purlin_base::{Classified, ErrorClass};
use purlin_core::{StartError, config::ConfigErrors};
use purlin_http::{mount::MountError, server::ServerError};
use purlin_sql::OpenError;

/// Why an application did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// A provider could not be made, or a hook failed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The routes cannot stand together.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The port cannot be had.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The settings are not right.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The operating system does not hand its signals on.
    #[error("the operating system's signals cannot be received")]
    Signals(#[source] io::Error),
}

impl AppError {
    /// What a process ends with: 2 for a setting that must be changed, 1 for the world.
    pub fn exit_code(&self) -> u8 {
        let is_setting = matches!(self, Self::Config(_))
            || causes(self).any(|cause| {
                cause
                    .downcast_ref::<OpenError>()
                    .is_some_and(OpenError::is_setting)
            });
        if is_setting { 2 } else { 1 }
    }

    /// The error and everything that caused it, in one line.
    pub fn report(&self) -> String {
        let causes = causes(self).map(ToString::to_string);
        let mut lines = vec![self.to_string()];
        lines.extend(causes.filter(|cause| *cause != self.to_string()));
        lines.join(": ")
    }
}

fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&(dyn Error + 'static)| {
        Error::source(*cause)
    })
}

impl Classified for AppError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Start(error) => error.code(),
            Self::Mount(error) => error.code(),
            Self::Server(error) => error.code(),
            Self::Config(error) => Classified::code(error),
            Self::Signals(_) => "APP_SIGNALS",
        }
    }
}
