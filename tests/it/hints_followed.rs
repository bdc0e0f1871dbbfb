//! Every hint of the reader is followed: what it leads to is right, or a better error.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::follow_hint::{Change, changes};
use crate::hint_arms::arms;
use crate::hint_cases::{Case, NOT_OF_THE_READER, WITHOUT_A_FILE, cases};
use crate::sandbox::{Sandbox, stderr, stdout};

#[test]
fn every_hint_of_the_reader_has_a_file() {
    let sources = [
        include_str!("../../src/bin/forecast/report/hints/mod.rs"),
        include_str!("../../src/bin/forecast/report/hints/data.rs"),
        include_str!("../../src/bin/forecast/report/hints/future.rs"),
        include_str!("../../src/bin/forecast/report/hints/notices.rs"),
    ];
    let arms: BTreeSet<String> = sources.into_iter().flat_map(arms).collect();
    let covered = cases().into_iter().map(|case| case.arm.to_owned());
    let excused = WITHOUT_A_FILE.iter().chain(&NOT_OF_THE_READER).map(|(arm, _)| (*arm).to_owned());
    let known: BTreeSet<String> = covered.chain(excused).collect();
    let missing: Vec<&String> = arms.difference(&known).collect();
    assert!(missing.is_empty(), "hints without a file in tests/it/hint_cases.rs: {missing:#?}");
    let gone: Vec<&String> = known.difference(&arms).collect();
    assert!(gone.is_empty(), "files without a hint: {gone:#?}");
}

#[test]
fn arms_are_found_in_the_source() {
    let source = "fn data_hint(p: &P) { match p { DataProblem::A { x: Some(x), .. } | DataProblem::B => 1, \
                  DataProblem::C(f) if f.is_some() => match f { Some(_) => 2, None => 3 }, _ => 4 } } fn other() { match x { \
                  DataProblem::D => 1 } }";
    let found = ["DataProblem::A{x:Some(x),..}", "DataProblem::B", "DataProblem::C(f)iff.is_some()"];
    assert_eq!(arms(source), found);
}

#[test]
fn following_a_hint_is_right_or_a_better_error() {
    let failures: Vec<String> = cases().par_iter().filter_map(|case| follow(case).err()).collect();
    assert!(failures.is_empty(), "{} hints lead astray:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_path_of_a_hint_is_that_of_a_file() {
    let sandbox = Sandbox::with_daily();
    for (path, before, after) in [("dialy.csv", "did you mean ", "?\n"), (".", "such as ", "\n")] {
        let (is_read, printed) = inspect(&sandbox, path, &[]);
        let (_, rest) = printed.split_once(before).unwrap();
        let (proposed, _) = rest.split_once(after).unwrap();
        assert!(!is_read && inspect(&sandbox, proposed, &[]).0, "{path}: {printed}");
    }
}

/// Runs the command of a case, follows each alternative of its hint, and then the correction of the file.
fn follow(case: &Case) -> Result<(), String> {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path(case.name), &case.content).unwrap();
    for (name, text) in case.others {
        sandbox.write(name, text);
    }
    let flags: Vec<String> = case.flags.split_whitespace().map(str::to_owned).collect();
    let failed = |what: &str, printed: &str| Err(format!("{}: {what}: {printed}", case.arm));
    let (is_read, printed) = inspect(&sandbox, case.name, &flags);
    let hint = if is_read {
        hint_of_notice(&printed, case.hint)
    } else {
        printed.split_once("\nhint: ").map(|(_, hint)| hint)
    };
    let Some(hint) = hint.filter(|hint| hint.contains(case.hint)) else {
        return failed("another hint", &printed);
    };
    let mut is_settled = false;
    for change in changes(hint) {
        let Some(changed) = changed(&flags, &change, case.names) else { continue };
        let (is_read, followed) = inspect(&sandbox, case.name, &changed);
        let is_better = !is_read && followed != printed && followed.contains("\nhint: ");
        let is_right = is_read && case.summaries.iter().any(|summary| followed.contains(summary));
        if !is_better && !is_right {
            return failed(&format!("{changed:?}"), &followed);
        }
        is_settled |= is_read;
    }
    if let Some(corrected) = &case.corrected {
        let name = if case.name.contains(".csv") { case.name } else { "corrected.csv" };
        sandbox.write(name, corrected);
        let flags = if case.corrected_without_flags { Vec::new() } else { flags };
        let (is_read, followed) = inspect(&sandbox, name, &flags);
        let is_right = is_read && case.summaries.iter().any(|summary| followed.contains(summary));
        if !is_right {
            return failed("the corrected file", &followed);
        }
        is_settled = true;
    }
    if is_settled { Ok(()) } else { failed("nothing settles it", &printed) }
}

/// The part of the output after a notice that has the text of a hint.
fn hint_of_notice<'a>(printed: &'a str, hint: &str) -> Option<&'a str> {
    let line = printed.lines().find(|line| line.starts_with("notice: ") && line.contains(hint))?;
    line.rsplit_once(" (").map(|(_, hint)| hint)
}

/// How a file is read with these flags: whether it is, and the output or the error.
fn inspect(sandbox: &Sandbox, name: &str, flags: &[String]) -> (bool, String) {
    let output = sandbox.forecast("inspect --csv").arg(name).args(flags).output().unwrap();
    let is_read = output.status.success();
    assert!(matches!(output.status.code(), Some(0 | 2 | 3)), "{name} {flags:?}: {}", stderr(&output));
    (is_read, if is_read { stdout(&output) } else { stderr(&output) })
}

/// The flags after a change, with `names` for the placeholders. `None` if a placeholder has no name.
fn changed(flags: &[String], change: &Change, names: &[(&str, &str)]) -> Option<Vec<String>> {
    let mut flags = flags.to_vec();
    for (flag, value) in change {
        if let Some(at) = flags.iter().position(|other| other == flag) {
            let has_value = flags.get(at + 1).is_some_and(|value| !value.starts_with("--"));
            flags.drain(at..=at + usize::from(has_value));
        }
        let Some(value) = value else { continue };
        let is_placeholder = value.bytes().all(|byte| byte.is_ascii_uppercase()) && value != "UTC";
        let name = names.iter().find(|(of, _)| of == flag).map(|(_, name)| (*name).to_owned());
        let value = if is_placeholder { name? } else { value.clone() };
        flags.extend([flag.clone(), value]);
    }
    Some(flags)
}
