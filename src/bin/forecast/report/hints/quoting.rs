//! Names and commands as a shell reads them.

use std::path::Path;

/// A command as one line for a shell. The program is named without its folder.
pub(crate) fn shell_line(command: &[String]) -> String {
    let program = command.first().map(Path::new).and_then(Path::file_name);
    let program = program.map(|name| name.to_string_lossy().into_owned());
    let words = program.iter().chain(command.iter().skip(1));
    words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A name as one argument of a shell.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.:/".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.into()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// Whether names can be listed in one flag, which is separated at commas.
pub(super) fn are_listable(names: &[String]) -> bool {
    !names.iter().any(|name| name.contains(','))
}

pub(super) fn all_quoted(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")
}
