//! What a scenario is, and how it is written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What listeners do when they are called, by their names, and what the main program does.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The listeners.
    pub listeners: BTreeMap<String, Vec<Op>>,
    /// The main program.
    pub main: Vec<Op>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Adds a listener to an event.
    Add(Add, String, String),
    /// Removes a listener from an event.
    Off(String, String),
    /// Removes all listeners of one event.
    RemoveAllOf(String),
    /// Removes all listeners.
    RemoveAll,
    /// Emits an event.
    Emit(String),
    /// Prints how many listeners an event has.
    Count(String),
    /// Prints the events that have listeners.
    Names,
    /// Prints the listeners of an event.
    List(String),
    /// Sets from how many listeners on a leak is suspected; never below 0.
    Max(f64),
    /// Throws.
    Throw(String),
    /// Catches what is thrown inside.
    Try(Vec<Op>),
}

/// How a listener is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Add {
    /// Behind the others.
    On,
    /// Behind the others, for one call.
    Once,
    /// In front of the others.
    Prepend,
    /// In front of the others, for one call.
    PrependOnce,
}

impl Add {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("on", Self::On),
        ("once", Self::Once),
        ("prepend", Self::Prepend),
        ("prependOnce", Self::PrependOnce),
    ];

    /// The name of the op.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, add)| *add == self);
        named.map_or("on", |(name, _)| name)
    }
}

impl Scenario {
    /// Writes it as JSON.
    pub fn to_json(&self) -> Value {
        let listeners = self.listeners.iter();
        let listeners: Map<_, _> = listeners
            .map(|(name, ops)| (name.clone(), ops_to_json(ops)))
            .collect();
        json!({ "listeners": listeners, "main": ops_to_json(&self.main) })
    }

    /// How many ops it has, those inside others too.
    pub fn size(&self) -> usize {
        let bodies = self.listeners.values().chain([&self.main]);
        bodies.map(|ops| size(ops)).sum()
    }
}

fn size(ops: &[Op]) -> usize {
    let inside = ops.iter().map(|op| match op {
        Op::Try(ops) => size(ops),
        _ => 0,
    });
    ops.len() + inside.sum::<usize>()
}

fn ops_to_json(ops: &[Op]) -> Value {
    ops.iter().map(op_to_json).collect()
}

fn op_to_json(op: &Op) -> Value {
    match op {
        Op::Add(add, event, listener) => json!({ add.name(): [event, listener] }),
        Op::Off(event, listener) => json!({ "off": [event, listener] }),
        Op::RemoveAllOf(event) => json!({ "removeAll": event }),
        Op::RemoveAll => json!({ "removeAll": true }),
        Op::Emit(event) => json!({ "emit": event }),
        Op::Count(event) => json!({ "count": event }),
        Op::Names => json!({ "names": true }),
        Op::List(event) => json!({ "list": event }),
        Op::Max(listeners) => json!({ "max": listeners }),
        Op::Throw(message) => json!({ "throw": message }),
        Op::Try(ops) => json!({ "try": ops_to_json(ops) }),
    }
}
