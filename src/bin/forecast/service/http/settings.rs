//! What the flags of HTTP ask for, checked.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::args::listen::ListenArgs;
use crate::exit_status::CliError;
use crate::report::hints::quoting::quoted;

/// The fewest characters of a token, so that nobody can try all.
const MIN_TOKEN: usize = 16;

/// The address and the limits of a service.
pub(crate) struct Settings {
    pub(super) address: SocketAddr,
    /// The token that requests must have; `None` only on a loopback address.
    pub(super) token: Option<Token>,
    pub(super) timeout: Duration,
    /// The number of requests that are computed at once.
    pub(crate) concurrency: usize,
    /// The longest body in bytes, compressed and decompressed.
    pub(super) max_body: usize,
}

impl Settings {
    /// Refuses an address that other computers reach unless there is a token.
    pub(crate) fn check(args: &ListenArgs) -> anyhow::Result<Self> {
        let address = args.listen.ok_or_else(|| CliError::usage("--listen is missing", "give it an address"))?;
        let token = args.token_file.as_deref().map(Token::read).transpose()?;
        if token.is_none() && !address.ip().is_loopback() {
            return Err(CliError::usage(
                format!("other computers reach {address}, and there is no token that requests must have"),
                "`openssl rand -hex 32 > token` makes one for `--token-file token`; or listen to this computer alone: \
                 `--listen 127.0.0.1:8000`",
            ));
        }
        let (concurrency, max_body) = (args.concurrency(), args.max_body());
        Ok(Self { address, token, timeout: args.timeout(), concurrency, max_body })
    }
}

/// The hash of a token. Hashes have one length, so that a comparison does not tell that of the token.
pub(super) struct Token([u8; 32]);

impl Token {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let shown = file.display();
        let make = || format!("`openssl rand -hex 32 > {}` makes a token", quoted(&file.to_string_lossy()));
        let text = fs::read_to_string(file)
            .map_err(|error| CliError::usage(format!("the token file {shown} cannot be read: {error}"), make()))?;
        let token = text.trim();
        if token.len() < MIN_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let rule = format!("a token has {MIN_TOKEN} characters or more, without spaces, and of ASCII");
            return Err(CliError::usage(format!("the token file {shown} has no token: {rule}"), make()));
        }
        Ok(Self(Sha256::digest(token).into()))
    }

    /// Whether a text is the token. The time that this takes does not depend on where they differ.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(text).into();
        hash.ct_eq(&self.0).into()
    }
}
