//! A second factor: codes that change every half minute, and recovery codes.
