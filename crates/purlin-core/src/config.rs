//! Typed settings from defaults, a TOML file, the environment and flags; later wins.
//!
//! A struct with `#[derive(Config)]` names the settings; [`Config::load`] fills it from
//! [`Sources`], or reports every problem at once, each with the setting and where it came from.
//!
//! | in | the setting `database_url` is |
//! | --- | --- |
//! | the struct | the field `database_url` |
//! | the file | `database_url = "…"` |
//! | the environment | `DATABASE_URL` |
//! | the flags | `--database-url …` or `--database-url=…` |
//!
//! Unknown names in the file and unknown flags are refused; other environment variables are
//! nobody's business. An *empty* environment variable counts as not set, since that is what
//! `KEY=${UNSET}` in a compose file gives. Only the value that wins is read; one that another
//! source overrides may be wrong.
//!
//! # Examples
//!
//! ```
//! use purlin_core::config::{Config, Secret, Sources};
//! use std::time::Duration;
//!
//! #[derive(Config)]
//! struct Settings {
//!     /// Where to listen; 0 is a free port.
//!     #[config(default = 3000)]
//!     port: u16,
//!     /// How long an access token is valid.
//!     #[config(default = "15m", min = "1m", max = "1h")]
//!     access_ttl: Duration,
//!     /// Signs tokens.
//!     app_secret: Option<Secret<String>>,
//! }
//!
//! let sources = Sources::new()
//!     .file("settings.toml", false)
//!     .env([("ACCESS_TTL", "30m")])
//!     .flags(["--port", "80"]);
//! let settings = Settings::load(&sources)?;
//! assert_eq!(settings.port, 80);
//! assert_eq!(settings.access_ttl, Duration::from_secs(30 * 60));
//! assert!(settings.app_secret.is_none());
//!
//! let errors = Settings::load(&Sources::new().flags(["--prot", "80"])).err().unwrap();
//! assert_eq!(errors.to_string(), "flag --prot: there is no such flag; did you mean --port?");
//! assert_eq!(errors.exit_code(), 2);
//! # Ok::<(), purlin_core::config::ConfigErrors>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../../../docs/configuration.md")]
struct Chapter;

mod describe;
mod durations;
mod error;
mod file;
mod flags;
mod gather;
mod nearest;
mod reader;
mod secret;
mod setting;
mod sources;
mod spec;

pub use describe::{Description, help};
pub use error::{ConfigErrors, Origin, Problem, Problems};
pub use file::{FILE_BYTES_MAX, FileValue};
pub use flags::take_flag;
pub use reader::Reader;
pub use secret::Secret;
pub use setting::{Invalid, Setting};
pub use sources::Sources;
pub use spec::Spec;

/// Implements [`Config`](trait@Config) for a struct, one setting for each field.
///
/// The doc comment of a field is its help. On a field, `#[config(…)]` takes:
///
/// | word | meaning |
/// | --- | --- |
/// | `default = "15m"` | the value if no source has one: a literal, as text |
/// | `min = …`, `max = …`, `range = 1..=9` | bounds, both included: literals, as text |
/// | `check = path` | a `fn(&T) -> Result<(), String>`, or one of `&str` for a `String` and the like |
/// | `secret` | is never shown; [`Secret`] is by itself |
/// | `required_if(app_env = "production")` | must be given if that setting has that value |
/// | `name = "type"` | the name, if it is not that of the field |
/// | `flatten` | a group: the field's type is a [`Config`](trait@Config) itself |
///
/// On the struct, `#[config(check = path)]` is a `fn(&Self, &mut Problems)` that looks at
/// settings together; it runs if each is good by itself.
///
/// # Expansion
///
/// ```
/// # use purlin_core::config::{Config, Problems, Reader, Spec};
/// # mod derived { use purlin_core::config::{Config, Problems};
/// # #[derive(Config)] struct SqlSettings { #[config(default = "sqlite::memory:")] database_url: String }
/// # fn ports_differ(_: &Settings, _: &mut Problems) {}
/// #[derive(Config)]
/// #[config(check = ports_differ)]
/// struct Settings {
///     /// Where to listen.
///     #[config(default = 3000, min = 1)]
///     port: u16,
///     #[config(flatten)]
///     sql: SqlSettings,
/// }
/// # }
/// # #[derive(Config)] struct SqlSettings { #[config(default = "sqlite::memory:")] database_url: String }
/// # fn ports_differ(_: &Settings, _: &mut Problems) {}
/// # struct Settings { port: u16, sql: SqlSettings }
///
/// // Without the derive, write exactly this:
/// impl Config for Settings {
///     fn read(reader: &mut Reader) -> Option<Self> {
///         let port = reader.setting(Spec::<u16>::new("port").help("Where to listen.").default("3000").min("1"));
///         let sql = <SqlSettings as Config>::read(reader);
///         let this = Self { port: port?, sql: sql? };
///         reader.checked(this, ports_differ)
///     }
/// }
/// ```
pub use purlin_macros::Config;

/// Implements [`Setting`](trait@Setting) for an enum of plain variants: `on` for `On`, `dry_run`
/// for `DryRun`, or another word by `#[setting(name = "…")]`.
///
/// # Expansion
///
/// ```
/// # use purlin_core::config::{Invalid, Setting};
/// # use std::borrow::Cow;
/// # mod derived { use purlin_core::config::Setting;
/// #[derive(Setting)]
/// enum Mode {
///     On,
///     DryRun,
/// }
/// # }
/// # enum Mode { On, DryRun }
///
/// // Without the derive, write exactly this:
/// impl Setting for Mode {
///     fn form() -> Cow<'static, str> {
///         Cow::Borrowed("`on` or `dry_run`")
///     }
///     fn from_text(text: &str) -> Result<Self, Invalid> {
///         match text {
///             "on" => Ok(Self::On),
///             "dry_run" => Ok(Self::DryRun),
///             _ => Err(Invalid::new()),
///         }
///     }
/// }
/// ```
pub use purlin_macros::Setting;

/// A group of settings that is read as one; see [the module](self) and the
/// [derive](derive@Config).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of settings",
    label = "not a group of settings",
    note = "put `#[derive(Config)]` on `{Self}`"
)]
pub trait Config: Sized {
    /// Reads every setting of the group; `None` if `reader` has noted a problem with one.
    ///
    /// Every setting must be read before any is looked at: so every problem is found, and
    /// [`describe`](Self::describe) sees every setting.
    fn read(reader: &mut Reader) -> Option<Self>;

    /// Reads the settings from `sources`. Reads files, so call it before serving anything.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with every problem there is.
    fn load(sources: &Sources) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(sources);
        let read = Self::read(&mut reader);
        reader.finish(read)
    }

    /// What settings there are, in the order of the fields: for `--help` and documents.
    fn describe() -> Vec<Description> {
        let mut reader = Reader::new(&Sources::new());
        let _incomplete = Self::read(&mut reader);
        reader.into_descriptions()
    }
}
