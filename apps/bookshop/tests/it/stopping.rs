//! Stopping: on request, with a request in flight, and again.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book},
};

#[test]
fn both_signals_end_it_well() {
    for name in ["TERM", "INT"] {
        let server = Server::start();
        server.signal(name);
        assert_eq!(server.wait().code(), Some(0), "{name}: {}", server.said());
    }
}

#[test]
fn a_request_in_flight_is_answered_and_kept_and_no_new_one_is_taken() {
    let server = Server::start();
    let request = server.staff("POST", BOOKS).json(&a_book()).bytes();
    let half = request.len() - 20;
    let mut stream = server.client.connect();
    stream.write_all(&request[..half]).unwrap();
    // An answer on another connection shows that the first one has been taken up.
    server.client.get(BOOKS).expect(200);
    server.signal("TERM");
    until_refused(&server);
    stream.write_all(&request[half..]).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = Response::parse(&answer).expect(201);
    let path = format!("{BOOKS}/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(server.wait().code(), Some(0), "{}", server.said());
    let again = Server::start_in(server.directory(), |_| ());
    again.client.get(path).expect(200);
}

/// Returns once the server takes no more connections.
fn until_refused(server: &Server) {
    // Each try is a round trip, so this waits for the event and not for a time.
    while let Ok(stream) = TcpStream::connect(&server.client.address) {
        drop(stream);
        std::thread::yield_now();
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let server = Server::start();
    let request = server.staff("POST", BOOKS).json(&a_book()).bytes();
    let mut stream = server.client.connect();
    stream.write_all(&request[..request.len() - 20]).unwrap();
    server.client.get(BOOKS).expect(200);
    server.signal("TERM");
    until_refused(&server);
    server.signal("TERM");
    server.wait();
}

#[test]
fn a_client_that_says_nothing_does_not_hold_up_a_stop() {
    let server = Server::start();
    let _idle = server.client.connect();
    server.client.get(BOOKS).expect(200);
    server.stop();
}

#[test]
fn a_client_that_never_ends_its_request_does_not_hold_up_a_stop_for_ever() {
    let server = Server::start();
    let mut slow = server.client.connect();
    slow.write_all(b"GET /api/v2/books HTTP/1.1\r\nhost:")
        .unwrap();
    server.client.get(BOOKS).expect(200);
    server.stop();
}
