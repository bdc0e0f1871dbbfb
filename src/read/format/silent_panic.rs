//! Catches the panics of Polars without a message on standard error.
//!
//! Polars panics on some damaged files. The standard hook would print each of these panics, although the reader turns
//! them into errors. A hook is global, so it is installed once, in front of the previous hook. It passes every panic of
//! other code to the previous hook.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of calls of [`catch`] that are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread runs inside [`catch`].
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `call`. A panic becomes an error with the first line of its message, and is not printed.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let was_catching = IS_CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    IS_CATCHING.set(was_catching);
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    result.map_err(|panic| first_line(&*panic))
}

fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !is_silent() {
                previous(info);
            }
        }));
    });
}

/// Whether [`catch`] catches a panic of the current thread: the thread runs inside it, or is a worker of Polars.
fn is_silent() -> bool {
    let is_worker = || thread::current().name().is_some_and(|name| name.starts_with("polars"));
    IS_CATCHING.get() || (RUNNING.load(Ordering::SeqCst) > 0 && is_worker())
}

fn first_line(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    message.and_then(|message| message.lines().next()).unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_panics_of_other_code_are_printed() {
        assert_eq!(catch(|| 5), Ok(5));
        assert_eq!(catch(|| -> i32 { panic!("bad page\nin a column") }), Err("bad page".into()));
        assert!(!is_silent(), "a panic outside the call is printed");
        let inside = catch(|| (is_silent(), thread::spawn(is_silent).join().unwrap_or(true)));
        assert_eq!(inside, Ok((true, false)), "a thread of other code is not silenced");
    }
}
