//! Every integration test in one binary: each extra one would link Polars and libtorch again.

mod picture;
mod plot;
mod plot_diagnose;
