//! Times and sizes as they are written on a command line.

use std::time::Duration;

/// `250ms` or `1s`: 1 ms to 10 s.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let millis = scaled(text, &[("ms", 1), ("s", 1_000)])
        .filter(|millis| (1..=10_000).contains(millis))
        .ok_or("a whole number with ms or s, 1ms to 10s")?;
    Ok(Duration::from_millis(millis))
}

/// `64MiB` or `19456KiB`: 19 to 256 MiB; in KiB.
pub(super) fn memory_kib(text: &str) -> Result<u32, String> {
    scaled(text, &[("KiB", 1), ("MiB", 1_024)])
        .filter(|kib| (19_456..=262_144).contains(kib))
        .and_then(|kib| u32::try_from(kib).ok())
        .ok_or_else(|| "a whole number with KiB or MiB, 19MiB to 256MiB".into())
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    units.iter().find_map(|(unit, scale)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*scale)
    })
}
