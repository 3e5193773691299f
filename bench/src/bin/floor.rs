//! The floor of a socket server: sends every datagram back with one bit changed, by recvmmsg and sendmmsg of 64.
//!
//! No server on this kind of socket can do less, so the ratio to it is what a server adds. With `--udp` the echo goes through the
//! product's own batches instead, which shows what those cost alone.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cutover_bench::mail::Mail;

const USAGE: &str = "usage: floor ADDRESS:PORT [--udp]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // One line, with or without RUST_BACKTRACE.
        Err(fault) => {
            eprintln!("floor: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address: SocketAddr = arguments.next().context(USAGE)?.parse().context(USAGE)?;
    match arguments.next().as_deref() {
        None => echo(address),
        Some("--udp") => echo_through_batches(address),
        Some(other) => bail!("unknown option: {other}\n{USAGE}"),
    }
}

fn echo(address: SocketAddr) -> Result<()> {
    if !address.is_ipv4() {
        bail!("the floor speaks IPv4 only: {address}");
    }
    let socket = UdpSocket::bind(address).with_context(|| format!("bind {address}"))?;
    println!("{}", socket.local_addr()?);
    let mut mail = Mail::new(64, 2048, true);
    loop {
        let Ok(count) = usize::try_from(mail.receive(socket.as_raw_fd(), libc::MSG_WAITFORONE)) else { continue };
        for index in 0..count {
            mail.echo(index);
        }
        let mut sent = 0;
        while sent < count {
            // One that the kernel refuses is left out.
            sent += usize::try_from(mail.send_from(socket.as_raw_fd(), sent, count)).unwrap_or(1).max(1);
        }
        for index in 0..count {
            mail.reset(index);
        }
    }
}

fn echo_through_batches(address: SocketAddr) -> Result<()> {
    let socket = udp::Socket::bind(address, &udp::Options::default()).with_context(|| format!("bind {address}"))?;
    println!("{}", socket.local_addr());
    let mut batch = udp::Batch::new(64);
    loop {
        batch.receive(&socket, udp::Wait::ForFirst)?;
        batch.reply(&socket, |datagram, _from, reply| {
            let length = datagram.len();
            reply[..length].copy_from_slice(datagram);
            if length > 2 {
                reply[2] |= 0x80;
            }
            length
        });
    }
}
