//! Where components go once they are built.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
};

/// What takes up built components: a table of routes, a set of job processors. One of each type.
///
/// Core knows no host. Whoever adds a section of components to modules also says which host
/// takes them, and reads that host once the container is built.
#[derive(Default)]
pub struct Hosts(HashMap<TypeId, Box<dyn Any + Send>>);

impl Hosts {
    /// The host of type `H`, made at the first call.
    pub fn host<H: Default + Send + 'static>(&mut self) -> &mut H {
        self.0
            .entry(TypeId::of::<H>())
            .or_insert_with(|| Box::new(H::default()))
            .downcast_mut()
            .expect("a host is kept under its own type")
    }

    /// The host of type `H`, if there is one.
    pub fn get<H: Send + 'static>(&self) -> Option<&H> {
        self.0.get(&TypeId::of::<H>())?.downcast_ref()
    }

    /// Takes the host of type `H` out.
    pub fn take<H: Send + 'static>(&mut self) -> Option<H> {
        let host = self.0.remove(&TypeId::of::<H>())?;
        host.downcast().ok().map(|host| *host)
    }
}
