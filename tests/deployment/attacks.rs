//! Attacks on a guarded server, what each gets, and a pair beside it that must not notice.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use ringcheck_reference::limits::SUBPROTOCOL;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::bystanders::{Bystanders, summary};
use super::{Office, metric, server};

/// A WebSocket of somebody who keeps to no rule.
struct Mallory(WebSocketStream<TcpStream>);

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

async fn tcp(address: &str, from: [u8; 4], receive_buffer: Option<u32>) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes).unwrap();
    }
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
}

impl Mallory {
    /// An open WebSocket, or the status that was answered instead.
    async fn over(address: &str, tcp: TcpStream) -> Result<Self, String> {
        let request = ClientRequestBuilder::new(format!("ws://{address}").parse().unwrap())
            .with_sub_protocol(SUBPROTOCOL);
        match client_async(request, tcp).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn connect(address: &str) -> Self {
        let tcp = tcp(address, [127, 0, 0, 1], None).await;
        Self::over(address, tcp).await.unwrap()
    }

    async fn login(address: &str, user: &str, token: &str) -> Self {
        let mut mallory = Self::connect(address).await;
        mallory.say(&login(user, Some(token))).await;
        assert_eq!(mallory.hear().await, "welcome");
        mallory
    }

    async fn say(&mut self, frame: &Value) {
        // A server that has closed hears it no more.
        let _ = self.0.send(Message::text(frame.to_string())).await;
    }

    /// The next frame in a word: an error's code, a goodbye's reason, else the type.
    async fn hear(&mut self) -> String {
        let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
        match message.expect("an answer in time") {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                let word = ["code", "reason", "type"]
                    .iter()
                    .find_map(|field| frame[field].as_str());
                word.unwrap().to_owned()
            }
            Some(Ok(Message::Close(Some(frame)))) => format!("close {}", u16::from(frame.code)),
            Some(Ok(other)) => format!("{other:?}"),
            Some(Err(_)) | None => "the end".to_owned(),
        }
    }

    /// What is heard until a word that was waited for, or the end.
    async fn hear_until(&mut self, word: &str) -> String {
        loop {
            let heard = self.hear().await;
            if heard == word || heard == "the end" {
                return heard;
            }
        }
    }

    /// Two answers, joined.
    async fn two(&mut self) -> String {
        let first = self.hear().await;
        format!("{first}, {}", self.hear().await)
    }
}

fn login(user: &str, token: Option<&str>) -> Value {
    match token {
        Some(token) => json!({ "type": "login", "user": user, "token": token }),
        None => json!({ "type": "login", "user": user }),
    }
}

fn invite(id: &str, callee: &str, content: &str) -> Value {
    json!({ "type": "invite", "id": id, "callee": callee, "content": content })
}

/// The same token with another user in it.
fn altered(token: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(&parts[1]).unwrap()).unwrap();
    parts[1] = URL_SAFE_NO_PAD.encode(claims.replace("mallory", "alice"));
    parts.join(".")
}

const UNSIGNED: &str =
    "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.";

/// Log-ins that prove nothing, one of them with a token that has expired.
async fn bad_logins(
    address: &str,
    office: &Office,
    expired: String,
) -> Vec<(&'static str, String)> {
    let foreign = Office::new("attacks-foreign");
    let mut got = Vec::new();
    for (attack, token) in [
        ("no token", None),
        ("expired token", Some(expired)),
        (
            "token that is not valid yet",
            Some(office.token(&["--user", "alice", "--not-before", "1h", "--lasts", "2h"])),
        ),
        (
            "token of a foreign key",
            Some(foreign.token(&["--user", "alice"])),
        ),
        (
            "altered token",
            Some(altered(&office.token(&["--user", "mallory"]))),
        ),
        (
            "token without a signature (`none`)",
            Some(UNSIGNED.to_owned()),
        ),
        (
            "another user's token",
            Some(office.token(&["--user", "mallory"])),
        ),
    ] {
        let mut mallory = Mallory::connect(address).await;
        mallory.say(&login("alice", token.as_deref())).await;
        got.push((attack, mallory.two().await));
    }
    let token = office.token(&["--user", "alice"]);
    let mut alice = Mallory::login(address, "alice", &token).await;
    alice.say(&login("alice", Some(&token))).await;
    got.push((
        "log-in replayed over the same connection",
        alice.hear().await,
    ));
    // A token is its bearer's until it runs out. That it was taken does not stay hidden.
    let _replayed = Mallory::login(address, "alice", &token).await;
    got.push((
        "log-in replayed elsewhere: the first hears",
        alice.hear().await,
    ));
    got
}

