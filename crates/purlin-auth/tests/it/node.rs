//! Asks the packages of Node, by a script that reads JSON and writes JSON.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// What `conformance/identity/SCRIPT` answers to `request`. `None` if `PURLIN_TEST_NODE` is not
/// set: the test is then skipped, and says so.
pub(crate) fn ask(script: &str, request: &Value) -> Option<Value> {
    purlin_base::testing::server("PURLIN_TEST_NODE")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/identity");
    let mut node = Command::new("node")
        .arg(script)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(request.to_string().as_bytes()).unwrap();
    drop(stdin);
    let answer = node.wait_with_output().unwrap();
    assert!(answer.status.success(), "{script} failed");
    Some(serde_json::from_slice(&answer.stdout).expect("an answer in JSON"))
}
