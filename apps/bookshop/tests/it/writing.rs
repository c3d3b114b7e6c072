//! Creating, replacing and deleting books, and who may.

use std::thread;

use serde_json::{Value, json};

use crate::{
    server::Server,
    shop::{BOOKS, a_book, with},
};

#[test]
fn a_created_book_is_where_the_answer_says() {
    let server = Server::for_writing();
    let input = a_book();
    let answer = server.post(&input).expect(201);
    let book = answer.json();
    let location = answer.header("location").unwrap();
    let id = book["id"].as_str().unwrap();
    assert!(location.ends_with(&format!("{BOOKS}/{id}")), "{location}");
    let read = server.client.get(location).expect(200).json();
    for (field, value) in input.as_object().unwrap() {
        assert_eq!((&book[field], &read[field]), (value, value), "{field}");
    }
    assert_eq!(book["created_at"], read["created_at"]);
}

#[test]
fn later_books_have_greater_ids() {
    let server = Server::for_writing();
    let paths: Vec<_> = (0..20).map(|_| server.create(&a_book()).0).collect();
    assert!(paths.is_sorted_by(|a, b| a < b), "{paths:?}");
}

#[test]
fn values_at_the_bounds_come_back_as_they_were_sent() {
    let server = Server::for_writing();
    let author = json!({"name": "名".repeat(200)});
    let mut book = json!({
        "title": "𝒯".repeat(300), "authors": vec![author; 20], "year": -3000,
        "language": "zu", "subject": "ß".repeat(100), "price_cents": 10_000_000,
        "stock": 1_000_000,
    });
    for year in [-3000, 2100] {
        book["year"] = json!(year);
        let (path, _) = server.create(&book);
        let read = server.client.get(path).expect(200).json();
        for (field, value) in book.as_object().unwrap() {
            assert_eq!(&read[field], value, "{field}");
        }
    }
}

#[test]
fn a_book_is_replaced_whole_under_its_etag() {
    let server = Server::for_writing();
    let (path, etag) = server.create(&a_book());
    let before = server.client.get(&path).json();
    let input = with(a_book(), "stock", json!(99));
    let put = || server.staff("PUT", &path).json(&input);
    put().send().problem(428);
    put().header("if-match", "\"stale\"").send().problem(412);
    put()
        .header("if-match", format!("W/{etag}"))
        .send()
        .problem(412);
    let answer = put().header("if-match", &etag).send().expect(200);
    let new_etag = answer.header("etag").unwrap().to_owned();
    assert_ne!(new_etag, etag);
    let after = server.staff("GET", path.as_str()).send().expect(200);
    assert_eq!(after.header("etag"), Some(new_etag.as_str()));
    let after = after.json();
    assert_eq!(after["title"], input["title"]);
    assert_eq!(after["stock"], 99);
    assert_eq!(
        (&after["id"], &after["created_at"]),
        (&before["id"], &before["created_at"])
    );
    put().header("if-match", etag).send().problem(412);
    put().header("if-match", "*").send().expect(200);
}

#[test]
fn of_many_replacements_with_one_etag_one_wins() {
    let server = Server::for_writing();
    let (path, etag) = server.create(&a_book());
    let put = |stock: i32| {
        let body = with(a_book(), "stock", json!(stock));
        let request = server.staff("PUT", &path).json(&body);
        request.header("if-match", &etag).send().status
    };
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let workers: Vec<_> = (0..8).map(|n| scope.spawn(move || put(n))).collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[test]
fn a_deleted_book_is_gone() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    let answer = server.staff("DELETE", &path).send().expect(204);
    assert!(answer.body.is_empty());
    server.staff("DELETE", &path).send().problem(404);
    server.client.get(&path).problem(404);
    let put = server.staff("PUT", &path).json(&a_book());
    put.header("if-match", "*").send().problem(404);
}

#[test]
fn a_put_never_makes_a_book() {
    let server = Server::for_writing();
    for id in ["01890000-0000-7000-8000-000000000000", "nonsense"] {
        let request = server.staff("PUT", format!("{BOOKS}/{id}"));
        let answer = request.json(&a_book()).header("if-match", "\"1\"").send();
        answer.problem(404);
    }
}

#[test]
fn writing_without_the_token_is_refused_before_the_body_is_looked_at() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    let client = &server.client;
    let wrong = "x".repeat(server.token().len());
    for (method, target) in [
        ("POST", BOOKS),
        ("PUT", path.as_str()),
        ("DELETE", path.as_str()),
    ] {
        for body in ["{\"title\":", &a_book().to_string()] {
            let plain = client.request(method, target).text(body).send();
            plain.problem(401);
            let challenge = plain.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer"), "{challenge}");
            for value in [
                format!("Bearer {wrong}"),
                format!("Bearer {}x", server.token()),
                format!("Basic {}", server.token()),
                "Bearer".to_owned(),
                String::new(),
            ] {
                let request = client.request(method, target).text(body);
                let answer = request.header("authorization", value).send();
                answer.problem(401);
                assert!(answer.header("www-authenticate").is_some());
            }
        }
    }
    client.get(&path).expect(200);
}

#[test]
fn staff_see_what_they_may_do() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    let book = server.staff("GET", &path).send().expect(200).json();
    for link in ["self", "update", "delete"] {
        assert_eq!(
            book["_links"][link]["href"],
            Value::from(path.as_str()),
            "{link}"
        );
    }
}
