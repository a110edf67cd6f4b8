//! Targets that are of no use to anybody.

use std::net::{SocketAddr, TcpListener, TcpStream};

use tungstenite::Message;
use tungstenite::handshake::server::{Request, Response};

/// A server that lets everybody in and says nothing more.
pub(super) struct Mute {
    address: SocketAddr,
}

impl Mute {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || welcome(tcp));
            }
        });
        Self { address }
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }
}

fn welcome(tcp: TcpStream) {
    #[expect(clippy::result_large_err, reason = "the library asks for this shape")]
    let choose = |request: &Request, mut response: Response| {
        let name = "Sec-WebSocket-Protocol";
        let chosen = request.headers()[name].clone();
        response.headers_mut().insert(name, chosen);
        Ok(response)
    };
    let mut socket = tungstenite::accept_hdr(tcp, choose).unwrap();
    socket.read().unwrap();
    let clocks = r#"{"offline_window_ms":30000,"no_ack_ms":30000,"expiry_ms":60000,"accept_ack_ms":5000,"cancel_bound_ms":10000,"presence_grace_ms":30000,"expiry_anchor":"ack"}"#;
    let welcome = format!(
        r#"{{"type":"welcome","session":"s","resumed":false,"heartbeat_ms":10000,"clocks":{clocks}}}"#
    );
    socket.send(Message::text(welcome)).unwrap();
    while socket.read().is_ok() {}
}
