//! The scripts, each with what they share in front.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($name:ident = $file:literal,)*) => {$(
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(include_str!("lua/layout.lua"), include_str!($file)))
        });
    )*};
}

scripts! {
    ADD = "lua/add.lua",
    ANNOTATE = "lua/annotate.lua",
    BULK = "lua/bulk.lua",
    CHANGE = "lua/change.lua",
    CLEAN = "lua/clean.lua",
    LEASE = "lua/lease.lua",
    SCHEDULE = "lua/schedule.lua",
    STEPS = "lua/steps.lua",
    TURN = "lua/turn.lua",
    UPKEEP = "lua/upkeep.lua",
}
