//! What all requests share: the service, its limits and its metrics. Computations run on threads of their own.

use std::sync::Arc;

use forecast::Budget;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;
use tokio::time::{Instant, timeout_at};

use super::failure::Failure;
use super::metrics::Metrics;
use super::settings::Settings;
use crate::service::answer::Service;

/// How many requests wait for each one that is computed.
const WAITING_PER_COMPUTATION: usize = 8;

/// What all requests share.
pub(super) struct App {
    pub(super) service: Service,
    pub(super) settings: Settings,
    pub(super) metrics: Arc<Metrics>,
    /// A permit for each request that is read, waits or is computed.
    admitted: Arc<Semaphore>,
    /// A permit for each computation.
    computing: Arc<Semaphore>,
}

/// Stops a computation when the request is dropped, since nobody waits for it any more.
struct StopOnDrop(Budget);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl App {
    pub(super) fn new(settings: Settings, service: Service) -> Self {
        let computing = settings.concurrency;
        let admitted = computing.saturating_mul(1 + WAITING_PER_COMPUTATION).min(Semaphore::MAX_PERMITS);
        Self {
            service,
            settings,
            metrics: Arc::default(),
            admitted: Arc::new(Semaphore::new(admitted)),
            computing: Arc::new(Semaphore::new(computing.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// When a request that begins now must be done.
    pub(super) fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.settings.timeout).unwrap_or(now)
    }

    /// A permit for a request; `None` if there are too many.
    pub(super) fn admit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.admitted).try_acquire_owned().ok()
    }

    /// Calls `work` on a thread for computations, as soon as one is free. At the deadline, or when the returned future is
    /// dropped, its budget is stopped. The permit is kept until the work ends.
    pub(super) async fn compute<T: Send + 'static>(
        self: Arc<Self>,
        deadline: Instant,
        work: impl FnOnce(&Service, &Budget) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let stop = StopOnDrop(Budget::unlimited());
        let budget = stop.0.clone();
        let permit = timeout_at(deadline, Arc::clone(&self.computing).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Failure::busy()) };
        let computation = task::spawn_blocking(move || {
            let _permit = permit;
            let _computation = self.metrics.computation();
            work(&self.service, &budget)
        });
        match timeout_at(deadline, computation).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panicked)) => Err(Failure::panicked()),
            Err(_too_late) => Err(Failure::out_of_time()),
        }
    }

    /// Waits until no computation runs.
    pub(super) async fn idle(&self) {
        let all = u32::try_from(self.settings.concurrency).unwrap_or(u32::MAX);
        // the semaphore is never closed
        let _ = self.computing.acquire_many(all).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::response::IntoResponse;
    use clap::{Args, FromArgMatches};

    use super::*;
    use crate::args::levels::LevelArgs;
    use crate::service::models::ServedModels;

    fn app() -> Arc<App> {
        let matches = LevelArgs::augment_args(clap::Command::new("serve")).get_matches_from(["serve"]);
        let levels = LevelArgs::from_arg_matches(&matches).expect("there are no arguments");
        let service = Service { models: ServedModels::default(), pooled: None, horizon: None, levels };
        let address = ([127, 0, 0, 1], 0).into();
        let timeout = Duration::from_secs(60);
        Arc::new(App::new(Settings { address, token: None, timeout, concurrency: 1, max_body: 1 }, service))
    }

    #[test]
    fn a_panic_is_a_failure_without_its_text_and_the_service_goes_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let app = app();
            for _ in 0..3 {
                let panicked =
                    Arc::clone(&app).compute(app.deadline(), |_, _| -> Result<(), Failure> { panic!("a secret") });
                let failure = panicked.await.expect_err("it panicked");
                assert!(!format!("{failure:?}").contains("secret"));
                assert_eq!(failure.into_response().status(), 500);
                let next = Arc::clone(&app).compute(app.deadline(), |_, stop| Ok(stop.is_stopped()));
                assert!(matches!(next.await, Ok(false)));
            }
            app.idle().await;
        });
    }
}
