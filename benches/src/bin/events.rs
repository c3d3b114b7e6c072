//! Emits a second of the emitter and the bus beside Node's, to one listener and to ten: millions, the
//! best of many rounds in the same second, since the machine is shared.
//!
//! `cargo run --release -p purlin-benches --bin events -- 1`

#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    cell::Cell,
    hint::black_box,
    path::Path,
    process::Command,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use purlin_runtime::events::{Event, EventEmitter, Events};

const BATCH: u64 = 100_000;
const PLACED: Event<u64> = Event::new("placed");

/// Each must be so many times Node's.
const GOALS: [(usize, f64); 2] = [(1, 3.0), (10, 5.0)];

fn main() {
    let seconds = std::env::args().nth(1);
    let seconds = seconds.and_then(|it| it.parse().ok()).unwrap_or(1);
    let time = Duration::from_secs(seconds);
    let node = node(seconds);
    for (listeners, goal) in GOALS {
        let of_node = node.iter().find(|(of, _)| *of == listeners);
        let of_node = of_node.map_or(f64::NAN, |(_, rate)| *rate);
        println!("{listeners} listeners: Node {of_node:.1} million a second");
        let rates = [
            ("closures in a vector, the limit", closures(listeners, time)),
            ("EventEmitter by constant", emitter(PLACED, listeners, time)),
            ("EventEmitter by text", emitter("placed", listeners, time)),
            ("EventEmitter by key", key(listeners, time)),
            ("Events", bus(listeners, time)),
            ("Events by channel", channel(listeners, time)),
        ];
        for (name, rate) in rates {
            let ratio = rate / of_node;
            let mark = if ratio >= goal {
                ""
            } else {
                " (below the goal)"
            };
            println!("  {name}: {rate:.1}, {ratio:.1} times Node's{mark}");
        }
    }
}

/// Node's own, in the same run.
fn node(seconds: u64) -> Vec<(usize, f64)> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/node.mjs");
    let output = Command::new("node")
        .arg(program)
        .arg(seconds.to_string())
        .output();
    let output = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    let lines = String::from_utf8_lossy(&output);
    let rates = lines.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    });
    rates.collect()
}

/// The best rate of `work`, which is called [`BATCH`] times a round, in millions a second.
fn rate(time: Duration, mut work: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    let mut best = 0.0_f64;
    while start.elapsed() < time {
        let round = Instant::now();
        for number in 0..BATCH {
            work(black_box(number));
        }
        best = best.max(BATCH as f64 / round.elapsed().as_secs_f64() / 1e6);
    }
    best
}

fn closures(listeners: usize, time: Duration) -> f64 {
    let sum = Rc::new(Cell::new(0_u64));
    let listener = |_| -> Box<dyn Fn(&u64)> {
        let sum = Rc::clone(&sum);
        Box::new(move |cents| sum.set(sum.get().wrapping_add(*cents)))
    };
    let listeners: Vec<_> = (0..listeners).map(listener).collect();
    rate(time, |cents| {
        for listener in black_box(&listeners) {
            listener(&cents);
        }
    })
}

fn emitter(
    event: impl purlin_runtime::events::AsEvent<u64> + Copy,
    listeners: usize,
    time: Duration,
) -> f64 {
    let emitter = EventEmitter::new();
    let sum = Rc::new(Cell::new(0_u64));
    for _ in 0..listeners {
        let sum = Rc::clone(&sum);
        let add = move |cents: &u64| sum.set(sum.get().wrapping_add(*cents));
        if emitter.on(PLACED, add).is_err() {
            return f64::NAN;
        }
    }
    rate(time, |cents| {
        _ = black_box(emitter.emit(event, &cents).is_ok())
    })
}

fn key(listeners: usize, time: Duration) -> f64 {
    let emitter = EventEmitter::new();
    let sum = Rc::new(Cell::new(0_u64));
    for _ in 0..listeners {
        let sum = Rc::clone(&sum);
        let add = move |cents: &u64| sum.set(sum.get().wrapping_add(*cents));
        if emitter.on(PLACED, add).is_err() {
            return f64::NAN;
        }
    }
    let key = emitter.key(PLACED);
    rate(time, |cents| _ = black_box(key.emit(&cents).is_ok()))
}

/// What a listener on any thread may do as cheaply as the one of Node does its sum.
fn adding(sum: &Arc<AtomicU64>) -> impl Fn(&u64) + Send + Sync + 'static {
    let sum = Arc::clone(sum);
    move |cents| sum.store(sum.load(Relaxed).wrapping_add(*cents), Relaxed)
}

fn bus(listeners: usize, time: Duration) -> f64 {
    let (events, sum) = (Events::new(), Arc::default());
    let _kept: Vec<_> = (0..listeners).map(|_| events.on(adding(&sum))).collect();
    rate(time, |cents| _ = black_box(events.emit(&cents).heard()))
}

fn channel(listeners: usize, time: Duration) -> f64 {
    let (events, sum) = (Events::new(), Arc::default());
    let _kept: Vec<_> = (0..listeners).map(|_| events.on(adding(&sum))).collect();
    let channel = events.channel();
    rate(time, |cents| _ = black_box(channel.emit(&cents).heard()))
}
