//! Tables drawn with bars and rules, as lists of SAP, databases and Markdown have them.

/// The number of lines by which a drawn table is recognised.
const SAMPLE_LINES: usize = 200;

/// The text without the rules and the outer bars of a drawn table. Every line keeps its number. `None` if the text has no
/// such table.
pub(crate) fn without_lines(text: &str) -> Option<String> {
    let sample = || text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES);
    let framed = sample().filter(|line| cells(line).is_some()).count();
    let rules = sample().filter(|line| is_rule(line)).count();
    // Most lines are parts of the drawing.
    let is_drawn = rules > 0 && framed > 2 && (framed + rules) * 10 >= sample().count() * 8;
    is_drawn.then(|| {
        let mut bare = String::with_capacity(text.len());
        for line in text.lines() {
            bare.push_str(cells(line).unwrap_or(if is_rule(line) { "" } else { line }));
            bare.push('\n');
        }
        bare
    })
}

/// What is between the outer bars of a line. `None` if it has none.
fn cells(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    (!is_rule(line)).then_some(inner)
}

/// Whether a line is a rule, such as `+-----+----+` or `|:---|---:|`.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains("---") && line.bytes().all(|byte| b"-+|: ".contains(&byte))
        || line.contains("===") && line.bytes().all(|byte| b"=+|".contains(&byte))
}
