//! A real Express application beside the bookshop, on one Redis: a sign-in at either is one at both.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{
    PASSWORD,
    browsers::{get, others, sign_in_as, sign_out},
    cookie, login, me,
    redis_server::Redis,
    somebody, token,
};
use crate::server::{Server, directory};

const SECRET: &str = "a secret that both applications have";
/// As the setting has it: one secret has no spaces.
const SECRETS: &str = "a-secret-that-both-applications-have an-older-secret-of-both";
const COOKIE: &str = "connect.sid";

/// `conformance/identity/sessions.mjs`: one line of JSON asks, one answers.
struct Express {
    asked: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Express {
    fn start(redis: &Redis, secret: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/identity");
        let mut process = Command::new("node")
            .args(["sessions.mjs", &redis.url(), "sess:", secret])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        Self {
            asked: process.stdin.take().expect("a pipe"),
            answers: BufReader::new(process.stdout.take().expect("a pipe")).lines(),
            process,
        }
    }

    /// Requests `path` with `cookie`; the cookie that was set, and the body.
    fn get(&mut self, path: &str, cookie: &str) -> (Option<String>, Value) {
        let line = json!({ "path": path, "cookie": cookie }).to_string() + "\n";
        self.asked
            .write_all(line.as_bytes())
            .expect("Express reads");
        let answer = self.answers.next().expect("Express runs").expect("a line");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["status"], 200, "{answer}");
        let set = answer["set_cookie"].as_str();
        let set = set.and_then(|set| set.split(';').next());
        (set.map(str::to_owned), answer["body"].clone())
    }

    fn user(&mut self, cookie: &str) -> Value {
        self.get("/user", cookie).1
    }

    /// Signs the user `id` in there: the cookie.
    fn sign_in(&mut self, id: &str) -> String {
        let (set, _) = self.get(&format!("/sign-in?user={id}"), "");
        set.expect("Express sets a cookie")
    }
}

impl Drop for Express {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A bookshop that shares its sessions; nothing where no Node or no Redis is promised.
fn shared() -> Option<(Redis, Server)> {
    purlin_base::testing::server("PURLIN_TEST_NODE")?;
    let redis = Redis::start()?;
    let server = Server::start_in(Arc::new(directory()), |command| {
        command
            .env("REDIS_URL", redis.url())
            .env("SESSION_FORMAT", "express")
            .env("SESSION_SECRETS", SECRETS);
    });
    Some((redis, server))
}

/// The secret that signs, and another that is good.
fn secrets() -> [&'static str; 2] {
    let (first, second) = SECRETS.split_once(' ').expect("two secrets");
    [first, second]
}

/// Who is signed in with the bookshop: the id.
fn id_of(server: &Server, email: &str) -> String {
    let answer = login(&server.client, email, PASSWORD).expect(200);
    let who = me(&server.client, &token(&answer)).expect(200).json();
    who["id"].as_str().expect("an id").to_owned()
}

#[test]
fn conformance_a_sign_in_with_the_bookshop_is_one_with_express_and_ends_with_it() {
    let Some((redis, server)) = shared() else {
        return;
    };
    assert!(
        server
            .printed
            .contains(&"engine sessions express".to_owned())
    );
    let mut express = Express::start(&redis, secrets()[0]);
    let (client, email) = (&server.client, somebody(&server));
    let id = id_of(&server, &email);
    let [ours, other] = [(); 2].map(|()| sign_in_as(client, &email, COOKIE));
    assert_eq!(express.user(&ours), json!(id));
    // Read and prolonged there, it is still good here.
    let page = get(client, "/account", &ours).expect(200);
    assert!(page.text().contains(&email), "{}", page.text());
    assert_eq!(others(&page).len(), 1, "{}", page.text());

    sign_out(client, &ours, Some(&others(&page)[0]));
    assert_eq!(express.user(&other), Value::Null);
    express.get("/sign-out", &ours);
    get(client, "/account", &ours).expect(303);
}

#[test]
fn conformance_a_sign_in_with_express_is_one_with_the_bookshop_and_ends_with_it() {
    let Some((redis, server)) = shared() else {
        return;
    };
    // The older of the secrets is good too.
    let mut express = Express::start(&redis, secrets()[1]);
    let (client, email) = (&server.client, somebody(&server));
    let id = id_of(&server, &email);
    let theirs = express.sign_in(&id);
    let page = get(client, "/account", &theirs).expect(200);
    assert!(page.text().contains(&email), "{}", page.text());
    let who = get(client, super::ME, &theirs).expect(200).json();
    assert_eq!(
        who["roles"],
        json!(["reader"]),
        "the bookshop says what they may do"
    );
    sign_out(client, &theirs, None);
    assert_eq!(express.user(&theirs), Value::Null);

    // All sign-ins of the user, wherever they were made, and no one else's.
    let [one, two] = [(); 2].map(|()| express.sign_in(&id));
    let stranger = express.sign_in(&id_of(&server, &somebody(&server)));
    let answer = login(client, &email, PASSWORD).expect(200);
    let out = client.request("POST", "/api/auth/logout?everywhere=true");
    out.header("cookie", cookie(&answer, "refresh_token"))
        .send()
        .expect(204);
    for ended in [&one, &two] {
        assert_eq!(express.user(ended), Value::Null);
        get(client, "/account", ended).expect(303);
    }
    get(client, "/account", &stranger).expect(200);
}

#[test]
fn conformance_whom_the_bookshop_does_not_know_is_nobody_there() {
    let Some((redis, server)) = shared() else {
        return;
    };
    let mut express = Express::start(&redis, SECRET);
    let mut ours = Express::start(&redis, secrets()[0]);
    let id = id_of(&server, &somebody(&server));
    // Another secret, and users that are none of ours.
    for cookie in [
        express.sign_in(&id),
        ours.sign_in("7"),
        ours.sign_in("00000000-0000-7000-8000-000000000000"),
    ] {
        get(&server.client, "/account", &cookie).expect(303);
        get(&server.client, super::ME, &cookie).problem(401);
    }
}
