//! One of the two documents: its references, and what both share of the bound on the work.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Longest chain of references from one to the next.
const CHAIN_MAX: usize = 32;

/// What stands where a document says nothing.
pub(super) static NOTHING: Value = Value::Null;

/// How many steps are left, for both documents together.
#[derive(Clone)]
pub(super) struct Steps(Rc<Cell<u32>>);

impl Steps {
    pub(super) fn new(steps_max: u32) -> Self {
        Self(Rc::new(Cell::new(steps_max)))
    }

    /// Takes one; false if there is none.
    pub(super) fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }

    /// Takes all that are left: the comparison gives up.
    pub(super) fn spend(&self) {
        self.0.set(0);
    }

    pub(super) fn are_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A document whose references can be followed.
pub(super) struct Document<'a> {
    pub(super) root: &'a Value,
    pub(super) steps: Steps,
}

impl<'a> Document<'a> {
    /// What a local reference such as `#/components/schemas/Book` names; none for others.
    pub(super) fn target(&self, reference: &str) -> Option<&'a Value> {
        let pointer = percent_decode_str(reference.strip_prefix('#')?);
        let pointer: Cow<'_, str> = pointer.decode_utf8().ok()?;
        self.root.pointer(&pointer)
    }

    /// `value`, or what it refers to: for everything that is not a schema.
    pub(super) fn resolved(&self, mut value: &'a Value) -> &'a Value {
        for _ in 0..CHAIN_MAX {
            let Some(reference) = value["$ref"].as_str() else {
                return value;
            };
            value = self.target(reference).unwrap_or(&NOTHING);
        }
        &NOTHING
    }

    /// The member `name` of `value`, resolved.
    pub(super) fn member(&self, value: &'a Value, name: &str) -> &'a Value {
        self.resolved(&value[name])
    }
}

/// The members of an object; none of anything else.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The elements of an array; none of anything else.
pub(super) fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
