//! A bounded CPU pool, and tasks that keep their context.
