//! Enumerations, formats, patterns, defaults, and conditions that are compared by their text only.

use serde_json::Value;

use super::{
    super::{
        change::Rule,
        document::elements,
        walk::{Direction, Walk},
    },
    flat::Flat,
    kinds::Kinds,
};

/// Most values that a message lists.
const SHOWN_MAX: usize = 5;

/// Formats and those that every value of them is of as well.
const WIDER: [(&str, &[&str]); 4] = [
    ("int8", &["int16", "int32", "int64"]),
    ("int16", &["int32", "int64"]),
    ("int32", &["int64"]),
    ("float", &["double"]),
];

/// Conditions of which it cannot be told whether one holds wherever another does.
const CONDITIONS: [&str; 17] = [
    "$ref",
    "$dynamicRef",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "unevaluatedItems",
    "uniqueItems",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

/// How values are told apart or written: whatever is said of it must stay.
const FORMS: [&str; 2] = ["discriminator", "xml"];

impl Walk<'_> {
    /// Compares which values there may be.
    pub(super) fn values(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        self.enumeration(direction, place, old, new);
        self.format(direction, place, old.word("format"), new.word("format"));
        if direction == Direction::Input {
            let (was, is) = (old.word("pattern"), new.word("pattern"));
            if !is.is_null() && was != is {
                self.name(Rule::PatternAdded, place, was_is("the pattern", was, is));
            }
            self.default(place, old, new);
        }
    }

    fn enumeration(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        let (rule, narrow, wide) = match direction {
            Direction::Input => (Rule::ValueRefused, old, new),
            Direction::Output => (Rule::ValueAdded, new, old),
        };
        let Some(known) = enumerated(wide) else {
            return;
        };
        let what = match enumerated(narrow) {
            Some(values) => {
                let strange: Vec<_> = values.iter().filter(|v| !known.contains(v)).collect();
                (!strange.is_empty()).then(|| listed(&strange))
            }
            None => Some("any other value".to_owned()),
        };
        if let Some(values) = what {
            let what = match direction {
                Direction::Input => format!("{values} was accepted, is not"),
                Direction::Output => format!("may be {values}, which it could not be"),
            };
            self.name(rule, place, what);
        }
    }

    fn format(&mut self, direction: Direction, place: &str, was: &Value, is: &Value) {
        let (rule, narrow, wide) = match direction {
            Direction::Input => (Rule::FormatAdded, was, is),
            Direction::Output => (Rule::FormatLoosened, is, was),
        };
        let holds = wide.is_null() || narrow == wide || is_wider(narrow, wide);
        if !holds {
            self.name(rule, place, was_is("the format", was, is));
        }
    }

    fn default(&mut self, place: &str, old: &Flat, new: &Flat) {
        let Some(was) = old.words.get("default") else {
            return;
        };
        let is = new.words.get("default");
        if is != Some(was) {
            let is = is.map_or("there is none".to_owned(), |is| format!("is {is}"));
            let what = format!("the default was {was}, {is}");
            self.name(Rule::DefaultChanged, place, what);
        }
    }

    /// Compares conditions by their text: one that is new for the side that may only widen, or
    /// another than it was, cannot be judged and is named.
    pub(super) fn conditions(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        for word in CONDITIONS {
            let (was, is) = (old.word(word), new.word(word));
            let binding = match direction {
                Direction::Input => is,
                Direction::Output => was,
            };
            let is_free = binding.is_null() || *binding == false && word == "uniqueItems";
            if !is_free && was != is {
                let what = format!("the condition `{word}` was changed");
                self.name(Rule::ConditionChanged, place, what);
            }
        }
        for word in FORMS.iter().filter(|word| old.word(word) != new.word(word)) {
            let what = format!("`{word}` was changed");
            self.name(Rule::ConditionChanged, place, what);
        }
        let (was, is) = (old.word("patternProperties"), new.word("patternProperties"));
        let patterns = |word: &Value| {
            word.as_object()
                .map(|o| o.keys().cloned().collect::<Vec<_>>())
        };
        if patterns(was) != patterns(is) {
            let what = "the condition `patternProperties` was changed";
            self.name(Rule::ConditionChanged, place, what);
        }
    }
}

/// The values that are listed, of the types of this form.
fn enumerated(flat: &Flat) -> Option<Vec<&Value>> {
    let values = flat.words.get("enum")?;
    let of_kind = |value: &&Value| flat.kinds.covers(Kinds::of(value));
    Some(elements(values).filter(of_kind).collect())
}

fn is_wider(narrow: &Value, wide: &Value) -> bool {
    let (Some(narrow), Some(wide)) = (narrow.as_str(), wide.as_str()) else {
        return false;
    };
    WIDER
        .iter()
        .any(|(name, wider)| *name == narrow && wider.contains(&wide))
}

fn was_is(subject: &str, was: &Value, is: &Value) -> String {
    match (was, is) {
        (Value::Null, is) => format!("{subject} is {is}, there was none"),
        (was, Value::Null) => format!("{subject} was {was}, there is none"),
        (was, is) => format!("{subject} was {was}, is {is}"),
    }
}

fn listed(values: &[&&Value]) -> String {
    let shown: Vec<_> = values
        .iter()
        .take(SHOWN_MAX)
        .map(|v| v.to_string())
        .collect();
    let rest = values.len().saturating_sub(SHOWN_MAX);
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}
