//! Tests of the architecture: layers, import circles, folders of large crates, file lengths, and plain names.

mod dependencies;
mod public_api;
mod source_tree;

use std::path::Path;
use std::process::Command;

use proc_macro2::{Spacing, TokenStream, TokenTree};

use dependencies::{circles, dependencies};
use source_tree::{SourceFile, SourceTree};

/// A crate or a printing macro, and the only folders of `src` whose files may name it.
const ALLOWED_FOLDERS: [(&str, &[&str]); 31] = [
    ("polars", &["read/", "write/"]),
    ("polars_arrow", &["read/format/", "write/"]),
    ("calamine", &["read/format/"]),
    ("rust_xlsxwriter", &["write/"]),
    ("deunicode", &["plot/"]),
    ("tch", &["model/nn/"]),
    ("torch_sys", &["model/nn/"]),
    ("nalgebra", &["model/regression/", "model/stat/", "hierarchy/"]),
    ("pulp", &["model/nn/", "model/smoothing/"]),
    ("rayon", &["components/", "model/", "bin/forecast/"]),
    ("plotters", &["plot/"]),
    ("minijinja", &["report/"]),
    ("clap", &["bin/"]),
    ("clap_complete", &["bin/forecast/commands/"]),
    ("clap_mangen", &["bin/forecast/commands/"]),
    ("sysinfo", &["bin/forecast/doctor/"]),
    ("indicatif", &["bin/"]),
    ("comfy_table", &["bin/"]),
    ("axum", &["bin/forecast/service/http/"]),
    ("hyper", &["bin/forecast/service/http/"]),
    ("hyper_util", &["bin/forecast/service/http/"]),
    ("tokio", &["bin/forecast/agent/", "bin/forecast/service/http/"]),
    ("tower_http", &["bin/forecast/service/http/"]),
    ("utoipa", &["bin/forecast/service/http/"]),
    ("prometheus_client", &["bin/forecast/service/http/"]),
    ("anyhow", &["bin/"]),
    ("ctrlc", &["bin/"]),
    ("humantime", &["bin/"]),
    ("anstream", &["bin/forecast/report/"]),
    ("println", &["bin/forecast/report/"]),
    ("eprintln", &["bin/forecast/report/"]),
];

/// The folders of the library from the lowest layer up. Each may use those before it, and those of its own line.
const LAYERS: [&[&str]; 14] = [
    &["error", "metric", "budget"],
    &["time"],
    &["panel"],
    &["read", "forecast"],
    &["model"],
    &["components"],
    &["hierarchy"],
    &["backtest"],
    &["sensitivity"],
    &["write"],
    &["run"],
    &["plot"],
    &["report"],
    &["lib"],
];

/// The maximum number of lines of a source file.
const MAX_LINES: usize = 450;

/// Words of the old private vocabulary. No identifier may contain one of them as a word.
const PRIVATE_WORDS: [&str; 25] = [
    "said",
    "held",
    "crew",
    "purse",
    "beside",
    "heft",
    "glance",
    "hindsight",
    "unsaid",
    "spoken",
    "weighing",
    "outlook",
    "chooser",
    "mend",
    "anniversary",
    "anniversaries",
    "tidy",
    "ancestral",
    "lean",
    "guarded",
    "doubt",
    "fewest",
    "heard",
    "esrnn",
    "analogues",
];

/// Names that lack a noun. No identifier may be one of them.
const BARE_NAMES: [&str; 6] = ["MOST", "LEAST", "ENOUGH", "WORTH", "AGAIN", "FACTORS"];

fn library() -> SourceTree {
    SourceTree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "lib.rs", &["bin"])
}

fn binary() -> SourceTree {
    SourceTree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/forecast"), "main.rs", &[])
}

fn sample_tree(files: &[(&str, &str)]) -> SourceTree {
    SourceTree::parse(files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect(), "lib.rs")
}

/// The files of both crates, their paths below `src`.
fn all_files() -> Vec<SourceFile> {
    let in_bin = |mut file: SourceFile| {
        file.path = format!("bin/forecast/{}", file.path);
        file
    };
    library().files.into_values().chain(binary().files.into_values().map(in_bin)).collect()
}

