//! The checks of `forecast doctor`: what a forecast needs from a computer, and what is there.

pub(crate) mod check;
mod environment;
mod machine;
mod training;

use std::path::Path;

use forecast::nn::LIBTORCH_VERSION;

use crate::doctor::check::Check;

/// All checks. `out` is the folder in which output is to be written; `None` stands for the current one.
pub(crate) fn checks(out: Option<&Path>) -> Vec<Check> {
    let variable = |name: &str| std::env::var(name).ok();
    vec![
        program(),
        machine::processor(),
        machine::threads(),
        machine::Memory::read().check(),
        training::check(),
        environment::folder(out),
        environment::locale(variable, &environment::installed_locales()),
        environment::terminal(),
    ]
}

fn program() -> Check {
    let (version, system, architecture) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let http = if cfg!(feature = "serve") { "with HTTP" } else { "without HTTP" };
    Check::good(
        "program",
        format!("forecast {version} with libtorch {LIBTORCH_VERSION}, for {system} on {architecture}, {http}"),
    )
}
