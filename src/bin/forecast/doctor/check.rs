//! What a check found, and what to do about it.

/// One thing that was checked. It is good if there is nothing to do.
#[derive(Debug)]
pub(crate) struct Check {
    /// What was checked, in one word.
    pub(crate) subject: &'static str,
    /// What was found.
    pub(crate) finding: String,
    /// What to do; `None` if it is good.
    pub(crate) hint: Option<String>,
}

impl Check {
    pub(super) fn good(subject: &'static str, finding: impl Into<String>) -> Self {
        Self { subject, finding: finding.into(), hint: None }
    }

    pub(super) fn bad(subject: &'static str, finding: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { subject, finding: finding.into(), hint: Some(hint.into()) }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.hint.is_none()
    }
}
