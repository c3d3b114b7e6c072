//! What a process was given beside the standard three.
//!
//! Rust opens everything close-on-exec. What C code has opened without that, or what our parent was
//! given by its own (terminals and supervisors are careless), would be open in the process too. Only
//! whoever owns a descriptor may close it, so the process closes none: it has all of them marked, and
//! becomes itself once more, by which the system closes them.

use std::{
    env, fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Says to the second life of the process that it is the second.
const MARKED: &str = "PURLIN_PROCESS_WORKER_MARKED";

/// Leaves only the standard three open. Returns when it is so.
///
/// Errors are words for whoever started the process.
pub(super) fn keep_the_standard_three() -> Result<(), String> {
    // What is open in its second life the process has opened itself.
    if env::var_os(MARKED).is_some() {
        return Ok(());
    }
    let unlisted = |error| format!("its descriptors are not listed: {error}");
    let Some(open) = opened().map_err(unlisted)? else {
        return Ok(());
    };
    close_fds::set_fds_cloexec(3, &[]);
    let error = Command::new("/proc/self/exe")
        .args(env::args_os().skip(1))
        .env(MARKED, "1")
        .exec();
    Err(format!(
        "it could not be started again without the descriptor {open}: {error}"
    ))
}

/// One descriptor that is open beside the standard three.
fn opened() -> io::Result<Option<String>> {
    let entries = fs::read_dir("/proc/self/fd")?;
    // To its end and away with it: the list is read by a descriptor too, which stands in it.
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    let open = |path: &Path| {
        let number = path.file_name()?.to_str()?;
        let is_standard = number.parse::<u32>().is_ok_and(|number| number <= 2);
        let target = fs::read_link(path).ok().filter(|_| !is_standard)?;
        Some(format!("{number} ({})", target.display()))
    };
    Ok(paths.iter().find_map(|path| open(path)))
}
