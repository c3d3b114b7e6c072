//! The types that settings have.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{Invalid, Setting};
use crate::config::{FileValue, Secret, durations};

impl Setting for String {
    fn form() -> Cow<'static, str> {
        "text".into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        Ok(text.to_owned())
    }
}

impl Setting for PathBuf {
    fn form() -> Cow<'static, str> {
        "a path".into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.contains('\0') {
            return Err(Invalid::new());
        }
        Ok(text.into())
    }
}

impl Setting for bool {
    fn form() -> Cow<'static, str> {
        "true or false".into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        match text {
            "true" | "on" => Ok(true),
            "false" | "off" => Ok(false),
            _ => Err(Invalid::new()),
        }
    }
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        match value {
            FileValue::Bool(value) => Ok(*value),
            FileValue::Text(text) => Self::from_text(text),
            _ => Err(Invalid::new()),
        }
    }
}

impl Setting for Duration {
    fn form() -> Cow<'static, str> {
        "a duration such as 500ms, 10s, 15m, 12h or 30d".into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        durations::parse(text).ok_or_else(Invalid::new)
    }
}

impl Setting for f64 {
    fn form() -> Cow<'static, str> {
        "a number".into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        let number = text.parse::<Self>().ok();
        number
            .filter(|number| number.is_finite())
            .ok_or_else(Invalid::new)
    }
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        match value {
            FileValue::Float(number) if number.is_finite() => Ok(*number),
            FileValue::Integer(number) => Ok(*number as Self),
            _ => Err(Invalid::new()),
        }
    }
}

macro_rules! whole_numbers {
    ($($number:ty),+) => {$(
        impl Setting for $number {
            fn form() -> Cow<'static, str> {
                format!("a whole number from {} to {}", Self::MIN, Self::MAX).into()
            }
            fn from_text(text: &str) -> Result<Self, Invalid> {
                text.parse().map_err(|_| Invalid::new())
            }
            fn from_file(value: &FileValue) -> Result<Self, Invalid> {
                match value {
                    FileValue::Integer(number) => {
                        Self::try_from(*number).map_err(|_| Invalid::new())
                    }
                    _ => Err(Invalid::new()),
                }
            }
        }
    )+};
}
whole_numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

macro_rules! parsed {
    ($($parsed:ty: $form:literal),+ $(,)?) => {$(
        impl Setting for $parsed {
            fn form() -> Cow<'static, str> {
                $form.into()
            }
            fn from_text(text: &str) -> Result<Self, Invalid> {
                text.parse().map_err(|_| Invalid::new())
            }
        }
    )+};
}
parsed!(
    IpAddr: "an address such as 127.0.0.1 or ::1",
    Ipv4Addr: "an address such as 127.0.0.1",
    Ipv6Addr: "an address such as ::1",
    SocketAddr: "an address and port such as 127.0.0.1:3000",
);

impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;

    fn form() -> Cow<'static, str> {
        T::form()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        T::from_text(text).map(Some)
    }
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        T::from_file(value).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Setting> Setting for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn form() -> Cow<'static, str> {
        format!("a comma-separated list, each {}", T::form()).into()
    }
    /// An empty text is an empty list; space around each item is dropped.
    fn from_text(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        text.split(',')
            .map(|item| T::from_text(item.trim()))
            .collect()
    }
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        match value {
            FileValue::List(items) => items.iter().map(T::from_file).collect(),
            FileValue::Text(text) => Self::from_text(text),
            _ => Err(Invalid::new()),
        }
    }
}

/// An empty secret is none, so it is refused.
impl<T: Setting> Setting for Secret<T> {
    const SECRET: bool = true;

    fn form() -> Cow<'static, str> {
        format!("{}, not empty", T::form()).into()
    }
    fn from_text(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new());
        }
        T::from_text(text).map(Self::new)
    }
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        match value {
            FileValue::Text(text) => Self::from_text(text),
            other => T::from_file(other).map(Self::new),
        }
    }
    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}
