//! Loads that are under way, so that those who want the same load once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, PoisonError},
};

use tokio::sync as waiting;

use super::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// One for each key that is being loaded; bounded by the callers who wait.
pub(super) struct Flights<K>(Mutex<HashMap<K, Arc<Flight>>>);

#[derive(Default)]
struct Flight {
    /// Held by whoever loads.
    turn: waiting::Mutex<()>,
    /// What is loaded was changed meanwhile.
    is_void: AtomicBool,
}

/// A caller's part in a flight; dropping the last one ends it.
pub(super) struct Passenger<'a, K: Eq + Hash> {
    flights: &'a Flights<K>,
    key: K,
    flight: Arc<Flight>,
}

impl<K> Default for Flights<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Flights<K> {
    /// Joins the flight for `key`, or begins it.
    pub(super) fn join(&self, key: &K) -> Passenger<'_, K> {
        let flight = Arc::clone(self.flights().entry(key.clone()).or_default());
        Passenger {
            flights: self,
            key: key.clone(),
            flight,
        }
    }

    /// What is being loaded for `key` must not be kept; who comes from now on loads anew.
    pub(super) fn void(&self, key: &K) {
        if let Some(flight) = self.flights().remove(key) {
            flight.is_void.store(true, Relaxed);
        }
    }

    pub(super) fn void_all(&self) {
        for (_, flight) in self.flights().drain() {
            flight.is_void.store(true, Relaxed);
        }
    }
}

impl<K> Flights<K> {
    /// Loads that are under way.
    #[cfg(all(test, feature = "loom"))]
    #[allow(dead_code, reason = "only the models ask, in their own copy")]
    pub(super) fn count(&self) -> usize {
        self.flights().len()
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<K, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Passenger<'_, K> {
    /// Waits until nobody else loads.
    pub(super) async fn turn(&self) -> waiting::MutexGuard<'_, ()> {
        self.flight.turn.lock().await
    }

    pub(super) fn is_void(&self) -> bool {
        self.flight.is_void.load(Relaxed)
    }
}

impl<K: Eq + Hash> Drop for Passenger<'_, K> {
    fn drop(&mut self) {
        let mut flights = self.flights.flights();
        let is_ours = |it: &Arc<Flight>| Arc::ptr_eq(it, &self.flight);
        // The map and this one: nobody else can join while the map is locked.
        if flights.get(&self.key).is_some_and(is_ours) && Arc::strong_count(&self.flight) == 2 {
            flights.remove(&self.key);
        }
    }
}
