//! Fields of objects and elements of arrays.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    super::{
        change::Rule,
        document::{elements, members},
        walk::{Direction, Walk},
    },
    flat::Flat,
    kinds::Kinds,
};

/// The schema of a field of which only the name is known.
static ANYTHING: Value = Value::Bool(true);

impl Walk<'_> {
    /// Compares what two objects hold.
    pub(super) fn fields(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        if !old.kinds.covers(Kinds::OBJECT) || !new.kinds.covers(Kinds::OBJECT) {
            return;
        }
        let (was, is) = (names(direction, old), names(direction, new));
        for name in was.intersection(&is) {
            let place = format!("{place}/{name}");
            self.schemas(direction, &place, field(old, name), field(new, name));
        }
        for name in was.difference(&is) {
            self.field_lost(direction, place, name, (old, new), &is);
        }
        self.required(direction, place, old, new, &was, &is);
        self.further(direction, place, old, new);
    }

    fn field_lost(
        &mut self,
        direction: Direction,
        place: &str,
        name: &str,
        (old, new): (&Flat, &Flat),
        is: &BTreeSet<&str>,
    ) {
        let same = |other: &&&str| {
            field(new, other) == field(old, name) && !names(direction, old).contains(**other)
        };
        let what = match is.iter().find(same) {
            Some(other) => format!("the field is gone; is it {other} now?"),
            None => "the field is gone".to_owned(),
        };
        let rule = match direction {
            Direction::Input => Rule::InputRemoved,
            Direction::Output => Rule::FieldRemoved,
        };
        self.name(rule, &format!("{place}/{name}"), what);
    }

    fn required(
        &mut self,
        direction: Direction,
        place: &str,
        old: &Flat,
        new: &Flat,
        was: &BTreeSet<&str>,
        is: &BTreeSet<&str>,
    ) {
        let (old, new) = (required(old), required(new));
        match direction {
            Direction::Input => {
                for name in new.difference(&old).filter(|name| is.contains(*name)) {
                    let what = match was.contains(name) {
                        true => "was optional, is required",
                        false => "is new and required",
                    };
                    self.name(Rule::FieldRequired, &format!("{place}/{name}"), what);
                }
            }
            Direction::Output => {
                for name in old.difference(&new).filter(|name| is.contains(*name)) {
                    let what = "was always there, may be left out";
                    self.name(Rule::FieldOptional, &format!("{place}/{name}"), what);
                }
            }
        }
    }

    /// Compares what is said of fields without a name.
    fn further(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        let word = "additionalProperties";
        let (was, is) = (old.word(word), new.word(word));
        let place = format!("{place}/*");
        match (direction, *was == false, *is == false) {
            (_, true, _) | (Direction::Output, _, true) => {}
            (Direction::Input, false, true) => {
                let what = "further fields were accepted, are not";
                self.name(Rule::FieldsClosed, &place, what);
            }
            (_, false, false) => self.schemas(direction, &place, or_any(was), or_any(is)),
        }
        let (was, is) = (old.word("patternProperties"), new.word("patternProperties"));
        for (pattern, was) in members(was) {
            if let Some(is) = is.get(pattern) {
                self.schemas(direction, &format!("{place}{pattern}"), was, is);
            }
        }
    }

    /// Compares what two arrays hold.
    pub(super) fn elements(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        if !old.kinds.covers(Kinds::ARRAY) || !new.kinds.covers(Kinds::ARRAY) {
            return;
        }
        let (was, is) = (old.word("items"), new.word("items"));
        self.schemas(direction, &format!("{place}/*"), or_any(was), or_any(is));
        let (was, is) = (old.word("prefixItems"), new.word("prefixItems"));
        let (was_count, is_count) = (elements(was).count(), elements(is).count());
        if was_count != is_count {
            let what = format!("{was_count} elements had a place of their own, {is_count} have");
            self.name(Rule::ConditionChanged, place, what);
        }
        for (at, (was, is)) in elements(was).zip(elements(is)).enumerate() {
            self.schemas(direction, &format!("{place}/{at}"), was, is);
        }
    }
}

fn or_any(schema: &Value) -> &Value {
    match schema {
        Value::Null => &ANYTHING,
        schema => schema,
    }
}

fn field<'f>(flat: &'f Flat, name: &str) -> &'f Value {
    flat.word("properties").get(name).unwrap_or(&ANYTHING)
}

/// The names of the fields that are sent in this direction.
fn names(direction: Direction, flat: &Flat) -> BTreeSet<&str> {
    let hidden = match direction {
        Direction::Input => "readOnly",
        Direction::Output => "writeOnly",
    };
    let named = members(flat.word("properties")).map(|(name, _)| name.as_str());
    named
        .chain(required(flat))
        .filter(|name| field(flat, name)[hidden] != true)
        .collect()
}

fn required(flat: &Flat) -> BTreeSet<&str> {
    let names = elements(flat.word("required"));
    names.filter_map(Value::as_str).collect()
}
