//! Damaged requests for a service with the saved model `trained`, one after the other on one connection.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::mutate::damaged;

/// The number of days of the data, few so that many requests take little time.
const DAYS: u32 = 24;

/// A connection that sends damaged requests.
pub(crate) struct Attacker {
    address: String,
    stream: BufReader<TcpStream>,
    /// The route, the format and the body of each request before the damage.
    bases: Vec<(&'static str, &'static str, String)>,
}

impl Attacker {
    /// Connects to the address of a service, such as `127.0.0.1:8000`.
    pub(crate) fn connect(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { address: address.to_owned(), stream: BufReader::new(stream), bases: bases() })
    }

    /// Sends the damaged request of a seed. Returns why the response is wrong: a status of an error of the service, or a
    /// body that is no JSON.
    pub(crate) fn send(&mut self, seed: u64) -> std::io::Result<Result<u16, String>> {
        let (route, format, ref base) = self.bases[seed as usize % self.bases.len()];
        let other = &self.bases[(seed / 7) as usize % self.bases.len()].2;
        let body = damaged(base.as_bytes(), other.as_bytes(), seed);
        let (host, length) = (&self.address, body.len());
        let head = format!(
            "POST {route} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {format}\r\nContent-Length: {length}\r\n\r\n"
        );
        let request = [head.as_bytes(), &body].concat();
        self.stream.get_mut().write_all(&request)?;
        let (status, text) = self.response()?;
        let is_json = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
        let is_right = matches!(status, 200 | 400 | 413 | 422) && is_json;
        let shown = || format!("seed {seed}, {route}: {status} {}", String::from_utf8_lossy(&text));
        Ok(if is_right { Ok(status) } else { Err(shown()) })
    }

    /// The status and the body of the next response.
    fn response(&mut self) -> std::io::Result<(u16, Vec<u8>)> {
        let (mut line, mut status, mut length) = (String::new(), 0, 0);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let header = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = header.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(0);
            } else if let Some(rest) = header.strip_prefix("content-length: ") {
                length = rest.parse().unwrap_or(0);
            } else if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}

/// Valid requests of every route that reads a body.
fn bases() -> Vec<(&'static str, &'static str, String)> {
    let (json, csv) = ("application/json", "text/csv");
    let days: Vec<(String, u32)> = (1..=DAYS).map(|day| (format!("2024-01-{day:02}"), 100 + day * 37 % 11)).collect();
    let mut text = String::from("date,sales\n");
    let (mut records, mut rows, mut dates, mut values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (date, value) in &days {
        writeln!(text, "{date},{value}").expect("a text takes everything");
        records.push(format!("{{\"date\":\"{date}\",\"sales\":{value}}}"));
        rows.push(format!("[\"{date}\",{value}]"));
        dates.push(format!("\"{date}\""));
        values.push(value.to_string());
    }
    let (records, rows) = (records.join(",\n"), rows.join(",\n"));
    let (dates, values) = (dates.join(","), values.join(","));
    let quoted = text.replace('\n', "\\n");
    vec![
        ("/v1/forecast", csv, text.clone()),
        ("/v1/forecast?horizon=3&level=80&target=sales", csv, text.clone()),
        (
            "/v1/forecast",
            json,
            format!("{{\"id\":1,\n\"data\":[{records}],\n\"options\":{{\"horizon\":3,\"level\":[80]}}}}"),
        ),
        (
            "/v1/forecast",
            json,
            format!("{{\"data\":\"{quoted}\",\n\"options\":{{\"horizon\":\"2d\",\"gaps\":\"zero\"}}}}"),
        ),
        ("/v1/report", csv, text.clone()),
        ("/invocations", csv, text),
        ("/invocations", json, format!("{{\"dataframe_records\":[{records}],\n\"params\":{{\"horizon\":3}}}}")),
        (
            "/invocations",
            json,
            format!("{{\"dataframe_split\":{{\"columns\":[\"date\",\"sales\"],\n\"data\":[{rows}]}}}}"),
        ),
        (
            "/v2/models/trained/infer",
            json,
            format!(
                "{{\"inputs\":[{{\"name\":\"date\",\"shape\":[{DAYS}],\"datatype\":\"BYTES\",\"data\":[{dates}]}},\n\
                 {{\"name\":\"sales\",\"shape\":[{DAYS},1],\"datatype\":\"FP64\",\"data\":[{values}]}}]}}"
            ),
        ),
    ]
}
