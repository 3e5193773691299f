//! What master files say, what is wrong with them and where.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::{Body, RecordType, Ttl};

pub(super) fn apex() -> Name {
    Name::parse("example.com").unwrap()
}

pub(super) fn parse(text: &str) -> Result<ZoneFile, Vec<ZoneFileFault>> {
    read_from(&apex(), Path::new("zone"), std::io::Cursor::new(text.to_owned()))
}

/// What every zone must have; three lines.
const START: &str = "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\n";

/// The record sets after SOA and NS, one a line: name, TTL, type, values.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let zone = parse(&format!("{START}{text}")).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let shown: Vec<String> = zone.record_sets[2..]
        .iter()
        .map(|set| match &set.body {
            Body::Records { ttl, values } => {
                format!("{} {} {} {}", set.name, ttl.seconds(), set.record_type, values.join(" | "))
            }
            Body::Alias(target) => format!("{} {} alias {}", set.name, set.record_type, target.dns_name),
            Body::TrafficPolicy(_) => unreachable!("a zone file holds none"),
        })
        .collect();
    assert_eq!(shown, expected);
}

/// The faults in the lines after [`START`], whose first line counts as 1 here.
#[track_caller]
fn refuse(text: &str, expected: &[&str]) {
    let faults = parse(&format!("{START}{text}")).expect_err(text);
    let shown: Vec<String> = faults
        .into_iter()
        .map(|mut fault| {
            fault.line = fault.line.saturating_sub(3);
            fault.to_string()
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_file_of_rfc_1035_is_read() {
    let text = "\
@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        MX      10      VENERA
A       A       26.3.0.103
VENERA  A       10.1.0.52
        A       128.9.0.32
";
    let zone = parse(text).unwrap();
    assert!(zone.warnings.is_empty());
    let soa = &zone.record_sets[0];
    let values = vec!["VENERA.example.com. Action\\056domains.example.com. 20 7200 600 3600000 60".to_owned()];
    // No TTL anywhere: the SOA's minimum.
    assert_eq!(*soa, RecordSet::simple(apex(), RecordType::SOA, Ttl::new(60).unwrap(), values));
    assert_eq!(zone.record_sets.len(), 5);
    let Body::Records { values, .. } = &zone.record_sets[4].body else { panic!("no alias was given") };
    assert_eq!(values, &["10.1.0.52", "128.9.0.32"]);
}

#[test]
fn what_binds_dialect_leaves_out_is_filled_in() {
    check(
        "a 1h30m IN A 192.0.2.1\nb IN 2 A 192.0.2.2\n A 192.0.2.3\nc a 192.0.2.4\n",
        &[
            "a.example.com. 5400 A 192.0.2.1",
            "b.example.com. 2 A 192.0.2.2 | 192.0.2.3",
            "c.example.com. 60 A 192.0.2.4",
        ],
    );
    check(
        "$ORIGIN sub\nwww CNAME @\n$origin other.example.com.\nx 5 MX 10 mail\ny.example.com. TXT a \"b;c\" \\228\\\"\n",
        &[
            "www.sub.example.com. 60 CNAME sub.example.com.",
            "x.other.example.com. 5 MX 10 mail.other.example.com.",
            "y.example.com. 60 TXT \"a\" \"b;c\" \"\\344\\\"\"",
        ],
    );
    check(
        "*.w AAAA 2001:DB8::1\na\\.b\\032c TYPE1 \\# 4 c0 00 02 01\nd TYPE65400 ( \\# 3\n abcd ef )\ne HTTPS 1 . alpn=\"h2,h3\"\n",
        &[
            "\\052.w.example.com. 60 AAAA 2001:db8::1",
            "a\\056b\\040c.example.com. 60 A 192.0.2.1",
            "d.example.com. 60 TYPE65400 \\# 3 abcdef",
            "e.example.com. 60 HTTPS 1 . alpn=\"h2,h3\"",
        ],
    );
    check(
        "d DNSKEY 257 3 13 ( AAEC\n Aw== )\nn NSEC @ A\n",
        &["d.example.com. 60 DNSKEY 257 3 13 AAECAw==", "n.example.com. 60 NSEC example.com. A"],
    );
}

#[test]
fn every_fault_is_told_with_its_place_and_the_rest_is_still_read() {
    refuse(
        "a A 999.1.1.1\n\nb MXX 1\nc 4294967296 A 1.1.1.1\nd CH A 1.1.1.1\n\te \"A\n",
        &[
            "zone:1:5: value is not a valid IPv4 address: 999.1.1.1",
            "zone:3:3: unknown record type: MXX",
            "zone:4:3: TTL must be 0 to 2147483647 seconds, or numbers with the units w d h m s: 4294967296",
            "zone:5:3: class must be IN: CH",
            "zone:6:4: quotation mark is not closed on its line: \"A",
        ],
    );
    refuse(
        "www.other. A 1.1.1.1\n A 1.1.1.2\na..b A 1.1.1.1\nx\nx MX (\n ten\n mail )\n$GENERATE 1-2 a A 1.1.1.$\n$TTL\nx A 1.1.1.1 2\n",
        &[
            "zone:1:1: name lies outside the zone: www.other.",
            "zone:3:1: not a domain name (Domain label is empty): a..b",
            "zone:4:2: record has no type",
            "zone:6:2: value should be a number from 0 to 65535: ten",
            "zone:8:1: directive is not known; $ORIGIN, $TTL and $INCLUDE are: $GENERATE",
            "zone:9:1: directive has the wrong number of arguments: $TTL",
            "zone:10:13: value contains spaces: 1.1.1.1 2",
        ],
    );
    let many = "x MXX\n".repeat(1000);
    assert_eq!(parse(&format!("{START}{many}")).unwrap_err().len(), FAULTS_MAX);
}

#[test]
fn a_zone_obeys_the_rules_of_zones() {
    refuse("a CNAME b\na A 1.1.1.1\n", &["zone:2:1: CNAME stands beside other records of its name: a.example.com. A"]);
    refuse("a CNAME b\na CNAME c\n", &["zone:2:1: there must be one CNAME record: a.example.com. CNAME"]);
    refuse("a DNAME b.\nx.a A 1.1.1.1\n", &["zone:2:1: name lies below a DNAME: x.a.example.com. A"]);
    refuse("a SOA a b 1 2 3 4 5\n", &["zone:1:1: SOA record stands below the apex: a.example.com. SOA"]);
    refuse("@ SOA a b 2 2 3 4 5\n", &["zone:1:1: there must be one SOA record: example.com. SOA"]);
    let faults = parse("www 60 A 1.1.1.1\n").unwrap_err();
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "zone: zone has no SOA record at its apex: example.com.",
            "zone: zone has no NS record at its apex: example.com."
        ]
    );
    assert_eq!(parse("www A 1.1.1.1\n").unwrap_err()[0].problem, Problem::TtlMissing);
}

#[test]
fn duplicates_and_unequal_ttls_are_put_right_and_told() {
    let many: String = (0..40).map(|i| format!("m A 192.0.2.{}\n", i % 20)).collect();
    let zone = parse(&format!("{START}a 300 MX 10 B.c.\na 60 MX 20 b.c.\na 60 MX 10 b.C.\n{many}")).unwrap();
    let Body::Records { ttl, values } = &zone.record_sets[2].body else { panic!("no alias was given") };
    assert_eq!((ttl.seconds(), values.as_slice()), (60, &["10 B.c.".to_owned(), "20 b.c.".to_owned()][..]));
    let problems: Vec<(u32, Problem)> = zone.warnings.iter().map(|w| (w.line, w.problem.clone())).collect();
    assert_eq!(problems[..2], [(5, Problem::TtlUnequal), (6, Problem::Duplicate)]);
    let Body::Records { values, .. } = &zone.record_sets[3].body else { panic!("no alias was given") };
    assert_eq!((values.len(), problems.len()), (20, 22));
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cutover-zone-file-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("zones/more")).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn included_files_keep_to_themselves() {
    let folder = Folder::new();
    folder.write("zones/more/hosts", "a A 192.0.2.1\n$ORIGIN deep.example.com.\nb A 192.0.2.2\n");
    let path = folder
        .write("zones/main", &format!("{START}www TXT \"1\"\n$INCLUDE more/hosts sub\n TXT \"2\"\nc A 192.0.2.3\n"));
    let zone = read(&apex(), &path).unwrap();
    let names: Vec<String> = zone.record_sets[2..].iter().map(|set| set.name.to_string()).collect();
    assert_eq!(names, ["www.example.com.", "a.sub.example.com.", "b.deep.example.com.", "c.example.com."]);
    let Body::Records { values, .. } = &zone.record_sets[2].body else { panic!("no alias was given") };
    assert_eq!(values, &["\"1\"", "\"2\""]);

    folder.write("zones/more/hosts", "a A nonsense\n");
    assert_eq!(
        read(&apex(), &path).unwrap_err()[0].to_string(),
        "more/hosts:1:5: value is not a valid IPv4 address: nonsense"
    );
}

#[test]
fn nothing_outside_the_folder_is_included() {
    let folder = Folder::new();
    let outside = folder.write("secret", "s TXT secret\n");
    std::os::unix::fs::symlink(&outside, folder.0.join("zones/link")).unwrap();
    for target in ["../secret", "more/../../secret", "link", &outside.display().to_string(), "/dev/zero", "more"] {
        let path = folder.write("zones/main", &format!("{START}$INCLUDE {target}\n"));
        let faults = read(&apex(), &path).unwrap_err();
        assert_eq!(faults[0].problem, Problem::IncludeOutside, "{target}");
        assert_eq!((faults[0].line, faults[0].column), (4, 10));
    }
    let path = folder.write("zones/main", &format!("{START}$INCLUDE main\n"));
    assert!(read(&apex(), &path).unwrap_err().iter().any(|fault| fault.problem == Problem::IncludeDepth));
    for (file, next) in [("one", "two"), ("two", "three"), ("three", "four"), ("four", "five")] {
        folder.write(&format!("zones/{file}"), &format!("$INCLUDE {next}\n").repeat(50));
    }
    folder.write("zones/five", "");
    let path = folder.write("zones/main", &format!("{START}$INCLUDE one\n"));
    assert_eq!(read(&apex(), &path).unwrap_err()[0].problem, Problem::IncludesTooMany);
    let path = folder.write("zones/main", &format!("{START}$INCLUDE missing\n"));
    assert_eq!(read(&apex(), &path).unwrap_err()[0].problem, Problem::Unreadable);
    assert_eq!(parse(&format!("{START}$INCLUDE main\n")).unwrap_err()[0].problem, Problem::IncludeOutside);
    assert_eq!(read(&apex(), &folder.0.join("missing")).unwrap_err()[0].problem, Problem::Unreadable);
}

#[test]
fn comments_that_cannot_be_read_back_are_refused() {
    for (line, expected) in [
        (
            "a A 1.1.1.1 ; cutover: weight=10",
            "zone:1:24: cutover comment is not understood (a routing policy needs set)",
        ),
        (
            "a A 1.1.1.1 ; cutover: set=x weight=256",
            "zone:1:24: cutover comment is not understood (weight must be 0 to 255)",
        ),
        (
            "a A 1.1.1.1 ; cutover: moved",
            "zone:1:24: cutover comment is not understood (attributes are written key=value)",
        ),
        (
            "; cutover-alias: a A zone=Z1",
            "zone:1:22: cutover comment is not understood (an alias needs zone, target and evaluate-target-health): zone=Z1",
        ),
        (
            "a A 1.1.1.1 ; cutover: set=x weight=1\na A 1.1.1.2",
            "zone:2:1: records of one name and type must share a routing policy: a.example.com. A",
        ),
        (
            "a A 1.1.1.1 ; cutover: set=x weight=1\na A 1.1.1.2 ; cutover: set=x weight=2",
            "zone:2:1: cutover comment differs from the one on the first record of its set: a.example.com. A",
        ),
        (
            "; cutover-sticky: a ipv4-prefix=24",
            "zone:1:21: cutover comment is not understood (a sticky name needs ipv4-prefix and ipv6-prefix): \
             ipv4-prefix=24",
        ),
        (
            "; cutover-sticky: a ipv4-prefix=33 ipv6-prefix=56",
            "zone:1:21: cutover comment is not understood (ipv4-prefix must be 8 to 32): ipv4-prefix=33",
        ),
        ("; cutover-sticky: a.other. ipv4-prefix=24 ipv6-prefix=56", "zone:1:19: name lies outside the zone: a.other."),
        (
            "; cutover-sticky: a ipv4-prefix=24 ipv6-prefix=56\n; cutover-sticky: A ipv4-prefix=25 ipv6-prefix=56",
            "zone:2:19: cutover comment is not understood (the name is sticky in two ways): A",
        ),
        (
            "a A 1.1.1.1 ; cutover: ipv4-prefix=24",
            "zone:1:24: cutover comment is not understood (prefix lengths are a name's; write a cutover-sticky line)",
        ),
    ] {
        refuse(line, &[expected]);
    }
    check("a A 1.1.1.1 ; cutover is a word\n; cutovers\n", &["a.example.com. 60 A 1.1.1.1"]);
}
