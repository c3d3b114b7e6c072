//! Reads one setting after the other, and notes every problem.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use super::{
    ConfigErrors, Description, FileValue, Invalid, Origin, Problem, Problems, Sources, Spec,
    describe::flag,
    gather::{Gathered, Raw},
    nearest::nearest,
};

/// Reads one setting after the other, and notes every problem; see [`Config::read`].
///
/// [`Config::read`]: super::Config::read
pub struct Reader {
    gathered: Gathered,
    descriptions: Vec<Description>,
    /// What was read so far: where it came from, and its text if it may be shown.
    read: BTreeMap<&'static str, (Origin, Option<String>)>,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(sources: &Sources) -> Self {
        let mut gathered = Gathered::new(sources);
        Self {
            problems: std::mem::take(&mut gathered.problems),
            gathered,
            descriptions: Vec::new(),
            read: BTreeMap::new(),
        }
    }

    /// Reads a setting; `None` if there is a problem with it, which is noted.
    pub fn setting<T>(&mut self, spec: Spec<T>) -> Option<T> {
        let Spec {
            description,
            checks,
            absent,
            from_text,
            from_file,
        } = spec;
        let name = description.name;
        self.descriptions.push(description.clone());
        if self.read.contains_key(name) {
            self.note(
                name,
                Origin::Default,
                "the program has two settings of this name",
            );
            return None;
        }
        let Some((raw, origin)) = self.value_of(&description) else {
            self.read.insert(name, (Origin::NotSet, None));
            let absent = absent();
            if absent.is_none() {
                self.note_missing(name, None);
            }
            return absent;
        };
        let shown = (!description.secret).then(|| raw.shown());
        self.read
            .insert(name, (origin.clone(), raw.plain(description.secret)));
        let value = match raw.value(from_text, from_file) {
            Ok(value) => value,
            Err(invalid) => {
                let reason = invalid.reason().filter(|_| !description.secret);
                self.note(name, origin, not_of_form(&description, reason, shown));
                return None;
            }
        };
        let wrong: Vec<String> = checks
            .iter()
            .filter_map(|check| check(&value).err())
            .collect();
        for message in &wrong {
            self.note(name, origin.clone(), with_found(message, shown.as_deref()));
        }
        wrong.is_empty().then_some(value)
    }

    /// Gives `group` back if `check` finds no problem with it.
    pub fn checked<C>(&mut self, group: C, check: impl FnOnce(&C, &mut Problems)) -> Option<C> {
        let mut problems = Problems::default();
        check(&group, &mut problems);
        let good = problems.found.is_empty();
        for (setting, message) in problems.found {
            let origin = self.read.get(setting).map(|(origin, _)| origin.clone());
            self.note(setting, origin.unwrap_or(Origin::NotSet), message);
        }
        good.then_some(group)
    }

    /// The value that wins: a source's, or else the default.
    fn value_of(&mut self, description: &Description) -> Option<(Raw, Origin)> {
        let given = self.gathered.take(description.name);
        given.or_else(|| {
            let default = description.default?.to_owned();
            Some((Raw::Text(default), Origin::Default))
        })
    }

    fn note_missing(&mut self, name: &'static str, why: Option<(&str, &str)>) {
        if self.gathered.incomplete {
            return; // It may be in the file that could not be read.
        }
        let why = why.map_or_else(String::new, |(other, value)| {
            format!(" since {other} is {value}")
        });
        let (variable, flag) = (name.to_uppercase(), flag(name));
        let message = format!(
            "is required{why}; give it as {name} in the file, {variable} in the environment, or {flag}"
        );
        self.note(name, Origin::NotSet, message);
    }

    fn note(&mut self, setting: &'static str, origin: Origin, message: impl Into<String>) {
        self.problems.push(Problem {
            setting: Some(Cow::Borrowed(setting)),
            origin,
            message: message.into(),
        });
    }

    pub(super) fn into_descriptions(self) -> Vec<Description> {
        self.descriptions
    }

    pub(super) fn finish<C>(mut self, read: Option<C>) -> Result<C, ConfigErrors> {
        self.check_requirements();
        self.refuse_unknown_names();
        self.refuse_unknown_flags();
        match read {
            Some(config) if self.problems.is_empty() => Ok(config),
            // A file that could not be read hides what is missing; its own problem is there.
            _ => Err(ConfigErrors::new(self.problems)),
        }
    }

    fn check_requirements(&mut self) {
        let mut missing = Vec::new();
        for description in &self.descriptions {
            let Some((other, value)) = description.required_if else {
                continue;
            };
            let absent = matches!(self.read.get(description.name), Some((Origin::NotSet, _)));
            match self.read.get(other) {
                Some((_, text)) if absent && text.as_deref() == Some(value) => {
                    missing.push((description.name, Some((other, value))));
                }
                Some(_) => {}
                None => missing.push((description.name, None)),
            }
        }
        for (name, why) in missing {
            match why {
                Some(_) => self.note_missing(name, why),
                None => self.note(
                    name,
                    Origin::Default,
                    "is required by a setting there is not",
                ),
            }
        }
    }

    fn refuse_unknown_names(&mut self) {
        for (name, origin) in self.gathered.unknown_names() {
            let known = self.descriptions.iter().map(|known| known.name);
            let hint = nearest(name, known).map(|name| format!("; did you mean {name}?"));
            let hint = hint.unwrap_or_default();
            let message = format!("there is no setting {}{hint}", name.escape_debug());
            self.problems.push(Problem {
                setting: None,
                origin: origin.clone(),
                message,
            });
        }
    }

    fn refuse_unknown_flags(&mut self) {
        let known: Vec<String> = self.descriptions.iter().map(Description::flag).collect();
        for given in self.gathered.unknown_flags() {
            let hint = nearest(given, known.iter().map(String::as_str));
            let hint = hint.map(|flag| format!("; did you mean {flag}?"));
            self.problems.push(Problem {
                setting: None,
                origin: Origin::Flag(given.escape_debug().to_string()),
                message: format!("there is no such flag{}", hint.unwrap_or_default()),
            });
        }
    }
}

