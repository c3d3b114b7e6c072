//! What an Argon2id hash costs.

use super::{PasswordOptionError, engine};

/// What one Argon2id hash costs: memory, passes over it, and lanes.
///
/// Default: 19 456 KiB, 2 passes, 1 lane, the least that OWASP takes; measure what the machine can
/// afford with `purlin password calibrate` or [`calibrate`](Self::calibrate).
///
/// Lanes are computed one after another on one thread, and so more than one is only worth it for
/// equality with other systems.
///
/// # Source
///
/// OWASP Password Storage Cheat Sheet; RFC 9106.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

/// The least memory in KiB for 1, 2, 3, 4, and 5 or more passes: equally strong, says OWASP.
const FLOOR_KIB: [u32; 5] = [47_104, 19_456, 12_288, 9_216, 7_168];

impl Default for Argon2Params {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Argon2Params {
    /// The most memory of one hash, ours or a stored one, in KiB: 256 MiB.
    pub const MEMORY_KIB_MAX: u32 = 262_144;

    /// The most work of one hash, ours or a stored one, in KiB times passes. About a second.
    pub const WORK_MAX: u64 = 2_097_152;

    /// The most lanes of one hash, ours or a stored one.
    pub const LANES_MAX: u32 = 16;

    /// `memory_kib` KiB of memory, `passes` over it, in `lanes` lanes.
    ///
    /// # Errors
    ///
    /// [`PasswordOptionError`] for less than OWASP's least (47 104 KiB with 1 pass, 19 456 with 2,
    /// 12 288 with 3, 9216 with 4, 7168 with more), for more than
    /// [`MEMORY_KIB_MAX`](Self::MEMORY_KIB_MAX) or [`WORK_MAX`](Self::WORK_MAX), and for lanes that
    /// are not 1 to [`LANES_MAX`](Self::LANES_MAX).
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_auth::password::Argon2Params;
    ///
    /// assert!(Argon2Params::new(65_536, 3, 1).is_ok());
    /// assert!(Argon2Params::new(4_096, 3, 1).is_err(), "weaker than OWASP allows");
    /// ```
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, PasswordOptionError> {
        let params = Self {
            memory_kib,
            passes,
            lanes,
        };
        PasswordOptionError::unless(passes > 0, "passes", passes, "1 or more")?;
        PasswordOptionError::unless(
            params.is_strong() && memory_kib <= Self::MEMORY_KIB_MAX,
            "memory_kib",
            memory_kib,
            "OWASP's least for these passes, to 262144",
        )?;
        PasswordOptionError::unless(
            params.work() <= Self::WORK_MAX,
            "memory_kib times passes",
            params.work(),
            "at most 2097152",
        )?;
        let lanes_fit = (1..=Self::LANES_MAX).contains(&lanes);
        PasswordOptionError::unless(lanes_fit, "lanes", lanes, "1 to 16")?;
        Ok(params)
    }

    /// Parameters that guard nothing, for tests that make many hashes: 64 KiB, 1 pass.
    pub const fn weak_for_tests() -> Self {
        Self {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        }
    }

    /// Memory of one hash in KiB.
    pub const fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub const fn passes(&self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub const fn lanes(&self) -> u32 {
        self.lanes
    }

    /// The least memory that OWASP takes with `passes`, in KiB.
    pub(super) const fn floor_kib(passes: u32) -> u32 {
        match passes {
            0 | 1 => FLOOR_KIB[0],
            2 => FLOOR_KIB[1],
            3 => FLOOR_KIB[2],
            4 => FLOOR_KIB[3],
            _ => FLOOR_KIB[4],
        }
    }

    const fn is_strong(&self) -> bool {
        self.memory_kib >= Self::floor_kib(self.passes)
    }

    const fn work(&self) -> u64 {
        self.memory_kib as u64 * self.passes as u64
    }

    /// Whether a stored hash may ask for this much, however weak it is.
    pub(super) fn is_bearable(&self) -> bool {
        self.memory_kib <= Self::MEMORY_KIB_MAX
            && self.work() <= Self::WORK_MAX
            && (1..=Self::LANES_MAX).contains(&self.lanes)
            && engine::accepts(*self)
    }
}
