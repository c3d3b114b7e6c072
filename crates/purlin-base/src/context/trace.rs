//! The W3C trace context: which trace this is a part of.

use std::fmt;

use crate::random::Rng;

/// A trace, the span within it, and its flags.
///
/// # Source
///
/// W3C Trace Context. Version 00 is written; a later version is read by its first 55 characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// Bits that mean something in version 00: sampled, and random trace id.
const KNOWN_FLAGS: u8 = 0b11;

impl TraceContext {
    /// Begins a new trace.
    pub fn start(rng: &dyn Rng) -> Self {
        // All at once: a source that is shared, or a system call, is asked once.
        let mut chance = [0; 24];
        rng.fill(&mut chance);
        let [upper, lower, span_id] = std::array::from_fn(|at| {
            chance[8 * at..]
                .first_chunk()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes))
        });
        let trace_id = (u128::from(upper) << 64) | u128::from(lower);
        Self {
            trace_id: trace_id.max(1),
            span_id: span_id.max(1),
            flags: 0b10,
        }
    }

    /// Reads a `traceparent` field. `None` if it must be ignored: then a new trace is begun.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let bytes = traceparent.as_bytes();
        let (version, rest) = (bytes.get(..2)?, bytes.get(55));
        let later = lower_hex(version)? != 0;
        let ends_well = if later {
            matches!(rest, None | Some(b'-'))
        } else {
            rest.is_none()
        };
        let dashes = [2, 35, 52].iter().all(|&at| bytes.get(at) == Some(&b'-'));
        if version == b"ff" || !ends_well || !dashes {
            return None;
        }
        let trace_id = lower_hex(bytes.get(3..35)?)?;
        let span_id = lower_hex(bytes.get(36..52)?)? as u64;
        let flags = lower_hex(bytes.get(53..55)?)? as u8 & KNOWN_FLAGS;
        (trace_id != 0 && span_id != 0).then_some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    /// The same trace, with a new span below this one.
    #[must_use]
    pub fn child(self, rng: &dyn Rng) -> Self {
        Self {
            span_id: rng.next_u64().max(1),
            ..self
        }
    }

    /// The 16 bytes of the trace as 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The 8 bytes of the span as 16 lower-case hexadecimal digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span_id)
    }

    /// Whether the caller records this trace.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// Whether there is a trace at all.
    pub fn is_some(&self) -> bool {
        self.trace_id != 0
    }
}

/// Written as a `traceparent` field.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id, self.span_id, self.flags
        )
    }
}

fn lower_hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some((number << 4) | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRng;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written_unchanged() {
        let trace = TraceContext::parse(GOOD).unwrap();
        assert_eq!(trace.to_string(), GOOD);
        assert!(trace.is_sampled());
    }

    #[test]
    fn a_child_stays_in_the_trace_with_a_span_of_its_own() {
        let parent = TraceContext::parse(GOOD).unwrap();
        let child = parent.child(&SeededRng::new(1));
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
    }

    #[test]
    fn a_later_version_is_read_by_its_first_part() {
        let later = format!("01{}-what-comes-later", &GOOD[2..]);
        assert_eq!(TraceContext::parse(&later).unwrap().to_string(), GOOD);
    }

    #[test]
    fn unknown_flags_are_not_passed_on() {
        let odd = format!("{}ff", &GOOD[..53]);
        assert!(
            TraceContext::parse(&odd)
                .unwrap()
                .to_string()
                .ends_with("-03")
        );
    }

    #[test]
    fn a_malformed_traceparent_is_ignored() {
        let bad = [
            String::new(),
            GOOD.to_uppercase(),
            GOOD.replace("00-4b", "ff-4b"),
            format!("{GOOD}-more"),
            format!("{GOOD}x"),
            format!("01{}x", &GOOD[2..]),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            GOOD[..54].to_owned(),
            GOOD.replace('4', "é"),
        ];
        for traceparent in bad {
            assert_eq!(TraceContext::parse(&traceparent), None, "{traceparent}");
        }
    }
}
