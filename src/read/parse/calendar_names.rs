//! The names of months in several languages, and those of weekdays and weeks.

const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero", "gennaio", "jänner", "januari", "janeiro"],
    &["february", "februar", "février", "fevrier", "febbraio", "februari", "fevereiro"],
    &["march", "märz", "maerz", "mars", "marzo", "mrz", "maart", "março"],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "mei", "maio", "maj"],
    &["june", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "août", "aout", "agosto", "augustus", "augusti"],
    &["september", "septembre", "septiembre", "settembre", "sept", "setembro"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "novembre", "noviembre", "novembro"],
    &["december", "dezember", "décembre", "diciembre", "dicembre", "dezembro"],
];

/// Words for a week in lower case.
pub(crate) const WEEK_WORDS: [&str; 5] = ["week", "wk", "kw", "woche", "semaine"];

/// The weekdays in lower case.
pub(crate) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The number of a month by its name, or by the first three letters or more of it.
pub(crate) fn month_of_name(name: &str) -> Option<i32> {
    let name = name.to_lowercase();
    let is_named = |month: &&[&str]| name.chars().count() >= 3 && month.iter().any(|long| long.starts_with(&name));
    MONTHS.iter().position(is_named).map(|month| month as i32 + 1)
}
