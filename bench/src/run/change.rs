//! The row `change`: one record changed through the API in a zone of a million, until a query sees it.
//!
//! The clock starts when the request starts to be written. The prober asks over UDP without pause, one query under way, so what it
//! sees is at most one round trip late; it runs on the generator's core and polls, so no wake-up is counted.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cpu::{Cores, on_core};
use crate::query::{first_address, write_query};
use crate::run::api::{Action, Api, Change, change_body, change_target};
use crate::run::million::{Million, RECORDS};
use crate::run::server::Programs;
use crate::run::statistics::Series;
use crate::run::zone;

/// Makes `rounds` changes of the same record and prints the table.
///
/// # Errors
/// The server does not come up, refuses a change, or a change is not seen within ten seconds.
pub fn run(programs: &Programs, cores: Cores, million: &Million, rounds: usize) -> Result<()> {
    let server = programs.start_cutover(cores, &million.data, &zone::name(RECORDS - 1))?;
    let mut api = server.api(&million.data, million.key.clone())?;
    let id = api.hosted_zone(zone::ZONE)?;
    let name = zone::name(RECORDS / 2);
    let mut prober = Prober::new(server.address, &name)?;
    let (mut accepted, mut visible) = (Series::default(), Series::default());
    // The first ones warm up and are not counted.
    let warm = rounds / 10 + 1;
    for number in 0..rounds + warm {
        let [_, _, c, d] = (number as u32).to_be_bytes();
        let change = Change { action: Action::Upsert, name: &name, address: [192, 168, c, d], weighted: None };
        let (accept, see) = on_core(cores.generator, || one_change(&mut api, &mut prober, &id, &change))?;
        if number >= warm {
            accepted.push(accept.as_secs_f64() * 1000.0);
            visible.push(see.as_secs_f64() * 1000.0);
        }
    }
    println!("\n### One record changed among {RECORDS}, from the start of the request, ms, n = {rounds}\n");
    println!("| | median (min–max) | p99 |\n|---|---|---|");
    println!("| accepted (durable) | {} | {:.2} |", accepted.summary(2), accepted.quantile(0.99));
    println!("| visible over UDP | {} | {:.2} |", visible.summary(2), visible.quantile(0.99));
    Ok(())
}

/// The times until the API has replied and until a query sees the change.
fn one_change(api: &mut Api, prober: &mut Prober, zone: &str, change: &Change<'_>) -> Result<(Duration, Duration)> {
    let body = change_body(std::slice::from_ref(change));
    let start = Instant::now();
    api.send("POST", &change_target(zone), &body)?;
    api.poll()?;
    let (mut accepted, mut visible) = (None, None);
    loop {
        if visible.is_none() && prober.sees(change.address)? {
            visible = Some(start.elapsed());
        }
        if accepted.is_none() && api.receive()?.is_some() {
            accepted = Some(start.elapsed());
        }
        if let (Some(accepted), Some(visible)) = (accepted, visible) {
            return Ok((accepted, visible));
        }
        if start.elapsed() > Duration::from_secs(10) {
            bail!("a change was not seen within ten seconds: {:?}", change.address);
        }
    }
}

/// Asks the same question again and again.
pub(super) struct Prober {
    socket: UdpSocket,
    query: Vec<u8>,
    sent: Option<Instant>,
}

impl Prober {
    pub(super) fn new(server: SocketAddr, name: &str) -> Result<Prober> {
        let socket = UdpSocket::bind("127.0.0.1:0").context("bind the prober")?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        Ok(Prober { socket, query: write_query(name, 1, false)?, sent: None })
    }

    /// Looks whether a reply has come and asks again; true if it held `address`.
    pub(super) fn sees(&mut self, address: [u8; 4]) -> Result<bool> {
        let mut reply = [0; 1500];
        let seen = match self.socket.recv(&mut reply) {
            Ok(length) => {
                self.sent = None;
                first_address(&reply[..length]) == Some(address)
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
            Err(error) => return Err(error).context("ask the server"),
        };
        // A lost datagram must not stop the probing.
        if self.sent.is_none_or(|sent| sent.elapsed() > Duration::from_millis(20)) {
            self.socket.send(&self.query).context("ask the server")?;
            self.sent = Some(Instant::now());
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prober_sees_a_new_address_and_no_other() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut prober = Prober::new(server.local_addr().unwrap(), "a.test.").unwrap();
        assert!(!prober.sees([10, 0, 0, 2]).unwrap());
        for last in [1, 2] {
            let mut reply = [0; 512];
            let (length, from) = server.recv_from(&mut reply).unwrap();
            let mut reply = reply[..length].to_vec();
            reply[7] = 1;
            reply.extend_from_slice(&[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 10, 0, 0, last]);
            server.send_to(&reply, from).unwrap();
            let start = Instant::now();
            let mut seen = false;
            while !seen && prober.sent.is_some_and(|sent| sent <= start) {
                seen = prober.sees([10, 0, 0, 2]).unwrap();
            }
            assert_eq!(seen, last == 2);
        }
    }
}