/// Connections that come to nothing.
async fn bad_connections(address: &str) -> Vec<(&'static str, String)> {
    let mut got = Vec::new();
    let mut slow = tcp(address, [127, 0, 0, 1], None).await;
    slow.write_all(b"GET / HT").await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(PATIENCE, slow.read_to_end(&mut answer)).await;
    end.expect("an end in time").ok();
    got.push((
        "slow handshake",
        format!("closed after {} bytes", answer.len()),
    ));
    let mut idle = Mallory::connect(address).await;
    got.push(("no log-in", idle.hear().await));
    let mut crowd = Vec::new();
    let refused = loop {
        assert!(crowd.len() < 200, "nobody was refused");
        let tcp = tcp(address, [127, 0, 0, 2], None).await;
        match Mallory::over(address, tcp).await {
            Ok(mallory) => crowd.push(mallory),
            Err(error) => break error,
        }
    };
    got.push(("flood of connections", refused));
    got
}

/// Floods over connections that are logged in.
async fn floods(address: &str, office: &Office) -> Vec<(&'static str, String)> {
    let mut got = Vec::new();
    let tokens: Vec<String> = ["mallory", "victim", "owner", "owned"]
        .iter()
        .map(|user| office.token(&["--user", user]))
        .collect();
    let mut owner = Mallory::login(address, "owner", &tokens[2]).await;
    let mut owned = Mallory::login(address, "owned", &tokens[3]).await;
    owner.say(&invite("owners-1", "owned", "")).await;
    assert_eq!(owned.hear().await, "remote_received");
    let mut mallory = Mallory::login(address, "mallory", &tokens[0]).await;
    for verb in ["accept", "refuse", "cancel", "invite_ack"] {
        mallory
            .say(&json!({ "type": verb, "id": "owners-1" }))
            .await;
    }
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(mallory.hear().await);
    }
    answers.dedup();
    got.push(("another user's invitation id", answers.join(", ")));
    mallory.say(&invite("owners-1", "owned", "")).await;
    got.push(("an invitation with its id", mallory.hear().await));
    for number in 0..150 {
        mallory
            .say(&invite(&format!("one-{number}"), "offline", ""))
            .await;
    }
    got.push((
        "flood of invitations to one callee",
        mallory.hear_until("limit_reached").await,
    ));
    for number in 0..600 {
        mallory
            .say(&invite(&format!("many-{number}"), "offline", ""))
            .await;
    }
    got.push(("flood of frames", mallory.hear_until("rate_limited").await));
    let mut loud = Mallory::login(address, "mallory", &tokens[0]).await;
    for _ in 0..200 {
        loud.say(&json!({ "type": "nonsense" })).await;
    }
    got.push((
        "flood of bad frames",
        loud.hear_until("too_many_errors").await,
    ));
    let mut large = Mallory::login(address, "mallory", &tokens[0]).await;
    large
        .say(&invite("large", "offline", &"x".repeat(70_000)))
        .await;
    got.push(("oversized frame", large.hear().await));

    let stream = tcp(address, [127, 0, 0, 1], Some(4096)).await;
    let mut deaf = Mallory::over(address, stream).await.unwrap();
    deaf.say(&login("victim", Some(&tokens[1]))).await;
    assert_eq!(deaf.hear().await, "welcome");
    let content = "x".repeat(8_192);
    for round in 0..2 {
        let name = format!("filler-{round}");
        let token = office.token(&["--user", &name]);
        let mut filler = Mallory::login(address, &name, &token).await;
        for number in 0..90 {
            let id = format!("fill-{round}-{number}");
            filler.say(&invite(&id, "victim", &content)).await;
        }
        filler.say(&json!({ "type": "ping" })).await;
        assert_eq!(filler.hear_until("pong").await, "pong");
    }
    got.push((
        "a callee that never reads",
        deaf.hear_until("slow_consumer").await,
    ));
    // What the owner had admitted before all this is still there.
    owned
        .say(&json!({ "type": "refuse", "id": "owners-1" }))
        .await;
    assert_eq!(owned.hear_until("remote_refused").await, "remote_refused");
    got
}

