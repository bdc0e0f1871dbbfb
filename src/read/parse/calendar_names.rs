//! The names of months in several languages, and those of weekdays and weeks.

#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero", "gennaio", "jänner", "januari", "janeiro", "január", "ianuarie",
      "январь", "января"],
    &["february", "februar", "février", "fevrier", "febrero", "febbraio", "februari", "fevereiro", "február", "februarie",
      "февраль", "февраля"],
    &["march", "märz", "maerz", "mars", "marzo", "mrz", "maart", "março", "március", "martie", "maret", "март", "марта"],
    &["april", "avril", "abril", "aprile", "április", "aprilie", "апрель", "апреля"],
    &["may", "mai", "mayo", "maggio", "mei", "maio", "maj", "május", "май", "мая"],
    &["june", "juni", "juin", "junio", "giugno", "junho", "június", "iunie", "июнь", "июня"],
    &["july", "juli", "juillet", "julio", "luglio", "julho", "július", "iulie", "июль", "июля"],
    &["august", "août", "aout", "agosto", "augustus", "augusti", "augusztus", "agustus", "август", "августа"],
    &["september", "septembre", "septiembre", "settembre", "sept", "setembro", "szeptember", "septembrie",
      "сентябрь", "сентября"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro", "október", "octombrie", "октябрь", "октября"],
    &["november", "novembre", "noviembre", "novembro", "noiembrie", "ноябрь", "ноября"],
    &["december", "dezember", "décembre", "diciembre", "dicembre", "dezembro", "decembrie", "desember", "декабрь", "декабря"],
];

/// Names of months that are not abbreviated, because their first letters are those of other words: Czech ones, Polish ones
/// alone and after a day, Turkish and Finnish ones.
#[rustfmt::skip]
const WHOLE_NAMES: [&[&str]; 12] = [
    &["leden", "ledna", "styczeń", "stycznia", "ocak", "tammikuu", "tammikuuta"],
    &["únor", "února", "luty", "lutego", "şubat", "subat", "helmikuu", "helmikuuta"],
    &["březen", "března", "marzec", "marca", "mart", "maaliskuu", "maaliskuuta"],
    &["duben", "dubna", "kwiecień", "kwietnia", "nisan", "huhtikuu", "huhtikuuta"],
    &["květen", "května", "maja", "mayıs", "mayis", "toukokuu", "toukokuuta"],
    &["červen", "června", "czerwiec", "czerwca", "haziran", "kesäkuu", "kesäkuuta"],
    &["červenec", "července", "lipiec", "lipca", "temmuz", "heinäkuu", "heinäkuuta"],
    &["srpen", "srpna", "sierpień", "sierpnia", "ağustos", "agustos", "elokuu", "elokuuta"],
    &["září", "wrzesień", "września", "eylül", "eylul", "syyskuu", "syyskuuta"],
    &["říjen", "října", "październik", "października", "ekim", "lokakuu", "lokakuuta"],
    &["listopad", "listopadu", "listopada", "kasım", "kasim", "marraskuu", "marraskuuta"],
    &["prosinec", "prosince", "grudzień", "grudnia", "aralık", "aralik", "joulukuu", "joulukuuta"],
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

/// Words before the start or the end of a week, in lower case.
const WORDS_BEFORE_DATES: [&str; 6] =
    ["w/c ", "w/e ", "week commencing ", "week beginning ", "week ending ", "week of "];
/// Words for a year after a date.
const WORDS_AFTER_DATES: [&str; 2] = [" г.", " года"];

/// A date without words before or after it, as in `w/c 01/01/2024` and `12 января 2024 г.`.
pub(crate) fn without_words_of_date(cell: &str) -> &str {
    // `1500 г.` is a weight.
    let has_month = |rest: &&str| rest.contains(char::is_alphabetic);
    if let Some(rest) = WORDS_AFTER_DATES.into_iter().find_map(|word| cell.strip_suffix(word)).filter(has_month) {
        return rest;
    }
    // The statistics office of Romania writes `Luna ianuarie 2020`.
    if let Some(rest) = cell.strip_prefix("Luna ").filter(|rest| rest.starts_with(char::is_alphabetic)) {
        return rest;
    }
    if !cell.starts_with(['w', 'W']) {
        return cell;
    }
    let is_before = |word: &&str| cell.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let rest = WORDS_BEFORE_DATES.into_iter().find(is_before).map_or(cell, |word| cell[word.len()..].trim_start());
    // A number alone is no whole date.
    if rest.bytes().all(|byte| byte.is_ascii_digit()) { cell } else { rest }
}

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
    // The small letter for `İ` has a point of its own.
    let name = name.to_lowercase().replace('\u{307}', "");
    let is_named = |month: &&[&str]| name.chars().count() >= 3 && month.iter().any(|long| long.starts_with(&name));
    let is_whole = |month: &&[&str]| month.contains(&name.as_str());
    let month = WHOLE_NAMES.iter().position(is_whole).or_else(|| MONTHS.iter().position(is_named));
    month.map(|month| month as i32 + 1)
}
