//! Runs a scenario on our emitter, by nothing but its public functions.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    error::Error,
    fmt,
    rc::{Rc, Weak},
    sync::Arc,
};

use purlin_base::BoxError;
use purlin_runtime::events::{
    AddOptions, AnyListener, ERROR_MONITOR, EmitError, EmitErrorKind, EventEmitter, LeakWarning,
    Listener, ListenerChange, SharedError,
};

use crate::scenario::{Add, Op, Scenario};

/// How much a scenario may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Ops.
    pub ops_max: u64,
    /// Emits that stand inside each other.
    pub depth_max: u32,
    /// Whether one emit more prints what Node's does when its stack is full, or is too much.
    pub overflows: bool,
}

impl Limits {
    /// For a scenario that somebody wrote: as deep as Node's stack, more or less.
    pub const WRITTEN: Self = Self {
        ops_max: u64::MAX,
        depth_max: 5_000,
        overflows: true,
    };
    /// For a random one, most of which end soon.
    pub const RANDOM: Self = Self {
        ops_max: 600,
        depth_max: 100,
        overflows: false,
    };
}

/// The scenario did more than it may.
#[derive(Debug, thiserror::Error)]
#[error("the scenario does more than it may")]
pub struct OutOfFuel;

/// Runs `scenario`; the lines that it prints.
///
/// # Errors
///
/// [`OutOfFuel`] if it does more than `limits` allow.
pub fn trace(scenario: &Scenario, limits: Limits) -> Result<Vec<String>, OutOfFuel> {
    let machine = Machine::new(scenario, limits);
    for op in &scenario.main {
        machine.catching(|| machine.run_op(op));
    }
    if machine.is_out_of_fuel.get() {
        return Err(OutOfFuel);
    }
    Ok(machine.lines.take())
}

struct Machine {
    emitter: EventEmitter,
    bodies: HashMap<String, Vec<Op>>,
    plain: Functions<()>,
    errors: Functions<SharedError>,
    changes: Functions<ListenerChange>,
    /// The names of the listeners.
    names: RefCell<Vec<(AnyListener, String)>>,
    lines: Rc<RefCell<Vec<String>>>,
    limits: Limits,
    ops: Cell<u64>,
    is_out_of_fuel: Cell<bool>,
    me: Weak<Self>,
}

/// One function for each event and listener.
type Functions<T> = RefCell<HashMap<(String, String), Listener<T>>>;

/// What an event carries, and where the functions for such events are.
trait Carried: Sized + 'static {
    fn functions(machine: &Machine) -> &Functions<Self>;
    fn example() -> Self;
}

impl Carried for () {
    fn functions(machine: &Machine) -> &Functions<Self> {
        &machine.plain
    }

    fn example() -> Self {}
}

impl Carried for SharedError {
    fn functions(machine: &Machine) -> &Functions<Self> {
        &machine.errors
    }

    fn example() -> Self {
        Arc::new(Thrown("e".to_owned()))
    }
}

impl Carried for ListenerChange {
    fn functions(machine: &Machine) -> &Functions<Self> {
        &machine.changes
    }

    fn example() -> Self {
        Self::new("", Listener::new(|(): &()| ()).any())
    }
}

/// Runs `$work` with `$T` as what `$event` carries.
macro_rules! with_carried {
    ($event:expr, $T:ident => $work:expr) => {
        match $event {
            "error" | "errorMonitor" => {
                type $T = SharedError;
                $work
            }
            "newListener" | "removeListener" => {
                type $T = ListenerChange;
                $work
            }
            _ => {
                type $T = ();
                $work
            }
        }
    };
}

/// What `throw` throws.
#[derive(Debug)]
struct Thrown(String);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Thrown {}

impl Machine {
    fn new(scenario: &Scenario, limits: Limits) -> Rc<Self> {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let warned = Rc::clone(&lines);
        let warn = move |warning: &LeakWarning| {
            let line = format!("warn {} {}", written(&warning.event), warning.listeners);
            warned.borrow_mut().push(line);
        };
        let builder = EventEmitter::builder().depth_max(limits.depth_max);
        let emitter = builder.on_leak(warn).build();
        Rc::new_cyclic(|me| Self {
            emitter,
            bodies: scenario.listeners.clone().into_iter().collect(),
            plain: Functions::default(),
            errors: Functions::default(),
            changes: Functions::default(),
            names: RefCell::default(),
            lines,
            limits,
            ops: Cell::new(0),
            is_out_of_fuel: Cell::new(false),
            me: Weak::clone(me),
        })
    }

    fn print(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }

    fn run(&self, ops: &[Op]) -> Result<(), BoxError> {
        ops.iter().try_for_each(|op| self.run_op(op))
    }

