//! What a process does: a name and a function, known to both sides.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::wire::{Kind, Reply};
use crate::panics;

/// Work for other processes: its name, and the function that does it. Make it a `const`, so that
/// both sides have the same.
pub struct ProcessTask<In, Out> {
    name: &'static str,
    run: fn(In) -> Out,
}

impl<In, Out> ProcessTask<In, Out> {
    /// The task `name`, done by `run`. No other task of the program may have the name.
    pub const fn new(name: &'static str, run: fn(In) -> Out) -> Self {
        Self { name, run }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<In, Out> Clone for ProcessTask<In, Out> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In, Out> Copy for ProcessTask<In, Out> {}

impl<In, Out> fmt::Debug for ProcessTask<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProcessTask").field(&self.name).finish()
    }
}

/// A [`ProcessTask`] of any types, for the list that [`entry`](super::entry) takes. Implemented for
/// every task whose input and output serde knows, and for nothing else.
pub trait AnyTask: Sync + sealed::Sealed {}

impl<In: DeserializeOwned, Out: Serialize> AnyTask for ProcessTask<In, Out> {}

pub(super) mod sealed {
    use super::Reply;

    pub trait Sealed {
        fn task_name(&self) -> &'static str;
        fn answer(&self, input: &[u8]) -> Reply;
    }
}

impl<In: DeserializeOwned, Out: Serialize> sealed::Sealed for ProcessTask<In, Out> {
    fn task_name(&self) -> &'static str {
        self.name
    }

    fn answer(&self, input: &[u8]) -> Reply {
        let input = match serde_json::from_slice(input) {
            Ok(input) => input,
            Err(error) => return Reply::said(Kind::Unreadable, error),
        };
        match panics::catch(|| serde_json::to_vec(&(self.run)(input))) {
            Ok(Ok(answer)) => Reply {
                kind: Kind::Answer,
                payload: answer,
            },
            Ok(Err(error)) => Reply::said(Kind::Unwritable, error),
            Err(panic) => Reply::panicked(panic),
        }
    }
}
