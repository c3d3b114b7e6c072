//! One loop for each core.

use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
};

use purlin_base::Classified;
use purlin_runtime::event_loop::{EventLoopGroup, listen_shared};
use tokio::io::AsyncWriteExt;

#[test]
fn each_loop_runs_on_a_thread_of_its_own_and_ends_by_itself() {
    let (send, receive) = mpsc::channel();
    let group = EventLoopGroup::builder()
        .loops(3)
        .start(move |event_loop, number| {
            let send = send.clone();
            event_loop.set_immediate(move |_| {
                send.send((number, std::thread::current().id())).unwrap();
            });
        })
        .unwrap();
    assert!(group.join().iter().all(Result::is_ok));
    let mut seen: Vec<_> = receive.iter().collect();
    seen.sort_by_key(|(number, _)| *number);
    seen.dedup_by_key(|(_, thread)| *thread);
    assert_eq!(
        seen.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

/// Tells whoever connects which loop has accepted.
async fn serve(address: SocketAddr, number: usize, ready: mpsc::Sender<()>) -> io::Result<()> {
    let listener = listen_shared(address)?;
    ready.send(()).unwrap();
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(&[b'0' + number as u8]).await?;
    }
}

fn free_port() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[test]
fn loops_share_a_port_and_serve_until_they_are_stopped() {
    let address = free_port();
    let (ready, is_ready) = mpsc::channel();
    let group = EventLoopGroup::builder()
        .loops(2)
        .start(move |event_loop, number| {
            event_loop.spawn_local(serve(address, number, ready.clone()));
        })
        .unwrap();
    for _ in 0..2 {
        is_ready.recv().unwrap();
    }
    let mut said = String::new();
    for _ in 0..64 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.read_to_string(&mut said).unwrap();
    }
    assert!(
        said.contains('0') && said.contains('1'),
        "both were asked: {said}"
    );
    group.stop();
    assert!(group.join().iter().all(Result::is_ok));
}

#[test]
fn a_group_of_no_loops_is_refused() {
    let refused = EventLoopGroup::builder().loops(0).start(|_, _| {});
    assert_eq!(refused.unwrap_err().code(), "LOOP_OPTION");
}
