//! Words for a total in several languages.

/// Words for a total in lower case.
#[rustfmt::skip]
const WORDS: [&str; 38] = [
    "total", "totals", "subtotal", "all", "sum", "overall", "aggregate", "whole", "gesamt", "insgesamt", "summe", "alle",
    "zusammen", "totaal", "totale", "ensemble", "tous", "toutes", "totales", "todos", "todas", "totalt", "suma", "razem",
    "ogółem", "celkem", "összesen", "итого", "合計", "总计", "合计", "합계", "總計",
    "gesamtergebnis", "eindtotaal", "totalsumma", "総計", "총합계",
];
/// Names of totals with several words.
const PHRASES: [&str; 6] =
    ["grand total", "total général", "total general", "totale complessivo", "suma końcowa", "celkový součet"];

/// Whether a word in lower case stands for a total.
pub(crate) fn is_word_of_total(word: &str) -> bool {
    WORDS.contains(&word)
}

/// Whether an id is the name of a total, with capitals or without.
pub(crate) fn is_name_of_total(id: &str) -> bool {
    let lower = id.trim().to_lowercase();
    is_word_of_total(&lower) || PHRASES.contains(&lower.as_str())
}
