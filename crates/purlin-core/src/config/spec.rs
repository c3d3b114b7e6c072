//! What a setting must be, beyond its type.

use std::fmt;

use super::{Description, FileValue, Invalid, Setting};

type Check<T> = Box<dyn Fn(&T) -> Result<(), String>>;

/// What a setting must be, beyond its type: what the attributes of a field become.
pub struct Spec<T> {
    pub(super) description: Description,
    pub(super) checks: Vec<Check<T>>,
    pub(super) absent: fn() -> Option<T>,
    pub(super) from_text: fn(&str) -> Result<T, Invalid>,
    pub(super) from_file: fn(&FileValue) -> Result<T, Invalid>,
}

impl<T: 'static> Spec<T> {
    /// A setting of the name `name`: lower case, digits and underscores.
    // `Setting` is asked for here and nowhere else, so that the compiler says once what to do
    // about a type that is no setting.
    pub fn new(name: &'static str) -> Self
    where
        T: Setting,
    {
        let description = Description {
            name,
            help: "",
            form: T::form(),
            default: None,
            required: T::absent().is_none(),
            required_if: None,
            secret: T::SECRET,
        };
        Self {
            description,
            checks: Vec::new(),
            absent: T::absent,
            from_text: T::from_text,
            from_file: T::from_file,
        }
    }

    /// What it is for, in a sentence or a few lines.
    pub fn help(mut self, help: &'static str) -> Self {
        self.description.help = help;
        self
    }

    /// Its value if no source has one, as text.
    pub fn default(mut self, text: &'static str) -> Self {
        self.description.default = Some(text);
        self.description.required = false;
        self
    }

    /// Never shows its value.
    pub fn secret(mut self) -> Self {
        self.description.secret = true;
        self
    }

    /// It must be given if the setting `other` has the value `value`, as text.
    pub fn required_if(mut self, other: &'static str, value: &'static str) -> Self {
        self.description.required_if = Some((other, value));
        self
    }

    /// Its least value, as text.
    pub fn min(self, least: &'static str) -> Self
    where
        T: PartialOrd,
    {
        self.bound(least, "at least", |value, least| value >= least)
    }

    /// Its greatest value, as text.
    pub fn max(self, greatest: &'static str) -> Self
    where
        T: PartialOrd,
    {
        self.bound(greatest, "at most", |value, greatest| value <= greatest)
    }

    /// What else must hold; the error says what is wrong. It must not hold the value of a secret.
    pub fn check(mut self, check: impl Fn(&T) -> Result<(), String> + 'static) -> Self {
        self.checks.push(Box::new(check));
        self
    }

    fn bound(mut self, text: &'static str, words: &'static str, holds: fn(&T, &T) -> bool) -> Self {
        let form = &self.description.form;
        self.description.form = format!("{form}, {words} {text}").into();
        let from_text = self.from_text;
        self.check(move |value| match from_text(text) {
            Ok(bound) if holds(value, &bound) => Ok(()),
            Ok(_) => Err(format!("expected {words} {text}")),
            Err(_) => Err(format!(
                "its bound `{text}` in the program is not of its form"
            )),
        })
    }
}

impl<T> fmt::Debug for Spec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec")
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}
