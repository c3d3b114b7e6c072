//! Modules, injection, lifecycle and configuration, checked by the compiler.
//!
//! A module lists what it imports, provides and exports. What one of its providers needs and the
//! module does not have in reach is a compile error that names the type, the module and the cure.
//!
//! | to do | look at |
//! | --- | --- |
//! | write a provider | [`injectable`](macro@injectable), [`Injectable`], [`Named`] |
//! | write a module | [`module`](macro@module), [`Module`], [`Definition`], [`Provider`] |
//! | build, start and stop | [`Container`], [`StartError`] |
//! | hand settings in | [`ConfigModule`] |
//! | read settings | [`config`] |
//! | look at what there is | [`Graph`] |
//! | add a section of components | [`Definition::component`], [`Hosts`] |

pub mod check;
pub mod config;
mod container;
mod definition;
mod error;
mod factory;
mod graph;
mod hosts;
mod injectable;
mod module;
mod name;
mod plan;
mod provider;

pub use container::{Container, ContainerBuilder};
pub use definition::{ConfigModule, Definition};
pub use error::StartError;
pub use factory::{Counted, Factory, Fallible, Later, Outcome, Plain};
pub use graph::{Graph, GraphModule, GraphNeed, GraphProvider, ProviderKind};
pub use hosts::Hosts;
pub use injectable::{
    DEPENDENCIES_MAX, Dep, DepList, Injectable, Named, Nothing, Resolved, Shared,
};
pub use module::{Direct, End, Exported, Exports, Find, Has, Here, Module, Own, Provides, There};
pub use provider::Provider;
pub use purlin_base::lifecycle;
pub use purlin_macros::{injectable, module};
