//! The secret that keys are derived from, and where it is kept in development.

use std::{
    fmt::Write as _,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use purlin::{prelude::*, sql::cursor::CursorSigner};
use purlin_base::random::Rng;

use crate::{
    schema::DatabaseModule,
    settings::{APP_SECRET_BYTES_MIN, Settings},
    world::WorldModule,
};

/// The secret that keys are derived from: `APP_SECRET`, or one made at the first start.
pub struct AppSecret(Vec<u8>);

/// Keys for what the bookshop signs.
#[module(
    imports(ConfigModule<Settings>, DatabaseModule, WorldModule),
    providers(AppSecret = factory(secret), CursorSigner = factory(signer)),
    exports(AppSecret, CursorSigner),
)]
pub struct SecretModule;

impl AppSecret {
    /// The secret.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[error("the secret {} cannot be kept", path.display())]
pub struct SecretError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// The database comes first: where it cannot be opened, nothing is written beside it.
fn secret(
    settings: Arc<Settings>,
    rng: Arc<dyn Rng>,
    _opened: Arc<Db>,
) -> Result<AppSecret, SecretError> {
    if let Some(given) = &settings.app_secret {
        return Ok(AppSecret(given.expose().clone().into_bytes()));
    }
    let fresh = || {
        let mut bytes = [0; APP_SECRET_BYTES_MIN];
        rng.fill(&mut bytes);
        hex(&bytes)
    };
    let Some(path) = place(&settings) else {
        return Ok(AppSecret(fresh().into_bytes()));
    };
    let kept = kept(&path, fresh).map_err(|source| SecretError { path, source })?;
    Ok(AppSecret(kept))
}

/// `bytes` as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The file beside the database; none for a database that is gone with the process.
fn place(settings: &Settings) -> Option<PathBuf> {
    match settings.database_url.strip_prefix("sqlite:") {
        Some(":memory:") => None,
        Some(file) => {
            let file = file.strip_prefix("//").unwrap_or(file);
            Some(format!("{file}.secret").into())
        }
        None => Some(settings.data_dir.join("app.secret")),
    }
}

/// What the file at `path` holds, or else `fresh` once it is in it.
///
/// Written under another name and then linked, so that of two processes that start at once both
/// have the same, and neither reads half of it.
fn kept(path: &Path, fresh: impl FnOnce() -> String) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Ok(short) if short.len() < APP_SECRET_BYTES_MIN => {
            return Err(io::Error::other("it is too short: remove the file"));
        }
        read => return read,
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let fresh = fresh();
    let draft = path.with_extension(format!("secret-{}", &fresh[..16]));
    let linked = private(&draft, fresh.as_bytes()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::read(path),
    }
}

/// Writes a file that only its owner may read.
fn private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn signer(secret: Arc<AppSecret>) -> Result<CursorSigner, purlin::sql::cursor::SecretError> {
    CursorSigner::new(&secret.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_read_from_then_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.db.secret");
        let first = kept(&path, || "a".repeat(64)).unwrap();
        assert_eq!(kept(&path, || "b".repeat(64)).unwrap(), first);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_that_was_cut_short_is_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.db.secret");
        fs::write(&path, "short").unwrap();
        assert!(kept(&path, || "b".repeat(64)).is_err());
    }
}
