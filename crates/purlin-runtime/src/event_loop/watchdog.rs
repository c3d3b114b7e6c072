//! Tells of callbacks that hold a loop up, while they still do.
//!
//! A thread of its own looks at the loop's [`Pulse`] a few times within the limit. So a callback that
//! never ends is reported too, with the line that queued it, and callbacks pay for one store.

use std::{
    fmt,
    panic::Location,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use super::{
    LoopError, Origin,
    contain::quietly,
    pulse::{Beat, Known, Pulse},
};

/// What holds a loop up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StallKind {
    /// One callback runs for longer than the limit.
    Callback,
    /// Ticks or microtasks queue ever more of themselves: no timer and no socket has its turn.
    Starvation,
}

/// A loop is being held up: by what, and from where.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// The name of the loop.
    pub event_loop: Arc<str>,
    /// What holds it up.
    pub kind: StallKind,
    /// The queue that the callback stood in.
    pub origin: Origin,
    /// The name of the callback's type: the path of the function that wrote it.
    pub name: &'static str,
    /// The line that handed it to the loop.
    pub place: &'static Location<'static>,
    /// How long it had lasted when it was seen; it may go on.
    pub lasted: Duration,
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            StallKind::Callback => "has run",
            StallKind::Starvation => "has let nothing else run, with others like it,",
        };
        let Self {
            origin,
            name,
            place,
            lasted,
            ..
        } = self;
        write!(
            f,
            "the {origin} callback `{name}` of {place} {what} for {lasted:?}"
        )
    }
}

/// What is called at each stall, on the thread of the watchdog.
pub(super) type StallHook = Arc<dyn Fn(&Stall) + Send + Sync>;

/// Looks within one limit, so that a stall is seen within 1.25 limits.
const LOOKS: u32 = 4;

/// Ends its thread when it is dropped.
pub(super) struct Watchdog {
    ended: Arc<(Mutex<bool>, Condvar)>,
}

impl Watchdog {
    pub(super) fn start(
        event_loop: Arc<str>,
        pulse: Arc<Pulse>,
        limit: Duration,
        hook: Option<StallHook>,
    ) -> Result<Self, LoopError> {
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let watch = Watch {
            event_loop,
            pulse,
            limit,
            hook,
        };
        let watched = Arc::clone(&ended);
        let name = format!("{}-watch", watch.event_loop);
        let started = thread::Builder::new()
            .name(name)
            .spawn(move || watch.run(&watched));
        started.map_err(|error| LoopError::Thread(Arc::new(error)))?;
        Ok(Self { ended })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        *self.ended.0.lock().expect(UNPOISONED) = true;
        self.ended.1.notify_all();
    }
}

const UNPOISONED: &str = "nothing panics while it holds the flag";

struct Watch {
    event_loop: Arc<str>,
    pulse: Arc<Pulse>,
    limit: Duration,
    hook: Option<StallHook>,
}

/// What was seen last, since when, and whether it was told of.
struct Seen {
    beat: Beat,
    callback_since: Instant,
    callback_told: bool,
    drain_since: Instant,
    drain_told: bool,
    /// The callback that ran when the drain was first seen.
    drain_first: u64,
}

impl Watch {
    fn run(&self, (ended, rung): &(Mutex<bool>, Condvar)) {
        let mut seen = Seen::new(self.pulse.look());
        let mut ended = ended.lock().expect(UNPOISONED);
        while !*ended {
            let waited = rung.wait_timeout(ended, self.limit / LOOKS);
            (ended, _) = waited.expect(UNPOISONED);
            self.look(&mut seen);
        }
    }

    fn look(&self, seen: &mut Seen) {
        let beat = self.pulse.look();
        seen.update(beat);
        let Some(known) = self.pulse.known(beat) else {
            return;
        };
        let lasted = seen.callback_since.elapsed();
        if beat.callback != 0 && lasted >= self.limit && !seen.callback_told {
            seen.callback_told = true;
            self.tell(StallKind::Callback, known, lasted);
        }
        let lasted = seen.drain_since.elapsed();
        let went_on = beat.callback != seen.drain_first;
        if beat.drain != 0 && went_on && lasted >= self.limit && !seen.drain_told {
            seen.drain_told = true;
            self.tell(StallKind::Starvation, known, lasted);
        }
    }

    fn tell(&self, kind: StallKind, known: Known, lasted: Duration) {
        let stall = Stall {
            event_loop: Arc::clone(&self.event_loop),
            kind,
            origin: known.origin,
            name: known.name,
            place: known.place,
            lasted,
        };
        quietly(|| {
            tracing::warn!(
                event_loop = &*stall.event_loop,
                kind = ?kind,
                "{stall}"
            );
            if let Some(hook) = &self.hook {
                hook(&stall);
            }
        });
    }
}

impl Seen {
    fn new(beat: Beat) -> Self {
        let now = Instant::now();
        Self {
            beat,
            callback_since: now,
            callback_told: false,
            drain_since: now,
            drain_told: false,
            drain_first: beat.callback,
        }
    }

    fn update(&mut self, beat: Beat) {
        let now = Instant::now();
        if beat.callback != self.beat.callback {
            (self.callback_since, self.callback_told) = (now, false);
        }
        if beat.drain != self.beat.drain {
            (self.drain_since, self.drain_told) = (now, false);
            self.drain_first = beat.callback;
        }
        self.beat = beat;
    }
}
