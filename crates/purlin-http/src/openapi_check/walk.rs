//! The walk through both documents at once: what has been found, and where it stands.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{
    change::{Change, Rule},
    document::{Document, Steps},
};

/// Most changes that are named; with more the comparison gives up.
const CHANGES_MAX: usize = 10_000;

/// Who writes what is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// The client: what was accepted must stay accepted.
    Input,
    /// The server: what comes must be what could come.
    Output,
}

/// A pair of forms of schemas by their text, for one direction.
pub(super) type Pair = (Direction, String, String);

/// Both documents, and what has been found so far.
pub(super) struct Walk<'a> {
    pub(super) old: Document<'a>,
    pub(super) new: Document<'a>,
    /// The operation that is being compared.
    pub(super) operation: String,
    pub(super) changes: Vec<Change>,
    /// Pairs that are being compared: meeting one again is a schema that refers to itself.
    pub(super) under_way: HashSet<Pair>,
    /// Pairs with nothing to tell. Found while an outer pair was under way, that too is right: if
    /// the outer one breaks, it is named there.
    pub(super) well: HashSet<Pair>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(committed: &'a Value, served: &'a Value, steps_max: u32) -> Self {
        let steps = Steps::new(steps_max);
        let document = |root| Document {
            root,
            steps: steps.clone(),
        };
        Self {
            old: document(committed),
            new: document(served),
            operation: String::new(),
            changes: Vec::new(),
            under_way: HashSet::new(),
            well: HashSet::new(),
        }
    }

    /// Names a change at `place` of the operation.
    pub(super) fn name(&mut self, rule: Rule, place: &str, what: impl Into<String>) {
        if self.changes.len() >= CHANGES_MAX {
            return self.old.steps.spend();
        }
        self.changes.push(Change {
            operation: self.operation.clone(),
            place: place.trim_end().to_owned(),
            rule,
            what: what.into(),
        });
    }

    /// Takes one step; false if there is none left.
    pub(super) fn step(&self) -> bool {
        self.old.steps.take()
    }

    /// Everything that was found, each once.
    pub(super) fn finish(mut self) -> Vec<Change> {
        if self.old.steps.are_spent() {
            self.changes.push(Change {
                operation: "the documents".to_owned(),
                place: String::new(),
                rule: Rule::TooLarge,
                what: "too entangled to be compared to the end".to_owned(),
            });
        }
        let mut named = BTreeSet::new();
        self.changes.retain(|change| named.insert(change.clone()));
        self.changes
    }
}