    fn run_op(&self, op: &Op) -> Result<(), BoxError> {
        self.burn()?;
        match op {
            Op::Add(add, event, listener) => {
                with_carried!(event.as_str(), T => self.add::<T>(*add, event, listener))?;
            }
            Op::Off(event, listener) => {
                with_carried!(event.as_str(), T => self.off::<T>(event, listener))?;
            }
            Op::RemoveAllOf(event) => self.emitter.remove_all_of(named(event))?,
            Op::RemoveAll => self.emitter.remove_all()?,
            Op::Emit(event) => {
                let emitted = with_carried!(event.as_str(), T => {
                    self.emitter.emit(named(event), &T::example())
                })?;
                self.print(format!("emit {event} {emitted}"));
            }
            Op::Count(event) => {
                let count = self.emitter.listener_count(named(event));
                self.print(format!("count {event} {count}"));
            }
            Op::Names => self.print_list("names", &self.emitter.event_names()),
            Op::List(event) => self.print_list(&format!("list {event}"), &self.list(event)),
            Op::Max(listeners) => self.emitter.set_max_listeners(max(*listeners)),
            Op::Throw(message) => return Err(Thrown(message.clone()).into()),
            Op::Try(ops) => self.catching(|| self.run(ops)),
        }
        Ok(())
    }

    fn add<T: Carried>(&self, add: Add, event: &str, listener: &str) -> Result<(), EmitError> {
        let options = AddOptions {
            once: matches!(add, Add::Once | Add::PrependOnce),
            first: matches!(add, Add::Prepend | Add::PrependOnce),
        };
        let function = self.function::<T>(event, listener);
        self.emitter.add(named(event), &function, options)
    }

    fn off<T: Carried>(&self, event: &str, listener: &str) -> Result<(), EmitError> {
        let function = self.function::<T>(event, listener);
        self.emitter.off(named(event), &function).map(drop)
    }

    fn function<T: Carried>(&self, event: &str, listener: &str) -> Listener<T> {
        let key = (event.to_owned(), listener.to_owned());
        let mut functions = T::functions(self).borrow_mut();
        let function = functions.entry(key).or_insert_with(|| {
            let function = self.new_function(event, listener);
            let name = (function.any().clone(), listener.to_owned());
            self.names.borrow_mut().push(name);
            function
        });
        function.clone()
    }

    fn new_function<T: Carried>(&self, event: &str, listener: &str) -> Listener<T> {
        let (me, event, name) = (self.me.clone(), event.to_owned(), listener.to_owned());
        Listener::new(move |_: &T| -> Result<(), BoxError> {
            let Some(machine) = me.upgrade() else {
                return Ok(());
            };
            machine.print(format!("{name}({event})"));
            machine.run(&machine.bodies[&name])
        })
    }

    fn list(&self, event: &str) -> Vec<String> {
        let names = self.names.borrow();
        let name = |listener: AnyListener| {
            let found = names.iter().find(|(it, _)| *it == listener);
            found.map_or_else(String::new, |(_, name)| name.clone())
        };
        let listeners = self.emitter.listeners(named(event)).into_iter();
        listeners.map(name).collect()
    }

    fn print_list<S: AsRef<str>>(&self, of: &str, items: &[S]) {
        let joined: Vec<_> = items.iter().map(AsRef::as_ref).collect();
        self.print(match joined.as_slice() {
            [] => of.to_owned(),
            joined => format!("{of} {}", joined.join(",")),
        });
    }

    fn catching(&self, work: impl FnOnce() -> Result<(), BoxError>) {
        if let Err(error) = work() {
            let is_too_deep = matches!(kind_of(&*error), Some(EmitErrorKind::TooDeep { .. }));
            if is_too_deep && !self.limits.overflows {
                self.is_out_of_fuel.set(true);
            }
            self.print(format!("threw {}", message(&*error)));
        }
    }

    fn burn(&self) -> Result<(), BoxError> {
        self.ops.set(self.ops.get() + 1);
        if self.ops.get() > self.limits.ops_max {
            self.is_out_of_fuel.set(true);
            return Err(OutOfFuel.into());
        }
        Ok(())
    }
}

/// The name of an event as ours knows it.
fn named(event: &str) -> &str {
    match event {
        "errorMonitor" => ERROR_MONITOR.name(),
        other => other,
    }
}

/// The name of an event as it is written in scenarios.
fn written(event: &str) -> &str {
    if event == ERROR_MONITOR.name() {
        "errorMonitor"
    } else {
        event
    }
}

/// Node takes fractions: a list of 2 is longer than any number below 2, and only 0 is off.
fn max(listeners: f64) -> usize {
    if listeners > 0.0 && listeners < 1.0 {
        1
    } else {
        listeners as usize
    }
}

/// What an error is, if it is one of the emitter.
fn kind_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e EmitErrorKind> {
    error.downcast_ref().map(EmitError::kind)
}

/// What Node's exception says.
fn message(error: &(dyn Error + 'static)) -> String {
    match kind_of(error) {
        Some(EmitErrorKind::Listener { source, .. }) => message(&**source),
        Some(EmitErrorKind::Unhandled(error)) => error.to_string(),
        Some(EmitErrorKind::ListChanged { .. }) => {
            "The \"listener\" argument must be of type function. Received undefined".to_owned()
        }
        Some(EmitErrorKind::TooDeep { .. }) => "Maximum call stack size exceeded".to_owned(),
        _ => error.to_string(),
    }
}
