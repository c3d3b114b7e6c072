//! How a route describes itself.

use std::fmt;

use super::Operation;

/// The functions that describe a route to a document. They run when one is made, so a request pays
/// nothing for them.
///
/// Any two are equal: what functions do cannot be compared.
#[derive(Clone, Default)]
pub struct Description {
    pub(crate) access: Option<fn(&mut Operation<'_>)>,
    pub(crate) steps: Vec<fn(&mut Operation<'_>)>,
    #[cfg(debug_assertions)]
    pub(super) statuses: std::sync::OnceLock<super::drift::Statuses>,
}

impl Description {
    /// Whether anything is known of the handler.
    pub fn is_known(&self) -> bool {
        !self.steps.is_empty()
    }

    pub(super) fn run(&self, operation: &mut Operation<'_>) {
        for step in self.access.iter().chain(&self.steps) {
            step(operation);
        }
        if !self.is_known() {
            operation.anything();
        }
    }
}

impl PartialEq for Description {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Description {}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}
