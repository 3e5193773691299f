//! Asks a running server over loopback: both transports, swapped views, many queries at once, limits, stopping.
#![allow(clippy::unwrap_used, reason = "the lint knows only #[test] functions, not what they call")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use answer::{Health, Identity, Snapshot, Transport, View};
use model::hosted_zone::Visibility;
use model::id::HostedZoneId;
use model::{Name, RecordSet, RecordType, Ttl};
use serve::{BindError, Config, Counters, QueryLog, Serving, TcpLimits};
use tokio::sync::watch;

/// A zone in which www.example.com is at 192.0.2.`revision`.
fn view(revision: u8) -> Arc<View> {
    let www = RecordSet::simple(
        Name::parse("www.example.com").unwrap(),
        RecordType::A,
        Ttl::new(60).unwrap(),
        vec![Ipv4Addr::new(192, 0, 2, revision).to_string()],
    );
    let mut edit = Snapshot::empty().edit();
    let zone = Name::parse("example.com").unwrap();
    edit.put_zone(&HostedZoneId::parse("Z1").unwrap(), &zone, 1, &Visibility::PUBLIC, 0, [www]).unwrap();
    let snapshot = edit.finish(u64::from(revision));
    let health = Health::compile(&snapshot, |_| true);
    Arc::new(View { snapshot: snapshot.into(), health: health.into(), places: Arc::default() })
}

fn query(id: u16) -> Vec<u8> {
    let mut query = id.to_be_bytes().to_vec();
    query.extend_from_slice(b"\0\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01");
    query
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

fn read_framed(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut prefix = [0; 2];
    stream.read_exact(&mut prefix).ok()?;
    let mut message = vec![0; u16::from_be_bytes(prefix).into()];
    stream.read_exact(&mut message).ok()?;
    Some(message)
}

fn ask(socket: &UdpSocket, server: SocketAddr, id: u16) -> Vec<u8> {
    socket.send_to(&query(id), server).unwrap();
    receive(socket)
}

fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut reply = vec![0; 4096];
    let length = socket.recv(&mut reply).unwrap();
    reply.truncate(length);
    reply
}

fn client() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket
}

fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

fn config(workers: usize, tcp: TcpLimits) -> Config {
    Config {
        dns: vec!["127.0.0.1:0".parse().unwrap()],
        workers: Some(workers),
        tcp,
        query_log: None,
        identity: Identity::default(),
    }
}

/// Waits for what happens on other threads; gives up when it plainly does not.
fn eventually(mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(30), "it never happened");
        std::thread::yield_now();
    }
}

/// Starts a server, plays `game` with it and stops it; its last counters.
fn play(config: &Config, game: impl FnOnce(&Serving, &watch::Sender<Arc<View>>)) -> Counters {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (publish, current) = watch::channel(view(1));
    let serving = {
        let _inside = runtime.enter();
        serve::start(config, &current).unwrap()
    };
    game(&serving, &publish);
    let status = serving.status();
    runtime.block_on(serving.stop());
    status.counters()
}

#[test]
fn both_transports_give_the_same_answer() {
    play(&config(2, TcpLimits::default()), |serving, _| {
        let server = serving.addresses()[0];
        let over_udp = ask(&client(), server, 7);
        assert_eq!(over_udp[..2], [0, 7]);
        assert_eq!(over_udp[over_udp.len() - 4..], [192, 0, 2, 1]);
        let mut stream = connect(server);
        stream.write_all(&framed(&query(7))).unwrap();
        assert_eq!(read_framed(&mut stream).unwrap(), over_udp);
        let counters = serving.counters();
        assert_eq!((counters.udp.queries(), counters.tcp.queries(), counters.tcp_connections), (1, 1, 1));
        assert!(counters.udp.rcodes().any(|pair| pair == ("NOERROR", 1)));
    });
}

