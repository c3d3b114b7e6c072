//! One Node process that runs scenario after scenario.

use std::{
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use crate::Scenario;

/// A running `node trace.mjs --batch`. Ended when it is dropped.
pub struct Node {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Node {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// If there is no `node`.
    pub fn start() -> io::Result<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/trace.mjs");
        let mut child = Command::new("node")
            .arg(program)
            .arg("--batch")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("node was started without pipes"));
        };
        Ok(Self {
            child,
            input: Some(BufWriter::new(input)),
            output: BufReader::new(output),
        })
    }

    /// The lines that `scenario` prints on Node.
    ///
    /// # Errors
    ///
    /// If Node has ended.
    pub fn trace(&mut self, scenario: &Scenario) -> io::Result<Vec<String>> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{}", scenario.to_json())?;
        input.flush()?;
        self.read()
    }

    /// The lines that each of `scenarios` prints on Node, which is not waited for between them.
    ///
    /// # Errors
    ///
    /// If Node has ended.
    pub fn traces(mut self, scenarios: &[Scenario]) -> io::Result<Vec<Vec<String>>> {
        let mut input = self.input.take().ok_or(io::ErrorKind::BrokenPipe)?;
        thread::scope(|scope| {
            let written = scope.spawn(move || {
                let mut lines = scenarios.iter().map(Scenario::to_json);
                lines.try_for_each(|line| writeln!(input, "{line}"))?;
                input.flush() // And its end closes the pipe.
            });
            let traces = scenarios.iter().map(|_| self.read()).collect();
            // What could not be written was not read either.
            let _ = written.join();
            traces
        })
    }

    fn read(&mut self) -> io::Result<Vec<String>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(io::Error::other("node has ended; see its own message"));
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
