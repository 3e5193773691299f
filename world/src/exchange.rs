//! One question and its reply over a real socket; `many` asks one question very often.

mod many;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::query::Query;
use crate::reply::Reply;

pub use many::{Counted, many};

/// How a question travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams; asked again if nothing comes back, as a resolver would.
    Udp,
    /// A connection of its own.
    Tcp,
}

/// A busy test machine may be slow; a server that is silent for this long is taken for silent.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: usize = 3;

/// Asks and reads the reply.
///
/// # Errors
/// No reply, or none that can be read.
pub fn ask(server: SocketAddr, query: &Query, transport: Transport) -> Result<Reply, String> {
    let id = u16::try_from(query.name.len() * 7919 % 65_521).expect("a remainder of 16 bits");
    let bytes = match transport {
        Transport::Udp => udp(server, &query.to_wire(id))?,
        Transport::Tcp => tcp(server, &query.to_wire(id))?,
    };
    let reply = Reply::read(&bytes)?;
    if reply.id != id {
        return Err(format!("the reply to another question: {reply}"));
    }
    Ok(reply)
}

/// Sends a datagram and waits for one.
///
/// # Errors
/// Silence.
pub fn udp(server: SocketAddr, message: &[u8]) -> Result<Vec<u8>, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    socket.connect(server).map_err(|e| e.to_string())?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(|e| e.to_string())?;
    let mut reply = vec![0; 65_535];
    for _ in 0..TRIES {
        socket.send(message).map_err(|e| e.to_string())?;
        if let Ok(length) = socket.recv(&mut reply) {
            reply.truncate(length);
            return Ok(reply);
        }
    }
    Err(format!("{server} is silent over UDP"))
}

/// Sends a message over a new connection and waits for one.
///
/// # Errors
/// No connection, or it ends without a reply.
pub fn tcp(server: SocketAddr, message: &[u8]) -> Result<Vec<u8>, String> {
    let connect = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE * 3))?;
        let length = u16::try_from(message.len()).map_err(std::io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes()[..], message].concat())?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut reply)?;
        Ok(reply)
    };
    connect().map_err(|error| format!("{server} over TCP: {error}"))
}
