//! Who may do what: policies, guards, roles.
