//! Modules, injection, lifecycle and configuration, checked by the compiler.
