//! `docs/rnn.md` agrees with the code: its commands run, its code blocks are in the sources, and its links exist.

use std::fs;
use std::path::Path;

use crate::sandbox::Sandbox;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("docs/rnn.md")).unwrap()
}

/// The code blocks of a language, each with the text before it.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("```{language}\n");
    let starts = page.match_indices(&fence);
    starts.map(|(at, _)| (&page[..at], page[at + fence.len()..].split("\n```").next().unwrap())).collect()
}

/// The targets of all links in a text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect()
}

#[test]
fn the_code_blocks_are_in_the_sources() {
    let page = page();
    let blocks = blocks(&page, "rust");
    assert!(blocks.len() > 8);
    for (before, code) in blocks {
        let paragraph = before.trim_end().rsplit("\n\n").next().unwrap();
        // the link to the source is in the paragraph before the code or after it
        let after = page[page.find(code).unwrap() + code.len()..].trim_start_matches("\n```").trim_start();
        let named = links(paragraph).into_iter().chain(links(after.split("\n\n").next().unwrap()));
        let is_source = |link: &&str| Path::new(link).extension().is_some_and(|ending| ending == "rs");
        let file = named.into_iter().find(is_source).map(|link| root().join("docs").join(link));
        let file = file.unwrap_or_else(|| panic!("the file of {code}"));
        let source = fs::read_to_string(&file).unwrap();
        assert!(source.contains(code), "{} has not\n{code}", file.display());
    }
}

#[test]
fn the_commands_run() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("datasets")).unwrap();
    sandbox.copy_dataset("demand.csv");
    fs::rename(sandbox.path("demand.csv"), sandbox.path("datasets/demand.csv")).unwrap();
    let page = page();
    let commands: Vec<&str> = blocks(&page, "sh").iter().flat_map(|(_, block)| block.lines()).collect();
    assert!(commands.len() > 12);
    for command in commands {
        if let Some(line) = command.strip_prefix("forecast ") {
            sandbox.run(&format!("{line} -q"));
        } else if let Some(name) = command.strip_prefix("cargo run --release --example ") {
            // `make test` runs each of them
            assert!(root().join("examples").join(name).with_extension("rs").exists(), "{name}");
        } else {
            let tests = command.strip_prefix("cargo test --release --test it -- ").unwrap();
            let sources =
                ["networks.rs", "rnn.rs"].map(|file| fs::read_to_string(root().join("tests/it").join(file)).unwrap());
            for test in tests.split(' ') {
                let names = |source: &String| source.lines().any(|line| line.starts_with("fn ") && line.contains(test));
                assert!(sources.iter().any(names), "{test}");
            }
        }
    }
}

#[test]
fn the_links_exist() {
    let page = page();
    for link in links(&page) {
        match link.strip_prefix('#') {
            Some(anchor) => {
                let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
                let anchors = headings.map(|heading| {
                    let kept = heading.to_lowercase().replace(' ', "-");
                    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect::<String>()
                });
                assert!(anchors.into_iter().any(|found| found == anchor), "{anchor}");
            }
            None => assert!(root().join("docs").join(link).exists(), "{link}"),
        }
    }
}
