//! The last admin stays one.

use std::thread;

use serde_json::json;

use crate::{
    http::{Client, Response},
    identity::{READER, access_token, me},
    server::Server,
};

const ADMIN: &str = "admin@bookshop.test";

fn id(client: &Client, token: &str) -> String {
    let who = me(client, token).expect(200).json();
    who["id"].as_str().expect("an id").to_owned()
}

fn give(client: &Client, token: &str, id: &str, role: &str) -> Response {
    let request = client.request("PUT", format!("/admin/users/{id}/roles"));
    request.bearer(token).json(&json!({"roles": [role]})).send()
}

/// However often it is raced for: one is left.
fn the_last_admin_stays_one(server: &Server) {
    let client = &server.client;
    let (ada, rita) = (access_token(client, ADMIN), access_token(client, READER));
    let (ada_id, rita_id) = (id(client, &ada), id(client, &rita));
    let refused = give(client, &ada, &ada_id, "staff").problem(409);
    assert_eq!(refused["type"], "urn:purlin:error:USER_LAST_ADMIN");
    give(client, &ada, &ada_id, "admin").expect(200);
    for _ in 0..5 {
        give(client, &ada, &rita_id, "admin").expect(200);
        // Each takes the other's role away.
        let statuses = thread::scope(|scope| {
            let first = scope.spawn(|| give(client, &ada, &rita_id, "reader").status);
            let second = scope.spawn(|| give(client, &rita, &ada_id, "reader").status);
            [first, second].map(|one| one.join().unwrap())
        });
        // The other was refused for being the last, or was no admin any more when it asked.
        match statuses {
            [200, 403 | 409] => {}
            [403 | 409, 200] => {
                give(client, &rita, &ada_id, "admin").expect(200);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_last_admin_stays_one_also_in_a_race() {
    the_last_admin_stays_one(&Server::start());
}

#[cfg(feature = "postgres")]
#[test]
fn the_last_admin_stays_one_also_in_a_race_on_postgres() {
    let Some(database) = crate::engines::postgres::Database::create() else {
        return;
    };
    the_last_admin_stays_one(&database.start());
}
