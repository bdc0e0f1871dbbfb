//! The locale, as the environment variables of a process name it.

/// The variable that decides the encoding of text, and its value: the first one that is set, as in setlocale(3). `variable`
/// gives the value of an environment variable.
pub(crate) fn of_text(variable: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let set = |name| Some((name, variable(name).filter(|value| !value.is_empty())?));
    ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set)
}

/// Whether the encoding of a locale is UTF-8.
pub(crate) fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
