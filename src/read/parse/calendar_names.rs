//! The names of months in several languages, and those of weekdays and weeks.

const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero", "gennaio", "jänner", "januari", "janeiro"],
    &["february", "februar", "février", "fevrier", "febrero", "febbraio", "februari", "fevereiro"],
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

/// Names of months that are not abbreviated, because their first letters are those of other words: Czech ones, and Polish ones
/// alone and after a day.
#[rustfmt::skip]
const WHOLE_NAMES: [&[&str]; 12] = [
    &["leden", "ledna", "styczeń", "stycznia"], &["únor", "února", "luty", "lutego"],
    &["březen", "března", "marzec", "marca"], &["duben", "dubna", "kwiecień", "kwietnia"],
    &["květen", "května", "maja"], &["červen", "června", "czerwiec", "czerwca"],
    &["červenec", "července", "lipiec", "lipca"], &["srpen", "srpna", "sierpień", "sierpnia"],
    &["září", "wrzesień", "września"], &["říjen", "října", "październik", "października"],
    &["listopad", "listopadu", "listopada"], &["prosinec", "prosince", "grudzień", "grudnia"],
];

/// Names of columns of weeks, in lower case, letters and digits only.
#[rustfmt::skip]
pub(crate) const WEEK_NAMES: [&str; 20] = [
    "week", "wk", "weekno", "weeknum", "weeknumber", "isoweek", "kw", "woche", "kalenderwoche", "semaine", "semana",
    "settimana", "tydzień", "týden", "vecka", "uge", "uke", "週", "周", "주",
];

/// Words for a week in lower case.
pub(crate) const WEEK_WORDS: [&str; 5] = ["week", "wk", "kw", "woche", "semaine"];

/// The weekdays in several languages and in lower case.
#[rustfmt::skip]
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "montag", "lundi", "lunes", "lunedì", "maandag", "måndag", "mandag", "segunda-feira"],
    &["tuesday", "dienstag", "mardi", "martes", "martedì", "dinsdag", "tisdag", "tirsdag", "terça-feira"],
    &["wednesday", "mittwoch", "mercredi", "miércoles", "mercoledì", "woensdag", "onsdag", "quarta-feira"],
    &["thursday", "donnerstag", "jeudi", "jueves", "giovedì", "donderdag", "torsdag", "quinta-feira"],
    &["friday", "freitag", "vendredi", "viernes", "venerdì", "vrijdag", "fredag", "sexta-feira"],
    &["saturday", "samstag", "sonnabend", "samedi", "sábado", "sabato", "zaterdag", "lördag", "lørdag"],
    &["sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag", "söndag", "søndag"],
];

/// A date without the weekday before it, as in `Mon, 1 Jan 2024` or `Montag, 1. Januar 2024`. The weekday may be
/// abbreviated. Where it may also be a month, as in `mar 5 2024`, it is none unless a whole date follows.
pub(crate) fn without_weekday(cell: &str) -> &str {
    let is_of_name = |c: char| c.is_alphabetic() || c == '-';
    if cell.starts_with(|c: char| !c.is_alphabetic()) {
        return cell;
    }
    let end = cell.find(|c: char| !is_of_name(c)).unwrap_or(cell.len());
    let (name, rest) = (cell[..end].to_lowercase(), cell[end..].trim_start_matches(['.', ',', ' ']));
    let letters = name.chars().count();
    let is_full = WEEKDAYS.iter().any(|day| day.contains(&name.as_str()));
    let is_start = WEEKDAYS.iter().any(|day| day.iter().any(|long| long.starts_with(&name)));
    let is_weekday =
        is_full || (letters >= 3 && is_start) || (letters == 2 && is_start && rest.len() < cell.len() - end);
    if !is_weekday || rest.len() == cell.len() - end {
        return cell;
    }
    let is_month = letters < 3 || month_of_name(&name).is_some();
    if !is_month || is_date_without_words(rest) { rest } else { cell }
}

/// Whether a text starts like `5/3/2024` or `5 March 2024`, and not like `5, 2024`.
fn is_date_without_words(text: &str) -> bool {
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let next = after.trim_start_matches([' ', '.', '-', '/']);
    let word: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
    let is_separated = after.starts_with(['/', '.', '-']) && next.starts_with(|c: char| c.is_ascii_digit());
    after.len() < text.len() && (is_separated || month_of_name(&word).is_some())
}

/// The number of a month by its name, or by the first three letters or more of it.
pub(crate) fn month_of_name(name: &str) -> Option<i32> {
    let name = name.to_lowercase();
    let is_named = |month: &&[&str]| name.chars().count() >= 3 && month.iter().any(|long| long.starts_with(&name));
    let is_whole = |month: &&[&str]| month.contains(&name.as_str());
    let month = WHOLE_NAMES.iter().position(is_whole).or_else(|| MONTHS.iter().position(is_named));
    month.map(|month| month as i32 + 1)
}
