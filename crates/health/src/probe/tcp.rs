//! The TCP probe: a connection can be opened. Also the first step of every other probe.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Cause, Deadlines, Success};

/// Connects and hangs up; nothing is sent.
pub(super) async fn probe(socket: SocketAddr, deadlines: &Deadlines) -> Result<Success, Cause> {
    connect(socket, deadlines.tcp_connect).await.map(|_| Success::Connected)
}

/// Connects within a time.
pub(super) async fn connect(socket: SocketAddr, within: Duration) -> Result<TcpStream, Cause> {
    match timeout(within, TcpStream::connect(socket)).await {
        Err(_) => Err(Cause::ConnectTimeout),
        Ok(Err(error)) => Err(Cause::from_io(&error, |text| match error.kind() {
            ErrorKind::ConnectionRefused => Cause::Refused,
            ErrorKind::TimedOut => Cause::ConnectTimeout,
            _ => Cause::Connect { text },
        })),
        Ok(Ok(stream)) => {
            // One small request follows at once; a failure here costs latency only.
            _ = stream.set_nodelay(true);
            Ok(stream)
        }
    }
}
