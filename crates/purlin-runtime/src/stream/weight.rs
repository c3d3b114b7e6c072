//! What a chunk counts towards a high-water mark: its bytes, or one if it is an object.

use std::any::{Any, TypeId};

use bytes::Bytes;

/// High-water mark of a stream of bytes, in bytes.
///
/// # Source
///
/// Node's from version 22 on; Node 20 has 16 KiB.
pub const HIGH_WATER_BYTES: usize = 64 * 1024;

/// High-water mark of a stream of objects, in objects. Node's too.
pub const HIGH_WATER_OBJECTS: usize = 16;

/// What `chunk` counts: its length if it is [`Bytes`], else one. Nothing counts less than one, so
/// that empty chunks cannot pile up.
pub(super) fn weight<T: 'static>(chunk: &T) -> usize {
    let bytes = (chunk as &dyn Any).downcast_ref::<Bytes>();
    bytes.map_or(1, Bytes::len).max(1)
}

/// The high-water mark of a stream of `T`, unless another is set.
pub(super) fn high_water<T: 'static>() -> usize {
    if TypeId::of::<T>() == TypeId::of::<Bytes>() {
        HIGH_WATER_BYTES
    } else {
        HIGH_WATER_OBJECTS
    }
}