fn not_of_form(description: &Description, reason: Option<&str>, shown: Option<String>) -> String {
    let reason = reason
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    let message = format!("expected {}{reason}", description.form);
    with_found(&message, shown.as_deref())
}

fn with_found(message: &str, shown: Option<&str>) -> String {
    match shown {
        Some(found) => format!("{message}, found {found}"),
        None => format!("{message}; the value is secret and not shown"),
    }
}

impl Raw {
    fn value<T>(
        &self,
        from_text: fn(&str) -> Result<T, Invalid>,
        from_file: fn(&FileValue) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        match self {
            Self::Unreadable => Err(Invalid::because("in UTF-8")),
            Self::Text(text) => from_text(text),
            Self::File(value) => from_file(value),
        }
    }

    /// The text that `required_if` compares, unless it is secret.
    fn plain(&self, secret: bool) -> Option<String> {
        match self {
            _ if secret => None,
            Self::Text(text) | Self::File(FileValue::Text(text)) => Some(text.clone()),
            Self::File(FileValue::Bool(value)) => Some(value.to_string()),
            Self::File(FileValue::Integer(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    /// How a message shows it: in one line, and not all of it if it is long.
    fn shown(&self) -> String {
        match self {
            Self::Unreadable => "bytes that are not text".to_owned(),
            Self::Text(text) | Self::File(FileValue::Text(text)) => quoted(text),
            Self::File(FileValue::Bool(value)) => value.to_string(),
            Self::File(FileValue::Integer(number)) => number.to_string(),
            Self::File(FileValue::Float(number)) => number.to_string(),
            Self::File(FileValue::List(items)) => format!("a list of {}", items.len()),
            Self::File(FileValue::Other(what)) => (*what).to_owned(),
        }
    }
}

fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

impl fmt::Debug for Reader {
    /// Shows what settings there are and no value: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("settings", &self.descriptions.len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}
