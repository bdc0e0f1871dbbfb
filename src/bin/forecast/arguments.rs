//! The arguments of this process, as typed.

/// The arguments as text, the program first.
pub(crate) fn typed() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}
