//! Gives the binary, the tests and the examples an rpath to the libtorch they were linked with, so that nobody sets
//! `LD_LIBRARY_PATH`. A packed release keeps the libraries in `lib/` beside the binary: `$ORIGIN/lib` is looked at first.
//! Also tells the crate which libtorch that is, read from its headers: the bindings have no call that asks it.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let origin = if cfg!(target_os = "macos") { "@loader_path/lib" } else { "$ORIGIN/lib" };
    println!("cargo::rustc-link-arg=-Wl,-rpath,{origin}");
    let folder = env::var("DEP_TCH_LIBTORCH_LIB").ok();
    if let Some(folder) = &folder {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
        // the build script of a dependent reads it as DEP_FORECAST_LIBTORCH_LIB: link arguments reach no dependents
        println!("cargo::metadata=LIBTORCH_LIB={folder}");
    }
    let version = folder.and_then(|folder| version_beside(Path::new(&folder))).unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=FORECAST_LIBTORCH={version}");
}

/// The version that the headers beside a folder of libraries state.
fn version_beside(libraries: &Path) -> Option<String> {
    let include = libraries.parent()?.join("include/torch");
    let text = fs::read_to_string(include.join("headeronly/version.h"))
        .or_else(|_| fs::read_to_string(include.join("csrc/api/include/torch/version.h")))
        .ok()?;
    let number = |part: &str| {
        let name = format!("#define TORCH_VERSION_{part} ");
        text.lines().find_map(|line| line.strip_prefix(&name)).map(|value| value.trim().to_owned())
    };
    Some(format!("{}.{}.{}", number("MAJOR")?, number("MINOR")?, number("PATCH")?))
}
