//! What the system's allocator has taken from the operating system, by arena.
//!
//! glibc gives threads arenas of their own, so that they do not wait for each other; what one thread
//! frees, another arena cannot use. Much that is free in many arenas is memory that no code holds,
//! and that is resident all the same.

use super::allocator;

/// One arena of the system's allocator, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arena {
    /// Its number; 0 is the first thread's, and shared.
    pub number: u32,
    /// Taken from the operating system.
    pub taken: u64,
    /// The part of it that nothing is in: kept for later.
    pub free: u64,
}

/// The arenas now; none where the allocator does not say (other systems than Linux with glibc).
///
/// Each arena is locked while its free pieces are counted, which takes some microseconds for a
/// thousand of them: ask every few seconds at most.
///
/// ```
/// let arenas = purlin_diagnostics::heap::arenas();
/// assert!(arenas.iter().all(|arena| arena.free <= arena.taken));
/// ```
pub fn arenas() -> Vec<Arena> {
    allocator::malloc_info().map_or_else(Vec::new, |info| read(&info))
}

/// Reads what `malloc_info` writes: one element `heap` for each arena.
fn read(info: &str) -> Vec<Arena> {
    let arenas = info.split("<heap nr=\"").skip(1);
    let arenas = arenas.filter_map(|arena| {
        let (number, rest) = arena.split_once('"')?;
        let (own, _) = rest.split_once("</heap>")?;
        let size = |element| size_of(own, element).unwrap_or(0);
        let free = size("<total type=\"fast\"") + size("<total type=\"rest\"");
        Some(Arena {
            number: number.parse().ok()?,
            taken: size("<system type=\"current\""),
            free,
        })
    });
    arenas.collect()
}

/// The attribute `size` of the first element that begins so.
fn size_of(arena: &str, element: &str) -> Option<u64> {
    let (_, rest) = arena.split_once(element)?;
    let (attributes, _) = rest.split_once('>')?;
    let (_, size) = attributes.split_once(" size=\"")?;
    size.split('"').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_arena_is_read_with_what_is_free_in_it() {
        let info = r#"<malloc version="1">
<heap nr="0">
<sizes>
  <size from="33" to="48" total="96" count="2"/>
</sizes>
<total type="fast" count="2" size="96"/>
<total type="rest" count="1" size="4000"/>
<system type="current" size="135168"/>
<system type="max" size="200000"/>
</heap>
<heap nr="1">
<total type="fast" count="0" size="0"/>
<total type="rest" count="3" size="500"/>
<system type="current" size="65536"/>
</heap>
<total type="fast" count="2" size="96"/>
<system type="current" size="200704"/>
</malloc>"#;
        let arena = |number, taken, free| Arena {
            number,
            taken,
            free,
        };
        assert_eq!(
            read(info),
            [arena(0, 135_168, 4_096), arena(1, 65_536, 500)]
        );
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn this_process_has_an_arena() {
        let arenas = arenas();
        assert!(
            arenas.iter().any(|it| it.number == 0 && it.taken > 0),
            "{arenas:?}"
        );
    }
}
