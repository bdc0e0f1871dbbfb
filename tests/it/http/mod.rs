//! `forecast serve --listen`: requests over HTTP, sent by hand.

mod attacks;
mod forecasts;
mod fuzz;
mod limits;
mod malformed;
mod protocols;
mod refusals;
mod streams;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::json_schema::checked;
use crate::sandbox::Sandbox;

/// A service of HTTP that runs on a free port of this computer.
pub(crate) struct HttpService {
    child: Child,
    /// What the service prints.
    stderr: BufReader<ChildStderr>,
    /// The address with the port.
    pub(crate) address: String,
}

/// A response, with the names of its headers in lower case.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl HttpService {
    /// Starts `forecast serve --listen 127.0.0.1:0` with the words of `line`.
    pub(crate) fn start(sandbox: &Sandbox, line: &str) -> Self {
        let mut command = sandbox.forecast(&format!("serve --listen 127.0.0.1:0 {line}"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut printed = String::new();
        stderr.read_line(&mut printed).unwrap();
        let address = printed.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{printed}"));
        let address = address.split(',').next().unwrap().to_owned();
        Self { child, stderr, address }
    }

    /// A service that forecasts with theta, trained on the series of the sandbox with a horizon of 7.
    pub(crate) fn start_trained(sandbox: &Sandbox, line: &str) -> Self {
        sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
        Self::start(sandbox, &format!("--model trained {line}"))
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
        stream
    }

    /// Sends the lines of a head, to which host and length are added, and a body.
    pub(crate) fn send(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
        let headers: Vec<String> = headers.lines().map(|header| format!("{}\r\n", header.trim())).collect();
        let (host, length) = (&self.address, body.len());
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{}\r\n",
            headers.concat()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // a service that refuses a body may stop reading it
        let _ = stream.write_all(body);
        stream
    }

    /// Sends a request and reads its response.
    pub(crate) fn ask(&self, head: &str, body: &[u8]) -> Response {
        Response::read(self.send(head, body))
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.ask(&format!("GET {path}"), b"")
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Response {
        self.ask(&format!("POST {path}\nContent-Type: application/json"), body.to_string().as_bytes())
    }

    pub(crate) fn post_csv(&self, path: &str, body: &str) -> Response {
        self.ask(&format!("POST {path}\nContent-Type: text/csv"), body.as_bytes())
    }

    /// The value of a metric without labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Asks for a metric until it has a value.
    pub(crate) fn wait_for(&self, name: &str, value: f64) {
        while self.metric(name) != value {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// The most memory that the service had, in MB.
    pub(crate) fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1000.0
    }

    /// Waits for the end of a service that was terminated, and returns its exit code and what it printed.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let mut printed = String::new();
        self.stderr.read_to_string(&mut printed).unwrap();
        (status, printed)
    }
}

impl Drop for HttpService {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Response {
    /// Reads a response until its connection is closed.
    pub(crate) fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes);
        let split = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let split = split.unwrap_or_else(|| panic!("no response: {end:?}, {}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers = lines.map(|line| header(line).unwrap()).collect();
        Self { status, headers, body: bytes[split + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The object of an answer or a failure, as docs/run.schema.json describes it.
    pub(crate) fn object(&self) -> Value {
        checked(&self.text())
    }

    /// The message of a failure.
    pub(crate) fn message(&self) -> String {
        let object = self.object();
        assert!(!object["error"]["hint"].as_str().unwrap().is_empty(), "{object}");
        object["error"]["message"].as_str().unwrap().to_owned()
    }
}
