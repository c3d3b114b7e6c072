//! Pages from files: named templates, embedded at compile time.

use std::{fmt, sync::Arc};

use minijinja::{
    AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, context, value::Serde,
};
use purlin_runtime::CpuPool;
use serde::Serialize;

use super::{Html, Nonce};

mod error;
mod filters;
mod output;

pub use error::{RenderError, TemplateError};

use output::Bounded;

/// Named templates, written in the language of Jinja.
///
/// Values are escaped in **every** template, whatever its name; an [`Html`] is inserted as it is,
/// by its type. There is no filter `safe`, and a template that says `autoescape` stops the start.
/// A name that is not there is a failure, not an empty text. Templates read no files: they find
/// each other by name.
///
/// Every template knows `csp_nonce`, the nonce of the page: `<script nonce="{{ csp_nonce }}">`.
/// Filters of ours: `json` for the inside of script elements, `url` for addresses. The chapter
/// `docs/html.md` says where escaping is not enough.
///
/// # Time
///
/// A page is begun on the caller's thread, with a budget of
/// [`FUEL_INLINE`](Self::FUEL_INLINE) steps and [`BYTES_INLINE`](Self::BYTES_INLINE) bytes: about
/// 100 µs. One that needs more is begun again on the [`CpuPool`], where the bounds are
/// [`FUEL_MAX`](Self::FUEL_MAX) and [`BYTES_MAX`](Self::BYTES_MAX). Without a pool it fails.
///
/// # Examples
///
/// ```
/// use purlin_http::html::Templates;
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// // A program says `include_str!("hello.html")`.
/// let templates = Templates::builder()
///     .add("hello.html", "<p title=\"{{ name }}\">Hello {{ name }}</p>")
///     .build()?;
/// let values = std::collections::HashMap::from([("name", "\"><script>")]);
/// let page = templates.render("hello.html", values).await?;
/// assert!(!page.as_str().contains("<script>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Templates {
    quick: Arc<Environment<'static>>,
    patient: Option<(CpuPool, Arc<Environment<'static>>)>,
}

/// Collects templates; [`Templates::builder`] begins.
#[derive(Default)]
#[must_use = "call `build`"]
pub struct TemplatesBuilder {
    templates: Vec<(&'static str, &'static str)>,
    pool: Option<CpuPool>,
}

impl TemplatesBuilder {
    /// Adds the template `name`.
    pub fn add(mut self, name: &'static str, source: &'static str) -> Self {
        self.templates.push((name, source));
        self
    }

    /// Where large pages are made.
    pub fn pool(mut self, pool: CpuPool) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Reads every template.
    ///
    /// # Errors
    ///
    /// [`TemplateError`], for the first that is not well formed.
    pub fn build(self) -> Result<Templates, TemplateError> {
        let quick = environment(&self.templates, Templates::FUEL_INLINE)?;
        let patient = match self.pool {
            Some(pool) => Some((pool, environment(&self.templates, Templates::FUEL_MAX)?)),
            None => None,
        };
        Ok(Templates { quick, patient })
    }
}

impl Templates {
    /// Steps of a template on the caller's thread.
    pub const FUEL_INLINE: u64 = 2_000;
    /// Bytes of a page that is made on the caller's thread.
    pub const BYTES_INLINE: usize = 64 * 1024;
    /// Steps of a template on the pool.
    pub const FUEL_MAX: u64 = 5_000_000;
    /// Bytes of a page: 4 MiB.
    pub const BYTES_MAX: usize = 4 * 1024 * 1024;
    /// Templates that may include or call each other, one in the other.
    pub const DEPTH_MAX: usize = 50;

    /// Begins a collection of templates.
    pub fn builder() -> TemplatesBuilder {
        TemplatesBuilder::default()
    }

    /// The page that the template `name` makes of `values`, with a new nonce.
    ///
    /// # Errors
    ///
    /// [`RenderError`]. What the template had written is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; a page that has begun on the pool is made to its end.
    pub async fn render(&self, name: &str, values: impl Serialize) -> Result<Html, RenderError> {
        let values = Value::from(Serde(values));
        let nonce = Nonce::fresh();
        let values = context! { csp_nonce => nonce.as_str(), ..values };
        let markup = match (
            make(&self.quick, name, &values, Self::BYTES_INLINE),
            &self.patient,
        ) {
            (Err(RenderError::TooLarge { .. }), Some((pool, patient))) => {
                let (patient, name) = (Arc::clone(patient), name.to_owned());
                let work = move || make(&patient, &name, &values, Self::BYTES_MAX);
                pool.run("render a page", work).await??
            }
            (made, _) => made?,
        };
        Ok(Html::made(markup).nonce(nonce))
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.quick.templates().map(|(name, _)| name).collect();
        f.debug_struct("Templates")
            .field("names", &names)
            .finish_non_exhaustive()
    }
}

/// The markup of `html` for the engine: the only place where it comes in.
pub(super) fn value(html: &Html) -> Value {
    Value::from_object(output::Markup(html.markup.clone()))
}

fn environment(
    templates: &[(&'static str, &'static str)],
    fuel: u64,
) -> Result<Arc<Environment<'static>>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(output::escaped);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_recursion_limit(Templates::DEPTH_MAX);
    environment.set_fuel(Some(fuel));
    environment.set_debug(false);
    environment.remove_filter("safe");
    environment.remove_global("debug");
    filters::add(&mut environment);
    for (at, (name, source)) in templates.iter().enumerate() {
        if templates[..at].iter().any(|(known, _)| known == name) {
            return Err(TemplateError::Duplicate { name });
        }
        if says_autoescape(source) {
            return Err(TemplateError::Autoescape { name });
        }
        let added = environment.add_template(name, source);
        added.map_err(|source| TemplateError::Syntax { name, source })?;
    }
    Ok(Arc::new(environment))
}

/// Whether a tag `autoescape` is in `source`, in a comment too.
fn says_autoescape(source: &str) -> bool {
    source.split("{%").skip(1).any(|tag| {
        let word = tag.trim_start_matches(['-', '+']).trim_start();
        word.starts_with("autoescape")
    })
}

fn make(
    environment: &Environment<'static>,
    name: &str,
    values: &Value,
    bytes_max: usize,
) -> Result<String, RenderError> {
    let mut page = Bounded::new(bytes_max);
    let template = environment.get_template(name);
    let done = template.and_then(|template| {
        template
            .render_captured_to(values.clone(), &mut page)
            .map(|_| ())
    });
    match done {
        Ok(()) => Ok(page.into_text()),
        Err(error) if page.is_full() || is_out_of_fuel(&error) => {
            let name = name.to_owned();
            Err(RenderError::TooLarge { name })
        }
        Err(source) => {
            let name = name.to_owned();
            Err(RenderError::Failed { name, source })
        }
    }
}

/// Looks below the error too: an `include` wraps what went wrong inside of it.
fn is_out_of_fuel(error: &minijinja::Error) -> bool {
    let below = |error: &(dyn std::error::Error + 'static)| {
        error
            .downcast_ref::<minijinja::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::OutOfFuel)
    };
    let first = std::error::Error::source(error);
    let mut causes = std::iter::successors(first, |cause| cause.source());
    error.kind() == ErrorKind::OutOfFuel || causes.any(below)
}
