//! The surroundings of a run: its folder, its locale and its terminal.

use std::path::Path;

use crate::doctor::check::Check;
use crate::exit_status::code_and_hint;
use crate::locale::{is_utf8, of_text};
use crate::report::output_dir::OutputDir;
use crate::report::terminal::Terminal;

const LOCALE_HINT: &str = "`export LC_ALL=C.UTF-8`, or another locale of `locale -a` whose name ends with UTF-8";

/// Whether output can be written in a folder, or in the current one.
pub(super) fn folder(out: Option<&Path>) -> Check {
    let subject = "folder";
    // a run without a chosen folder makes one in the current folder
    match OutputDir::check(out.unwrap_or(Path::new("./forecast-doctor"))) {
        Ok(_) => {
            let shown = out.map_or("the current folder".into(), |out| out.display().to_string());
            Check::good(subject, format!("{shown} can be written"))
        }
        Err(error) => Check::bad(subject, error.to_string(), code_and_hint(&error).1.unwrap_or_default()),
    }
}

/// Whether the encoding of text is UTF-8, as `variable` gives the value of an environment variable.
pub(super) fn locale(variable: impl Fn(&str) -> Option<String>) -> Check {
    let (subject, effect) = ("locale", "so that charts are coarse and names may be garbled");
    match of_text(variable) {
        None => Check::bad(subject, format!("none is set, {effect}"), LOCALE_HINT),
        Some((name, value)) if is_utf8(&value) => Check::good(subject, format!("{name}={value}")),
        Some((name, value)) => Check::bad(subject, format!("{name}={value} is not UTF-8, {effect}"), LOCALE_HINT),
    }
}

/// Where results are printed. Files and pipes are as good as a terminal.
pub(super) fn terminal() -> Check {
    let finding = match Terminal::width() {
        Some(width) => format!("{width} columns, which tables and charts fit"),
        None => "stdout is a file or a pipe, so that there are no charts and no colours".into(),
    };
    Check::good("terminal", finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale_of(variables: &[(&str, &str)]) -> Check {
        locale(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_first_variable_that_is_set_decides_the_locale() {
        assert!(locale_of(&[("LANG", "de_DE.UTF-8")]).is_good());
        assert!(locale_of(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]).is_good());
        assert!(locale_of(&[("LC_ALL", ""), ("LANG", "en_US.UTF-8")]).is_good());
        assert!(!locale_of(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]).is_good());
    }

    #[test]
    fn a_locale_without_utf_8_has_a_hint() {
        let check = locale_of(&[("LANG", "de_DE.ISO-8859-1")]);
        assert_eq!(
            check.finding,
            "LANG=de_DE.ISO-8859-1 is not UTF-8, so that charts are coarse and names may be garbled"
        );
        assert!(check.hint.unwrap().contains("export LC_ALL=C.UTF-8"));
        assert!(!locale_of(&[]).is_good());
    }
}
