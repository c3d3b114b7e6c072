//! Controllers, guards, layers and extractors on axum and tower.
