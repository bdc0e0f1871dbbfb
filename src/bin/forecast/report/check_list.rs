//! The list that `forecast doctor` prints: a line for each check, and below it what to do.

use crate::doctor::check::Check;
use crate::report::text_table::counted;

pub(crate) fn draw(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.subject.len()).max().unwrap_or(0);
    let line = |Check { subject, finding, hint }: &Check| match hint {
        None => format!("\x1b[32mok\x1b[0m       {subject:width$}  {finding}"),
        Some(hint) => {
            format!("\x1b[1;31mproblem\x1b[0m  {subject:width$}  {finding}\n         \x1b[1;36mhint:\x1b[0m {hint}")
        }
    };
    let last = match checks.iter().filter(|check| !check.is_good()).count() {
        0 => "all is well".to_owned(),
        problems => counted(problems, "problem"),
    };
    checks.iter().map(line).chain([last]).collect::<Vec<_>>().join("\n")
}