#[test]
fn queries_to_logged_zones_come_out_of_the_queue_and_what_finds_it_full_is_counted() {
    let (log, records) = QueryLog::new(2);
    let config = Config { query_log: Some(log.clone()), ..config(1, TcpLimits::default()) };
    play(&config, |serving, publish| {
        let (server, client) = (serving.addresses()[0], client());
        ask(&client, server, 1);
        assert!(records.try_recv().is_err(), "no zone is logged yet");
        let unlogged = view(2);
        let mut edit = unlogged.snapshot.edit();
        edit.log_queries([HostedZoneId::parse("Z1").unwrap()].into());
        let snapshot = Arc::new(edit.finish(2));
        publish.send_replace(Arc::new(View { snapshot, ..(*unlogged).clone() }));
        ask(&client, server, 2);
        let mut stream = connect(server);
        stream.write_all(&framed(&query(3))).unwrap();
        read_framed(&mut stream).unwrap();
        // The queue is full; the answer comes all the same.
        ask(&client, server, 4);
        assert_eq!(log.dropped(), 1);
        let (udp, tcp) = (records.try_recv().unwrap(), records.try_recv().unwrap());
        assert_eq!((udp.transport, tcp.transport), (Transport::Udp, Transport::Tcp));
        assert_eq!((udp.asked.zone().as_str(), udp.asked.name().to_string().as_str()), ("Z1", "www.example.com."));
        assert_eq!((udp.asked.record_type(), udp.rcode, udp.resolver), (RecordType::A, 0, Ipv4Addr::LOCALHOST.into()));
        assert_eq!(udp.asked.client_subnet(), None);
        assert!(records.try_recv().is_err());
    });
}

#[test]
fn a_published_view_reaches_every_transport_and_is_reported() {
    play(&config(2, TcpLimits::default()), |serving, publish| {
        let server = serving.addresses()[0];
        assert_eq!(serving.served_revision(), 1);
        let mut stream = connect(server);
        for revision in 2..20 {
            publish.send_replace(view(revision));
            // The first question after publishing is answered from the new view, on whichever worker it lands.
            let reply = ask(&client(), server, 1);
            assert_eq!(reply[reply.len() - 1], revision);
            stream.write_all(&framed(&query(1))).unwrap();
            assert_eq!(read_framed(&mut stream).unwrap(), reply);
        }
        // Workers nobody asks take the view when they wake.
        eventually(|| serving.served_revision() == 19);
    });
}

#[test]
fn many_queries_at_once_are_all_answered() {
    play(&config(3, TcpLimits::default()), |serving, _| {
        let server = serving.addresses()[0];
        let sockets: Vec<UdpSocket> = (0..10).map(|_| client()).collect();
        for id in 0..40 {
            sockets.iter().for_each(|socket| _ = socket.send_to(&query(id), server).unwrap());
        }
        for socket in &sockets {
            let mut seen: Vec<u16> = (0..40)
                .map(|_| {
                    let reply = receive(socket);
                    u16::from_be_bytes([reply[0], reply[1]])
                })
                .collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..40).collect::<Vec<_>>());
        }
    });
}

#[test]
fn what_is_no_query_gets_no_reply() {
    let counters = play(&config(1, TcpLimits::default()), |serving, _| {
        let server = serving.addresses()[0];
        let socket = client();
        let mut response = query(1);
        response[2] |= 0x80;
        for nonsense in [&b""[..], b"x", &[0; 11], &response] {
            socket.send_to(nonsense, server).unwrap();
        }
        socket.send_to(&vec![0; 3000], server).unwrap();
        assert_eq!(ask(&socket, server, 9)[..2], [0, 9], "the first reply is to the first query");
        let mut stream = connect(server);
        stream.write_all(&framed(&response)).unwrap();
        assert_eq!(read_framed(&mut stream), None, "the connection is closed");
    });
    assert_eq!(counters.udp.oversize(), 1);
    assert!(counters.udp.outcomes().any(|pair| pair == ("dropped", 4)), "{counters:?}");
    assert!(counters.tcp.outcomes().any(|pair| pair == ("dropped", 1)), "{counters:?}");
}

