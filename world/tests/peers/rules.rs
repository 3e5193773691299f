//! Zones written by hand: everything of RFC 1034 that a server must get right at least once, whatever the seed draws.
//!
//! Left out, because the servers refuse to load it: data below a DNAME, other data beside a CNAME.

use std::fmt::Write as _;

use super::draw::Draw;
use super::zone::Zone;

pub(crate) const ORIGIN: &str = "peers.test.";

/// The parts that are written by hand: one of each rule.
const RULES: &str = "\
@ 3600 IN SOA ns1.peers.test. hostmaster.peers.test. 7 7200 900 1209600 300
@ 172800 IN NS ns1.peers.test.
@ 172800 IN NS ns.elsewhere.example.
ns1 600 IN A 192.0.2.53
@ 60 IN MX 10 mail.peers.test.
@ 60 IN TXT \"the apex\"
mail 60 IN A 192.0.2.25
mail 60 IN AAAA 2001:db8::25
one 60 IN CNAME two
two 60 IN CNAME three
three 60 IN CNAME four
four 60 IN A 192.0.2.4
out 60 IN CNAME www.elsewhere.example.
dangling 60 IN CNAME nothing.peers.test.
to-nodata 60 IN CNAME text
text 60 IN TXT \"first\" \"second\"
text 60 IN TXT \"another\"
to-wild 60 IN CNAME x.wild
to-cut 60 IN CNAME host.cut
to-ent 60 IN CNAME ent
circle-a 60 IN CNAME circle-b
circle-b 60 IN CNAME circle-a
itself 60 IN CNAME itself
*.wild 60 IN A 192.0.2.7
*.wild 60 IN TXT \"wild\"
real.wild 60 IN A 192.0.2.8
a.ent.wild 60 IN A 192.0.2.9
*.wildcname 60 IN CNAME four
*.wildout 60 IN CNAME *.elsewhere.example.
*.both.wildcname2 60 IN CNAME one
sub.*.star 60 IN A 192.0.2.10
*.*.twice 60 IN A 192.0.2.11
deep.down.ent 60 IN A 192.0.2.12
cut 300 IN NS ns.cut
cut 300 IN NS ns2.cut
cut 300 IN NS ns.elsewhere.example.
cut 300 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.cut 300 IN A 192.0.2.60
ns.cut 300 IN AAAA 2001:db8::60
ns2.cut 300 IN A 192.0.2.61
far 300 IN NS ns.elsewhere.example.
sibling 300 IN NS ns.cut
deep.cut2.x 300 IN NS ns1
dname 90 IN DNAME target
dname 90 IN TXT \"at the owner\"
www.target 60 IN A 192.0.2.13
alias.target 60 IN CNAME www.target
dname-out 90 IN DNAME elsewhere.example.
dname-round 90 IN DNAME dname-round2
dname-round2 90 IN DNAME dname-round
srv 60 IN SRV 1 2 443 four
_sip._tcp 60 IN SRV 0 0 5060 mail
caa 60 IN CAA 0 issue \"ca.example\"
https 60 IN HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
svcb 60 IN SVCB 0 four.peers.test.
naptr 60 IN NAPTR 100 50 \"s\" \"http\" \"\" _http._tcp.peers.test.
sshfp 60 IN SSHFP 1 1 AABBCCDDEEFF00112233445566778899AABBCCDD
tlsa._tcp 60 IN TLSA 3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ptr 60 IN PTR four
hinfo 60 IN HINFO \"PC\" \"Linux\"
rp 60 IN RP me.peers.test. text.peers.test.
loc 60 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
odd 60 IN TYPE65400 \\# 4 0A000001
odd\\.dot 60 IN A 192.0.2.14
odd\\@at 60 IN A 192.0.2.15
odd\\032space 60 IN A 192.0.2.16
UPPER 60 IN A 192.0.2.17
mx 60 IN MX 10 mail
mx 60 IN MX 20 mail.elsewhere.example.
zero 0 IN A 192.0.2.18
";

/// The whole first zone as a master file.
fn text() -> String {
    let mut text = format!("$ORIGIN {ORIGIN}\n{RULES}");
    for n in 1..=60 {
        writeln!(text, "many 60 IN A 198.51.100.{n}").unwrap();
    }
    // More delegations with glue, more names, so that there is something to find and to miss.
    let mut draw = Draw(3);
    for n in 0..40 {
        writeln!(text, "zone{n} 900 IN NS ns1.zone{n}\nns1.zone{n} 900 IN A 203.0.113.{n}").unwrap();
        writeln!(text, "host{n} {} IN A 192.0.2.{n}", 60 + draw.below(1000)).unwrap();
        writeln!(text, "host{n}.sub{} 60 IN AAAA 2001:db8::{n:x}", draw.below(5)).unwrap();
    }
    text
}

/// Names that are worth a question of their own, by RFC 4592 and RFC 6672.
const ALSO: [&str; 17] = [
    "*.wild",
    "x.*.wild",
    "x.y.wild",
    "ent.wild",
    "b.ent.wild",
    "*.star",
    "x.star",
    "q.*.star",
    "x.twice",
    "y.x.twice",
    "y.*.twice",
    "www.dname",
    "alias.dname",
    "nothing.dname",
    "a.b.dname",
    "w.dname-round",
    "a.dname-out",
];

/// A zone, another below its cut, and a third that it has never heard of; chains lead from one to the other.
const FAMILY: [(&str, &str); 3] = [
    (
        "family.test.",
        "\
@ 3600 IN SOA ns.elsewhere.example. hostmaster.family.test. 1 7200 900 1209600 60
@ 3600 IN NS ns.elsewhere.example.
child 300 IN NS ns.child
child 300 IN NS ns.elsewhere.example.
child 300 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.child 300 IN A 192.0.2.60
to-child 60 IN CNAME www.child
to-orphan 60 IN CNAME www.orphan
to-cousin 60 IN CNAME four.peers.test.
dname 60 IN DNAME child
mx 60 IN MX 10 www.child
",
    ),
    (
        "child.family.test.",
        "\
@ 600 IN SOA ns.child.family.test. hostmaster.family.test. 2 7200 900 1209600 30
@ 600 IN NS ns
@ 600 IN NS ns.elsewhere.example.
ns 600 IN A 192.0.2.61
www 60 IN A 192.0.2.62
to-parent 60 IN CNAME mx.family.test.
to-itself 60 IN CNAME to-child.family.test.
grandchild 60 IN NS ns.grandchild
ns.grandchild 60 IN A 192.0.2.63
",
    ),
    (
        "orphan.family.test.",
        "\
@ 600 IN SOA ns.elsewhere.example. hostmaster.family.test. 3 7200 900 1209600 30
@ 600 IN NS ns.elsewhere.example.
www 60 IN A 192.0.2.64
*.wild 60 IN CNAME to-child.family.test.
",
    ),
];

/// The zones that are written by hand.
pub(crate) fn zones() -> Vec<Zone> {
    let mut rules = Zone::read(ORIGIN, text());
    rules.also = ALSO.iter().map(|owner| format!("{owner}.{ORIGIN}")).collect();
    let family = FAMILY.iter().map(|(origin, text)| Zone::read(origin, format!("$ORIGIN {origin}\n{text}")));
    std::iter::once(rules).chain(family).collect()
}
