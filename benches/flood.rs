//! How much a flood and the reference server bear: `cargo bench --bench flood -- [SECONDS] [ROUNDS] [IDLE_USERS]`.
//!
//! Server and flood are two processes, the judge is on, and beside each figure stands the raw limit of the same round: the
//! frames of accepted calls relayed by a thread that does not look at them, without WebSocket, JSON, lifecycle or judge.
//! Everything else that the machine does moves the figures, so compare ratios, of several rounds.

#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::Value;

/// The shapes that are measured: pairs, calls of each in flight, and the share of the raw limit that is aimed at.
const SHAPES: [(usize, usize, Option<f64>); 3] =
    [(100, 1, Some(0.50)), (1000, 1, Some(0.55)), (100, 64, None)];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut number = |default: usize| {
        arguments
            .next()
            .map_or(default, |word| word.parse().unwrap())
    };
    let (seconds, rounds, idle) = (number(3), number(3), number(4000));
    let mut best = 0.0f64;
    for (pairs, in_flight, aim) in SHAPES {
        let (mut ratios, mut costs, mut leads) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let raw = raw_limit(pairs, in_flight, Duration::from_secs(seconds as u64));
            let judged = closed(pairs, in_flight, seconds, &[]);
            let unjudged = closed(pairs, in_flight, seconds, &["--no-judge"]);
            println!(
                "{pairs} pairs, {in_flight} in flight: {judged:.0} accepts/s judged, {unjudged:.0} not judged, raw limit {raw:.0}"
            );
            ratios.push(judged / raw);
            costs.push(judged / unjudged);
            if in_flight > 1
                && let Some(sipp) = sipp()
            {
                println!("SIPp through one TCP connection: {sipp:.0} calls/s");
                leads.push(judged / sipp);
            }
            if in_flight == 1 && pairs == 100 {
                best = best.max(judged);
            }
        }
        let aim = aim.map_or_else(String::new, |aim| format!(", aim {aim:.2}"));
        println!(
            "{pairs} pairs, {in_flight} in flight: {:.3} of the raw limit{aim}; judge on against off {:.2}, aim 0.92\n",
            median(&mut ratios),
            median(&mut costs)
        );
        if !leads.is_empty() {
            println!("{:.2} times SIPp, aim 7\n", median(&mut leads));
        }
    }
    start_lag(best / 2.0, seconds);
    idle_users(idle);
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A server of its own for each measurement.
struct Server {
    child: Child,
    url: String,
    /// Kept open, so that the server can go on telling.
    _told: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        let mut child = ringcheck(&["serve", "--listen", "127.0.0.1:0"]);
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("listening on ") {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "no server");
        }
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Self {
            child,
            url,
            _told: told,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ringcheck(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ringcheck"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Accepts a second of a closed flood.
fn closed(pairs: usize, in_flight: usize, seconds: usize, more: &[&str]) -> f64 {
    let server = Server::start();
    let (pairs, in_flight) = (pairs.to_string(), in_flight.to_string());
    let lasts = format!("{seconds}s");
    let arguments = [
        "--target",
        &server.url,
        "--pairs",
        &pairs,
        "--in-flight",
        &in_flight,
        "--duration",
        &lasts,
        "--warm-up",
        "1s",
    ];
    report(&[&arguments, more].concat())["rate"]
        .as_f64()
        .unwrap()
}

/// Where SIPp listens and where it calls from. It wants numbers, so a port that is taken fails the row, not the benchmark.
const SIPP_PORTS: (u16, u16) = (15_062, 15_063);

/// Calls a second of the incumbent, which judges nothing: SIPp against itself through one TCP connection, its fastest clean
/// mode. `None` where it is not installed (Debian's sip-tester).
fn sipp() -> Option<f64> {
    let folder = std::env::temp_dir().join(format!("ringcheck-sipp-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    let sipp = |scenario: &str, port: u16, more: &[&str]| {
        Command::new("sipp")
            .args(["-sn", scenario, "-t", "t1", "-i", "127.0.0.1", "-nostdin"])
            .args(["-p", &port.to_string()])
            .args(more)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    };
    let (listens, calls) = SIPP_PORTS;
    let mut callee = sipp("uas", listens, &[])?;
    std::thread::sleep(Duration::from_millis(500));
    let target = format!("127.0.0.1:{listens}");
    let load = [
        &target,
        "-r",
        "40000",
        "-m",
        "100000",
        "-l",
        "20000",
        "-d",
        "0",
        "-timeout",
        "60",
        "-trace_stat",
        "-stf",
        "stat.csv",
    ];
    let caller = sipp("uac", calls, &load);
    let done = caller.and_then(|mut caller| caller.wait().ok());
    let _ = callee.kill();
    let _ = callee.wait();
    let stat = std::fs::read_to_string(folder.join("stat.csv"));
    let _ = std::fs::remove_dir_all(&folder);
    done?;
    let stat = stat.ok()?;
    let column = stat
        .lines()
        .next()?
        .split(';')
        .position(|name| name == "CallRate(C)")?;
    stat.lines().last()?.split(';').nth(column)?.parse().ok()
}

/// The report of a flood.
fn report(arguments: &[&str]) -> Value {
    let output = ringcheck(&[&["flood", "--report", "json=-"], arguments].concat())
        .wait_with_output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// How late calls are begun at a rate that the machine bears easily.
fn start_lag(rate: f64, seconds: usize) {
    let server = Server::start();
    let (rate, lasts) = (format!("{rate:.0}"), format!("{seconds}s"));
    let report = report(&[
        "--target",
        &server.url,
        "--rate",
        &rate,
        "--duration",
        &lasts,
        "--warm-up",
        "1s",
    ]);
    println!(
        "at {rate} calls/s, half of the highest: start lag p99 {} µs, aim 2000",
        report["generator"]["start_lag_p99_us"]
    );
}

/// What users cost who do nothing, and how fast they log in.
fn idle_users(users: usize) {
    let few = resident(2);
    let many = resident(users);
    let each = |few: u64, many: u64| many.saturating_sub(few) as f64 / (users - 2) as f64;
    println!(
        "{users} idle users: {:.1} KiB each in the server, {:.1} KiB in the flood, aim 10; {:.0} log-ins/s, aim 4000",
        each(few.0, many.0),
        each(few.1, many.1),
        many.2
    );
}

/// Resident memory of server and flood with so many users that hardly call, in KiB, and log-ins a second.
fn resident(users: usize) -> (u64, u64, f64) {
    let server = Server::start();
    let users = users.to_string();
    let mut flood = ringcheck(&[
        "flood",
        "--target",
        &server.url,
        "--users",
        &users,
        "--rate",
        "1",
        "--duration",
        "2s",
        "--report",
        "json=-",
    ]);
    let mut told = BufReader::new(flood.stderr.take().unwrap());
    wait_for(" 1 s: ", &mut told);
    let sizes = (rss_kib(server.child.id()), rss_kib(flood.id()));
    let mut text = String::new();
    flood
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    flood.wait().unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    (sizes.0, sizes.1, report["log_ins_per_s"].as_f64().unwrap())
}

fn wait_for(text: &str, told: &mut BufReader<ChildStderr>) {
    let (mut line, mut all) = (String::new(), String::new());
    while !line.contains(text) {
        all.push_str(&line);
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "{all}");
    }
}

fn rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// The length of a frame of the raw limit, about that of a real one.
const FRAME: usize = 100;

/// Accepts a second if nobody had to look at a frame: invite; ack and accept; ack of the accept and the next invite.
fn raw_limit(pairs: usize, in_flight: usize, lasts: Duration) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let relay = std::thread::spawn(move || relay(&listener, pairs));
    let done = play(address, pairs, in_flight, lasts);
    relay.join().unwrap();
    done as f64 / lasts.as_secs_f64()
}

fn watch(poll: &Poll, socket: std::net::TcpStream, place: usize) -> TcpStream {
    socket.set_nodelay(true).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut socket = TcpStream::from_std(socket);
    poll.registry()
        .register(&mut socket, Token(place), Interest::READABLE)
        .unwrap();
    socket
}

/// Everything that is there; `None` at the end.
fn take(socket: &mut TcpStream, room: &mut [u8]) -> Option<usize> {
    match socket.read(room) {
        Ok(0) => None,
        Ok(read) => Some(read),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Some(0),
        Err(_) => None,
    }
}

/// Passes the bytes of each user on to the other of the pair, until they leave.
fn relay(listener: &TcpListener, pairs: usize) {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(1024);
    let mut sockets: Vec<TcpStream> = (0..2 * pairs)
        .map(|place| watch(&poll, listener.accept().unwrap().0, place))
        .collect();
    let mut room = vec![0; 1 << 20];
    let mut waiting: Vec<(usize, Vec<u8>)> = Vec::new();
    loop {
        poll.poll(&mut events, None).unwrap();
        for event in &events {
            let place = event.token().0;
            let Some(read) = take(&mut sockets[place], &mut room) else {
                return;
            };
            waiting.push((place ^ 1, room[..read].to_vec()));
        }
        for (place, bytes) in waiting.drain(..) {
            if sockets[place].write_all(&bytes).is_err() {
                return;
            }
        }
    }
}

/// Plays both users of every pair. How many calls were accepted.
fn play(address: SocketAddr, pairs: usize, in_flight: usize, lasts: Duration) -> u64 {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(1024);
    let mut sockets: Vec<TcpStream> = (0..2 * pairs)
        .map(|place| watch(&poll, std::net::TcpStream::connect(address).unwrap(), place))
        .collect();
    let frame = |kind: u8| {
        let mut bytes = vec![0; FRAME];
        bytes[0] = kind;
        bytes
    };
    let invite = frame(1);
    let ack_and_accept = [frame(2), frame(3)].concat();
    let ack_and_next = [frame(4), frame(1)].concat();
    for pair in 0..pairs {
        sockets[2 * pair]
            .write_all(&invite.repeat(in_flight))
            .unwrap();
    }
    let mut room = vec![0; 1 << 20];
    let mut partial = vec![0; 2 * pairs];
    let (began, mut done, mut out) = (Instant::now(), 0, Vec::new());
    while began.elapsed() < lasts {
        poll.poll(&mut events, Some(Duration::from_millis(100)))
            .unwrap();
        for event in &events {
            let place = event.token().0;
            let Some(read) = take(&mut sockets[place], &mut room) else {
                return done;
            };
            out.clear();
            let mut at = (FRAME - partial[place]) % FRAME;
            while at < read {
                match room[at] {
                    1 => out.extend_from_slice(&ack_and_accept),
                    3 => {
                        done += 1;
                        out.extend_from_slice(&ack_and_next);
                    }
                    _ => {}
                }
                at += FRAME;
            }
            partial[place] = (partial[place] + read) % FRAME;
            sockets[place].write_all(&out).unwrap();
        }
    }
    done
}
