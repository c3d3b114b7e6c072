//! Two versions side by side: how they are asked for, and what version 1 looks like.

use serde_json::{Value, json};

use crate::{
    http::{Request, Response},
    server::Server,
    shop::{a_book, with},
};

const UNVERSIONED: &str = "/api/books";
const ONE: &str = "/api/v1/books";
const TWO: &str = "/api/v2/books";

/// The five ways to ask.
const FORMS: [&str; 5] = ["path", "media type", "query", "header", "host"];

/// A request for the book list that asks for these versions by these forms.
fn asking<'s>(server: &'s Server, asked: &[(&str, &str)]) -> Request<'s> {
    let by = |wanted: &str| asked.iter().find(|(form, _)| *form == wanted);
    let path = by("path").map_or(UNVERSIONED.into(), |(_, v)| format!("/api/v{v}/books"));
    let query = by("query").map_or(String::new(), |(_, v)| format!("&version={v}"));
    let request = server
        .client
        .request("GET", format!("{path}?limit=1{query}"));
    asked
        .iter()
        .fold(request, |request, (form, version)| match *form {
            "media type" => request.header(
                "accept",
                format!("application/vnd.bookshop.v{version}+json"),
            ),
            "header" => request.header("x-api-version", *version),
            "host" => request.header("host", format!("v{version}.localhost:3000")),
            _ => request,
        })
}

/// Which version an answer with the book list is of.
#[track_caller]
fn version_of(answer: Response) -> u8 {
    let page = answer.expect(200).json();
    let book = &page["items"][0];
    match (book["author"].is_string(), book["authors"].is_array()) {
        (true, false) => 1,
        (false, true) => 2,
        _ => panic!("{book}"),
    }
}

#[test]
fn who_asks_for_no_version_gets_version_2() {
    let server = Server::for_reading();
    assert_eq!(version_of(asking(&server, &[]).send()), 2);
    let any = server
        .client
        .request("GET", UNVERSIONED)
        .header("accept", "*/*");
    assert_eq!(version_of(any.send()), 2);
}

#[test]
fn each_form_gets_the_version_that_it_names() {
    let server = Server::for_reading();
    for form in FORMS {
        for version in ["1", "2"] {
            let answer = asking(&server, &[(form, version)]).send();
            assert_eq!(version_of(answer).to_string(), version, "{form}");
        }
    }
}

#[test]
fn two_forms_that_differ_are_a_400_and_that_agree_are_fine() {
    let server = Server::for_reading();
    for first in FORMS {
        for second in FORMS.into_iter().filter(|second| *second != first) {
            let differ = asking(&server, &[(first, "1"), (second, "2")]).send();
            differ.problem(400);
            let agree = asking(&server, &[(first, "1"), (second, "1")]).send();
            assert_eq!(version_of(agree), 1, "{first} and {second}");
        }
    }
}

#[test]
fn an_unknown_version_is_refused_as_its_form_asks() {
    let server = Server::for_reading();
    for (form, status) in [
        ("path", 404),
        ("host", 404),
        ("media type", 406),
        ("query", 400),
        ("header", 400),
    ] {
        for version in ["3", "0", "01", "2-1", "99999999999999999999"] {
            asking(&server, &[(form, version)]).send().problem(status);
        }
    }
    asking(&server, &[("query", "three")])
        .send()
        .bad_parameter("version");
    asking(&server, &[("header", "three")])
        .send()
        .bad_parameter("x-api-version");
}

#[test]
fn a_route_that_is_not_in_the_version_is_a_404_whatever_the_method() {
    let server = Server::for_reading();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        for path in [
            "/api/v1/orders",
            "/api/orders?version=1",
            "/api/v1/books/7/cover",
        ] {
            server
                .staff(method, path)
                .json(&json!({}))
                .send()
                .problem(404);
        }
    }
    server.staff("PATCH", ONE).send().problem(405);
}

