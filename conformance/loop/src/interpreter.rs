//! Runs a program on our event loop, by its public API alone.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_base::BoxError;
use purlin_runtime::{
    EventLoop,
    event_loop::{Immediate, LoopError, Timer, delay_from_millis, yield_microtask},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    clock::VirtualClock,
    program::{Id, Op, Ops, Program},
};

/// Which time a program runs on.
#[derive(Clone, Debug)]
pub enum Time {
    /// No time passes but what the program waits and spins.
    Virtual(VirtualClock),
    /// The machine's own.
    Real,
}

impl Default for Time {
    fn default() -> Self {
        Self::Virtual(VirtualClock::default())
    }
}

/// Runs `program` to its end, and gives back the lines it printed.
///
/// # Errors
///
/// If the loop could not be made, or failed by itself.
pub fn trace(program: &Program, time: Time) -> Result<Vec<String>, LoopError> {
    Ok(trace_within(program, time, u64::MAX)?.unwrap_or_default())
}

/// As [`trace`]; `None` if the program has not ended within so many ops. A timeout that refreshes
/// itself never does.
///
/// # Errors
///
/// As [`trace`].
pub fn trace_within(
    program: &Program,
    time: Time,
    ops_max: u64,
) -> Result<Option<Vec<String>>, LoopError> {
    let mut builder = EventLoop::builder().name("trace").watchdog(None);
    if let Time::Virtual(clock) = &time {
        builder = builder.clock(Arc::new(clock.clone()));
    }
    let event_loop = builder.build()?;
    let machine = Machine(Rc::new(State {
        time,
        lines: RefCell::default(),
        objects: RefCell::default(),
        ops_left: Cell::new(ops_max),
    }));
    let (uncaught, unhandled) = (machine.clone(), machine.clone());
    event_loop.on_uncaught(move |_, it| uncaught.print(format!("uncaught {}", it.raised)));
    event_loop.on_unhandled(move |_, it| unhandled.print(format!("unhandled {}", it.raised)));
    let main = Arc::clone(&program.main);
    let runs = machine.clone();
    let runs_main = event_loop.run_async(move |event_loop| runs.run(&main, event_loop));
    let ended = RUNTIME.with(|runtime| runtime.block_on(runs_main));
    // A callback that holds a handle of its own timer would otherwise live on.
    machine.0.objects.take();
    let has_ended = machine.0.ops_left.get() > 0;
    ended.map(|()| has_ended.then(|| machine.0.lines.take()))
}

thread_local! {
    /// One for each thread, since a runtime costs more than most programs do.
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the operating system gives a runtime");
}

/// What a `throw` raises.
#[derive(Debug)]
struct Thrown(String);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Thrown {}

type Answer = Result<(), BoxError>;

/// A program that runs. Clones are the same.
#[derive(Clone)]
struct Machine(Rc<State>);

struct State {
    time: Time,
    lines: RefCell<Vec<String>>,
    objects: RefCell<HashMap<String, Object>>,
    ops_left: Cell<u64>,
}

/// What an id names.
enum Object {
    Timer(Timer),
    Immediate(Immediate),
}

impl Machine {
    fn print(&self, line: String) {
        self.0.lines.borrow_mut().push(line);
    }

    fn run(&self, ops: &[Op], event_loop: &EventLoop) -> Answer {
        ops.iter().try_for_each(|op| self.step(op, event_loop))
    }

    /// A callback that runs `ops`.
    fn callback(&self, ops: &Ops) -> impl Fn(&EventLoop) -> Answer + use<> {
        let (machine, ops) = (self.clone(), Arc::clone(ops));
        move |event_loop| machine.run(&ops, event_loop)
    }

