//! The first start, the second, and what can stand in the way of one.

use std::{fs, net::TcpListener, sync::Arc};

use bookshop::announce::{ACCOUNT, ENGINE};
use serde_json::json;

use crate::{
    catalogue::all,
    server::{Server, directory, run},
    shop::{BOOKS, a_book},
};

#[test]
fn a_first_start_in_an_empty_directory_makes_a_database_with_the_catalogue() {
    let server = Server::start();
    assert!(server.path().join("bookshop.db").is_file());
    assert!(all(&server.client).len() >= 200);
    for name in ["admin", "staff", "reader"] {
        let account = format!("{ACCOUNT}{name}@bookshop.test correct-horse-battery");
        assert!(server.printed.contains(&account), "{:#?}", server.printed);
    }
    server.stop();
}

#[test]
fn a_start_says_which_engine_serves_each_part() {
    let server = Server::for_reading();
    for engine in ["database sqlite", "sessions sqlite", "limits memory"] {
        let engine = format!("{ENGINE}{engine}");
        assert!(server.printed.contains(&engine), "{:#?}", server.printed);
    }
}

#[test]
fn serve_is_what_it_does_when_nothing_is_said() {
    let server = Server::start_in(Arc::new(directory()), |command| {
        command
            .env_remove("PORT")
            .args(["serve", "--port", "0", "--host", "127.0.0.1"]);
    });
    server.client.get(BOOKS).expect(200);
    server.stop();
}

#[test]
fn a_second_start_keeps_what_is_there_and_does_not_seed_again() {
    let first = Server::start();
    let books = all(&first.client);
    let seeded = format!("{BOOKS}/{}", books[0]["id"].as_str().unwrap());
    first.staff("DELETE", &seeded).send().expect(204);
    let (path, etag) = first.create(&a_book());
    let kept = first.client.get(&path).json();
    let second = Server::start_in(first.stop(), |_| ());
    let read = second.client.get(&path).expect(200);
    assert_eq!(read.header("etag"), Some(etag.as_str()));
    assert_eq!(read.json(), kept);
    second.client.get(&seeded).problem(404);
    assert_eq!(all(&second.client).len(), books.len());
    second.stop();
}

#[test]
fn books_written_before_a_kill_are_there_after_it() {
    let first = Server::start();
    let paths: Vec<_> = (0..20).map(|_| first.create(&a_book()).0).collect();
    let directory = first.directory();
    first.signal("KILL");
    first.wait();
    let second = Server::start_in(directory, |_| ());
    for path in paths {
        second.client.get(path).expect(200);
    }
}

#[test]
fn a_cursor_is_good_after_a_restart() {
    let first = Server::start();
    let next = first
        .client
        .get(format!("{BOOKS}?limit=5"))
        .link("next")
        .unwrap();
    let page = first.client.get(&next).expect(200).json();
    let second = Server::start_in(first.stop(), |_| ());
    assert_eq!(second.client.get(&next).expect(200).json(), page);
}

#[test]
fn two_processes_serve_one_database() {
    let first = Server::start();
    let second = Server::start_in(first.directory(), |_| ());
    let (path, etag) = first.create(&a_book());
    second.client.get(&path).expect(200);
    let put = second.staff("PUT", &path).json(&a_book());
    put.header("if-match", &etag).send().expect(200);
    let late = first.staff("PUT", &path).json(&a_book());
    late.header("if-match", &etag).send().problem(412);
    second.stop();
    first.client.get(path).expect(200);
}

#[test]
fn a_port_that_is_taken_ends_the_start_and_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for name in ["PORT", "MANAGEMENT_PORT"] {
        let directory = directory();
        run(directory.path(), |c| {
            c.env(name, &port);
        })
        .says(1, &[&port]);
    }
}

#[test]
fn a_file_that_is_no_database_of_ours_is_left_alone() {
    for content in [
        &b"Dear diary, this is no database at all.\n".repeat(50)[..],
        b"SQLite format 3\0broken",
    ] {
        let directory = directory();
        let path = directory.path().join("bookshop.db");
        fs::write(&path, content).unwrap();
        run(directory.path(), |_| ()).says(1, &["bookshop.db"]);
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let directory = directory();
    let path = directory.path().join("bookshop.db");
    fs::write(&path, include_bytes!("../data/foreign.db")).unwrap();
    run(directory.path(), |_| ()).says(1, &["bookshop.db"]);
    assert_eq!(
        fs::read(&path).unwrap(),
        include_bytes!("../data/foreign.db")
    );
}

#[test]
fn a_database_of_a_newer_schema_is_left_alone() {
    let server = Server::start();
    let directory = server.stop();
    let path = directory.path().join("bookshop.db");
    {
        let database = rusqlite::Connection::open(&path).unwrap();
        let later = "INSERT INTO _purlin_migrations
                     SELECT set_name, 9999, 'from the future', checksum, applied_at
                     FROM _purlin_migrations ORDER BY version DESC LIMIT 1";
        assert_eq!(database.execute(later, []).unwrap(), 1);
    }
    let before = fs::read(&path).unwrap();
    run(directory.path(), |_| ()).says(1, &["9999"]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_directory_in_place_of_the_database_or_without_the_right_to_write_ends_the_start() {
    let directory = directory();
    fs::create_dir(directory.path().join("bookshop.db")).unwrap();
    run(directory.path(), |_| ()).says(1, &["bookshop.db"]);
    let missing = "sqlite://no/such/directory/shop.db";
    run(directory.path(), |c| {
        c.env("DATABASE_URL", missing);
    })
    .says(1, &["shop.db"]);
}

#[test]
fn a_database_in_memory_is_new_each_time_and_leaves_no_file() {
    let in_memory = |directory| {
        Server::start_in(directory, |command| {
            command.env("DATABASE_URL", "sqlite::memory:");
        })
    };
    let first = in_memory(Arc::new(directory()));
    let (path, _) = first.create(&a_book());
    first.client.get(&path).expect(200);
    let directory = first.stop();
    assert!(!directory.path().join("bookshop.db").exists());
    let second = in_memory(directory);
    second.client.get(path).problem(404);
    assert!(all(&second.client).len() >= 200);
}

#[test]
fn the_database_can_stand_elsewhere_by_an_absolute_address() {
    let place = directory();
    let path = place.path().join("shop.db");
    let server = Server::start_in(Arc::new(directory()), |command| {
        command.env("DATABASE_URL", format!("sqlite://{}", path.display()));
    });
    assert!(path.is_file());
    assert!(!server.path().join("bookshop.db").exists());
    server.post(&a_book()).expect(201);
}

#[test]
fn the_seeded_books_are_served_under_every_address_of_the_list() {
    let server = Server::for_reading();
    let page = server
        .client
        .get(format!("{BOOKS}?limit=1&offset=0"))
        .expect(200);
    assert!(page.json()["page"]["total"].as_u64() >= Some(200));
    assert_ne!(page.json()["items"], json!([]));
}
