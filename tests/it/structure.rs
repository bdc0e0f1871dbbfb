//! The heavy crates stay at home, one place prints, and lower modules never know upper ones.

use std::fs;
use std::path::Path;

/// A crate or a printing call, and the only places under `src` that may name it.
const HOMES: [(&str, &str); 16] = [
    ("polars", "read/"),
    ("tch", "model/nn/ model/rnn/network.rs model/segment/network.rs model/global/network.rs model/deepar/network"),
    ("torch_sys", "model/nn/"),
    ("nalgebra", "model/ hierarchy/"),
    ("pulp", "model/smoothing/"),
    ("plotters", "plot/"),
    ("clap", "bin/"),
    ("indicatif", "bin/"),
    ("comfy_table", "bin/"),
    ("anyhow", "bin/"),
    ("ctrlc", "bin/"),
    ("anstream", "bin/forecast/report/terminal.rs"),
    ("println!", "bin/forecast/report/terminal.rs"),
    ("eprintln!", "bin/forecast/report/terminal.rs"),
    ("io::stdout", "bin/forecast/report/terminal.rs"),
    ("io::stderr", "bin/forecast/report/terminal.rs"),
];

/// From the lowest up: each may use those before it. `metric` uses slices alone.
const LAYERS: [&str; 7] = ["error", "data", "forecast", "model", "hierarchy", "backtest", "plot"];

/// The parts of `model` from the lowest up; `mod.rs` and `saved.rs` are for all of them.
const PARTS: [&str; 15] = [
    "parallel",
    "crew",
    "checkpoints",
    "categories",
    "conformal",
    "held",
    "transform",
    "smoothing",
    "regression",
    "baseline",
    "joint",
    "rnn",
    "deepar",
    "global",
    "auto",
];

/// The Rust files under `src`: their path from there, and their text without comments.
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, root: &Path, into: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let code = without_comments(&fs::read_to_string(&path).unwrap());
                into.push((path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), code));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 20, "the sources are where they are looked for");
    found
}

fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |all, line| all + line + "\n")
}

/// Whether a name stands in the code as a path's beginning or a call, not as a part of a longer word.
fn names(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let wanted = if name.contains(['!', ':']) { name } else { &path };
    code.match_indices(wanted).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

fn at_home(path: &str, homes: &str) -> bool {
    homes.split(' ').any(|home| path.starts_with(home))
}

fn strays(files: &[(String, String)]) -> Vec<String> {
    let strayed = |(path, code): &(String, String)| {
        let mine = HOMES.iter().filter(|(name, home)| names(code, name) && !at_home(path, home));
        mine.map(|(name, _)| format!("{path} names {name}")).collect::<Vec<_>>()
    };
    files.iter().flat_map(strayed).collect()
}

/// The uses of an upper module by a lower one.
fn upward(files: &[(String, String)]) -> Vec<String> {
    let rank = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    let mut found = Vec::new();
    for (path, code) in files.iter().filter(|(path, _)| !path.starts_with("bin/") && path != "lib.rs") {
        let own = path.split(['/', '.']).next().unwrap();
        for (at, _) in code.match_indices("crate::") {
            for used in first_names(&code[at + "crate::".len()..]) {
                let allowed = match (rank(own), rank(used)) {
                    _ if own == used => true,
                    (Some(mine), Some(theirs)) => theirs < mine,
                    // `metric` may be used by anyone and uses no one
                    (Some(_), None) => used == "metric",
                    (None, _) => false,
                };
                if !allowed {
                    found.push(format!("{path} uses {used}"));
                }
            }
        }
    }
    found
}

/// The uses of an upper part of `model` by a lower one.
fn upward_parts(files: &[(String, String)]) -> Vec<String> {
    const MODEL: &str = "crate::model::";
    let rank = |part: &str| PARTS.iter().position(|known| *known == part);
    let mut found = Vec::new();
    for (path, code) in files {
        let Some(own) = path.strip_prefix("model/").and_then(|rest| rest.split(['/', '.']).next()) else { continue };
        let Some(mine) = rank(own) else { continue };
        for (at, _) in code.match_indices(MODEL) {
            let used = first_names(&code[at + MODEL.len()..]).into_iter();
            found.extend(used.filter(|used| rank(used) > Some(mine)).map(|used| format!("{path} uses {used}")));
        }
    }
    found
}

/// The modules that a path after `crate::` leads to: one, or those of a group in braces.
fn first_names(path: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in path.char_indices() {
        match c {
            '{' => {
                depth += 1;
                start = if depth == 1 { at + 1 } else { start };
            }
            ',' if depth == 1 => {
                parts.push(&path[start..at]);
                start = at + 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            parts.push(&path[start..if c == '}' { at } else { path.len() }]);
            break;
        }
    }
    let names = parts.iter().map(|part| {
        let part = part.trim();
        let name = &part[..part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len())];
        if matches!(name, "Error" | "Result") { "error" } else { name }
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn heavy_crates_stay_at_home_and_one_place_prints() {
    assert_eq!(strays(&sources()), Vec::<String>::new());
}

#[test]
fn lower_modules_never_know_upper_ones() {
    assert_eq!(upward(&sources()), Vec::<String>::new());
    assert_eq!(upward_parts(&sources()), Vec::<String>::new());
    for part in PARTS {
        let mine = |path: &str| path.strip_prefix("model/").is_some_and(|rest| rest.starts_with(part));
        assert!(sources().iter().any(|(path, _)| mine(path)), "{part} is there");
    }
}

#[test]
fn the_guards_see_what_they_guard_against() {
    let file = |path: &str, code: &str| vec![(path.to_owned(), without_comments(code))];
    assert_eq!(strays(&file("model/mod.rs", "use polars::prelude::*;")), ["model/mod.rs names polars"]);
    assert_eq!(strays(&file("data/read.rs", "println!(\"x\")")), ["data/read.rs names println!"]);
    assert!(strays(&file("data/read.rs", "use polars::prelude::*; // tch::Tensor")).is_empty());
    assert_eq!(upward(&file("data/read.rs", "use crate::model::Task;")), ["data/read.rs uses model"]);
    assert_eq!(upward(&file("metric.rs", "use crate::data::Panel;")), ["metric.rs uses data"]);
    assert_eq!(
        upward(&file("data/a.rs", "use crate::{Error, model::{Task, Model}, plot};")),
        ["data/a.rs uses model", "data/a.rs uses plot"]
    );
    let regression = "use crate::model::{Epoch, rnn::Network, transform::Transform};";
    assert_eq!(upward_parts(&file("model/regression/mod.rs", regression)), ["model/regression/mod.rs uses rnn"]);
    assert!(upward_parts(&file("model/auto/mod.rs", regression)).is_empty());
    assert!(upward(&file("backtest.rs", "use crate::metric; use crate::Result;")).is_empty());
}
