//! All that the sources hold, before anybody has said what settings there are.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
};

use super::{FileValue, Origin, Problem, Sources, describe::flag, file, flags};

#[derive(Default)]
pub(super) struct Gathered {
    file: BTreeMap<String, (FileValue, Origin)>,
    environment: HashMap<OsString, OsString>,
    flags: Vec<(String, OsString)>,
    pub(super) problems: Vec<Problem>,
    /// A file could not be understood, so what seems missing may be in it.
    pub(super) incomplete: bool,
}

/// A value as a source has it.
pub(super) enum Raw {
    /// Not UTF-8.
    Unreadable,
    Text(String),
    File(FileValue),
}

impl Gathered {
    pub(super) fn new(sources: &Sources) -> Self {
        let mut gathered = Self::default();
        for (path, required) in &sources.files {
            let contents = file::read(path, *required);
            gathered.incomplete |= !contents.problems.is_empty();
            gathered.problems.extend(contents.problems);
            for (name, value, origin) in contents.values {
                gathered.file.insert(name, (value, origin));
            }
        }
        let set = |(_, value): &&(OsString, OsString)| !value.is_empty();
        gathered.environment = sources.environment.iter().filter(set).cloned().collect();
        let flags = flags::parse(&sources.flags);
        gathered.flags = flags.values;
        gathered.problems.extend(flags.problems);
        gathered
    }

    /// Takes the value of the setting `name` that wins, and forgets the others.
    pub(super) fn take(&mut self, name: &str) -> Option<(Raw, Origin)> {
        let from_file = self.file.remove(name);
        let from_file = from_file.map(|(value, origin)| (Raw::File(value), origin));
        let from_flag = self.take_flag(name);
        let variable = name.to_uppercase();
        let from_environment = self.environment.get(OsString::from(&variable).as_os_str());
        let from_environment =
            from_environment.map(|value| (raw(value), Origin::Environment(variable)));
        from_flag.or(from_environment).or(from_file)
    }

    fn take_flag(&mut self, name: &str) -> Option<(Raw, Origin)> {
        let wanted = flag(name);
        let at = self.flags.iter().position(|(flag, _)| *flag == wanted)?;
        let (flag, value) = self.flags.remove(at);
        Some((raw(&value), Origin::Flag(flag)))
    }

    /// The names in files that nobody has taken, in the order of their lines.
    pub(super) fn unknown_names(&self) -> Vec<(&str, &Origin)> {
        let left = self
            .file
            .iter()
            .map(|(name, (_, origin))| (&**name, origin));
        let mut left: Vec<_> = left.collect();
        left.sort_by_key(|(_, origin)| match origin {
            Origin::File { line, .. } => *line,
            _ => None,
        });
        left
    }

    /// The flags that nobody has taken.
    pub(super) fn unknown_flags(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().map(|(flag, _)| &**flag)
    }
}

fn raw(value: &OsString) -> Raw {
    value
        .to_str()
        .map_or(Raw::Unreadable, |text| Raw::Text(text.to_owned()))
}
