//! The pages of the project: the commands of README work, and the files that the pages name exist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// Lines of `sh` blocks, without comments.
fn shell_lines(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            let line = line.split(" #").next().unwrap_or_default().trim();
            lines.extend((!line.is_empty()).then(|| line.to_owned()));
        }
    }
    lines
}

/// Names in backquotes or links that look like files of the project.
fn named_files(page: &str) -> Vec<String> {
    const ENDINGS: [&str; 9] = [".rs", ".md", ".toml", ".sh", ".json", "/", ".yml", ".txt", ".py"];
    const FOLDERS: [&str; 9] =
        ["src/", "tests/", "docs/", "scripts/", "datasets/", "examples/", "benches/", "assets/", ".ci/"];
    let quoted = page.split('`').skip(1).step_by(2);
    let linked = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let is_file = |name: &&str| {
        FOLDERS.iter().any(|folder| name.starts_with(folder))
            && !name.contains([' ', '{', '*', '<', '$'])
            && (ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.starts_with("scripts/"))
    };
    quoted.chain(linked).filter(is_file).map(|name| name.split('#').next().unwrap().to_owned()).collect()
}

/// The paths of a `tree` block, in which each level is indented by two spaces.
fn tree_entries(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```tree";
            folders.clear();
            continue;
        }
        let Some(name) = line.split_whitespace().next().filter(|_| inside) else { continue };
        let indent = line.len() - line.trim_start().len();
        folders.retain(|(level, _)| *level < indent);
        let path = folders.iter().map(|(_, folder)| folder.as_str()).collect::<String>() + name;
        if name.ends_with('/') {
            folders.push((indent, name.to_owned()));
        }
        found.push(path);
    }
    found
}

#[test]
fn every_command_of_readme_works() {
    let folder = tempfile::tempdir().unwrap();
    let datasets = folder.path().join("datasets");
    fs::create_dir(&datasets).unwrap();
    for file in fs::read_dir(root().join("datasets")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), datasets.join(file.file_name())).unwrap();
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_forecast"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let lines = shell_lines(&page("README.md"));
    let commands: Vec<&String> =
        lines.iter().filter(|line| line.starts_with("forecast ") || line.contains("| forecast ")).collect();
    assert!(commands.len() >= 15, "README has few commands: {commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_files_that_the_pages_name_exist() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/rnn.md",
        "docs/robustness.md",
        "docs/performance.md",
        "docs/levels.md",
        "docs/install.md",
    ] {
        for file in named_files(&page(name)) {
            let sibling = Path::new(name).parent().unwrap().join(&file);
            assert!(root().join(&file).exists() || root().join(sibling).exists(), "{name} names {file}");
        }
    }
    let entries = tree_entries(&page("ARCHITECTURE.md"));
    assert!(entries.len() > 30, "the tree of ARCHITECTURE has {} entries", entries.len());
    for entry in &entries {
        assert!(root().join(entry).exists(), "the tree of ARCHITECTURE names {entry}");
    }
}

#[test]
fn the_tree_of_the_architecture_names_every_folder_of_the_sources() {
    fn folders(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("snapshots") {
                into.push(path.clone());
                folders(&path, into);
            }
        }
    }
    let entries = tree_entries(&page("ARCHITECTURE.md"));
    let mut found = Vec::new();
    folders(&root().join("src"), &mut found);
    let top_levels = found.iter().filter(|path| path.strip_prefix(root()).unwrap().components().count() <= 3);
    for path in top_levels {
        let name = format!("{}/", path.strip_prefix(root()).unwrap().display());
        if name == "src/bin/" {
            continue;
        }
        assert!(entries.contains(&name), "the tree of ARCHITECTURE lacks {name}");
    }
}

#[test]
fn readme_and_its_sentences_are_short() {
    let text = page("README.md");
    assert!(text.split_whitespace().count() <= 1500, "{} words", text.split_whitespace().count());
    let mut prose = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        }
        let skipped = inside || line.starts_with(['`', '|', '#', '!']);
        prose.push_str(if skipped { "." } else { line });
        prose.push_str(if line.is_empty() || line.starts_with(['-', '1', '2', '3', '4']) { ". " } else { " " });
    }
    for sentence in prose.split(['.', '?', ':', ';']).filter(|sentence| !sentence.trim().is_empty()) {
        let words = sentence.split_whitespace().count();
        assert!(words <= 30, "{words} words: {}", sentence.trim());
    }
}

#[test]
fn the_minimum_rust_version_is_the_same_wherever_it_is_named() {
    let manifest = page("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(page("CONTRIBUTING.md").contains(&format!("cargo ({version} or later)")));
}

#[test]
fn the_changelog_has_the_version_of_the_manifest() {
    assert!(page("CHANGELOG.md").contains(&format!("## [{}]", env!("CARGO_PKG_VERSION"))));
}
