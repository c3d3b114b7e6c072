//! The heap as a profile that `pprof` and other tools read.
//!
//! The format is a protocol buffer; what we need of it is written by hand, as there are five
//! messages. A sample has one frame, the label, below one for its kind: a flame graph shows routes
//! beside jobs beside tasks.

use std::collections::HashMap;

use super::{HeapProfile, profile};

/// The heap now, as an uncompressed `profile.proto`: `go tool pprof` and its like read it.
///
/// Values are `inuse_space` and `alloc_space`, in bytes.
///
/// ```
/// let bytes = purlin_diagnostics::heap::pprof();
/// assert!(!bytes.is_empty());
/// ```
pub fn pprof() -> Vec<u8> {
    encode(&profile())
}

fn encode(profile: &HeapProfile) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut out = Message::default();
    for name in ["alloc_space", "inuse_space"] {
        let mut value_type = Message::default();
        value_type.number(1, strings.of(name));
        value_type.number(2, strings.of("bytes"));
        out.message(1, &value_type);
    }
    for row in &profile.work {
        let kind = format!("{}s", row.label.kind().as_str());
        let frames = [strings.of(&row.label.to_string()), strings.of(&kind)];
        let mut sample = Message::default();
        // A function and its location have the number of their name.
        sample.numbers(1, &frames);
        sample.numbers(2, &[row.allocated_bytes, row.live_bytes]);
        out.message(2, &sample);
    }
    for name in 1..strings.count() {
        let mut line = Message::default();
        line.number(1, name);
        let mut location = Message::default();
        location.number(1, name);
        location.message(4, &line);
        out.message(4, &location);
        let mut function = Message::default();
        function.number(1, name);
        function.number(2, name);
        out.message(5, &function);
    }
    let shown = strings.of("inuse_space");
    for text in &strings.texts {
        out.bytes(6, text.as_bytes());
    }
    out.number(14, shown);
    out.0
}

/// The table of strings; the first is empty.
struct Strings {
    texts: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            texts: vec![String::new()],
            numbers: HashMap::from([(String::new(), 0)]),
        }
    }
}

impl Strings {
    fn of(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.count();
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn count(&self) -> u64 {
        self.texts.len() as u64
    }
}

/// A protocol buffer that is being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn numbers(&mut self, field: u64, values: &[u64]) {
        let mut packed = Self::default();
        values.iter().for_each(|value| packed.varint(*value));
        self.bytes(field, &packed.0);
    }

    fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.0);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use purlin_base::work::Label;

    use super::*;
    use crate::heap::WorkHeap;

    #[test]
    fn a_profile_is_the_bytes_that_the_format_says() {
        let profile = HeapProfile {
            work: vec![WorkHeap {
                label: Label::job("m"),
                live_bytes: 5,
                allocated_bytes: 300,
            }],
            ..HeapProfile::default()
        };
        let bytes = encode(&profile);
        // Two value types of two fields, then the sample: frames 4 and 5, values 300 and 5.
        let head = [0x0a, 4, 8, 1, 16, 2, 0x0a, 4, 8, 3, 16, 2];
        let sample = [0x12, 9, 0x0a, 2, 4, 5, 0x12, 3, 0xac, 0x02, 5];
        assert_eq!(&bytes[..12], head);
        assert_eq!(&bytes[12..23], sample);
        assert!(bytes.ends_with(&[14 << 3, 3]));
        assert!(bytes.windows(5).any(|it| it == b"job m"));
    }
}
