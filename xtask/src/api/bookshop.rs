//! A bookshop on free ports with a database of its own, stopped by its process id.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use super::tools::signal;

/// Longest start, and longest stop.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(15);

// As in the bookshop's `announce.rs`.
const LISTENING: &str = "listening on ";
const MANAGEMENT: &str = "management on ";

// As in the bookshop's `users/seed.rs`.
const STAFF: &str = r#"{"email":"staff@bookshop.test","password":"correct-horse-battery"}"#;

/// A bookshop that runs.
pub(super) struct Bookshop {
    pub(super) address: String,
    pub(super) staff_token: String,
    management: String,
    child: Option<Child>,
}

impl Bookshop {
    /// Starts the built program in an empty folder below `work`.
    pub(super) fn start(root: &Path, work: &Path) -> Result<Self, String> {
        let folder = work.join("bookshop");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let log = fs::File::create(folder.join("log.txt")).map_err(|error| error.to_string())?;
        let child = Command::new(root.join("target/debug/bookshop"))
            .current_dir(&folder)
            .env_remove("MANAGEMENT_TOKEN")
            .env("HOST", "127.0.0.1")
            .env("PORT", "0")
            .env("MANAGEMENT_PORT", "0")
            .env("DATABASE_URL", "sqlite://bookshop.db")
            .env("APP_ENV", "test")
            .env("RATE_LIMITS", "off")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("the bookshop: {error}"))?;
        let mut bookshop = Self {
            address: String::new(),
            staff_token: String::new(),
            management: String::new(),
            child: Some(child),
        };
        bookshop.read_start()?;
        bookshop.staff_token = bookshop.sign_in()?;
        Ok(bookshop)
    }

    /// Where the document of `version` is served.
    pub(super) fn document(&self, version: &str) -> String {
        format!("{}/openapi/{version}.json", self.management)
    }

    fn read_start(&mut self) -> Result<(), String> {
        let lines = self.child.as_mut().and_then(lines_of);
        let lines = lines.ok_or("the bookshop prints nothing")?;
        while self.address.is_empty() {
            let line = lines.recv_timeout(START_MAX);
            let line = line.map_err(|_| "the bookshop did not start; see log.txt beside it")?;
            for (key, value) in [
                (MANAGEMENT, &mut self.management),
                (LISTENING, &mut self.address),
            ] {
                if let Some(said) = line.strip_prefix(key) {
                    said.trim().clone_into(value);
                }
            }
        }
        Ok(())
    }

    /// An access token of the seeded staff account.
    fn sign_in(&self) -> Result<String, String> {
        let host = self.address.trim_start_matches("http://");
        let request = format!(
            "POST /api/auth/login HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{STAFF}",
            STAFF.len()
        );
        let mut answer = String::new();
        let asked = TcpStream::connect(host).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        asked.map_err(|error| format!("the sign-in: {error}"))?;
        let token = answer.split("\"access_token\":\"").nth(1);
        let token = token.and_then(|tail| tail.split('"').next());
        token
            .map(str::to_owned)
            .ok_or_else(|| format!("the sign-in was refused: {answer}"))
    }

    /// Stops it as an operator would; that it ends well is a part of what is tried.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let pid = child.id();
        signal(pid, "TERM");
        let (send, receive) = channel();
        thread::spawn(move || send.send(child.wait().is_ok_and(|status| status.success())));
        match receive.recv_timeout(STOP_MAX) {
            Ok(true) => Ok(()),
            Ok(false) => Err("the bookshop did not end well; see its log.txt".to_owned()),
            Err(_) => {
                signal(pid, "KILL");
                Err("the bookshop did not stop".to_owned())
            }
        }
    }
}

impl Drop for Bookshop {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The lines of standard output, read to their end so that the program is never held up.
fn lines_of(child: &mut Child) -> Option<Receiver<String>> {
    let stdout = child.stdout.take()?;
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    Some(receive)
}
