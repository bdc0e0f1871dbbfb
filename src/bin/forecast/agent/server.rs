//! The session with an agent, on stdin and stdout.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError, serve_server};
use rmcp::transport::io::stdio_pipes;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use crate::agent::answer;
use crate::agent::call::Call;
use crate::agent::folder::Folder;
use crate::agent::offer::Offer;
use crate::exit_status::CliError;
use crate::report::terminal::Terminal;

/// The most calls that are computed at once. Further ones wait.
const MAX_AT_ONCE: u32 = 4;
/// How long the end of the session waits for the processes of its calls, which were killed.
const MAX_END: Duration = Duration::from_secs(5);

const INSTRUCTIONS: &str = "\
Forecasts of time series in local files. Call inspect first if the columns of a file are unknown, then forecast. Paths \
are relative to one folder. Hints name arguments and tools. Answers name the repairs of the data and say whether the model beats a simple baseline: tell the user \
both. Nothing is written.";

/// Answers requests on stdin until it ends, or until Ctrl-C or SIGTERM.
pub(crate) fn serve(folder: Folder, offers: Vec<Offer>, terminal: Terminal) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("starting threads failed")?;
    let permits = Arc::new(Semaphore::new(MAX_AT_ONCE as usize));
    let agent = Agent { folder, offers, terminal, permits: Arc::clone(&permits) };
    let ended = runtime.block_on(async {
        let ended = tokio::select! {
            ended = session(agent) => ended,
            ended = interrupted() => ended,
        };
        // calls that still run were cancelled with the session
        let _ = tokio::time::timeout(MAX_END, permits.acquire_many(MAX_AT_ONCE)).await;
        ended
    });
    // a read from a terminal cannot be cancelled, so it is not waited for
    runtime.shutdown_background();
    ended
}

async fn session(agent: Agent) -> anyhow::Result<()> {
    let running = match serve_server(agent, stdio_pipes()).await {
        Ok(running) => running,
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => {
            let hint = "an agent starts this program: docs/agents.md shows how to configure it";
            return Err(CliError::usage(format!("the session has no valid start: {error}"), hint));
        }
    };
    running.waiting().await.context("the session failed")?;
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() -> anyhow::Result<()> {
    const FAILED: &str = "listening for signals failed";
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt()).context(FAILED)?, signal(SignalKind::terminate()).context(FAILED)?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// What answers the requests of an agent.
struct Agent {
    folder: Folder,
    offers: Vec<Offer>,
    terminal: Terminal,
    permits: Arc<Semaphore>,
}

impl Agent {
    /// Answers a call, and logs it.
    async fn call(&self, offer: &Offer, request: CallToolRequestParams) -> CallToolResult {
        let start = Instant::now();
        let name = offer.tool.name;
        let call = match Call::new(offer, request.arguments.unwrap_or_default(), &self.folder) {
            Ok(call) => call,
            Err(error) => {
                self.terminal.message(&format!("{name}: refused: {error}"));
                return answer::failed(&error);
            }
        };
        let ended = match Arc::clone(&self.permits).acquire_owned().await {
            Ok(permit) => call.run(permit).await,
            Err(closed) => Err(closed.into()),
        };
        let answer = match ended {
            Ok((status, stdout)) => answer::answer(&call, status, &stdout),
            Err(error) => answer::failed(&error.context("the computation could not be started")),
        };
        let how = if answer.is_error == Some(true) { "failed" } else { "done" };
        self.terminal.message(&format!("{name} {}: {how} in {:.1} s", call.files(), start.elapsed().as_secs_f64()));
        answer
    }
}

impl ServerHandler for Agent {
    fn get_info(&self) -> ServerConfig {
        let program = Implementation::new("forecast", env!("CARGO_PKG_VERSION"));
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(program).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let described = |offer: &Offer| {
            let tool = rmcp::model::Tool::new(offer.tool.name, offer.tool.description, offer.schema());
            let hints = ToolAnnotations::with_title(offer.tool.title).read_only(true).destructive(false);
            tool.with_title(offer.tool.title).with_annotations(hints.idempotent(true).open_world(false))
        };
        Ok(ListToolsResult::with_all_items(self.offers.iter().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(offer) = self.offers.iter().find(|offer| offer.tool.name == request.name) else {
            let names: Vec<&str> = self.offers.iter().map(|offer| offer.tool.name).collect();
            let message = format!("there is no tool `{}`; the tools are {}", request.name, names.join(", "));
            return Err(ErrorData::invalid_params(message, None));
        };
        tokio::select! {
            answer = self.call(offer, request) => Ok(answer.into()),
            // the call ends here, and its process with it
            () = context.ct.cancelled() => {
                self.terminal.message(&format!("{}: cancelled", offer.tool.name));
                Err(ErrorData::internal_error("the call was cancelled", None))
            }
        }
    }
}