#[test]
fn a_problem_names_the_address_as_it_was_asked() {
    let server = Server::for_reading();
    for path in [
        "/api/books/none",
        "/api/v1/books/none",
        "/api/v9/books",
        "/api/orders",
    ] {
        let problem = server.client.get(path).problem(404);
        assert_eq!(problem["instance"], path);
    }
}

#[test]
fn links_to_pages_keep_the_address_as_it_was_asked() {
    let server = Server::for_reading();
    for (path, version) in [
        ("/api/books?version=1&limit=1", 1),
        ("/api/v1/books?limit=1", 1),
    ] {
        let next = server.client.get(path).expect(200).link("next").unwrap();
        let (asked, _) = path.split_once('?').unwrap();
        assert!(
            next.starts_with(asked) && !next.starts_with("/api/v2"),
            "{next}"
        );
        assert_eq!(version_of(server.client.get(next)), version);
    }
}

#[test]
fn an_answer_says_on_what_it_depends_if_its_address_has_no_version() {
    let server = Server::for_reading();
    let names = |answer: &Response| {
        let fields = answer.headers.iter().filter(|(name, _)| name == "vary");
        let all: Vec<String> = fields
            .map(|(_, value)| value.to_ascii_lowercase())
            .collect();
        all.join(",")
    };
    let depends = names(&server.client.get(UNVERSIONED).expect(200));
    for name in ["accept", "x-api-version", "host"] {
        assert!(
            depends.split(',').any(|field| field.trim() == name),
            "{depends}"
        );
    }
    let fixed = names(&server.client.get(TWO).expect(200));
    assert!(
        !fixed.contains("host") && !fixed.contains("version"),
        "{fixed}"
    );
}

#[test]
fn answers_of_version_1_tell_that_it_ends_and_what_comes_after() {
    let server = Server::for_reading();
    let book = server
        .client
        .get(format!("{ONE}?limit=1"))
        .expect(200)
        .json()["items"][0]
        .clone();
    let id = book["id"].as_str().unwrap();
    let one = format!("{ONE}/{id}");
    let missing = "/01890000-0000-7000-8000-000000000000";
    for (path, successor) in [
        (one.clone(), format!("{TWO}/{id}")),
        (format!("{ONE}?limit=2"), format!("{TWO}?limit=2")),
        (
            format!("{UNVERSIONED}/{id}?version=1"),
            format!("{TWO}/{id}"),
        ),
        (format!("{ONE}{missing}"), format!("{TWO}{missing}")),
    ] {
        let answer = server.client.get(&path);
        let since = answer.header("deprecation").unwrap_or_default();
        let since: u64 = since.strip_prefix('@').unwrap().parse().unwrap();
        assert!(since > 1_700_000_000, "{since}");
        let sunset = answer.header("sunset").unwrap_or_default();
        assert!(sunset.ends_with(" GMT"), "{sunset}");
        assert_eq!(answer.link("successor-version"), Some(successor), "{path}");
    }
    let two = server.client.get(TWO).expect(200);
    assert_eq!(
        (two.header("deprecation"), two.header("sunset")),
        (None, None)
    );
    assert_eq!(two.link("successor-version"), None);
}

/// The same book by both versions.
#[track_caller]
fn both(server: &Server, id: &str) -> (Value, Value) {
    let read = |books: &str| {
        server
            .client
            .get(format!("{books}/{id}"))
            .expect(200)
            .json()
    };
    (read(ONE), read(TWO))
}

#[test]
fn version_1_has_the_authors_in_one_text_and_no_links() {
    let server = Server::for_writing();
    let id = server.post(&a_book()).expect(201).json()["id"].clone();
    let (old, new) = both(&server, id.as_str().unwrap());
    let mut expected = new.clone();
    expected.as_object_mut().unwrap().remove("_links");
    expected.as_object_mut().unwrap().remove("authors");
    expected["author"] = json!("Ada Tester; Émile Prüfer");
    assert_eq!(old, expected);
}

