//! A start in production: with every secret, and without each.

use std::sync::Arc;

use bookshop::announce::ACCOUNT;
use serde_json::json;

use crate::{
    server::{Server, directory, run},
    shop::{BOOKS, a_book},
};

const SECRETS: [(&str, &str); 3] = [
    ("APP_SECRET", "an-app-secret-of-more-than-32-bytes"),
    (
        "WEBHOOK_SECRET",
        "whsec_Ym9va3Nob3AtcHJvZHVjdGlvbi1zZWNyZXQ=",
    ),
    ("MANAGEMENT_TOKEN", "operators-only-4711"),
];

#[test]
fn with_every_secret_it_serves_prints_none_and_asks_operators_for_their_token() {
    let server = Server::start_in(Arc::new(directory()), |command| {
        command
            .env("APP_ENV", "production")
            .env("RATE_LIMITS", "on")
            .envs(SECRETS);
    });
    server.client.get(BOOKS).expect(200);
    let told = server.printed.join("\n") + &server.said();
    assert!(!told.contains(ACCOUNT), "{told}");
    for (name, secret) in SECRETS {
        assert!(!told.contains(secret), "{name} in {told}");
    }
    assert!(
        !server.path().join("bookshop.db.secret").exists(),
        "no secret is made up"
    );
    // Nobody is staff.
    let account = json!({"email": "staff@bookshop.test", "password": "correct-horse-battery"});
    let login = server.client.request("POST", "/api/auth/login");
    login.json(&account).send().problem(401);
    let create = || server.client.request("POST", BOOKS).json(&a_book());
    create().send().problem(401);
    create().bearer("").send().problem(401);
    create().bearer(SECRETS[2].1).send().problem(401);

    let operators = |token: Option<&str>| {
        let asked = server.management.request("GET", "/readyz");
        match token {
            Some(token) => asked.bearer(token).send(),
            None => asked.send(),
        }
    };
    operators(None).problem(401);
    operators(Some("")).problem(401);
    operators(Some("operators-only-4712")).problem(401);
    operators(Some(SECRETS[0].1)).problem(401);
    operators(Some(SECRETS[2].1)).expect(200);
    server.client.get("/readyz").expect(200);
    server.stop();
}

#[test]
fn without_one_of_its_secrets_it_does_not_start_and_names_that_one() {
    for (missing, _) in SECRETS {
        let directory = directory();
        let ended = run(directory.path(), |command| {
            let given = SECRETS.into_iter().filter(|(name, _)| *name != missing);
            command
                .env("APP_ENV", "production")
                .env("RATE_LIMITS", "on")
                .envs(given);
        });
        ended.says(2, &[missing]);
        for (name, secret) in SECRETS {
            assert_eq!(ended.stderr.contains(name), name == missing, "{ended:#?}");
            assert!(!ended.stderr.contains(secret), "{ended:#?}");
        }
        assert!(
            !directory.path().join("bookshop.db").exists(),
            "nothing is made"
        );
    }
}
