//! Gives the binary, the tests and the examples an rpath to the libtorch they were linked with, so that nobody sets
//! `LD_LIBRARY_PATH`. A packed release keeps the libraries in `lib/` beside the binary: `$ORIGIN/lib` is looked at first.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let origin = if cfg!(target_os = "macos") { "@loader_path/lib" } else { "$ORIGIN/lib" };
    println!("cargo::rustc-link-arg=-Wl,-rpath,{origin}");
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
