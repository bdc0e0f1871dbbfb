//! The list that `forecast doctor` prints: a line for each check, and below it what to do.

use crate::doctor::check::Check;

pub(crate) fn draw(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.subject.len()).max().unwrap_or(0);
    let line = |Check { subject, finding, hint }: &Check| match hint {
        None => format!("\x1b[32mok\x1b[0m       {subject:width$}  {finding}"),
        Some(hint) => {
            format!("\x1b[1;31mproblem\x1b[0m  {subject:width$}  {finding}\n         \x1b[1;36mhint:\x1b[0m {hint}")
        }
    };
    let problems = checks.iter().filter(|check| !check.is_good()).count();
    let last = match problems {
        0 => "all is well".to_owned(),
        1 => "1 problem".to_owned(),
        problems => format!("{problems} problems"),
    };
    checks.iter().map(line).chain([last]).collect::<Vec<_>>().join("\n")
}
