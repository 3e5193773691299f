//! One question asked very often over one socket, many at a time; what came back, counted.
//!
//! It takes replies apart no further than to put the records of the answer section in one order, for that order is
//! random and says nothing. Whoever counts reads a sample of each kind.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::query::Query;

/// Questions on their way at once: few enough for any socket's buffer, many enough to fill the server's batches.
const AT_ONCE: usize = 64;

/// What is not answered after so long was lost, and is asked again.
const PATIENCE: Duration = Duration::from_millis(500);

/// Losses in a row before the server counts as silent: half a minute.
const LOSSES_MAX: usize = 60;

/// One kind of reply.
#[derive(Debug, Clone)]
pub struct Counted {
    /// How often it came.
    pub times: u64,
    /// The first that came.
    pub sample: Vec<u8>,
}

/// Asks `times` times and counts replies that differ in more than id and order.
///
/// # Errors
/// The server is silent.
pub fn many(server: SocketAddr, query: &Query, times: usize) -> Result<Vec<Counted>, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    socket.connect(server).map_err(|e| e.to_string())?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(|e| e.to_string())?;
    let mut message = query.to_wire(0);
    let question_end = 12 + query.question().len();
    let mut kinds: HashMap<Vec<u8>, Counted> = HashMap::new();
    let mut buffer = vec![0; 4096];
    let (mut asked, mut losses, mut first_id) = (0, 0, 0u16);
    while asked < times {
        let mut open = vec![true; AT_ONCE.min(times - asked)];
        // Ids of their own for every batch: what comes late from an earlier one is known as such.
        first_id = first_id.wrapping_add(u16::try_from(AT_ONCE).expect("a small number"));
        let mut left = open.len();
        while left > 0 {
            for (i, _) in open.iter().enumerate().filter(|(_, is_open)| **is_open) {
                let id = first_id.wrapping_add(u16::try_from(i).expect("a small number"));
                message[..2].copy_from_slice(&id.to_be_bytes());
                socket.send(&message).map_err(|e| e.to_string())?;
            }
            while left > 0 {
                let Ok(length) = socket.recv(&mut buffer) else { break };
                losses = 0;
                let reply = &buffer[..length];
                let id = reply.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes));
                let Some(is_open) = open.get_mut(usize::from(id.wrapping_sub(first_id))) else { continue };
                if std::mem::take(is_open) {
                    left -= 1;
                    let kind = without_order(reply, question_end).ok_or("a reply is cut off")?;
                    match kinds.get_mut(&kind) {
                        Some(counted) => counted.times += 1,
                        None => _ = kinds.insert(kind, Counted { times: 1, sample: reply.to_vec() }),
                    }
                }
            }
            losses += usize::from(left > 0);
            if losses > LOSSES_MAX {
                return Err(format!("{server} is silent"));
            }
        }
        asked += open.len();
    }
    Ok(kinds.into_values().collect())
}

/// The message without its id and with its answer records in the order of their bytes; none if it ends too early.
fn without_order(reply: &[u8], question_end: usize) -> Option<Vec<u8>> {
    let count = usize::from(u16::from_be_bytes(*reply.get(6..)?.first_chunk()?));
    if count < 2 {
        return Some(reply[2..].to_vec());
    }
    let mut records = Vec::with_capacity(count);
    let mut at = question_end;
    for _ in 0..count {
        let name = name_length(reply.get(at..)?)?;
        let fixed: &[u8; 10] = reply.get(at + name..)?.first_chunk()?;
        let end = at + name + 10 + usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        records.push(reply.get(at..end)?);
        at = end;
    }
    records.sort_unstable();
    Some([&reply[2..question_end], &records.concat(), &reply[at..]].concat())
}

/// RFC 1035 §4.1.4: labels up to the root or a pointer.
fn name_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match usize::from(*bytes.get(at)?) {
            0 => return Some(at + 1),
            pointer if pointer >= 0xc0 => return Some(at + 2),
            label => at += 1 + label,
        }
    }
}
