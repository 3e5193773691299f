//! Bytes from the network → `answer`, end to end: no panic, and what leaves can be read by a parser that is not ours.
//!
//! The first byte chooses transport and randomness, the rest is the message.
#![no_main]

use std::sync::{Arc, LazyLock};

use answer::{
    Client, CookieSecrets, Health, Identity, Nsid, Outcome, Places, Snapshot, Transport, UDP_PAYLOAD_MAX, View, answer, read_places,
};
use domain::base::Message;
use domain::rdata::AllRecordData;
use libfuzzer_sys::fuzz_target;
use model::hosted_zone::Visibility;
use model::id::HostedZoneId;
use model::{Name, Stickiness, zone_file};

/// Something of every kind, in names so short that the fuzzer finds them.
const ZONE: &str = r#"
$TTL 60
@ SOA a b 1 2 3 4 5
@ NS a
@ NS n.s
a A 192.0.2.1
a A 192.0.2.2
a AAAA 2001:db8::1
m MX 10 a
m MX 20 x.w
h HTTPS 0 k
k HTTPS 1 . alpn=h2
k A 192.0.2.8
p SRV 1 2 3 a
*.w TXT "wild"
*.w.w CNAME x.w
c CNAME c.d
d DNAME w
l DNAME l.l
s NS n.s
s NS a
s DS 1 13 2 00
n.s A 192.0.2.3
e.n.t TYPE65400 \# 2 c00c
b A 192.0.2.4 ; cutover: set=1 weight=1 health-check=up
b A 192.0.2.5 ; cutover: set=2 weight=0 health-check=down
f A 192.0.2.6 ; cutover: set=1 failover=primary health-check=down
v A 192.0.2.7 ; cutover: set=1 multivalue=true
v A 192.0.2.7 ; cutover: set=2 multivalue=true
g A 192.0.2.9 ; cutover: set=1 location=country:DE
g A 192.0.2.10 ; cutover: set=2 location=* health-check=down
r A 192.0.2.11 ; cutover: set=1 region=eu-west-1
r A 192.0.2.12 ; cutover: set=2 region=us-east-1
y A 192.0.2.13 ; cutover: set=1 weight=1
y A 192.0.2.14 ; cutover: set=2 weight=3
; cutover-alias: o MX zone=Z2 target="m.z." evaluate-target-health=true
; cutover-alias: f A zone=Z1 target="b." evaluate-target-health=true set=2 failover=secondary
"#;

static VIEW: LazyLock<View> = LazyLock::new(|| {
    let mut edit = Snapshot::empty().edit();
    for (created, (id, apex)) in (1..).zip([("Z1", "."), ("Z2", "z"), ("Z3", "w.z")]) {
        let apex = Name::parse(apex).unwrap();
        let mut zone = zone_file::read_from(&apex, "zone".as_ref(), ZONE.as_bytes()).unwrap();
        // The compiler wants the record sets of one name side by side; only the first zone holds the alias's target.
        zone.record_sets.sort_by(|a, b| a.name.cmp(&b.name));
        edit.put_zone(&HostedZoneId::parse(id).unwrap(), &apex, created, &Visibility::PUBLIC, 0, zone.record_sets).unwrap();
    }
    let sticky = Stickiness::DEFAULT;
    edit.put_stickiness(&HostedZoneId::parse("Z1").unwrap(), &Name::parse("y").unwrap(), Some(sticky));
    let snapshot = edit.finish(1);
    let health = Health::compile(&snapshot, |check| check.as_str() != "down");
    let rows = "prefix,country,latitude,longitude\n192.0.0.0/16,DE,52.52,13.40\n192.0.2.0/24,US,,\n2001:db8::/32,FR,48,2\n";
    let places = Places::compile(read_places(rows).unwrap(), Vec::new(), &[]).unwrap();
    View { snapshot: snapshot.into(), health: health.into(), places: places.into() }
});

/// It says all that a server can say.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity {
    nsid: Some(Nsid::new(b"fra-1").unwrap()),
    cookies: Some(CookieSecrets::new([1; 16], Some([2; 16]))),
    tcp_idle_tenths: Some(100),
});

fuzz_target!(|input: &[u8]| {
    let Some((&first, message)) = input.split_first() else { return };
    let transport = if first & 1 == 0 { Transport::Udp } else { Transport::Tcp };
    let client = Client {
        identity: &IDENTITY,
        now_seconds: 1_559_731_985,
        ..Client::new([192, 0, 2, 53].into(), transport, (first >> 1).into())
    };
    let mut out = vec![0xaa; 65_535];
    let outcome = answer(&VIEW, message, &client, &mut out);
    let reply = &out[..outcome.len()];
    if message.len() < 12 || message[2] & 0x80 != 0 {
        assert_eq!(outcome, Outcome::Dropped, "never a reply to a response");
        return;
    }
    assert_eq!(reply[..2], message[..2], "the id is echoed");
    assert_ne!(reply[2] & 0x80, 0, "a reply says so");
    if transport == Transport::Udp {
        assert!(reply.len() <= if message[10..12] == [0, 0] { 512 } else { UDP_PAYLOAD_MAX });
    }
    let parsed = Message::from_octets(reply).unwrap();
    for record in &parsed {
        let (record, _) = record.unwrap();
        record.to_any_record::<AllRecordData<_, _>>().unwrap();
    }
});
