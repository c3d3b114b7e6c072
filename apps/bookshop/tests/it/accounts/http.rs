//! What is seen of accounts and reviews over HTTP.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    server::Server,
    shop::{BOOKS, a_book},
};

const USERS: &str = "/admin/users";

fn accounts(server: &Server) -> Vec<Value> {
    let list = server.admin("GET", USERS).send().expect(200).json();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn a_new_shop_lists_its_three_accounts_without_what_is_secret() {
    let server = Server::for_reading();
    let answer = server.admin("GET", USERS).send().expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let list = answer.json();
    let field = |name: &str| -> Vec<&Value> {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| &item[name]).collect()
    };
    assert_eq!(
        field("email"),
        [
            "admin@bookshop.test",
            "staff@bookshop.test",
            "reader@bookshop.test"
        ]
    );
    assert_eq!(
        field("roles"),
        [&json!(["admin"]), &json!(["staff"]), &json!(["reader"])]
    );
    let names: Vec<&String> = list["items"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["created_at", "email", "id", "name", "roles"]);
    assert_eq!(list["page"]["next_cursor"], Value::Null);
    let next = server
        .admin("GET", format!("{USERS}?limit=2"))
        .send()
        .expect(200);
    assert!(next.json()["page"]["next_cursor"].is_string());
    server.client.get(USERS).problem(401);
}

#[test]
fn roles_are_set_and_what_is_no_set_of_roles_is_refused_with_its_place() {
    let server = Server::start();
    let reader = accounts(&server).remove(2);
    let path = format!("{USERS}/{}/roles", reader["id"].as_str().unwrap());
    let put = |body: Value| server.admin("PUT", &path).json(&body).send();
    let changed = put(json!({"roles": ["staff", "reader"]}))
        .expect(200)
        .json();
    assert_eq!(changed["roles"], json!(["reader", "staff"]));
    assert_eq!(accounts(&server)[2], changed);
    for (body, pointer) in [
        (json!({"roles": ["reader", "king"]}), "#/roles/1"),
        (json!({"roles": ["reader", "reader"]}), "#/roles"),
        (json!({"roles": []}), "#/roles"),
        (json!({"roles": "admin"}), "#/roles"),
        (json!({"roles": ["Admin"]}), "#/roles/0"),
        (json!({"roles": ["admin"], "email": "x@y.zz"}), "#/email"),
    ] {
        put(body).invalid_at(422, pointer);
    }
    assert_eq!(accounts(&server)[2], changed);
    let nobody = format!("{USERS}/00000000-0000-0000-0000-000000000000/roles");
    let body = json!({"roles": ["reader"]});
    server.admin("PUT", nobody).json(&body).send().problem(404);
    server
        .client
        .request("PUT", &path)
        .json(&body)
        .send()
        .problem(401);
}

#[test]
fn reviews_are_listed_to_anyone_and_written_by_who_has_an_account() {
    let server = Server::start();
    let (book, _) = server.create(&a_book());
    let path = format!("{book}/reviews");
    let empty = server.client.get(&path).expect(200).json();
    assert_eq!(empty["items"], json!([]));
    write_review(&server, &book);

    let list = server.client.get(&path).expect(200).json();
    let review = &list["items"][0];
    assert_eq!(review["user"], json!({"name": "Rita Reader"}));
    assert_eq!(
        (&review["rating"], &review["body_html"]),
        (&json!(5), &json!("<p>Good</p>"))
    );
    let names: Vec<&String> = review.as_object().unwrap().keys().collect();
    assert_eq!(names, ["body_html", "created_at", "id", "rating", "user"]);

    let xml = server
        .client
        .request("GET", &path)
        .header("accept", "application/xml")
        .send();
    let xml = xml.expect(200).text();
    assert!(
        xml.contains("<reviews>") && xml.contains("<user><name>Rita Reader</name></user>"),
        "{xml}"
    );
    assert!(
        xml.contains("<body_html>&lt;p&gt;Good&lt;/p&gt;</body_html>"),
        "{xml}"
    );

    server
        .client
        .get(format!("{path}?cursor=forged"))
        .problem(400);
    server.client.get(path.replace("v2", "v1")).problem(404);
    server
        .client
        .get(format!(
            "{BOOKS}/00000000-0000-0000-0000-000000000000/reviews"
        ))
        .problem(404);
    let body = json!({"rating": 5, "body_html": "Good"});
    server
        .client
        .request("POST", &path)
        .json(&body)
        .send()
        .problem(401);
}

/// A review by the reader that the shop was filled with.
fn write_review(server: &Server, book: &str) {
    let file = Connection::open(server.path().join("bookshop.db")).unwrap();
    let insert = "insert into reviews
         select '018f0000-0000-7000-8000-000000000001', ?1, id, 5, '<p>Good</p>', created_at
         from users where email_key = 'reader@bookshop.test'";
    let id = book.rsplit('/').next().unwrap();
    assert_eq!(file.execute(insert, [id]).unwrap(), 1);
}

#[test]
fn what_is_no_review_is_refused_with_its_place() {
    let server = Server::for_writing();
    let (book, _) = server.create(&a_book());
    let post = |body: Value| {
        server
            .staff("POST", format!("{book}/reviews"))
            .json(&body)
            .send()
    };
    for (body, pointer) in [
        (json!({"rating": 0, "body_html": ""}), "#/rating"),
        (json!({"rating": 6, "body_html": ""}), "#/rating"),
        (json!({"rating": "5", "body_html": ""}), "#/rating"),
        (json!({"rating": 4.5, "body_html": ""}), "#/rating"),
        (json!({"rating": 5}), "#/body_html"),
        (
            json!({"rating": 5, "body_html": "é".repeat(10_001)}),
            "#/body_html",
        ),
        (json!({"rating": 5, "body_html": "a\u{0}b"}), "#/body_html"),
        (json!({"rating": 5, "body_html": "", "user": "x"}), "#/user"),
    ] {
        post(body).invalid_at(422, pointer);
    }
    // Good, and the first of this user; a second is one too many.
    let longest = json!({"rating": 5, "body_html": "é".repeat(10_000)});
    let review = post(longest.clone()).expect(201).json();
    assert_eq!(review["user"]["name"], "Stan Staff");
    post(longest).problem(409);
}
