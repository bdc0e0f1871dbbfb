//! Listens, answers connections, and stops in an orderly way.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use super::app::App;
use super::routes::router;
use super::settings::Settings;
use crate::exit_status::CliError;
use crate::interrupt;
use crate::report::terminal::Terminal;
use crate::service::answer::Service;

/// Threads that read and write. Computations have threads of their own.
const IO_THREADS: usize = 2;
/// The most connections at once. Further ones wait until one is closed.
const MAX_CONNECTIONS: usize = 1_024;
/// The longest time for the headers of a request, and between two requests of a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest time in which a client reads nothing of a response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of the headers of a request.
const MAX_HEADERS: usize = 1 << 16;
/// How long stopped computations are waited for at the end.
const STOPPING: Duration = Duration::from_secs(5);
/// The time before another connection is accepted if that failed, as when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests until Ctrl-C or SIGTERM. The requests that run then are answered.
pub(crate) fn run(settings: Settings, service: Service) -> anyhow::Result<ExitCode> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .max_blocking_threads(settings.concurrency)
        .enable_all()
        .build()
        .context("starting threads failed")?;
    let app = Arc::new(App::new(settings, service));
    let is_idle = runtime.block_on(serve(&app))?;
    if !is_idle {
        interrupt::end_without_cleanup(0);
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers requests until the service is stopped. Returns whether no computation is left.
async fn serve(app: &Arc<App>) -> anyhow::Result<bool> {
    let address = app.settings.address;
    let listener = TcpListener::bind(address).await.map_err(|error| not_listening(app, &error))?;
    let address = listener.local_addr().context("the address of the service is not known")?;
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    interrupt::first_calls(move || {
        Terminal::default().message("stopping when all requests are answered; Ctrl-C again ends at once");
        stopped.notify_one();
    });
    Terminal::default().message(&format!("listening on http://{address}, Ctrl-C stops"));
    let connections = GracefulShutdown::new();
    accept(app, listener, &stop, &connections).await;
    // each request ends at its time limit
    let longest = app.settings.timeout.saturating_add(STOPPING);
    let _ = timeout(longest, connections.shutdown()).await;
    Ok(timeout(STOPPING, app.idle()).await.is_ok())
}

/// Accepts connections until the service is stopped.
async fn accept(app: &Arc<App>, listener: TcpListener, stop: &Notify, connections: &GracefulShutdown) {
    let open = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let router: Router = router(app);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(app.settings.timeout.min(HEADER_TIMEOUT))
        .max_buf_size(MAX_HEADERS);
    let stopped = stop.notified();
    tokio::pin!(stopped);
    loop {
        let next = async {
            // the semaphore is never closed
            let permit = Arc::clone(&open).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            () = &mut stopped => return,
        };
        let Ok((stream, _)) = accepted else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // a response is one packet or more, and waits for no other
        let _ = stream.set_nodelay(true);
        // a client that does not read its response keeps no connection
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(app.settings.timeout.min(WRITE_TIMEOUT)));
        let service = TowerToHyperService::new(router.clone());
        let connection = connections.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // a connection that fails is one that its client closed
            let _ = connection.await;
            drop(permit);
        });
    }
}

fn not_listening(app: &App, error: &io::Error) -> anyhow::Error {
    let address = app.settings.address;
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("choose another port: `--listen {}:0` takes one that is free", address.ip())
        }
        io::ErrorKind::PermissionDenied => "choose a port above 1023, as in `--listen 127.0.0.1:8000`".to_owned(),
        _ => "listen to an address of this computer, as in `--listen 127.0.0.1:8000`".to_owned(),
    };
    CliError::failure(format!("the service cannot listen on {address}: {error}"), hint)
}
