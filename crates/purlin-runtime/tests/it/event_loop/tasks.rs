//! Local futures.

use std::{io, rc::Rc};

use purlin_runtime::{
    EventLoop,
    event_loop::{Raised, yield_microtask},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::{Lines, ms, run};

type Done = Result<(), Raised>;

fn broken(message: &str) -> Result<(), io::Error> {
    Err(io::Error::other(message.to_owned()))
}

#[test]
fn an_async_function_runs_at_once_and_then_as_microtasks() {
    let order = run(|event_loop, lines, _| {
        let inner = lines.clone();
        event_loop.queue_microtask(lines.log("before"));
        event_loop.spawn_local(async move {
            inner.add("at-once");
            yield_microtask().await;
            inner.add("second");
            yield_microtask().await;
            inner.add("third");
            Done::Ok(())
        });
        event_loop.queue_microtask(lines.log("after"));
        event_loop.next_tick(lines.log("tick"));
        lines.add("sync");
    });
    assert_eq!(order, "at-once sync tick before second after third");
}

#[test]
fn a_future_woken_by_a_callback_goes_on_as_a_microtask() {
    let order = run(|event_loop, lines, _| {
        let (send, receive) = oneshot::channel();
        let inner = lines.clone();
        event_loop.spawn_local(async move {
            inner.add(receive.await.unwrap_or("gone"));
            Done::Ok(())
        });
        let (inner, mut send) = (lines.clone(), Some(send));
        event_loop.set_timeout(ms(5), move |event_loop: &EventLoop| {
            event_loop.set_immediate(inner.log("immediate"));
            event_loop.queue_microtask(inner.log("queued-before"));
            if let Some(send) = send.take() {
                send.send("woken").unwrap();
            }
        });
    });
    assert_eq!(order, "queued-before woken immediate");
}

#[test]
fn an_error_nobody_waits_for_is_told_of_after_ticks_and_microtasks() {
    let order = run(|event_loop, lines, _| {
        event_loop.spawn_local(async { broken("a") });
        event_loop.next_tick(lines.log("tick"));
        event_loop.queue_microtask(lines.log("micro"));
    });
    assert_eq!(order, "tick micro unhandled-a");
}

#[test]
fn an_error_somebody_waits_for_goes_to_them_alone() {
    let order = run(|event_loop, lines, _| {
        let task = event_loop.spawn_local(async {
            yield_microtask().await;
            broken("a")
        });
        let inner = lines.clone();
        event_loop.spawn_local(async move {
            inner.add(task.await.unwrap_err().to_string());
            Done::Ok(())
        });
    });
    assert_eq!(order, "a");
}

#[test]
fn a_panic_in_a_future_is_what_it_ended_with() {
    let order = run(|event_loop, lines, _| {
        let task = event_loop.spawn_local(async {
            yield_microtask().await;
            if true {
                panic!("deep");
            }
            Done::Ok(())
        });
        let inner = lines.clone();
        event_loop.spawn_local(async move {
            inner.add(task.await.unwrap_err().to_string());
            Done::Ok(())
        });
        event_loop.set_immediate(lines.log("goes-on"));
    });
    assert_eq!(order, "panicked: deep goes-on");
}

#[test]
fn a_future_holds_the_loop_until_it_has_ended_unless_it_is_unrefd() {
    let lines = Lines::default();
    let event_loop = EventLoop::builder().build().unwrap();
    let held = Rc::new(());
    let weak = Rc::downgrade(&held);
    event_loop
        .run(|event_loop| {
            let waits = event_loop.spawn_local(async move {
                std::future::pending::<()>().await;
                drop(held);
                Done::Ok(())
            });
            waits.unref();
        })
        .unwrap();
    assert!(
        weak.upgrade().is_none(),
        "what still waited was dropped with the run"
    );
    assert_eq!(lines.joined(), "");
}

async fn greet(event_loop: EventLoop, seen: Lines) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    event_loop.spawn_local(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(b"hello").await
    });
    let mut stream = TcpStream::connect(address).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    seen.add(text);
    Ok(())
}

#[test]
fn sockets_of_tokio_work_in_local_futures() {
    let lines = Lines::default();
    let event_loop = EventLoop::builder().build().unwrap();
    let seen = lines.clone();
    event_loop
        .run(|event_loop| {
            event_loop.spawn_local(greet(event_loop.clone(), seen));
        })
        .unwrap();
    assert_eq!(lines.joined(), "hello");
}

async fn connect_then_stop(event_loop: EventLoop) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(address));
    accepted?;
    connected?;
    event_loop.stop();
    Ok(())
}

#[test]
fn immediates_without_an_end_leave_sockets_their_turn() {
    fn again(event_loop: &EventLoop) {
        event_loop.set_immediate(again);
    }
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop
        .run(|event_loop| {
            again(event_loop);
            event_loop.spawn_local(connect_then_stop(event_loop.clone()));
        })
        .unwrap();
}

#[test]
fn sleep_ends_with_its_timer_and_clears_it_when_it_is_dropped() {
    let order = run(|event_loop, lines, clock| {
        let (here, inner, clock) = (event_loop.clone(), lines.clone(), clock.clone());
        event_loop.spawn_local(async move {
            drop(here.sleep(ms(1_000)));
            here.sleep(ms(5)).await;
            inner.add(format!("at-{}", clock.millis()));
            Done::Ok(())
        });
    });
    assert_eq!(order, "at-5");
}
