//! The sizes of a cover.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How large a cover is wanted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema, Validate,
)]
#[garde(allow_unvalidated)]
#[serde(rename_all = "lowercase")]
pub enum CoverSize {
    /// At most 160 pixels wide.
    Small,
    /// At most 480 pixels wide.
    #[default]
    Medium,
    /// At most 960 pixels wide.
    Large,
}

impl CoverSize {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// Its name: `small`, `medium`, `large`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// Pixels it is wide at most.
    pub const fn width_max(self) -> u32 {
        match self {
            Self::Small => 160,
            Self::Medium => 480,
            Self::Large => 960,
        }
    }
}
