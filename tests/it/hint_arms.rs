//! The hints in the source of the command line: one for each arm of a function that chooses them.

use syn::visit::{self, Visit};

/// The functions with the hints of the reader.
const FUNCTIONS: [&str; 7] =
    ["error_hint", "fixed_hint", "data_hint", "future_hint", "fixed_data_hint", "format_hint", "notice_line"];

/// The patterns of all arms without spaces, such as `DataProblem::NoSheets`. Those of an arm with several are separate.
pub(crate) fn arms(source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap();
    let mut arms = Arms::default();
    for item in &file.items {
        if let syn::Item::Fn(function) = item
            && FUNCTIONS.contains(&function.sig.ident.to_string().as_str())
        {
            arms.visit_item_fn(function);
        }
    }
    arms.found
}

#[derive(Default)]
struct Arms {
    found: Vec<String>,
}

impl<'a> Visit<'a> for Arms {
    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        let patterns = match &arm.pat {
            syn::Pat::Or(several) => several.cases.iter().collect(),
            pattern => vec![pattern],
        };
        let guard = arm.guard.as_ref().map(|(_, guard)| format!("if{}", without_spaces(guard))).unwrap_or_default();
        for pattern in patterns.into_iter().filter(|pattern| names_a_variant(pattern)) {
            self.found.push(without_spaces(pattern) + &guard);
        }
        visit::visit_arm(self, arm);
    }
}

/// Whether a pattern is that of an error, a problem, a format or a notice, and not of something inside it.
fn names_a_variant(pattern: &syn::Pat) -> bool {
    let text = without_spaces(pattern);
    ["Error::", "DataProblem::", "UnsupportedFormat::", "Notice::"].iter().any(|name| text.starts_with(name))
}

fn without_spaces(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string().chars().filter(|c| !c.is_whitespace()).collect()
}
