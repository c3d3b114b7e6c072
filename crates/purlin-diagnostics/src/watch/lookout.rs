//! The thread that looks at what the others are doing.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, mpsc::RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use purlin_base::work::{Busy, Label, busy_threads};

use super::{Book, Logged, Rung, Sighting, Stack};

/// A poll that has not ended after so long is told of while it runs.
const STUCK_AFTER: Duration = Duration::from_secs(1);
/// How often the log is told of the same work.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Starts the thread; it ends when nobody can ring any more.
pub(super) fn start(book: Arc<Book>, rung: Rung) -> io::Result<JoinHandle<()>> {
    let lookout = thread::Builder::new().name("purlin-lookout".into());
    lookout.spawn(move || keep(&book, &rung))
}

fn keep(book: &Book, rung: &Rung) {
    let every = book
        .limit
        .clamp(Duration::from_millis(2), Duration::from_millis(100));
    let mut next = Instant::now() + every;
    loop {
        match rung.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(label) => tell(book, label),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if Instant::now() >= next {
            look(book);
            next = Instant::now() + every;
        }
    }
}

/// Notes every poll that is over its limit, once.
fn look(book: &Book) {
    let busy = busy_threads();
    let long = busy.iter().filter(|busy| busy.busy >= book.limit);
    for busy in long {
        let known = {
            let sightings = book.sightings();
            let sighting = sightings.get(&busy.thread);
            sighting
                .filter(|it| it.turn == busy.turn)
                .map(|it| it.is_told)
        };
        match known {
            None => note(book, busy),
            Some(false) if busy.busy >= STUCK_AFTER => tell_stuck(book, busy),
            Some(_) => {}
        }
    }
    // Threads that have ended, and polls that have, leave nothing behind.
    forget(&mut book.sightings(), &busy);
}

fn forget(sightings: &mut HashMap<u64, Sighting>, busy: &[Busy]) {
    let runs = |thread: &u64, sighting: &Sighting| {
        busy.iter()
            .any(|busy| busy.thread == *thread && busy.turn >= sighting.turn)
    };
    sightings.retain(|thread, sighting| runs(thread, sighting));
}

fn note(book: &Book, busy: &Busy) {
    let stack = Stack::of(busy);
    let sighting = Sighting {
        turn: busy.turn,
        stack,
        is_told: false,
    };
    book.sightings().insert(busy.thread, sighting);
}

fn tell_stuck(book: &Book, busy: &Busy) {
    let mut stack = {
        let mut sightings = book.sightings();
        let Some(sighting) = sightings.get_mut(&busy.thread) else {
            return;
        };
        sighting.is_told = true;
        sighting.stack.clone()
    };
    stack.resolve();
    tracing::error!(
        target: "purlin_diagnostics::culprit",
        work = %busy.label,
        thread = &*busy.thread_name,
        busy_ms = millis(busy.busy),
        stack = stack.text(),
        "a thread is being held up, and has been for long"
    );
}

/// Puts names to the stack of a row, and tells the log of it if that has not heard for long.
fn tell(book: &Book, label: Label) {
    let Some(mut stack) = book.rows().get(&label).map(|row| row.stack.clone()) else {
        return;
    };
    // Outside of the lock: this reads the names of the whole program.
    stack.resolve();
    let mut rows = book.rows();
    let Some(row) = rows.get_mut(&label) else {
        return;
    };
    row.stack.take_names_of(&stack);
    let now = Instant::now();
    if row.logged.at.is_some_and(|at| now - at < LOG_EVERY) {
        return;
    }
    let since_then = row.polls - row.logged.polls;
    row.logged = Logged {
        at: Some(now),
        polls: row.polls,
    };
    let (took, longest, thread) = (row.last, row.longest, Arc::clone(&row.thread));
    drop(rows);
    tracing::warn!(
        target: "purlin_diagnostics::culprit",
        work = %label,
        took_ms = millis(took),
        longest_ms = millis(longest),
        polls = since_then,
        thread = &*thread,
        stack = stack.text(),
        "a poll held its thread up: move what computes to a CPU pool, what blocks to spawn_blocking"
    );
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
