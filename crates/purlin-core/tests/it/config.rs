//! Settings: where they come from, what they may be, and what is said when they are wrong.

mod derive;
mod problems;
mod secrets;
mod sources;
mod types;
mod ui;

use std::fs;

use purlin_core::config::{Config, ConfigErrors, Sources};
use tempfile::TempDir;

/// A file of settings in a folder of its own, which goes with it.
struct SettingsFile {
    folder: TempDir,
}

impl SettingsFile {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.toml"), text).unwrap();
        Self { folder }
    }

    fn sources(&self) -> Sources {
        Sources::new().file(self.folder.path().join("app.toml"), true)
    }

    /// What is wrong, one line for each problem, with the folder left out.
    fn problems<C: Config>(&self, sources: &Sources) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        let lines = lines::<C>(sources).into_iter();
        lines.map(|line| line.replace(&folder, "")).collect()
    }
}

/// What is wrong, one line for each problem.
fn lines<C: Config>(sources: &Sources) -> Vec<String> {
    let text = errors::<C>(sources).to_string();
    text.lines().map(str::to_owned).collect()
}

fn errors<C: Config>(sources: &Sources) -> ConfigErrors {
    let errors = C::load(sources).err().expect("there is a problem");
    assert_eq!(errors.exit_code(), 2);
    errors
}
