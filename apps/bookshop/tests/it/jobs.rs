//! Jobs, operated: by commands and on the management listener.

use std::sync::Arc;

use image::ImageFormat;
use serde_json::json;

use crate::{
    covers::{image, job_in},
    server::{Server, directory, run},
    shop::a_book,
};

/// A server that works nothing, with the id of a job that waits.
fn with_a_job() -> (Server, String) {
    let server = Server::start_in(Arc::new(directory()), |command| {
        command.env("WORKERS", "off");
    });
    let (book, _) = server.create(&a_book());
    let request = server.staff("PUT", format!("{book}/cover"));
    let request = request.body(image(20, 20, ImageFormat::Png));
    let begun = request
        .header("content-type", "image/png")
        .send()
        .expect(202)
        .json();
    let id = begun["job"].as_str().unwrap().to_owned();
    (server, id)
}

fn jobs(server: &Server, words: &[&str]) -> String {
    let ended = run(server.path(), |command| {
        command.arg("jobs").args(words);
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    ended.stdout
}

#[test]
fn commands_show_and_operate_jobs_while_the_shop_serves() {
    let (server, id) = with_a_job();
    let table = jobs(&server, &[]);
    assert!(table.contains("waiting-children"), "{table}");
    assert!(jobs(&server, &["list", "covers"]).contains(&id));
    assert!(jobs(&server, &["show", &id]).contains("cover.thumbnails"));
    assert!(jobs(&server, &["cancel", &id]).contains("failed"));
    assert_eq!(job_in(&server, &id, &["failed"])["state"], "failed");
    assert!(jobs(&server, &["retry", "covers"]).contains("1 jobs"));
    job_in(&server, &id, &["waiting"]);
    assert!(jobs(&server, &["pause", "covers"]).contains("covers paused"));
    assert!(
        jobs(&server, &[])
            .lines()
            .any(|line| line.starts_with("covers") && line.ends_with("yes"))
    );
    assert!(jobs(&server, &["resume"]).contains("mails resumed"));
    assert!(jobs(&server, &["drain", "covers"]).contains("1 jobs removed"));
    server
        .staff("GET", format!("/api/v2/jobs/{id}"))
        .send()
        .problem(404);
}

#[test]
fn a_command_that_is_none_says_what_there_is() {
    let directory = directory();
    for words in [
        &["list", "nowhere"][..],
        &["explode"],
        &["clean", "covers", "waiting"],
        &["list", "covers", "no"],
    ] {
        let ended = run(directory.path(), |command| {
            command.arg("jobs").args(words);
        });
        ended.says(2, &["jobs"]);
    }
}

#[test]
fn operators_see_and_operate_queues_over_http() {
    let (server, id) = with_a_job();
    let management = &server.management;
    let queues = management.get("/queues").expect(200).json();
    assert_eq!(queues["engine"], "sqlite");
    let covers = queues["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|queue| queue["name"] == "covers");
    assert_eq!(covers.expect("the queue")["counts"]["waiting"], 1);
    let listed = management
        .get("/queues/covers/jobs?state=waiting")
        .expect(200)
        .json();
    assert_eq!(listed["items"][0]["id"], json!(id));
    assert!(
        listed["items"][0].get("data").is_none(),
        "payloads are shown one at a time"
    );
    let job = format!("/queues/covers/jobs/{id}");
    assert_eq!(management.get(&job).expect(200).json()["state"], "waiting");
    let post = |path: String| management.request("POST", path).send();
    post(format!("{job}/cancel")).expect(204);
    assert_eq!(
        management.get(&job).expect(200).json()["failure"]["cause"],
        "cancelled"
    );
    assert_eq!(
        post("/queues/covers/retry".into()).expect(200).json()["jobs"],
        1
    );
    post("/queues/covers/pause".into()).expect(204);
    assert_eq!(
        management.get("/queues/covers").expect(200).json()["paused"],
        true
    );
    post("/queues/covers/resume".into()).expect(204);
    management.request("DELETE", &job).send().expect(204);
    management.get(&job).expect(404);
    server.client.get("/queues").expect(404);
}

#[test]
fn a_page_of_another_site_operates_nothing() {
    let (server, _) = with_a_job();
    let foreign = server.management.request("POST", "/queues/covers/pause");
    foreign
        .header("sec-fetch-site", "cross-site")
        .send()
        .expect(403);
    assert_eq!(
        server.management.get("/queues/covers").expect(200).json()["paused"],
        false
    );
}

#[test]
fn a_mail_is_sent_by_its_job() {
    let server = Server::for_writing();
    let email = format!("mailed-{}@example.org", std::process::id());
    let register = json!({"email": email, "password": "a-long-enough-password", "name": "Ada"});
    server
        .client
        .request("POST", "/api/auth/register")
        .json(&register)
        .send()
        .expect(201);
    let sent = || {
        let file = rusqlite::Connection::open(server.path().join("bookshop.db")).unwrap();
        let ask = "select count(*) from mails where recipient = ?1 and sent_at is not null";
        file.query_row(ask, [&email], |row| row.get::<_, u32>(0))
            .unwrap()
    };
    crate::server::eventually("the mail is sent", || sent() == 1);
    let counted = |line: &str| {
        line.starts_with("messaging_client_consumed_messages_total")
            && line.contains(r#"job="mail.send""#)
            && line.contains(r#"outcome="completed""#)
            && !line.ends_with(" 0")
    };
    crate::server::eventually("it is counted", || {
        server
            .management
            .get("/metrics")
            .text()
            .lines()
            .any(counted)
    });
}

#[cfg(feature = "redis")]
mod redis {
    use std::{path::Path, process::Command};

    use super::*;
    use crate::covers::thumbnails_are_made_and_shown;

    /// Jobs in Redis under a prefix of their own, removed at the end.
    struct InRedis(Server, String, String);

    fn set(command: &mut Command, url: &str, prefix: &str) {
        command.env("QUEUE_URL", url).env("QUEUE_PREFIX", prefix);
    }

    impl InRedis {
        /// `None`, said aloud, when no server is named.
        fn start(name: &str) -> Option<Self> {
            let url = purlin_base::testing::server("PURLIN_TEST_REDIS")?;
            let prefix = format!("bookshop-test-{}-{name}", std::process::id());
            let server = Server::start_in(Arc::new(directory()), |command| {
                set(command, &url, &prefix);
            });
            Some(Self(server, url, prefix))
        }

        fn jobs(&self, words: &[&str]) -> String {
            let path: &Path = self.0.path();
            let ended = run(path, |command| {
                set(command, &self.1, &self.2);
                command.arg("jobs").args(words);
            });
            assert_eq!(ended.code, Some(0), "{ended:#?}");
            ended.stdout
        }
    }

    impl Drop for InRedis {
        fn drop(&mut self) {
            for queue in ["covers", "mails"] {
                let _ = run(self.0.path(), |command| {
                    set(command, &self.1, &self.2);
                    command.args(["jobs", "obliterate", queue, "--force"]);
                });
            }
        }
    }

    #[test]
    fn jobs_of_a_transaction_are_worked_in_redis() {
        let Some(shop) = InRedis::start("covers") else {
            return;
        };
        let server = &shop.0;
        assert!(
            server
                .printed
                .iter()
                .any(|line| line == "engine jobs redis")
        );
        thumbnails_are_made_and_shown(server);
        assert!(shop.jobs(&["list", "covers"]).contains("cover.thumbnails"));
    }

    #[test]
    fn a_redis_that_is_away_ends_the_start_and_its_password_is_not_shown() {
        let directory = directory();
        let ended = run(directory.path(), |command| {
            set(
                command,
                "redis://:hunter2@127.0.0.1:1/",
                "bookshop-test-away",
            );
        });
        ended.says(1, &["redis"]);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }
}
