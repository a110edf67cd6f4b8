//! The second port, for operators: health, metrics, and the state of one invitation, over HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::hub::Hub;

/// Operators at once: a scraper or two and some people.
const CONNECTIONS_MAX: usize = 64;

/// How long a request's head may take.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// How long to wait when the system has no room for one more connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

type Answer = Response<Full<Bytes>>;

/// Answers operators until the server stops.
pub(super) async fn serve(hub: Arc<Hub>, listener: TcpListener) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = room.clone().acquire_owned().await else {
            return;
        };
        let Ok((tcp, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let hub = hub.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let service = service_fn(|request: Request<Incoming>| {
                let answer = answer(&hub, &request);
                async move { Ok::<_, Infallible>(answer) }
            });
            // Whoever goes away in the middle wants no answer.
            let _: Result<(), hyper::Error> = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .serve_connection(TokioIo::new(tcp), service)
                .await;
        });
    }
}

fn answer(hub: &Hub, request: &Request<Incoming>) -> Answer {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut answer = say(
            StatusCode::METHOD_NOT_ALLOWED,
            TEXT,
            "only GET is answered\n",
        );
        let allowed = HeaderValue::from_static("GET, HEAD");
        answer.headers_mut().insert(ALLOW, allowed);
        return answer;
    }
    match request.uri().path() {
        "/healthz" => say(StatusCode::OK, TEXT, "ok\n"),
        "/readyz" if hub.is_draining() => say(StatusCode::SERVICE_UNAVAILABLE, TEXT, "draining\n"),
        "/readyz" => say(StatusCode::OK, TEXT, "ready\n"),
        "/metrics" => say(StatusCode::OK, METRICS, hub.page().text()),
        path => match path.strip_prefix("/invitations/") {
            Some(id) => invitation(hub, request, id),
            None => say(
                StatusCode::NOT_FOUND,
                TEXT,
                "there are /healthz, /readyz, /metrics and /invitations/ID\n",
            ),
        },
    }
}

/// What the server knows of an invitation, for whoever has an operator's token. The texts are nobody's business.
fn invitation(hub: &Hub, request: &Request<Incoming>, id: &str) -> Answer {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| {
        // The scheme's case is free (RFC 9110 §11.1).
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
    });
    if let Err(refusal) = hub.admit_operator(token) {
        let body = json!({ "error": refusal.message }).to_string();
        let mut answer = say(StatusCode::UNAUTHORIZED, JSON, body + "\n");
        let wanted = HeaderValue::from_static("Bearer");
        answer
            .headers_mut()
            .insert(hyper::header::WWW_AUTHENTICATE, wanted);
        return answer;
    }
    let Some(standing) = hub.standing(id) else {
        let body = json!({ "error": "no invitation of this id is remembered" });
        return say(StatusCode::NOT_FOUND, JSON, format!("{body}\n"));
    };
    let body = json!({
        "id": id,
        "caller": standing.caller,
        "callee": standing.callee,
        "state": standing.phase.word(),
        "open": standing.phase.is_open(),
        "acked": standing.acked,
        "in_state_ms": standing.stood.as_millis() as u64,
        "age_ms": standing.age.as_millis() as u64,
    });
    say(StatusCode::OK, JSON, format!("{body}\n"))
}

fn say(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
