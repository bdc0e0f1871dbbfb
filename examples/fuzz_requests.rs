//! Starts the built `forecast serve`, sends damaged requests, and prints those that it did not answer or refuse:
//! `cargo run --release --features serve --example fuzz_requests -- [REQUESTS] [FIRST_SEED] [CONNECTIONS]`. The same
//! arguments send the same requests. The exit code is 1 if one had an error of the service. `cargo build` comes first.

#![expect(clippy::print_stdout, reason = "a program prints its result")]

#[path = "../tests/it/http/malformed.rs"]
mod malformed;
#[path = "../tests/it/mutate.rs"]
mod mutate;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Instant;

use malformed::Attacker;

/// The number of requests without an argument.
const DEFAULT_REQUESTS: u64 = 1_000;
/// The number of connections without an argument.
const DEFAULT_CONNECTIONS: u64 = 4;
/// The number of wrong responses that are printed.
const MAX_PRINTED: usize = 20;

/// The number of responses by status, and those that are wrong.
type Found = (BTreeMap<u16, u64>, Vec<String>);

/// A service that ends with this program.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (requests, first, connections) =
        (number(0, DEFAULT_REQUESTS), number(1, 0), number(2, DEFAULT_CONNECTIONS).max(1));
    let folder = tempfile::tempdir()?;
    let (service, address) = start(folder.path())?;
    let (memory_before, start) = (memory(&service), Instant::now());
    let seeds = |own: u64| (first + own..first + requests).step_by(connections as usize);
    let found: Vec<Found> = thread::scope(|scope| {
        let attack = |own| {
            scope.spawn({
                let address = &address;
                move || attack(address, seeds(own))
            })
        };
        let threads: Vec<_> = (0..connections).map(attack).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread does not panic")).collect()
    });
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for (status, count) in found.iter().flat_map(|(own, _)| own) {
        *statuses.entry(*status).or_default() += count;
    }
    let wrong: Vec<&String> = found.iter().flat_map(|(_, wrong)| wrong).collect();
    wrong.iter().take(MAX_PRINTED).for_each(|wrong| println!("{wrong}"));
    let seconds = start.elapsed().as_secs_f64();
    println!("{requests} requests in {seconds:.0} s, by status: {statuses:?}, wrong: {}", wrong.len());
    println!("memory before {memory_before}, after {}", memory(&service));
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Trains a model in a folder, and starts a service with it. Returns its address, too.
fn start(folder: &Path) -> Result<(Service, String), Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let program = own.ancestors().nth(2).ok_or("the example lies in no target folder")?.join("forecast");
    let days = (1..=28).map(|day| format!("2024-01-{day:02},{}\n", 100 + day * 37 % 11));
    fs::write(folder.join("daily.csv"), format!("date,sales\n{}", days.collect::<Vec<_>>().concat()))?;
    let run = |line: &str| {
        let mut command = Command::new(&program);
        command.args(line.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().map_err(|error| format!("{}: {error}; build it first", program.display()))
    };
    run("train --csv daily.csv -n 7 --model theta --out trained")?.wait()?;
    let mut child = run("serve --listen 127.0.0.1:0 --model trained")?;
    let stderr = child.stderr.take().ok_or("the service has no stderr")?;
    let service = Service(child);
    let mut lines = BufReader::new(stderr).lines();
    let line = lines.next().ok_or("the service printed nothing")??;
    let address = line.split("http://").nth(1).and_then(|rest| rest.split(',').next());
    let address = address.ok_or_else(|| format!("no address: {line}"))?.to_owned();
    // what the service prints is of panics
    thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("{line}")));
    Ok((service, address))
}

/// The memory of the service, where the system tells it.
fn memory(service: &Service) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", service.0.id())).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("unknown").trim().to_owned()
}

/// Sends the requests of these seeds on one connection, and on another one where that is closed.
fn attack(address: &str, seeds: impl Iterator<Item = u64>) -> Found {
    let (mut statuses, mut wrong): Found = Found::default();
    let mut attacker = Attacker::connect(address).ok();
    for seed in seeds {
        match attacker.as_mut().map(|attacker| attacker.send(seed)) {
            Some(Ok(Ok(status))) => *statuses.entry(status).or_default() += 1,
            Some(Ok(Err(response))) => wrong.push(response),
            failed => {
                wrong.push(format!("seed {seed}: no response, {failed:?}"));
                attacker = Attacker::connect(address).ok();
            }
        }
    }
    (statuses, wrong)
}
