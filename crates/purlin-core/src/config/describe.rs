//! What is known of a setting without its value.

use std::{borrow::Cow, fmt::Write};

/// What is known of a setting without its value: for `--help` and documents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// Its name in the file: `database_url`.
    pub name: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// What is accepted: `a whole number from 0 to 65535`.
    pub form: Cow<'static, str>,
    /// Its value if no source has one, as text.
    pub default: Option<&'static str>,
    /// It has no default and must be given.
    pub required: bool,
    /// It must be given if this setting has this value.
    pub required_if: Option<(&'static str, &'static str)>,
    /// Its value is never shown.
    pub secret: bool,
}

impl Description {
    /// Its name in the environment: `DATABASE_URL`.
    pub fn variable(&self) -> String {
        self.name.to_uppercase()
    }

    /// Its name among the flags: `--database-url`.
    pub fn flag(&self) -> String {
        flag(self.name)
    }
}

pub(super) fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

/// The settings as the text of `--help`: flag, form, help, variable and default of each.
pub fn help(settings: &[Description]) -> String {
    let mut text = String::new();
    for setting in settings {
        describe_one(&mut text, setting);
    }
    text
}

fn describe_one(text: &mut String, setting: &Description) {
    let flag = setting.flag();
    let _ = writeln!(text, "  {flag} <{}>", setting.form);
    for line in setting.help.lines() {
        let _ = writeln!(text, "{}", format!("      {line}").trim_end());
    }
    let mut facts = vec![format!("env: {}", setting.variable())];
    match setting.default {
        Some(_) if setting.secret => facts.push("default: not shown".to_owned()),
        Some(default) => facts.push(format!("default: {default}")),
        None if setting.required => facts.push("required".to_owned()),
        None => {}
    }
    if let Some((other, value)) = setting.required_if {
        facts.push(format!("required if {other} is {value}"));
    }
    let _ = writeln!(text, "      [{}]", facts.join(", "));
}
