//! A Redis of a test's own, on a free port of this machine, which the test may take away.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A Redis that runs until it is dropped.
pub(super) struct Redis {
    port: u16,
    directory: TempDir,
    process: Option<Child>,
}

impl Redis {
    /// A port on which none runs yet; `None`, visibly, where no Redis is promised.
    pub(super) fn prepare() -> Option<Self> {
        purlin_base::testing::server("PURLIN_TEST_REDIS")?;
        // Bound and dropped: free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Some(Self {
            port: port.local_addr().expect("an address").port(),
            directory: tempfile::tempdir().expect("a directory is made"),
            process: None,
        })
    }

    /// The same, running.
    pub(super) fn start() -> Option<Self> {
        let mut redis = Self::prepare()?;
        redis.run();
        Some(redis)
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Starts it, and waits until it says that it accepts connections. Nothing is kept from before.
    pub(super) fn run(&mut self) {
        let mut process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        let said = process.stdout.take().expect("its output is a pipe");
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.contains("eady to accept connections"));
        // Read to its end, so that it is never held up.
        std::thread::spawn(move || lines.for_each(drop));
        self.process = Some(process);
        assert!(is_ready, "redis-server ended at its start");
    }

    /// Takes it away.
    pub(super) fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end();
    }
}
