//! Settings from the file, the environment and flags, and what is said of bad ones.

use std::{fs, sync::Arc};

use crate::{
    server::{Server, directory, run},
    shop::BOOKS,
};

#[test]
fn settings_that_are_wrong_are_each_told_by_name_and_all_at_once() {
    let directory = directory();
    let ended = run(directory.path(), |command| {
        command
            .env("PORT", "eighty")
            .env("ACCESS_TTL", "soon")
            .env("APP_ENV", "party");
    });
    ended.says(2, &["PORT", "ACCESS_TTL", "APP_ENV"]);
    let lines = ended.stderr.lines();
    let about = |name: &'static str| lines.clone().filter(move |l| l.contains(name)).count();
    assert_eq!(
        ["PORT", "ACCESS_TTL", "APP_ENV"].map(about),
        [1, 1, 1],
        "{ended:#?}"
    );
    assert!(
        !directory.path().join("bookshop.db").exists(),
        "nothing is made"
    );
}

#[test]
fn values_out_of_their_bounds_are_refused() {
    for (name, value) in [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("MANAGEMENT_PORT", "3001.5"),
        ("HOST", "not a host"),
        ("DATABASE_URL", "mysql://localhost/shop"),
        ("DATABASE_URL", "bookshop.db"),
        ("SESSION_IDLE", "30"),
        ("REFRESH_TTL", "-5m"),
        ("JOB_LEASE", "99999999999999999999d"),
        ("RATE_LIMITS", "sometimes"),
        ("REDIS_URL", "http://localhost"),
        ("SESSION_FORMAT", "django"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ] {
        let directory = directory();
        let ended = run(directory.path(), |c| {
            c.env(name, value);
        });
        ended.says(2, &[name]);
    }
}

#[test]
fn a_file_that_is_wrong_is_refused() {
    for (text, words) in [
        ("port = ", "bookshop.toml"),
        ("port = \"eighty\"", "port"),
        ("colour = \"red\"", "colour"),
        ("PORT = 3000", "PORT"),
        ("port = 1\nport = 2", "port"),
        ("[port]\nnumber = 1", "port"),
    ] {
        let directory = directory();
        fs::write(directory.path().join("bookshop.toml"), text).unwrap();
        let ended = run(directory.path(), |c| {
            c.env_remove("PORT");
        });
        ended.says(2, &[words]);
    }
    let directory = directory();
    fs::write(
        directory.path().join("bookshop.toml"),
        b"app_env = \"\xff\"",
    )
    .unwrap();
    run(directory.path(), |_| ()).says(2, &["bookshop.toml"]);
}

#[test]
fn a_file_that_was_asked_for_and_is_missing_is_a_wrong_setting() {
    let directory = directory();
    let ended = run(directory.path(), |c| {
        c.args(["--config", "other.toml"]);
    });
    ended.says(2, &["other.toml"]);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let place = Arc::new(directory());
    let database = |name: &str| format!("sqlite://{name}.db");
    let text = format!("database_url = \"{}\"\n", database("file"));
    fs::write(place.path().join("shop.toml"), text).unwrap();
    let start = |environment: bool, flag: bool| {
        let server = Server::start_in(Arc::clone(&place), |command| {
            command.args(["--config", "shop.toml"]);
            if environment {
                command.env("DATABASE_URL", database("environment"));
            }
            if flag {
                command.args(["--database-url", &database("flag")]);
            }
        });
        server.client.get(BOOKS).expect(200);
        server.stop();
    };
    let there =
        || ["file", "environment", "flag"].map(|n| place.path().join(format!("{n}.db")).exists());
    start(false, false);
    assert_eq!(there(), [true, false, false]);
    start(true, false);
    assert_eq!(there(), [true, true, false]);
    start(true, true);
    assert_eq!(there(), [true, true, true]);
}

#[test]
fn a_command_line_that_is_not_understood_is_refused() {
    for (arguments, word) in [
        (&["--colour", "red"][..], "--colour"),
        (&["dance"], "dance"),
        (&["import"], "FILE"),
        (&["--port"], "--port"),
        (&["--port", "x"], "port"),
    ] {
        let directory = directory();
        run(directory.path(), |c| {
            c.args(arguments);
        })
        .says(2, &[word]);
        assert!(!directory.path().join("bookshop.db").exists());
    }
}

#[test]
fn production_demands_its_secrets_and_shows_none() {
    let directory = directory();
    let ended = run(directory.path(), |c| {
        c.env("APP_ENV", "production");
    });
    ended.says(2, &["APP_SECRET", "WEBHOOK_SECRET", "MANAGEMENT_TOKEN"]);
    let ended = run(directory.path(), |command| {
        command
            .env("APP_ENV", "production")
            .env("APP_SECRET", "hunter2-too-short");
    });
    ended.says(2, &["APP_SECRET", "32"]);
    assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    let ended = run(directory.path(), |command| {
        command
            .env("APP_ENV", "production")
            .env("RATE_LIMITS", "off");
    });
    ended.says(2, &["RATE_LIMITS"]);
}

#[test]
fn sessions_that_express_shares_need_its_secret_and_a_redis() {
    let directory = directory();
    let ended = run(directory.path(), |c| {
        c.env("SESSION_FORMAT", "express");
    });
    ended.says(2, &["SESSION_SECRETS"]);
    let ended = run(directory.path(), |c| {
        c.env("SESSION_FORMAT", "express")
            .env("SESSION_SECRETS", "long-enough-for-all");
    });
    ended.says(2, &["redis_url"]);
    let ended = run(directory.path(), |c| {
        c.env("SESSION_FORMAT", "express")
            .env("SESSION_SECRETS", "long-enough-for-all hunter2");
    });
    ended.says(2, &["SESSION_SECRETS", "16"]);
    assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
}

#[test]
fn an_engine_that_is_not_built_in_is_named_with_its_feature() {
    for (name, url, feature) in [
        ("BROKER_URL", "redis://localhost", "redis"),
        ("BROKER_URL", "amqp://localhost", "rabbitmq"),
        ("BROKER_URL", "nats://localhost", "nats"),
        ("BROKER_URL", "kafka://localhost", "kafka"),
    ] {
        let directory = directory();
        run(directory.path(), |c| {
            c.env(name, url);
        })
        .says(2, &[name, feature]);
    }
    #[cfg(not(feature = "redis"))]
    for name in ["REDIS_URL", "QUEUE_URL"] {
        let directory = directory();
        let ended = run(directory.path(), |c| {
            c.env(name, "redis://:hunter2@localhost");
        });
        ended.says(2, &[name, "redis"]);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }
    #[cfg(not(feature = "postgres"))]
    {
        let directory = directory();
        let url = "postgres://user:hunter2@localhost/shop";
        let ended = run(directory.path(), |c| {
            c.env("DATABASE_URL", url);
        });
        ended.says(2, &["DATABASE_URL", "postgres"]);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }
}

#[test]
fn an_unknown_name_in_the_environment_is_none_of_ours() {
    let server = Server::start_in(Arc::new(directory()), |command| {
        command.env("COLOUR", "red").env("BOOKSHOP_COLOUR", "red");
    });
    server.stop();
}
