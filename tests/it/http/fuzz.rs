//! Damaged bodies: each is answered or refused with a reason, and none is an error of the service.

use std::collections::BTreeMap;

use super::{HttpService, malformed::Attacker};
use crate::sandbox::{Sandbox, daily_csv};

/// The number of damaged bodies of this test. `cargo run --example fuzz_requests` sends as many as one likes.
const BODIES: u64 = 2_000;

#[test]
fn no_damaged_body_is_an_error_of_the_service() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let mut attacker = Attacker::connect(&service.address).unwrap();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for seed in 0..BODIES {
        let status = attacker.send(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        *statuses.entry(status.unwrap_or_else(|wrong| panic!("{wrong}"))).or_default() += 1;
    }
    assert!([200, 400, 422].iter().all(|status| statuses.contains_key(status)), "{statuses:?}");
    assert_eq!(service.post_csv("/v1/forecast", &daily_csv(56)).status, 200);
    service.terminate();
    let (status, printed) = service.end();
    assert!(status.success() && !printed.contains("panicked"), "{printed}");
}
