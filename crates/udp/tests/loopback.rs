//! Batches over the loopback interface: both families, both kinds of address, more than one batch, what is too large.
#![allow(clippy::unwrap_used, reason = "the lint knows only #[test] functions, not what they call")]

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use udp::{Batch, Options, RECEIVED_OCTETS_MAX, REPLY_OCTETS_MAX, Sent, Socket, Wait};

fn server(address: &str) -> Socket {
    // Nothing here may wait for ever, and nothing depends on how long it waits.
    let options = Options { receive_timeout: Duration::from_secs(10), ..Options::default() };
    Socket::bind(address.parse().unwrap(), &options).unwrap()
}

fn client(address: &str) -> UdpSocket {
    let client = UdpSocket::bind(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    client
}

/// Replies with the datagram reversed.
fn reverse(datagram: &[u8], _from: SocketAddr, reply: &mut [u8]) -> usize {
    reply[..datagram.len()].copy_from_slice(datagram);
    reply[..datagram.len()].reverse();
    datagram.len()
}

#[test]
fn both_families_are_answered_and_name_the_client() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (server, client) = (server(address), client(address));
        client.send_to(b"abc", server.local_addr()).unwrap();
        let mut batch = Batch::new(8);
        assert_eq!(batch.receive(&server, Wait::ForFirst).unwrap(), 1);
        let mut seen = None;
        let counts = batch.reply(&server, |datagram, from, reply| {
            seen = Some(from);
            reverse(datagram, from, reply)
        });
        assert_eq!(counts, Sent { sent: 1, dropped: 0, oversize: 0 });
        assert_eq!(seen, Some(client.local_addr().unwrap()));
        let mut reply = [0; 16];
        let (length, from) = client.recv_from(&mut reply).unwrap();
        assert_eq!((&reply[..length], from), (&b"cba"[..], server.local_addr()));
    }
}

#[test]
fn a_wildcard_socket_replies_from_the_address_that_was_asked() {
    let mut batch = Batch::new(8);
    let wildcard = server("0.0.0.0:0");
    let asked: Vec<SocketAddr> = ["127.0.0.1", "127.0.0.2", "127.7.7.7"]
        .map(|address| SocketAddr::new(address.parse().unwrap(), wildcard.local_addr().port()))
        .into();
    let clients: Vec<UdpSocket> = asked.iter().map(|_| client("127.0.0.1:0")).collect();
    // Twice, so that headers the kernel has written into are used again.
    for _ in 0..2 {
        for (client, address) in clients.iter().zip(&asked) {
            client.send_to(b"ab", address).unwrap();
        }
        let mut answered = 0;
        while answered < asked.len() {
            batch.receive(&wildcard, Wait::ForFirst).unwrap();
            answered += batch.reply(&wildcard, reverse).sent;
        }
        for (client, address) in clients.iter().zip(&asked) {
            assert_eq!(client.recv_from(&mut [0; 16]).unwrap(), (2, *address));
        }
    }

    let six = server("[::]:0");
    let client = client("[::1]:0");
    let address = SocketAddr::new("::1".parse().unwrap(), six.local_addr().port());
    client.send_to(b"ab", address).unwrap();
    batch.receive(&six, Wait::ForFirst).unwrap();
    assert_eq!(batch.reply(&six, reverse).sent, 1, "the same batch serves another kind of socket");
    assert_eq!(client.recv_from(&mut [0; 16]).unwrap(), (2, address));
}

#[test]
fn more_datagrams_than_a_batch_are_all_answered() {
    let (server, client) = (server("127.0.0.1:0"), client("127.0.0.1:0"));
    for number in 0..50_u32 {
        client.send_to(&number.to_be_bytes(), server.local_addr()).unwrap();
    }
    let mut batch = Batch::new(16);
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 50 {
        sizes.push(batch.receive(&server, Wait::ForFirst).unwrap());
        // Every third gets no reply, so the others close up.
        batch.reply(&server, |datagram, _, reply| {
            if datagram[3] % 3 == 0 {
                return 0;
            }
            reply[..4].copy_from_slice(datagram);
            4
        });
    }
    assert_eq!(sizes, [16, 16, 16, 2]);
    for number in (0..50_u32).filter(|number| number % 3 != 0) {
        let mut reply = [0; 16];
        assert_eq!(client.recv(&mut reply).unwrap(), 4);
        assert_eq!(u32::from_be_bytes(reply[..4].try_into().unwrap()), number);
    }
}

#[test]
fn what_is_too_large_is_not_shown_and_what_just_fits_is() {
    let (server, client) = (server("127.0.0.1:0"), client("127.0.0.1:0"));
    client.send_to(&vec![1; RECEIVED_OCTETS_MAX + 1], server.local_addr()).unwrap();
    client.send_to(&vec![2; RECEIVED_OCTETS_MAX], server.local_addr()).unwrap();
    client.send_to(&[], server.local_addr()).unwrap();
    let mut batch = Batch::new(8);
    assert_eq!(batch.receive(&server, Wait::ForFirst).unwrap(), 3);
    let mut shown = Vec::new();
    let counts = batch.reply(&server, |datagram, _, reply| {
        shown.push(datagram.len());
        reply.fill(7);
        if datagram.is_empty() { 0 } else { REPLY_OCTETS_MAX }
    });
    assert_eq!(shown, [RECEIVED_OCTETS_MAX, 0]);
    assert_eq!(counts, Sent { sent: 1, dropped: 0, oversize: 1 });
    let mut reply = vec![0; 8192];
    assert_eq!(client.recv(&mut reply).unwrap(), REPLY_OCTETS_MAX);
}

#[test]
fn a_client_that_is_gone_harms_nobody_else() {
    let (server, gone, client) = (server("127.0.0.1:0"), client("127.0.0.1:0"), client("127.0.0.1:0"));
    gone.send_to(b"gone!", server.local_addr()).unwrap();
    drop(gone);
    let mut batch = Batch::new(8);
    assert_eq!(batch.receive(&server, Wait::ForFirst).unwrap(), 1);
    batch.reply(&server, reverse);
    assert_eq!(batch.receive(&server, Wait::No).unwrap(), 0);
    client.send_to(b"ab", server.local_addr()).unwrap();
    assert_eq!(batch.receive(&server, Wait::ForFirst).unwrap(), 1);
    assert_eq!(batch.reply(&server, reverse).sent, 1);
    assert_eq!(client.recv(&mut [0; 16]).unwrap(), 2);
}

#[test]
fn an_idle_socket_wakes_with_nothing_and_shows_nothing_twice() {
    let options = Options { receive_timeout: Duration::from_millis(1), ..Options::default() };
    let server = Socket::bind("127.0.0.1:0".parse().unwrap(), &options).unwrap();
    let mut batch = Batch::new(8);
    assert_eq!(batch.receive(&server, Wait::ForFirst).unwrap(), 0);
    let client = client("127.0.0.1:0");
    client.send_to(b"x", server.local_addr()).unwrap();
    while batch.receive(&server, Wait::ForFirst).unwrap() == 0 {}
    assert_eq!(batch.reply(&server, reverse).sent, 1);
    assert_eq!(batch.reply(&server, reverse), Sent::default());
}