/// A good body of version 1.
fn an_old_book(author: &str) -> Value {
    let mut book = a_book();
    book.as_object_mut().unwrap().remove("authors");
    with(book, "author", json!(author))
}

#[test]
fn a_book_can_be_made_replaced_and_deleted_in_version_1() {
    let server = Server::for_writing();
    let input = an_old_book("Ada; Émile; Zoë");
    let made = server.staff("POST", ONE).json(&input).send().expect(201);
    let path = made.header("location").unwrap().to_owned();
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(path, format!("{ONE}/{id}"));
    let (old, new) = both(&server, &id);
    assert_eq!(old, made.json());
    let names = json!([{"name": "Ada"}, {"name": "Émile"}, {"name": "Zoë"}]);
    assert_eq!(new["authors"], names);

    let put = |body: &Value| server.staff("PUT", &path).json(body);
    put(&input).send().problem(428);
    put(&input)
        .header("if-match", "\"other\"")
        .send()
        .problem(412);
    let tag = server
        .client
        .get(&path)
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let other = with(input, "author", json!("Somebody"));
    let replaced = put(&other)
        .header("if-match", tag.as_str())
        .send()
        .expect(200);
    assert_eq!(replaced.json()["author"], "Somebody");
    put(&other).header("if-match", tag).send().problem(412);

    server.staff("DELETE", &path).send().expect(204);
    server.staff("DELETE", &path).send().problem(404);
    server.client.get(format!("{TWO}/{id}")).problem(404);
}

#[test]
fn a_body_of_the_other_version_is_refused_at_its_fields() {
    let server = Server::for_writing();
    let post = |path: &str, body: &Value| server.staff("POST", path).json(body).send();
    post(ONE, &a_book()).invalid_at(422, "#/authors");
    post(TWO, &an_old_book("Ada")).invalid_at(422, "#/author");
    for author in [
        "",
        "Ada; ",
        "; Ada",
        &"n".repeat(201),
        &["a"; 21].join("; "),
    ] {
        post(ONE, &an_old_book(author)).invalid_at(422, "#/author");
    }
    post("/api/books?version=1", &an_old_book("Ada; ")).invalid_at(422, "#/author");
}

#[test]
fn a_tag_of_one_version_is_not_taken_for_the_bytes_of_the_other() {
    let server = Server::for_writing();
    let (path, new_tag) = server.create(&a_book());
    let old_path = path.replace("/v2/", "/v1/");
    let old_tag = server
        .client
        .get(&old_path)
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    assert_ne!(old_tag, new_tag);
    let again = |path: &str, tag: &str| {
        let request = server.client.request("GET", path);
        request.header("if-none-match", tag).send().status
    };
    assert_eq!(again(&old_path, &old_tag), 304);
    assert_eq!(again(&old_path, &new_tag), 200);
    let delete = server.staff("DELETE", &path).header("if-match", old_tag);
    delete.send().expect(204);
}

#[test]
fn what_only_resembles_a_version_leads_nowhere_and_breaks_nothing() {
    let server = Server::for_reading();
    for path in [
        "/api/%761/books",
        "/api/V1/books",
        "/API/v1/books",
        "//api/v1/books",
        "/api//v1/books",
        "/api/v1//books",
        "/api/v1/v1/books",
        "/api/v2/../v1/books",
        "/api/v1/",
    ] {
        server.client.get(path).problem(404);
    }
    for (name, value) in [("x-api-version", "１"), ("x-api-version", "1, 2")] {
        let request = server.client.request("GET", UNVERSIONED);
        request.header(name, value).send().problem(400);
    }
    let long = "9".repeat(5000);
    asking(&server, &[("header", &long)]).send().problem(400);
    asking(&server, &[("host", &long)]).send().problem(404);
    let twice = server.client.get("/api/books?version=2&version=1");
    twice.problem(400);
}
