//! A walk by cursor while the list changes under it.

use serde_json::json;

use crate::{
    catalogue::list,
    server::Server,
    shop::{a_book, with},
};

#[test]
fn a_walk_finds_once_each_book_that_was_there_before_while_others_come_and_go() {
    let server = Server::for_writing();
    let subject = json!("Walking");
    let book = |price: u32| {
        with(
            with(a_book(), "subject", subject.clone()),
            "price_cents",
            json!(price),
        )
    };
    let kept: Vec<_> = (0..30).map(|n| server.create(&book(n % 3)).0).collect();
    for sort in ["id", "title", "-title", "year", "price", "-price"] {
        let query = [("subject", "Walking"), ("sort", sort), ("limit", "4")];
        let (mut seen, mut target) = (Vec::new(), Some(list(&query)));
        while let Some(path) = target {
            let answer = server.client.get(path).expect(200);
            let page = answer.json();
            let items = page["items"].as_array().unwrap().iter();
            seen.extend(items.map(|b| format!("/api/v2/books/{}", b["id"].as_str().unwrap())));
            target = answer.link("next").filter(|_| seen.len() < 1000);
            let (passing, etag) = server.create(&book(1));
            let delete = server.staff("DELETE", &passing).header("if-match", etag);
            delete.send().expect(204);
        }
        for path in &kept {
            let times = seen.iter().filter(|found| *found == path).count();
            assert_eq!(times, 1, "{sort}: {path}");
        }
    }
}
