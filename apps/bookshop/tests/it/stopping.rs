//! Stopping: on request, with a request in flight, and again.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Instant,
};

use crate::{
    http::Response,
    server::{STOP_MAX, Server},
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
    let (mut stream, body) = in_flight(&server);
    server.signal("TERM");
    until_refused(&server);
    stream.write_all(&body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = Response::parse(&answer).expect(201);
    let path = format!("{BOOKS}/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(server.wait().code(), Some(0), "{}", server.said());
    let again = Server::start_in(server.directory(), |_| ());
    again.client.get(path).expect(200);
}

/// Begins to create a book: the connection, and the body that is still to be sent.
///
/// Returns once the server asks for the body, so the request has been taken up for certain.
fn in_flight(server: &Server) -> (TcpStream, Vec<u8>) {
    const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    let body = a_book().to_string();
    let request = server.staff("POST", BOOKS).header("expect", "100-continue");
    let bytes = request.text(body.as_str()).bytes();
    let mut stream = server.client.connect();
    let head = bytes.len() - body.len();
    stream.write_all(&bytes[..head]).unwrap();
    let mut answer = [0; GO_ON.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer.to_ascii_lowercase(), GO_ON.to_ascii_lowercase());
    (stream, body.into_bytes())
}

/// Returns once the server takes no more connections.
fn until_refused(server: &Server) {
    let begin = Instant::now();
    // Each try is a round trip, so this waits for the event and not for a time.
    while let Ok(stream) = TcpStream::connect(&server.client.address) {
        drop(stream);
        assert!(begin.elapsed() < STOP_MAX, "still taking connections");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let server = Server::start();
    let _waiting = in_flight(&server);
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
