//! A real Express application on the same Redis: a sign-in on either side is one on the other.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{SECRET, Shared, shared};
use crate::session::browser::with;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// `conformance/identity/sessions.mjs`: one line of JSON asks, one answers.
struct Express {
    asked: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Express {
    fn start(redis_url: &str, prefix: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/identity");
        let mut process = Command::new("node")
            .args(["sessions.mjs", redis_url, prefix, SECRET])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        Self {
            asked: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    /// Requests `path` with the cookie of `request`; the cookie that was set, and the body.
    fn get(&mut self, path: &str, request: &HeaderMap) -> (Option<HeaderValue>, Value) {
        let cookie = request.get(http::header::COOKIE);
        let cookie = cookie.map_or("", |cookie| cookie.to_str().unwrap());
        let line = json!({ "path": path, "cookie": cookie }).to_string() + "\n";
        self.asked.write_all(line.as_bytes()).unwrap();
        let answer = self.answers.next().expect("Express runs").unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["status"], 200, "{answer}");
        let set = answer["set_cookie"].as_str();
        (set.map(|set| set.parse().unwrap()), answer["body"].clone())
    }

    fn user(&mut self, request: &HeaderMap) -> Value {
        self.get("/user", request).1
    }
}

impl Drop for Express {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

async fn with_express(case: impl AsyncFnOnce(&mut Shared, &mut Express)) {
    if purlin_base::testing::server("PURLIN_TEST_NODE").is_none() {
        return;
    }
    let Some(url) = purlin_base::testing::server("PURLIN_TEST_REDIS") else {
        return;
    };
    shared(async |shared: &mut Shared| {
        let mut express = Express::start(&url, &shared.prefix);
        case(shared, &mut express).await;
    })
    .await;
}

#[tokio::test]
async fn conformance_a_sign_in_with_express_is_one_here() {
    with_express(async |shared: &mut Shared, express: &mut Express| {
        let (set, _) = express.get("/sign-in?user=ann", &HeaderMap::new());
        let request = with(&set.expect("Express sets a cookie"));
        assert_eq!(shared.user(&request).await, Some(json!("ann")));
        // Read and prolonged here, it is still good there.
        assert_eq!(express.user(&request), json!("ann"));
    })
    .await;
}

#[tokio::test]
async fn conformance_a_sign_in_here_is_one_with_express() {
    with_express(async |shared: &mut Shared, express: &mut Express| {
        let request = with(&shared.sign_in(json!({"id": 7})).await);
        assert_eq!(express.user(&request), json!({"id": 7}));
        // Read and prolonged there, it is still good here.
        assert_eq!(shared.user(&request).await, Some(json!({"id": 7})));
    })
    .await;
}

#[tokio::test]
async fn conformance_a_sign_out_on_either_side_is_one_on_the_other() {
    with_express(async |shared: &mut Shared, express: &mut Express| {
        let ours = with(&shared.sign_in("ann").await);
        express.get("/sign-out", &ours);
        assert_eq!(shared.user(&ours).await, None);
        let (set, _) = express.get("/sign-in?user=bob", &HeaderMap::new());
        let theirs = with(&set.unwrap());
        shared.sessions.sign_out(&theirs).await.unwrap();
        assert_eq!(express.user(&theirs), Value::Null);
    })
    .await;
}

#[tokio::test]
async fn conformance_what_either_side_writes_into_a_session_the_other_reads() {
    with_express(async |shared: &mut Shared, express: &mut Express| {
        let request = with(&shared.sign_in("ann").await);
        express.get("/write?field=cart&value=three", &request);
        let mut session = shared.sessions.load(&request).await.unwrap().unwrap();
        assert_eq!(session.get("cart"), Some(&json!("three")));
        session.set("seen", json!("here"));
        assert!(shared.sessions.save(&session).await.unwrap());
        let (_, seen) = express.get("/read?field=seen", &request);
        let (_, cart) = express.get("/read?field=cart", &request);
        assert_eq!((seen, cart), (json!("here"), json!("three")));
        assert_eq!(express.user(&request), json!("ann"));
    })
    .await;
}

#[tokio::test]
async fn conformance_express_refuses_what_is_refused_here() {
    with_express(async |shared: &mut Shared, express: &mut Express| {
        let cookie = shared.sign_in("ann").await;
        let text = cookie.to_str().unwrap().split(';').next().unwrap();
        let forged = super::sending(&text[..text.len() - 2]);
        assert_eq!(shared.user(&forged).await, None);
        assert_eq!(express.user(&forged), Value::Null);
    })
    .await;
}