/// Identifiers of a token stream, and whether each is followed by `::` or `!`.
fn identifiers(tokens: TokenStream, into: &mut Vec<(String, bool)>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) => {
                let names_a_path = matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!' || (p.as_char() == ':' && p.spacing() == Spacing::Joint));
                into.push((name.to_string(), names_a_path));
            }
            TokenTree::Group(group) => identifiers(group.stream(), into),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn code_identifiers(file: &SourceFile) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    identifiers(file.text.parse().unwrap(), &mut found);
    found
}

/// String literals outside attributes, so that documentation does not count.
fn string_literals(tokens: TokenStream, into: &mut Vec<String>) {
    let mut after_hash = false;
    for token in tokens {
        let is_hash = matches!(&token, TokenTree::Punct(p) if p.as_char() == '#');
        match token {
            TokenTree::Group(group) if !after_hash => string_literals(group.stream(), into),
            TokenTree::Literal(literal) => into.push(literal.to_string()),
            _ => {}
        }
        after_hash = is_hash;
    }
}

#[test]
fn no_import_circles_exist_in_the_library_or_the_binary() {
    assert_eq!(circles(&library()), Vec::<Vec<String>>::new());
    assert_eq!(circles(&binary()), Vec::<Vec<String>>::new());
}

#[test]
fn circles_are_found_in_every_form_of_import() {
    let none = sample_tree(&[
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
    ]);
    assert!(circles(&none).is_empty());
    let direct = sample_tree(&[("lib.rs", ""), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::{a::A, c::C};")]);
    assert_eq!(circles(&direct), [["a.rs", "b.rs"]]);
    let through_super = sample_tree(&[
        ("lib.rs", ""),
        ("f/mod.rs", ""),
        ("f/a.rs", "use super::b::B;"),
        ("f/b.rs", "fn f() { super::a::run() }"),
    ]);
    assert_eq!(circles(&through_super), [["f/a.rs", "f/b.rs"]]);
    let through_mod_rs = sample_tree(&[
        ("lib.rs", ""),
        ("f/mod.rs", "mod a; pub use a::A;"),
        ("f/a.rs", "use super::Shared; pub struct A;"),
    ]);
    assert_eq!(circles(&through_mod_rs), [["f/a.rs", "f/mod.rs"]]);
    let through_a_re_export = sample_tree(&[
        ("lib.rs", "pub use a::A; mod a; mod b;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "fn f() -> crate::A { todo!() }"),
    ]);
    assert_eq!(circles(&through_a_re_export), [["lib.rs", "a.rs", "b.rs"]]);
    let through_a_module_name = sample_tree(&[
        ("lib.rs", ""),
        ("a.rs", "use crate::b; fn f() { assert_eq!(b::g(), 1); }"),
        ("b.rs", "use crate::a; fn g() { format!(\"{}\", a::f()); }"),
    ]);
    assert_eq!(circles(&through_a_module_name), [["a.rs", "b.rs"]]);
}

#[test]
fn lower_layers_do_not_use_upper_ones() {
    assert_eq!(upward(&library()), Vec::<String>::new());
    let up =
        sample_tree(&[("lib.rs", ""), ("time.rs", "use crate::panel::Panel;"), ("panel.rs", "use crate::time::T;")]);
    assert_eq!(upward(&up), ["time.rs uses panel.rs"]);
}

/// Uses of an upper layer by a lower one.
fn upward(tree: &SourceTree) -> Vec<String> {
    let layer = |module: &[String]| {
        let name = module.first().map_or("lib", String::as_str);
        LAYERS.iter().position(|names| names.contains(&name)).unwrap_or_else(|| panic!("{name} has no layer"))
    };
    let dependencies = dependencies(tree);
    let edges = dependencies.iter().flat_map(|(module, used)| used.iter().map(move |used| (*module, *used)));
    let upward = edges.filter(|(module, used)| {
        let same_folder = module.first() == used.first();
        layer(used) > layer(module)
            || (layer(used) == layer(module) && !same_folder && !module.is_empty() && layer(module) != 0)
    });
    upward.map(|(module, used)| format!("{} uses {}", tree.files[module].path, tree.files[used].path)).collect()
}

#[test]
fn large_crates_and_printing_are_named_in_few_folders() {
    let stray = |file: &SourceFile| -> Vec<String> {
        let names = code_identifiers(file);
        let strays = ALLOWED_FOLDERS.iter().filter(|(name, folders)| {
            names.iter().any(|(used, is_path)| used == name && *is_path)
                && !folders.iter().any(|folder| file.path.starts_with(folder))
        });
        strays.map(|(name, _)| format!("{} names {name}", file.path)).collect()
    };
    assert_eq!(all_files().iter().flat_map(stray).collect::<Vec<_>>(), Vec::<String>::new());
    let sample = sample_tree(&[("lib.rs", "// polars::prelude\nfn f() { println!(\"polars::x\") }")]);
    assert_eq!(sample.files.values().flat_map(stray).collect::<Vec<_>>(), ["lib.rs names println"]);
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let long = |file: &SourceFile| {
        let lines = file.text.lines().count();
        (lines > MAX_LINES).then(|| format!("{}: {lines} lines", file.path))
    };
    assert_eq!(all_files().iter().filter_map(long).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn no_identifier_has_a_word_of_the_old_vocabulary() {
    let words = |name: &str| -> Vec<String> {
        let mut words = vec![String::new()];
        for c in name.chars() {
            if c == '_' || (c.is_uppercase() && !words.last().unwrap().chars().all(char::is_uppercase)) {
                words.push(String::new());
            }
            if c != '_' {
                words.last_mut().unwrap().push(c);
            }
        }
        words.into_iter().map(|word| word.to_lowercase()).collect()
    };
    let private = |name: &str| {
        words(name).iter().any(|word| PRIVATE_WORDS.contains(&word.as_str())) || BARE_NAMES.contains(&name)
    };
    assert!(
        private("Weighing") && private("HeldOut") && private("FEWEST") && private("MOST") && private("what_was_said")
    );
    assert!(!private("PrivateWord") && !private("almost") && !private("baseline"));
    let found = |file: &SourceFile| -> Vec<String> {
        let names = code_identifiers(file).into_iter().map(|(name, _)| name).filter(|name| private(name));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.dedup();
        names.into_iter().map(|name| format!("{}: {name}", file.path)).collect()
    };
    assert_eq!(all_files().iter().flat_map(found).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_library_names_no_command_line_flag() {
    let flags = |file: &SourceFile| -> Vec<String> {
        let mut literals = Vec::new();
        string_literals(file.text.parse().unwrap(), &mut literals);
        let is_flag = |literal: &String| {
            literal.match_indices("--").any(|(at, _)| literal[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()))
        };
        literals.into_iter().filter(is_flag).map(|literal| format!("{}: {literal}", file.path)).collect()
    };
    assert_eq!(library().files.values().flat_map(flags).collect::<Vec<_>>(), Vec::<String>::new());
    let sample = sample_tree(&[("lib.rs", "/// `--csv`\nfn f() { g(\"see `--csv`\", \"a -- b\") }")]);
    assert_eq!(sample.files.values().flat_map(flags).collect::<Vec<_>>(), ["lib.rs: \"see `--csv`\""]);
}

/// The crates that this one depends on without the feature of HTTP. With `depth` 1, only those that it names itself.
fn crates_without_http(depth: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--depth", depth]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// polars-core depends on tokio and its network features, whatever features are chosen. This crate must not use them.
#[test]
fn http_is_in_its_feature_alone() {
    let (all, own) = (crates_without_http("999"), crates_without_http("1"));
    assert!(all.len() > 100 && own.contains(&"polars".to_owned()));
    for name in ["axum", "hyper", "hyper-util", "tower", "tower-http", "utoipa", "prometheus-client", "rmcp"] {
        assert!(!all.contains(&name.to_owned()), "{name}");
    }
    assert!(!own.contains(&"tokio".to_owned()));
}
