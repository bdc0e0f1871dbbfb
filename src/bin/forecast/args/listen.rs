//! `--listen` and the other flags of requests over HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::args::value::{at_least_one, help_with_default};

/// The time for a request, if no other is typed.
#[cfg(feature = "serve")]
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest body in MiB, if no other is typed.
const MAX_BODY: usize = 16;
/// The number of bytes in a MiB.
#[cfg(feature = "serve")]
const MIB: usize = 1 << 20;

#[derive(Debug, Args)]
#[command(next_help_heading = "HTTP")]
pub(crate) struct ListenArgs {
    /// Answer requests over HTTP at an address, such as 127.0.0.1:8000; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) listen: Option<SocketAddr>,
    /// File with the token that requests must have; required at addresses that other computers reach
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    #[arg(long, value_name = "TIME", value_parser = span)]
    #[arg(help = help_with_default("Time for one request, as in 30s or 2m; its training stops then", "60s"))]
    timeout: Option<Duration>,
    /// Requests to compute at once; eight times as many wait, and further ones are refused [default: one for each core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    concurrency: Option<usize>,
    #[arg(long, value_name = "MIB", value_parser = at_least_one)]
    #[arg(help = help_with_default("Longest request in MiB, decompressed", MAX_BODY))]
    max_body: Option<usize>,
}

impl ListenArgs {
    /// The first flag that was typed and has no effect without `--listen`.
    pub(crate) fn other_flag(&self) -> Option<&'static str> {
        let typed = [
            ("--token-file", self.token_file.is_some()),
            ("--timeout", self.timeout.is_some()),
            ("--concurrency", self.concurrency.is_some()),
            ("--max-body", self.max_body.is_some()),
        ];
        typed.into_iter().find(|(_, is_typed)| *is_typed).map(|(flag, _)| flag)
    }
}

#[cfg(feature = "serve")]
impl ListenArgs {
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(TIMEOUT)
    }

    pub(crate) fn concurrency(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.concurrency.unwrap_or_else(cores)
    }

    /// The longest body in bytes.
    pub(crate) fn max_body(&self) -> usize {
        self.max_body.unwrap_or(MAX_BODY).saturating_mul(MIB)
    }
}

/// Parses an address with a port; `localhost` is 127.0.0.1.
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    if let Some(port) = local {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| "not an address with a port, such as 127.0.0.1:8000".into())
}

/// Parses a span of time, such as `30s` or `2 min`.
fn span(text: &str) -> Result<Duration, String> {
    let span = humantime::parse_duration(&text.to_lowercase()).ok().filter(|span| !span.is_zero());
    span.ok_or_else(|| "a number above 0 with the unit ms, s, m (minutes) or h is needed".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_port() {
        for (text, parsed) in [
            ("127.0.0.1:8000", "127.0.0.1:8000"),
            ("localhost:0", "127.0.0.1:0"),
            ("[::1]:80", "[::1]:80"),
            ("0.0.0.0:8000", "0.0.0.0:8000"),
        ] {
            assert_eq!(address(text).map(|own| own.to_string()).as_deref(), Ok(parsed));
        }
        for text in ["127.0.0.1", "8000", ":8000", "example.org:80", "localhost:", "localhost:66000"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
