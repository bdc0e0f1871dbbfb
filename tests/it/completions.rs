//! `forecast completions`, and the manual pages of a release.

use std::process::Command;

use insta_cmd::assert_cmd_snapshot;

use crate::sandbox::{Sandbox, stdout};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];
/// All commands with a name.
pub(crate) const COMMANDS: [&str; 13] = [
    "train",
    "predict",
    "update",
    "inspect",
    "backtest",
    "diagnose",
    "plot",
    "diff",
    "score",
    "serve",
    "mcp",
    "doctor",
    "completions",
];

#[test]
fn the_script_of_each_shell_names_all_commands_and_their_flags() {
    let sandbox = Sandbox::new();
    for shell in SHELLS {
        let script = stdout(&sandbox.run(&format!("completions {shell}")));
        for word in COMMANDS.iter().chain(&["horizon", "require-skill", "folds"]) {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
        assert!(!script.contains("man-pages"), "{shell}");
    }
}

/// Asks bash for the completions of a line.
#[test]
fn bash_completes_commands_flags_and_values() {
    let sandbox = Sandbox::new();
    sandbox.write("script", &stdout(&sandbox.run("completions bash")));
    let completions = |words: &str| {
        let ask = format!(
            "source ./script; COMP_WORDS=(forecast {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _forecast forecast \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &ask]).current_dir(sandbox.path(".")).output().expect("bash");
        stdout(&output).trim().to_owned()
    };
    assert_eq!(completions("doc"), "doctor");
    assert_eq!(completions("backtest --fol"), "--folds");
    assert_eq!(completions("completions z"), "zsh");
    assert_eq!(completions("--require"), "--require-skill");
}

#[test]
fn an_unknown_shell_is_rejected_with_a_hint() {
    let sandbox = Sandbox::new();
    assert_cmd_snapshot!(sandbox.forecast("completions zsch"));
    assert_cmd_snapshot!(sandbox.forecast("completions tcsh"));
    assert!(sandbox.run("completions zsh").status.success(), "the hint resolves it");
}

#[test]
fn each_command_has_a_manual_page_whose_examples_keep_their_lines() {
    let sandbox = Sandbox::new();
    sandbox.run("man-pages pages");
    let mut names: Vec<String> = COMMANDS.iter().map(|name| format!("forecast-{name}.1")).collect();
    names.push("forecast.1".into());
    names.sort();
    assert_eq!(sandbox.names("pages"), names);
    for name in names {
        let page = sandbox.read(&format!("pages/{name}"));
        let (options, notes) = page.split_once(".SH NOTES\n.nf\n").expect("the notes keep their lines");
        assert!(options.contains(".SH NAME\n") && options.contains(".SH SYNOPSIS\n"), "{name}");
        assert!(notes.contains("\nExamples:\n  forecast ") || notes.starts_with("Examples:\n  forecast "), "{name}");
        assert!(notes.contains("Exit codes:\n  0    done\n") && notes.ends_with(".fi\n"), "{name}");
    }
    assert!(!stdout(&sandbox.run("--help")).contains("man-pages"));
}
