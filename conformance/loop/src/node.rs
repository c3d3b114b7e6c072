//! Runs programs in Node.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

/// Why Node gave no trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// It could not be started or spoken to.
    #[error("node: {0}")]
    Io(#[from] io::Error),
    /// It ended before its program did, or said something else than a trace.
    #[error("node gave no trace of {program}")]
    NoTrace {
        /// The program.
        program: String,
    },
}

/// The interpreter, beside this crate.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/trace.cjs");

/// How long one program may take before Node is ended.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs one program in a process of its own: the reference.
///
/// # Errors
///
/// As [`NodeError`] says.
pub fn trace_alone(program: &str) -> Result<Vec<String>, NodeError> {
    let mut node = start("-", program)?;
    let lines = lines_of(&mut node);
    let mut trace = Vec::new();
    loop {
        match lines.recv_timeout(PROGRAM_TIMEOUT) {
            Ok(line) => trace.push(line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end(node);
                return no_trace(program);
            }
        }
    }
    if node.wait()?.success() {
        Ok(trace)
    } else {
        no_trace(program)
    }
}

/// Runs many, in as few processes as they allow; `each` is told of every trace, in order.
///
/// # Errors
///
/// As [`NodeError`] says; what came before has been told.
pub fn trace_batch(
    programs: &[String],
    mut each: impl FnMut(usize, Vec<String>),
) -> Result<(), NodeError> {
    let mut done = 0;
    while done < programs.len() {
        let before = done;
        let rest = &programs[done..];
        let mut node = start("--batch", &rest.join("\n"))?;
        let lines = lines_of(&mut node);
        while let Ok(line) = lines.recv_timeout(PROGRAM_TIMEOUT) {
            let trace = serde_json::from_str(&line);
            let trace = trace.or_else(|_| no_trace(&programs[done]))?;
            each(done, trace);
            done += 1;
        }
        end(node);
        if done == before {
            return no_trace(&programs[done]);
        }
    }
    Ok(())
}

fn no_trace<T>(program: &str) -> Result<T, NodeError> {
    Err(NodeError::NoTrace {
        program: program.to_owned(),
    })
}

fn start(argument: &str, input: &str) -> Result<Child, NodeError> {
    let mut node = Command::new("node")
        .args([SCRIPT, argument])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // Node reads all of it before it writes anything.
    let mut stdin = node.stdin.take().expect("standard input is piped");
    stdin.write_all(input.as_bytes())?;
    Ok(node)
}

/// What it prints, line by line, read on a thread so that waiting for it can end.
fn lines_of(node: &mut Child) -> Receiver<String> {
    let output = node.stdout.take().expect("standard output is piped");
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Ends it if it has not ended by itself.
fn end(mut node: Child) {
    let _ = node.kill();
    let _ = node.wait();
}