/// More log-ins than there may be, by somebody who may come in.
async fn login_flood(address: &str, office: &Office) -> Vec<(&'static str, String)> {
    let token = office.token(&["--user", "mallory"]);
    let mut answer = String::new();
    for _ in 0..200 {
        let mut mallory = Mallory::connect(address).await;
        mallory.say(&login("mallory", Some(&token))).await;
        if mallory.hear().await == "rate_limited" {
            answer = format!("rate_limited, {}", mallory.hear().await);
            break;
        }
    }
    vec![("flood of log-ins", answer)]
}

#[expect(clippy::print_stdout, reason = "the table of attacks is for people")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_gets_its_answer_and_nobody_else_notices() {
    let office = Office::new("attacks");
    let keys = office.file("keys.json");
    let (_server, url, admin) = server(&[
        "--auth-keys",
        &keys,
        "--rate",
        "carrier",
        "--logins",
        "60/2s",
        "--login-timeout",
        "2s",
        "--connections-per-address",
        "60",
        "--open-per-callee",
        "100",
        "--outbox-bytes",
        "65536",
    ]);
    let address = url.trim_start_matches("ws://");
    let [one, two] = ["bystander-1", "bystander-2"].map(|user| office.token(&["--user", user]));
    let pause = Duration::from_millis(50);
    let bystanders = Bystanders::ring(&url, [&one, &two], pause).await;
    let expired = office.token(&["--user", "alice", "--lasts", "1s"]);
    // The bystanders ring undisturbed, and the token expires.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let began = Instant::now();
    let mut got = bad_logins(address, &office, expired).await;
    got.extend(bad_connections(address).await);
    got.extend(floods(address, &office).await);
    got.extend(login_flood(address, &office).await);
    let times = bystanders.are_undisturbed().await;

    for (attack, answer) in &got {
        println!("{attack:<45} {answer}");
    }
    let times_of = |during: bool| {
        let kept = times.iter().filter(move |(at, _)| (*at >= began) == during);
        kept.map(|(_, took)| *took)
    };
    let (before, _) = summary(times_of(false));
    let (during, slow) = summary(times_of(true));
    println!("the bystanders before: {before}\nthe bystanders during: {during}");
    assert!(slow < Duration::from_secs(2), "{during}");
    let expected = [
        ("no token", "invalid_token, login_refused"),
        ("expired token", "invalid_token, login_refused"),
        (
            "token that is not valid yet",
            "invalid_token, login_refused",
        ),
        ("token of a foreign key", "invalid_token, login_refused"),
        ("altered token", "invalid_token, login_refused"),
        (
            "token without a signature (`none`)",
            "invalid_token, login_refused",
        ),
        ("another user's token", "invalid_token, login_refused"),
        (
            "log-in replayed over the same connection",
            "already_logged_in",
        ),
        ("log-in replayed elsewhere: the first hears", "remote_login"),
        ("slow handshake", "closed after 0 bytes"),
        ("no log-in", "login_timeout"),
        ("flood of connections", "HTTP error: 429 Too Many Requests"),
        ("another user's invitation id", "unknown_invitation"),
        ("an invitation with its id", "id_taken"),
        ("flood of invitations to one callee", "limit_reached"),
        ("flood of frames", "rate_limited"),
        ("flood of bad frames", "too_many_errors"),
        ("oversized frame", "close 1009"),
        ("a callee that never reads", "slow_consumer"),
        ("flood of log-ins", "rate_limited, busy"),
    ];
    let got: Vec<(&str, &str)> = got.iter().map(|(a, b)| (*a, b.as_str())).collect();
    assert_eq!(got, expected);
    for (metric_name, least) in [
        ("ringcheck_refusals_total{reason=\"invalid_token\"}", 7.0),
        (
            "ringcheck_refusals_total{reason=\"unknown_invitation\"}",
            4.0,
        ),
        ("ringcheck_refusals_total{reason=\"limit_reached\"}", 1.0),
        ("ringcheck_refusals_total{reason=\"rate_limited\"}", 2.0),
        ("ringcheck_refusals_total{reason=\"address_full\"}", 1.0),
        (
            "ringcheck_refusals_total{reason=\"handshake_unfinished\"}",
            1.0,
        ),
        ("ringcheck_goodbyes_total{reason=\"slow_consumer\"}", 1.0),
        ("ringcheck_goodbyes_total{reason=\"busy\"}", 1.0),
    ] {
        let count = metric(&admin, metric_name);
        assert!(count >= least, "{metric_name} is {count}");
    }
}
