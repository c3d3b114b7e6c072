//! Others' tools, each of a fixed version, installed below `target/api`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// Longest installation.
const INSTALL_MAX: Duration = Duration::from_secs(300);

/// The files of the client in TypeScript that are copied beside its tools.
const CLIENT: [&str; 4] = [
    "client.ts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
];

/// schemathesis, installed.
pub(super) struct Schemathesis {
    /// Where it is told what holds of this API.
    conformance: PathBuf,
    work: PathBuf,
}

impl Schemathesis {
    /// Installs it, unless it is there.
    pub(super) fn install(root: &Path, work: &Path) -> Result<Self, String> {
        let installed = Self {
            conformance: root.join("conformance"),
            work: work.to_owned(),
        };
        let (venv, stamp) = (work.join("venv"), work.join("venv/installed.txt"));
        let list = installed.conformance.join("schemathesis.txt");
        let wanted = read(&list)?;
        if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(installed);
        }
        let mut python = Command::new("python3");
        python.args(["-m", "venv", "--clear"]).arg(&venv);
        run("python3 -m venv", &mut python, INSTALL_MAX)?;
        let mut pip = Command::new(venv.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
        run("pip install", pip.arg(&list), INSTALL_MAX)?;
        fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
        Ok(installed)
    }

    /// Its command, which writes what it notes down below `target`.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(self.work.join("venv/bin/schemathesis"));
        command
            .current_dir(&self.work)
            .env("PYTHONPATH", &self.conformance)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("--config-file")
            .arg(self.conformance.join("schemathesis.toml"));
        command
    }
}

/// Installs what the client in TypeScript is compiled with; the folder of both.
pub(super) fn typescript(root: &Path, work: &Path) -> Result<PathBuf, String> {
    let (from, to) = (root.join("conformance/typescript"), work.join("typescript"));
    let lock = |folder: &Path| fs::read_to_string(folder.join("package-lock.json")).ok();
    let is_there = lock(&to).is_some_and(|there| lock(&from) == Some(there));
    fs::create_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    for name in CLIENT
        .into_iter()
        .filter(|name| *name != "package-lock.json")
    {
        copy(&from.join(name), &to.join(name))?;
    }
    if !is_there || !to.join("node_modules").exists() {
        // The lock comes last but one, so that an installation that broke off is made again.
        let lock = to.join("package-lock.json");
        copy(&from.join("package-lock.json"), &lock)?;
        let mut npm = Command::new("npm");
        npm.args([
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]);
        run("npm ci", npm.current_dir(&to), INSTALL_MAX)
            .inspect_err(|_| drop(fs::remove_file(&lock)))?;
    }
    Ok(to)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let copied = fs::copy(from, to);
    copied
        .map(drop)
        .map_err(|error| format!("{}: {error}", from.display()))
}

/// Runs `command` to its end, which must be a good one, and comes within `max`.
pub(super) fn run(name: &str, command: &mut Command, max: Duration) -> Result<(), String> {
    println!("-- {name}");
    let child = command
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let pid = child.id();
    let (send, receive) = channel();
    thread::spawn(move || send.send(wait(child)));
    match receive.recv_timeout(max) {
        Ok(true) => Ok(()),
        Ok(false) => Err(name.to_owned()),
        Err(RecvTimeoutError::Disconnected) => Err(format!("{name}: it cannot be waited for")),
        Err(RecvTimeoutError::Timeout) => {
            signal(pid, "KILL");
            Err(format!("{name}: not done within {} s", max.as_secs()))
        }
    }
}

fn wait(mut child: Child) -> bool {
    child.wait().is_ok_and(|status| status.success())
}

/// Sends a signal to a process that was started here and has not been waited for.
pub(super) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
}
