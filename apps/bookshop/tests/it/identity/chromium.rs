//! The pages in a real browser: `conformance/identity/pages.mjs` looks at them in headless Chromium.

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use super::{PASSWORD, somebody};
use crate::server::Server;

/// Longest that the browser may take, on a machine that is busy.
const BROWSER_MAX: Duration = Duration::from_secs(180);

#[test]
fn conformance_pages_work_by_keyboard_and_without_scripts_in_chromium() {
    let (Some(chromium), Some(_)) = (
        purlin_base::testing::server("PURLIN_TEST_CHROMIUM"),
        purlin_base::testing::server("PURLIN_TEST_NODE"),
    ) else {
        return;
    };
    let server = Server::start();
    let email = somebody(&server);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/identity");
    let origin = format!("http://{}", server.client.address);
    let mut node = Command::new("node")
        .args(["pages.mjs", &origin, &chromium, &email, PASSWORD])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let mut stderr = node.stderr.take().expect("a pipe");
    let (send, said) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).ok();
        send.send(text).ok();
    });
    // What it says ends with it: it takes the browser along when it is asked to end.
    let said = said.recv_timeout(BROWSER_MAX).unwrap_or_else(|_| {
        let end = Command::new("kill").arg(node.id().to_string()).status();
        format!("no answer within {BROWSER_MAX:?}; asked to end: {end:?}")
    });
    let status = node.wait().expect("it ends");
    assert!(status.success(), "{said}");
}
