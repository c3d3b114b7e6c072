//! What an engine offers beyond adding, claiming and finishing.

use std::fmt;

/// Something an engine may offer or not. What it does not offer is refused with
/// [`QueueError::NotOffered`](crate::QueueError::NotOffered) and never emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Adding inside the caller's transaction.
    AddWithin,
    /// Completing inside the caller's transaction.
    CompleteWithin,
    /// Several jobs added all or none.
    AtomicBulk,
    /// A child with several parents.
    Dag,
    /// Limits by key.
    KeyLimits,
    /// Turns between tenants.
    Tenants,
    /// Stored results of steps.
    Steps,
    /// Cancelling a job that runs, from any process.
    CancelAnywhere,
    /// Tags that jobs can be found by.
    Tags,
    /// Retention by a timer.
    TimedRetention,
    /// Crashes counted apart from failures.
    CrashCount,
    /// Policies for missed and overlapping ticks.
    SchedulePolicies,
    /// Moving a job to the dead letters by hand.
    Bury,
}

impl Capability {
    /// All there are.
    pub const ALL: [Self; 13] = [
        Self::AddWithin,
        Self::CompleteWithin,
        Self::AtomicBulk,
        Self::Dag,
        Self::KeyLimits,
        Self::Tenants,
        Self::Steps,
        Self::CancelAnywhere,
        Self::Tags,
        Self::TimedRetention,
        Self::CrashCount,
        Self::SchedulePolicies,
        Self::Bury,
    ];

    /// What it is called in messages and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddWithin => "adding within a transaction",
            Self::CompleteWithin => "completing within a transaction",
            Self::AtomicBulk => "adding all or none",
            Self::Dag => "several parents",
            Self::KeyLimits => "limits by key",
            Self::Tenants => "turns between tenants",
            Self::Steps => "steps",
            Self::CancelAnywhere => "cancelling from any process",
            Self::Tags => "tags",
            Self::TimedRetention => "retention by a timer",
            Self::CrashCount => "crashes counted apart",
            Self::SchedulePolicies => "policies for missed ticks",
            Self::Bury => "moving to the dead letters",
        }
    }
}

/// A set of [`Capability`].
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(u32);

impl Capabilities {
    /// All of them.
    pub fn all() -> Self {
        Self::of(Capability::ALL)
    }

    /// Those.
    pub fn of(those: impl IntoIterator<Item = Capability>) -> Self {
        let bits = those
            .into_iter()
            .fold(0, |bits, one| bits | 1 << one as u32);
        Self(bits)
    }

    /// Whether it is among them.
    pub const fn has(self, one: Capability) -> bool {
        self.0 & (1 << one as u32) != 0
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Capability::ALL.into_iter().filter(|one| self.has(*one));
        f.debug_set().entries(held.map(Capability::name)).finish()
    }
}
