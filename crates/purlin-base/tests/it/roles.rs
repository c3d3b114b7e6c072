//! Roles that include others, and what they permit.

use purlin_base::{
    Principal,
    role::{Permission, Role, RoleRef, RoleSet},
};

struct Write;
impl Permission for Write {
    const NAME: &'static str = "write";
}

struct Reader;
impl Role for Reader {
    const NAME: &'static str = "reader";
}

struct Staff;
impl Role for Staff {
    const NAME: &'static str = "staff";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
    const PERMISSIONS: &'static [&'static str] = &[Write::NAME];
}

struct Admin;
impl Role for Admin {
    const NAME: &'static str = "admin";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Staff>()];
    const PERMISSIONS: &'static [&'static str] = &["users"];
}

struct Auditor;
impl Role for Auditor {
    const NAME: &'static str = "auditor";
    const PERMISSIONS: &'static [&'static str] = &["log"];
}

/// Another role with the name of `Auditor`.
struct Impostor;
impl Role for Impostor {
    const NAME: &'static str = "auditor";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Admin>()];
}

fn roles() -> RoleSet {
    RoleSet::of::<Admin>().and::<Auditor>().and::<Staff>()
}

fn held(principal: &Principal) -> (Vec<&str>, Vec<&str>) {
    (
        principal.roles().collect(),
        principal.permissions().collect(),
    )
}

#[test]
fn a_role_brings_all_that_it_includes_however_deep() {
    let admin = roles().principal("ada", ["admin"]);
    let expected = (vec!["reader", "staff", "admin"], vec!["write", "users"]);
    assert_eq!(held(&admin), expected);
    assert_eq!(
        held(&roles().principal("bob", ["reader"])),
        (vec!["reader"], vec![])
    );
}

#[test]
fn roles_side_by_side_are_joined_without_doubles() {
    let both = roles().principal("ada", ["auditor", "staff", "staff", "reader"]);
    let expected = (vec!["reader", "staff", "auditor"], vec!["write", "log"]);
    assert_eq!(held(&both), expected);
}

#[test]
fn a_name_that_is_no_role_is_left_out_and_so_is_a_permission_that_no_role_gives() {
    for name in ["root", "Admin", "admin ", "", "write", "adm\u{0}in"] {
        let principal = Principal::new("eve", [name]).with_permissions(["users"]);
        let expanded = roles().expand(&principal);
        assert_eq!(held(&expanded), (vec![], vec![]), "{name:?}");
    }
    let nobody = RoleSet::none().principal("ada", ["admin"]);
    assert_eq!(held(&nobody), (vec![], vec![]));
}

#[test]
fn what_is_expanded_twice_is_what_is_expanded_once() {
    for held in [vec!["staff"], vec!["auditor", "reader"], vec![]] {
        let once = roles().principal("ada", held);
        assert_eq!(roles().expand(&once), once);
    }
}

#[test]
fn the_set_answers_for_tables_and_forms() {
    let roles = roles();
    let names: Vec<_> = roles.names().collect();
    assert_eq!(names, ["reader", "staff", "admin", "auditor"]);
    assert!(roles.includes("admin", "reader") && roles.includes("admin", "admin"));
    assert!(!roles.includes("reader", "admin") && !roles.includes("root", "root"));
    assert!(roles.permits("admin", "write") && !roles.permits("reader", "write"));
    assert!(roles.knows("staff") && !roles.knows("Staff"));
}

#[test]
#[should_panic(expected = "two roles are called \"auditor\"")]
fn two_roles_of_one_name_are_refused() {
    let _ = roles().and::<Impostor>();
}
