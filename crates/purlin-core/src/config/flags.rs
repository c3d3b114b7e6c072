//! Flags: `--name value` and `--name=value`.

use std::ffi::{OsStr, OsString};

use super::{ConfigErrors, Origin, Problem};

/// A flag by its name with dashes, and its value.
pub(super) struct Flags {
    pub(super) values: Vec<(String, OsString)>,
    pub(super) problems: Vec<Problem>,
}

/// Takes the flag `--name`, in either form, out of `arguments`: for what must be known before the
/// settings are read, such as `--config FILE`. `None` if it is not there.
///
/// # Errors
///
/// [`ConfigErrors`] if the flag has no value or is there twice.
///
/// # Examples
///
/// ```
/// use purlin_core::config::take_flag;
/// use std::ffi::OsString;
///
/// let mut arguments: Vec<OsString> = ["--port", "80", "--config", "a.toml"].map(Into::into).into();
/// assert_eq!(take_flag(&mut arguments, "config")?, Some("a.toml".into()));
/// assert_eq!(arguments, ["--port", "80"]);
/// # Ok::<(), purlin_core::config::ConfigErrors>(())
/// ```
pub fn take_flag(
    arguments: &mut Vec<OsString>,
    name: &str,
) -> Result<Option<OsString>, ConfigErrors> {
    let wanted = format!("--{name}");
    let (mut taken, mut problems, mut rest) = (None, Vec::new(), Vec::new());
    let mut remaining = std::mem::take(arguments).into_iter().peekable();
    while let Some(argument) = remaining.next() {
        let (flag, value) = split(&argument);
        if flag != wanted {
            // The value of another flag may look like anything, so it goes along with it.
            let value = is_flag(&argument).then(|| take_value(value, &mut remaining));
            let separate = !argument.as_encoded_bytes().contains(&b'=');
            rest.push(argument);
            rest.extend(value.flatten().filter(|_| separate));
            continue;
        }
        match take_value(value, &mut remaining) {
            None => problems.push(problem(&wanted, "has no value")),
            Some(_) if taken.is_some() => problems.push(problem(&wanted, "is there twice")),
            Some(value) => taken = Some(value),
        }
    }
    *arguments = rest;
    if problems.is_empty() {
        Ok(taken)
    } else {
        Err(ConfigErrors::new(problems))
    }
}

pub(super) fn parse(arguments: &[OsString]) -> Flags {
    let (mut values, mut problems) = (Vec::<(String, OsString)>::new(), Vec::new());
    let mut remaining = arguments.iter().cloned().peekable();
    while let Some(argument) = remaining.next() {
        if !is_flag(&argument) {
            problems.push(stray(arguments.len() - remaining.len()));
            continue;
        }
        let (flag, value) = split(&argument);
        match take_value(value, &mut remaining) {
            None => problems.push(problem(&flag, "has no value")),
            Some(_) if values.iter().any(|(other, _)| *other == flag) => {
                problems.push(problem(&flag, "is there twice"));
            }
            Some(value) => values.push((flag, value)),
        }
    }
    Flags { values, problems }
}

/// By its place and not by its text, which may be a part of a secret that was not quoted.
fn stray(number: usize) -> Problem {
    Problem {
        setting: None,
        origin: Origin::Flag(format!("number {number}")),
        message: "expected a flag, such as --name value".to_owned(),
    }
}

fn problem(flag: &str, message: &str) -> Problem {
    Problem {
        setting: None,
        origin: Origin::Flag(flag.escape_debug().to_string()),
        message: message.to_owned(),
    }
}

fn is_flag(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"--")
}

/// The flag and what follows its `=`.
fn split(argument: &OsStr) -> (String, Option<OsString>) {
    match argument.to_str() {
        Some(text) => match text.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.into())),
            None => (text.to_owned(), None),
        },
        // Only the name is shown of it, and that loses what is not UTF-8.
        None => {
            let text = argument.to_string_lossy();
            let flag = text.split('=').next().unwrap_or_default().to_owned();
            let value = text.contains('=').then(|| argument.to_owned());
            (flag, value)
        }
    }
}

/// The value after `=`, or else the next argument if that is not a flag.
fn take_value(
    after_equals: Option<OsString>,
    remaining: &mut std::iter::Peekable<impl Iterator<Item = OsString>>,
) -> Option<OsString> {
    after_equals.or_else(|| remaining.next_if(|next| !is_flag(next)))
}
