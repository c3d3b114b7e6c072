//! Passwords: hashed slowly, verified whatever hashed them, held to a policy.
