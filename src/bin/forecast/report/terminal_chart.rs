//! The chart of a forecast above its table, if stdout is a terminal.

use std::env;
use std::io::{self, IsTerminal};

use forecast::plot::{CharacterSet, ChartPart, Span, text_chart};
use forecast::{Forecast, Panel};

use crate::locale;
use crate::report::terminal::Terminal;

/// The largest number of columns of the chart. A wider one is no clearer.
const MAX_WIDTH: usize = 110;

/// Prints the chart of the largest series, unless stdout is no terminal or is for something else.
pub(crate) fn print(terminal: &Terminal, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    if !terminal.has_results() || !io::stdout().is_terminal() {
        return Ok(());
    }
    let Some(width) = Terminal::width() else { return Ok(()) };
    let lines = text_chart(panel, forecasts, width.min(MAX_WIDTH), character_set(|name| env::var(name).ok()));
    lines.iter().try_for_each(|line| terminal.print(&painted(line)))?;
    if lines.is_empty() { Ok(()) } else { terminal.print("") }
}

/// What the terminal can show, by its environment variables.
fn character_set(variable: impl Fn(&str) -> Option<String>) -> CharacterSet {
    let is_utf8 = locale::of_text(&variable).is_some_and(|(_, locale)| locale::is_utf8(&locale));
    let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
    if is_dumb || !(is_utf8 || cfg!(windows)) { CharacterSet::Ascii } else { CharacterSet::Unicode }
}

/// A line with the colours of its parts, which are left out where the terminal has none.
fn painted(line: &[Span]) -> String {
    let paint = |Span { part, text, .. }: &Span| {
        let code = match part {
            ChartPart::Median => "1;34",
            ChartPart::InnerInterval => "34",
            ChartPart::OuterInterval => "36",
            ChartPart::Axis => "2",
            _ => return text.clone(),
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    };
    line.iter().map(paint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_ascii_need_a_locale_with_utf_8_and_a_terminal_that_is_not_dumb() {
        let set = |variables: &[(&str, &str)]| {
            character_set(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
        };
        let (unicode, ascii) = (CharacterSet::Unicode, CharacterSet::Ascii);
        assert_eq!(set(&[("LANG", "en_US.UTF-8")]), unicode);
        assert_eq!(set(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]), unicode);
        assert_eq!(set(&[("LANG", "en_US.UTF-8"), ("TERM", "dumb")]), ascii);
        if !cfg!(windows) {
            assert_eq!(set(&[]), ascii);
            assert_eq!(set(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]), ascii);
            assert_eq!(set(&[("LANG", "de_DE.ISO-8859-1")]), ascii);
        }
    }
}
