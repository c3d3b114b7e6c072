//! The scripts, one file for each method of the store.

use redis::Script;

macro_rules! scripts {
    ($($name:ident $file:literal;)+) => {
        pub(super) struct Scripts {
            $(pub(super) $name: Script,)+
        }

        impl Default for Scripts {
            fn default() -> Self {
                Self {
                    $($name: Script::new(concat!(include_str!("prelude.lua"), include_str!($file))),)+
                }
            }
        }
    };
}

scripts! {
    insert "insert.lua";
    find "find.lua";
    touch "touch.lua";
    rename "rename.lua";
    set_data "set_data.lua";
    remove "remove.lua";
    list "list.lua";
    remove_listed "remove_listed.lua";
    remove_all "remove_all.lua";
    set_roles "set_roles.lua";
}
