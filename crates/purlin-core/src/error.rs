//! Why an application did not start.

use purlin_base::{BoxError, Classified, ErrorClass};

/// Why a container was not built or not started.
///
/// When building fails nothing has been started; when a hook fails, whatever had been started has
/// been stopped again, in reverse.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Modules import each other in a circle: move what they share into a module that both import.
    #[error(
        "modules import each other in a circle: {path}; move what they share into a module of its own"
    )]
    ModuleCycle {
        /// The circle: `A -> B -> A`.
        path: String,
    },
    /// Providers need each other in a circle: take what they share out of one of them.
    #[error(
        "providers need each other in a circle: {path}; take what they share out into a provider of its own, or let one tell the other by an event"
    )]
    ProviderCycle {
        /// The circle, with modules: `A (ShopModule) -> B (ShopModule) -> A (ShopModule)`.
        path: String,
    },
    /// A module waits for a value that was not handed in.
    #[error(
        "`{module}` needs a `{input}`, and none was handed in: call `.input(…)` with one before `.build()`"
    )]
    InputMissing {
        /// The type of the value.
        input: String,
        /// The module that provides it.
        module: String,
    },
    /// A value was handed in that no module takes: import `ConfigModule` of it, or leave it out.
    #[error(
        "a `{input}` was handed in by `.input(…)`, and no module takes it: import `ConfigModule<{input}>` where it is needed"
    )]
    InputUnused {
        /// The type of the value.
        input: String,
    },
    /// A test replaces what nobody provides: the type is not the one it is provided by.
    #[error(
        "`{provided}` is overridden, and no module provides it: override the type that stands in `providers`, such as `dyn Mailer` rather than `Smtp`"
    )]
    OverrideUnused {
        /// The type of the replacement.
        provided: String,
    },
    /// A module written by hand promises by its marker traits what it does not define.
    #[error(
        "`{dependency}`, which `{provider}` needs, is not available in `{module}`: `Module::define` does not do what the module's `Scope`, `Provides` and `Exports` promise"
    )]
    DependencyMissing {
        /// The type asked for.
        dependency: String,
        /// Who asks.
        provider: String,
        /// In which module.
        module: String,
    },
    /// A module written by hand has one type in reach twice.
    #[error(
        "`{dependency}`, which `{provider}` needs, is in reach of `{module}` more than once: by {places}"
    )]
    DependencyAmbiguous {
        /// The type asked for.
        dependency: String,
        /// Who asks.
        provider: String,
        /// In which module.
        module: String,
        /// The modules that have it.
        places: String,
    },
    /// A provider could not be made; `source()` says why.
    #[error("`{provider}` of `{module}` could not be made")]
    FactoryFailed {
        /// What was being made.
        provider: String,
        /// The module that provides it.
        module: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// A hook refused to start; `source()` says why.
    #[error("`{hook}` of `{provider}` in `{module}` failed")]
    HookFailed {
        /// Which hook.
        hook: &'static str,
        /// Whose hook.
        provider: String,
        /// In which module.
        module: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The container has been stopped; it can't be started again. Build another.
    #[error("a container that has been stopped can't be started again")]
    AlreadyStopped,
}

impl Classified for StartError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ModuleCycle { .. } => "START_MODULE_CYCLE",
            Self::ProviderCycle { .. } => "START_PROVIDER_CYCLE",
            Self::InputMissing { .. } => "START_INPUT_MISSING",
            Self::InputUnused { .. } => "START_INPUT_UNUSED",
            Self::OverrideUnused { .. } => "START_OVERRIDE_UNUSED",
            Self::DependencyMissing { .. } => "START_DEPENDENCY_MISSING",
            Self::DependencyAmbiguous { .. } => "START_DEPENDENCY_AMBIGUOUS",
            Self::FactoryFailed { .. } => "START_FACTORY_FAILED",
            Self::HookFailed { .. } => "START_HOOK_FAILED",
            Self::AlreadyStopped => "START_ALREADY_STOPPED",
        }
    }
}

/// A piece of user code panicked; the message is kept.
#[derive(Debug, thiserror::Error)]
#[error("it panicked: {0}")]
pub(crate) struct Panicked(String);

impl Panicked {
    pub(crate) fn boxed(payload: Box<dyn std::any::Any + Send>) -> BoxError {
        let text = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".into());
        Box::new(Self(text))
    }
}
