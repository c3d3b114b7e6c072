//! What was seen of a poll while it ran.

use std::sync::Arc;

use purlin_base::work::Busy;

/// A poll that was seen over its limit.
pub(super) struct Sighting {
    pub(super) turn: u64,
    pub(super) stack: Stack,
    /// Whether the log knows that it does not end.
    pub(super) is_told: bool,
}

/// The stack of a thread: addresses at first, names once somebody had the time for it.
#[derive(Clone, Default)]
pub(super) struct Stack {
    addresses: Arc<[usize]>,
    names: Option<Arc<[String]>>,
}

impl Stack {
    /// The stack of `busy` now; nothing where it cannot be had, or the poll has ended meanwhile.
    #[cfg(all(feature = "stacks", target_os = "linux"))]
    pub(super) fn of(busy: &Busy) -> Self {
        let taken = busy.os_thread.and_then(crate::stack::of_thread);
        let still = |it: &Busy| it.thread == busy.thread && it.turn == busy.turn;
        match taken {
            Some(addresses) if purlin_base::work::busy_threads().iter().any(still) => Self {
                addresses: addresses.into(),
                names: None,
            },
            _ => Self::default(),
        }
    }

    #[cfg(not(all(feature = "stacks", target_os = "linux")))]
    pub(super) fn of(_: &Busy) -> Self {
        Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// Puts names to the addresses. Takes long the first time: it reads the program's symbols.
    pub(super) fn resolve(&mut self) {
        #[cfg(all(feature = "stacks", target_os = "linux"))]
        if self.names.is_none() && !self.is_empty() {
            self.names = Some(crate::stack::names_of(&self.addresses).into());
        }
    }

    /// Takes over the names that were put to a copy.
    pub(super) fn take_names_of(&mut self, copy: &Self) {
        if Arc::ptr_eq(&self.addresses, &copy.addresses) {
            self.names.clone_from(&copy.names);
        }
    }

    /// The names, innermost first; none before they are resolved.
    pub(super) fn lines(&self) -> Vec<String> {
        self.names.as_deref().unwrap_or_default().to_vec()
    }

    pub(super) fn text(&self) -> String {
        self.names.as_deref().unwrap_or_default().join("\n")
    }
}
