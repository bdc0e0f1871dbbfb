//! Turns panics of the readers of binary files into errors.
//!
//! Polars and the reader of workbooks panic on some damaged files. The standard hook would print each panic, so a hook is
//! installed in front of it. A hook is global, and is therefore installed once. It passes every panic of other code to
//! the previous hook.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of calls of [`catch_panic`] that are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread runs inside [`catch_panic`].
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `call`. A panic becomes an error with the first line of its message, and is not printed.
pub(crate) fn catch_panic<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !is_silent() {
                previous(info);
            }
        }));
    });
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let was_catching = IS_CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    IS_CATCHING.set(was_catching);
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    result.map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        message.and_then(|message| message.lines().next()).unwrap_or("no reason given").to_owned()
    })
}

/// Whether [`catch_panic`] catches a panic of the current thread: the thread runs inside it, or is a worker of Polars.
fn is_silent() -> bool {
    let is_worker = || thread::current().name().is_some_and(|name| name.starts_with("polars"));
    IS_CATCHING.get() || (RUNNING.load(Ordering::SeqCst) > 0 && is_worker())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_panics_of_other_code_are_printed() {
        assert_eq!(catch_panic(|| 5), Ok(5));
        assert_eq!(catch_panic(|| -> i32 { panic!("bad page\nin a column") }), Err("bad page".into()));
        assert!(!is_silent(), "a panic outside the call is printed");
        let inside = catch_panic(|| (is_silent(), thread::spawn(is_silent).join().unwrap_or(true)));
        assert_eq!(inside, Ok((true, false)), "a thread of other code is not silenced");
    }
}