    fn step(&self, op: &Op, event_loop: &EventLoop) -> Answer {
        let left = self.0.ops_left.get().saturating_sub(1);
        self.0.ops_left.set(left);
        if left == 0 {
            event_loop.stop();
        }
        match op {
            Op::Log(line) => self.print(line.clone()),
            Op::Tick(ops) => event_loop.next_tick(self.callback(ops)),
            Op::Micro(ops) => event_loop.queue_microtask(self.callback(ops)),
            Op::Promise(ops) => self.run_async(event_loop, &[Ops::default(), Arc::clone(ops)]),
            Op::Async(lists) => self.run_async(event_loop, lists),
            Op::Immediate(ops, id) => {
                let immediate = event_loop.set_immediate(self.callback(ops));
                self.keep(id, Object::Immediate(immediate));
            }
            Op::Timeout(ops, millis, id) => {
                let delay = delay_from_millis(*millis);
                let timer = event_loop.set_timeout(delay, self.callback(ops));
                self.keep(id, Object::Timer(timer));
            }
            Op::Interval {
                ops,
                millis,
                times,
                id,
            } => {
                let timer = self.set_interval(event_loop, ops, *millis, *times);
                self.keep(id, Object::Timer(timer));
            }
            Op::Clear(id) => self.with(id, Object::clear),
            Op::Refresh(id) => self.with(id, Object::refresh),
            Op::Unref(id) => self.with(id, Object::unref),
            Op::Ref(id) => self.with(id, Object::ref_),
            Op::Read(ops) => return self.read(event_loop, ops),
            Op::Spin(millis) => self.spin(*millis),
            Op::Throw(message) => return Err(Thrown(message.clone()).into()),
        }
        Ok(())
    }

    /// An async function that is called here. A `then` is one whose first list is empty.
    fn run_async(&self, event_loop: &EventLoop, lists: &[Ops]) {
        let (machine, lists) = (self.clone(), lists.to_vec());
        let current = event_loop.clone();
        event_loop.spawn_local(async move {
            for (number, ops) in lists.iter().enumerate() {
                if number > 0 {
                    yield_microtask().await;
                }
                machine.run(ops, &current)?;
            }
            Ok::<(), BoxError>(())
        });
    }

    fn set_interval(&self, event_loop: &EventLoop, ops: &Ops, millis: f64, times: f64) -> Timer {
        let run = self.callback(ops);
        let mut begun = 0.0;
        event_loop.set_interval(delay_from_millis(millis), move |event_loop, timer| {
            begun += 1.0;
            if begun >= times {
                timer.clear();
            }
            run(event_loop)
        })
    }

    fn keep(&self, id: &Id, object: Object) {
        if let Some(id) = id {
            let before = self.0.objects.borrow_mut().insert(id.clone(), object);
            drop(before);
        }
    }

    fn with(&self, id: &str, act: impl FnOnce(&Object)) {
        if let Some(object) = self.0.objects.borrow().get(id) {
            act(object);
        }
    }

    fn spin(&self, millis: f64) {
        let spin = Duration::try_from_secs_f64(millis / 1_000.0).unwrap_or_default();
        match &self.0.time {
            Time::Virtual(clock) => clock.advance(spin),
            Time::Real => {
                let started = Instant::now();
                while started.elapsed() < spin {
                    std::hint::spin_loop();
                }
            }
        }
    }

    /// Reads a file as Node's `readFile` does: four steps on the pool, one after the other.
    fn read(&self, event_loop: &EventLoop, ops: &Ops) -> Answer {
        if let Time::Virtual(clock) = &self.0.time {
            clock.hold();
        }
        self.read_step(
            event_loop,
            &["open", "stat", "read", "close"],
            Arc::clone(ops),
        )
    }

    fn read_step(
        &self,
        event_loop: &EventLoop,
        steps: &'static [&'static str],
        ops: Ops,
    ) -> Answer {
        let Some((step, rest)) = steps.split_first() else {
            if let Time::Virtual(clock) = &self.0.time {
                clock.release();
            }
            return self.run(&ops, event_loop);
        };
        let machine = self.clone();
        let touch = || std::fs::metadata("/").map(drop);
        event_loop.spawn_blocking(step, touch, move |event_loop, _touched| {
            machine.read_step(event_loop, rest, ops)
        })?;
        Ok(())
    }
}

impl Object {
    fn clear(&self) {
        match self {
            Self::Timer(timer) => timer.clear(),
            Self::Immediate(immediate) => immediate.clear(),
        }
    }

    /// An immediate has no `refresh`.
    fn refresh(&self) {
        if let Self::Timer(timer) = self {
            timer.refresh();
        }
    }

    fn unref(&self) {
        match self {
            Self::Timer(timer) => _ = timer.unref(),
            Self::Immediate(immediate) => _ = immediate.unref(),
        }
    }

    fn ref_(&self) {
        match self {
            Self::Timer(timer) => _ = timer.ref_(),
            Self::Immediate(immediate) => _ = immediate.ref_(),
        }
    }
}
