//! The surroundings of a run: its folder, its locale and its terminal.

use std::path::Path;
use std::process::{Command, Stdio};

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

/// Whether the encoding of text is UTF-8, as `variable` gives the value of an environment variable. `installed` are the
/// names of the locales of this computer; none if they are not known.
pub(super) fn locale(variable: impl Fn(&str) -> Option<String>, installed: &[String]) -> Check {
    let (subject, effect) = ("locale", "so that charts are coarse and names may be garbled");
    match of_text(variable) {
        None => Check::bad(subject, format!("none is set, {effect}"), LOCALE_HINT),
        Some((name, value)) if is_utf8(&value) && !is_installed(&value, installed) => {
            let finding = format!("{name}={value} is not installed, so that other programs take texts for ASCII");
            Check::bad(subject, finding, LOCALE_HINT)
        }
        Some((name, value)) if is_utf8(&value) => Check::good(subject, format!("{name}={value}")),
        Some((name, value)) => Check::bad(subject, format!("{name}={value} is not UTF-8, {effect}"), LOCALE_HINT),
    }
}

/// The locales of this computer, as `locale -a` lists them; none if there is no such program.
pub(super) fn installed_locales() -> Vec<String> {
    let listed = Command::new("locale").arg("-a").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let listed = listed.ok().filter(|listed| listed.status.success()).map(|listed| listed.stdout).unwrap_or_default();
    String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
}

/// Whether a locale is among the installed ones. Encodings are written in several ways, such as UTF-8 and utf8.
fn is_installed(locale: &str, installed: &[String]) -> bool {
    let plain = |name: &str| name.to_lowercase().replace('-', "");
    installed.is_empty() || installed.iter().any(|own| plain(own) == plain(locale))
}

/// Where results are printed. Files and pipes are as good as a terminal.
pub(super) fn terminal() -> Check {
    let subject = "terminal";
    match Terminal::width() {
        Some(width) => Check::good(subject, format!("{width} columns, which tables and charts fit")),
        None if Terminal::is_one() => {
            let finding =
                "it does not say how many columns it has, so that tables may be too wide and charts are left out";
            Check::bad(subject, finding, "`stty cols 80` says it, with the number of columns of the window")
        }
        None => Check::good(subject, "stdout is a file or a pipe, so that there are no charts and no colours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale_of(variables: &[(&str, &str)]) -> Check {
        let variable =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let installed = ["C", "C.utf8", "de_DE.utf8", "en_US.UTF-8"].map(str::to_owned);
        locale(variable, &installed)
    }

    #[test]
    fn the_first_variable_that_is_set_decides_the_locale() {
        assert!(locale_of(&[("LANG", "de_DE.UTF-8")]).is_good());
        assert!(locale_of(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]).is_good());
        assert!(locale_of(&[("LC_ALL", ""), ("LANG", "en_US.UTF-8")]).is_good());
        assert!(!locale_of(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]).is_good());
    }

    #[test]
    fn a_locale_that_is_not_installed_has_a_hint() {
        let check = locale_of(&[("LANG", "fr_FR.UTF-8")]);
        assert_eq!(check.finding, "LANG=fr_FR.UTF-8 is not installed, so that other programs take texts for ASCII");
        assert!(!check.is_good());
        let known = |_: &str| Some("fr_FR.UTF-8".to_owned());
        assert!(locale(known, &[]).is_good(), "a locale is good if the installed ones are not known");
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
