//! Files as people keep them, and what becomes of each record.

use model::zone_file;

use super::*;

fn read(text: &str) -> Result<OctoZone, Vec<String>> {
    let (zone, id) = (Name::parse("ex.test").unwrap(), HostedZoneId::parse("ZOWN").unwrap());
    zone_of(&zone, &id, text).map_err(|faults| faults.iter().map(|f| format!("{}: {}", f.line, f.text)).collect())
}

fn written(octo: &OctoZone) -> String {
    let mut out = Vec::new();
    zone_file::write(&Name::parse("ex.test").unwrap(), octo.sets.iter(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_type_of_route_53_is_read() {
    let octo = read(
        r#"---
'':
  - type: NS
    values: [ns1.x., ns2.x.]
  - ttl: 60
    type: MX
    values: [{exchange: m1.x., preference: 10}, {priority: 20, value: m2.x.}]
  - type: CAA
    value: {flags: 0, tag: issue, value: ca.test\; a=b}
  - type: Route53Provider/ALIAS
    values:
      - {type: A, name: www}
      - {type: AAAA, name: d1.cloudfront.net., hosted-zone-id: Z2, evaluate-target-health: true}
'*.w': {type: A, value: 192.0.2.1, ttl: 0}
www: {type: A, values: [192.0.2.1, 192.0.2.2], octodns: {lenient: true}}
txt: {type: TXT, values: ['v=DKIM1\; p=a"b', 12345]}
_s._tcp: {type: SRV, value: {port: 1, priority: 2, target: t.x., weight: 3}}
n: {type: NAPTR, value: {order: 1, preference: 2, flags: S, service: a, regexp: '', replacement: .}}
d: {type: DS, value: {key_tag: 1, algorithm: 13, digest_type: 2, digest: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08}}
f: {type: SSHFP, value: {algorithm: 4, fingerprint_type: 2, fingerprint: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08}}
t: {type: TLSA, value: {certificate_usage: 3, selector: 1, matching_type: 0, certificate_association_data: abcd}}
h: {type: HTTPS, value: {svcpriority: 1, targetname: ., svcparams: {alpn: [h2, h3], port: 443, no-default-alpn: }}}
"#,
    )
    .unwrap();
    assert_eq!((octo.left.len(), octo.remarks.len(), octo.sets.len()), (0, 0, 14));
    let text = written(&octo);
    for part in [
        "0 issue \"ca.test; a=b\"",
        "\"v=DKIM1; p=a\\\"b\"",
        "\"12345\"",
        "2 3 1 t.x.",
        "1 2 \"S\" \"a\" \"\" .",
        "10 m1.x.",
        "20 m2.x.",
        "3600",
        "alpn=",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let aliases: Vec<_> = octo
        .sets
        .iter()
        .filter_map(|set| match &set.body {
            model::Body::Alias(target) => {
                Some((set.record_type.to_string(), target.hosted_zone_id.to_string(), target.dns_name.to_string()))
            }
            model::Body::Records { .. } | model::Body::TrafficPolicy(_) => None,
        })
        .collect();
    let alias = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(aliases, [alias("A", "ZOWN", "www.ex.test."), alias("AAAA", "Z2", "d1.cloudfront.net.")]);
}

#[test]
fn what_has_no_counterpart_is_left_and_told() {
    let octo = read(
        "a: {type: ALIAS, value: x.}\nb: {type: URLFWD, value: x}\nc:\n  type: A\n  value: 192.0.2.1\n  dynamic: {pools: {}}\n\
         d: {type: A, value: 192.0.2.1, octodns: {weight: 5}, geo: {}}\ne: {type: A, value: 192.0.2.1, octodns: {weight: 5}}\n\
         f: {type: A, value: 192.0.2.1, octodns: {excluded: [route53]}}\n",
    )
    .unwrap();
    let left: Vec<_> = octo.left.iter().map(|left| left.why.split(" is not planned").next().unwrap()).collect();
    assert_eq!(
        left,
        [
            "line 1: a.ex.test. ALIAS",
            "line 2: b.ex.test. URLFWD",
            "line 4: c.ex.test. A",
            "line 7: d.ex.test. A",
            "line 9: f.ex.test. A"
        ]
    );
    assert_eq!(octo.remarks, ["line 8: e.ex.test. A: `octodns: weight` is not planned"]);
    assert_eq!(octo.sets.len(), 1);
}

#[test]
fn all_faults_of_a_file_are_told_with_their_lines() {
    let faults = read(
        "a:\n  type: A\n  value: 192.0.2.300\nb:\n  - type: MX\n    value: {exchange: m.}\nc: {type: A}\nd: text\n\
         e: {type: A, ttl: soon, value: 192.0.2.1}\n'a..b': {type: A, value: 192.0.2.1}\n",
    )
    .unwrap_err();
    let words = [
        "3: a.ex.test. A: ",
        "6: b.ex.test. MX: the value has no preference",
        "7: c.ex.test. A has no value",
        "8: a record of d",
        "9: the ttl of e",
        "10: ",
    ];
    assert_eq!(faults.len(), words.len(), "{faults:#?}");
    for (fault, word) in faults.iter().zip(words) {
        assert!(fault.starts_with(word), "{fault} / {word}");
    }
    assert!(read("- a\n").unwrap_err()[0].contains("mapping of names"));
    assert_eq!(read("").unwrap(), OctoZone::default());
}

#[test]
fn long_texts_become_several_strings() {
    let octo = read(&format!("t: {{type: TXT, value: '{}'}}\n", "a".repeat(254) + "\\;" + &"b".repeat(10))).unwrap();
    let model::Body::Records { values, .. } = &octo.sets[0].body else { panic!() };
    assert_eq!(values[0], format!("\"{}\" \";{}\"", "a".repeat(254), "b".repeat(10)));
}

#[test]
fn a_folder_holds_a_file_for_each_zone() {
    let name = |text: &str| Name::parse(text).unwrap();
    let folder = std::env::temp_dir();
    assert_eq!(file_of(&name("ex.test"), &folder), folder.join("ex.test.yaml"));
    assert_eq!(file_of(&name("0/25.2.0.192.in-addr.arpa"), &folder), folder.join("0$25.2.0.192.in-addr.arpa.yaml"));
    assert_eq!(file_of(&name("ex.test"), Path::new("some/x.yml")), Path::new("some/x.yml"));
}