#[test]
fn tcp_takes_pipelined_and_broken_up_queries() {
    play(&config(1, TcpLimits::default()), |serving, _| {
        let mut stream = connect(serving.addresses()[0]);
        let all: Vec<u8> = (0..2000).flat_map(|id| framed(&query(id))).collect();
        let mut writer = stream.try_clone().unwrap();
        let writing = std::thread::spawn(move || {
            // Pieces of a prime length: prefixes and messages are cut everywhere.
            all.chunks(97).for_each(|piece| writer.write_all(piece).unwrap());
            writer.shutdown(Shutdown::Write).unwrap();
        });
        for id in 0..2000_u16 {
            assert_eq!(read_framed(&mut stream).unwrap()[..2], id.to_be_bytes());
        }
        assert_eq!(read_framed(&mut stream), None, "we close when the client is done");
        writing.join().unwrap();
    });
}

#[test]
fn a_half_written_prefix_does_not_hold_a_connection() {
    let limits = TcpLimits { idle_timeout: Duration::from_millis(20), ..TcpLimits::default() };
    play(&config(1, limits), |serving, _| {
        let mut stream = connect(serving.addresses()[0]);
        stream.write_all(&[0]).unwrap();
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
        eventually(|| serving.counters().tcp_connections == 0);
    });
}

#[test]
fn too_many_connections_are_closed_and_counted() {
    let limits = TcpLimits { connections_per_source_max: 2, ..TcpLimits::default() };
    play(&config(1, limits), |serving, _| {
        let mut streams: Vec<TcpStream> = (0..3).map(|_| connect(serving.addresses()[0])).collect();
        assert!(matches!(streams[2].read(&mut [0; 8]), Ok(0) | Err(_)));
        assert_eq!(serving.counters().tcp_connections_refused, 1);
        streams[1].write_all(&framed(&query(5))).unwrap();
        assert_eq!(read_framed(&mut streams[1]).unwrap()[..2], [0, 5], "the others go on");
    });
}

#[test]
fn stopping_answers_what_has_arrived_and_frees_the_port() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (_publish, current) = watch::channel(view(1));
    let _inside = runtime.enter();
    // An address of its own: nobody else takes the port between stop and start.
    let alone = Config { dns: vec!["127.0.0.3:0".parse().unwrap()], ..config(1, TcpLimits::default()) };
    let serving = serve::start(&alone, &current).unwrap();
    let server = serving.addresses()[0];
    let mut stream = connect(server);
    stream.write_all(&framed(&query(1))).unwrap();
    read_framed(&mut stream).unwrap();
    let socket = client();
    for id in 0..50 {
        socket.send_to(&query(id), server).unwrap();
    }
    stream.write_all(&framed(&query(2))).unwrap();
    runtime.block_on(serving.stop());
    for _ in 0..50 {
        receive(&socket);
    }
    assert_eq!(read_framed(&mut stream).unwrap()[..2], [0, 2]);
    assert_eq!(read_framed(&mut stream), None);
    let again = Config { dns: vec![server], ..config(1, TcpLimits::default()) };
    runtime.block_on(serve::start(&again, &current).unwrap().stop());
}

#[test]
fn a_port_in_use_is_said_before_anything_is_served() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (_publish, current) = watch::channel(view(1));
    let _inside = runtime.enter();
    let first = serve::start(&config(1, TcpLimits::default()), &current).unwrap();
    let taken = first.addresses()[0];
    let both = Config { dns: vec!["127.0.0.1:0".parse().unwrap(), taken], ..config(1, TcpLimits::default()) };
    assert!(matches!(serve::start(&both, &current), Err(BindError::InUse { .. })));
    let none = Config { dns: vec![], ..config(1, TcpLimits::default()) };
    assert!(matches!(serve::start(&none, &current), Err(BindError::NoAddress)));
    runtime.block_on(first.stop());
}
