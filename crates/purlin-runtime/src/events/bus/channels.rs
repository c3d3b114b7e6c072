//! The channels of a bus, by the type of their events.

use std::{
    any::{Any, TypeId},
    hash::{Hash, Hasher},
    sync::OnceLock,
};

use super::Channel;

/// Lists that are looked through for a type; a power of two.
const LISTS: usize = 64;

/// What is added is never taken away, so that it is found without a lock. Grows with the event types
/// of the program, and so is bounded by them.
pub(super) struct Channels {
    lists: [Link; LISTS],
}

type Link = OnceLock<Box<Node>>;

struct Node {
    of: TypeId,
    /// The [`Channel`] of this type.
    channel: Box<dyn Any + Send + Sync>,
    next: Link,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            lists: [const { OnceLock::new() }; LISTS],
        }
    }
}

impl Channels {
    /// The channel of a type, if it has been asked for before.
    #[inline]
    pub(super) fn get<E: 'static>(&self) -> Option<&Channel<E>> {
        let of = TypeId::of::<E>();
        let mut link = &self.lists[list_of(of)];
        loop {
            let node = link.get()?;
            if node.of == of {
                return node.channel.downcast_ref();
            }
            link = &node.next;
        }
    }

    /// The channel of a type, which is `new` if there was none.
    pub(super) fn get_or_add<E: 'static>(&self, new: impl Fn() -> Channel<E>) -> Channel<E> {
        let of = TypeId::of::<E>();
        let mut link = &self.lists[list_of(of)];
        loop {
            let node = link.get_or_init(|| {
                Box::new(Node {
                    of,
                    channel: Box::new(new()),
                    next: OnceLock::new(),
                })
            });
            if let Some(channel) = node.channel.downcast_ref::<Channel<E>>() {
                return channel.clone();
            }
            link = &node.next;
        }
    }
}

#[inline]
fn list_of(of: TypeId) -> usize {
    let mut hasher = OfType::default();
    of.hash(&mut hasher);
    hasher.finish() as usize % LISTS
}

/// The number of a type is a hash already: it is taken as it is.
#[derive(Default)]
struct OfType(u64);

impl Hasher for OfType {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
