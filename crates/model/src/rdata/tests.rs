//! One valid value of every type and several broken ones; every wire comes back as itself.

use super::*;

mod bounds;

/// Reads a value, compares its wire (as hexadecimal digits) and how it is shown, and reads that again.
#[track_caller]
fn check(record_type: &str, value: &str, hexadecimal: &str, shown: &str) {
    let record_type = RecordType::parse(record_type).unwrap();
    let wire = wire(record_type, value).unwrap();
    let mut digits = String::new();
    show::push_hexadecimal(&wire, &mut digits);
    assert_eq!(digits, hexadecimal.replace(' ', ""), "{value}");
    let text = text(record_type, &wire);
    assert_eq!(text, shown);
    assert_eq!(super::wire(record_type, &text), Ok(wire), "{text}");
}

/// The code of a refused value.
#[track_caller]
fn refuse(record_type: &str, value: &str, code: &str) {
    let fault = wire(RecordType::parse(record_type).unwrap(), value).expect_err(value);
    let message = fault.to_string();
    assert!(message.starts_with(&format!("{code} (")), "{value}: {message}");
}

#[test]
fn every_type_of_route_53_is_read_and_shown() {
    check("A", "192.0.2.1", "c0000201", "192.0.2.1");
    check("AAAA", "2001:DB8:0:0::1", "20010db8000000000000000000000001", "2001:db8::1");
    check("AAAA", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1");
    check(
        "CAA",
        r#"128 issue "ca.test; a=1""#,
        "80 05 6973737565 63612e746573743b20613d31",
        r#"128 issue "ca.test; a=1""#,
    );
    check("CAA", r#"0 issue "\073""#, "00 05 6973737565 3b", r#"0 issue ";""#);
    check("CNAME", "WWW.b", "03575757 0162 00", "WWW.b.");
    check("NS", "ns\\052.b.", "036e732a 0162 00", "ns\\052.b.");
    check("PTR", ".", "00", ".");
    check("DS", "258 13 2 DEAD beef", "0102 0d 02 deadbeef", "258 13 2 deadbeef");
    check("MX", "10 Mail.b", "000a 044d61696c 0162 00", "10 Mail.b.");
    check(
        "NAPTR",
        r#"1 2 "u" "E2U+sip" "!^(\\d+)$!sip:\\1@b!" ."#,
        "0001 0002 0175 074532552b736970 12 215e285c642b2924217369703a5c31406221 00",
        r#"1 2 "u" "E2U+sip" "!^(\\d+)$!sip:\\1@b!" ."#,
    );
    check("SOA", "a. b 1 2 3 4 5", "016100 016200 00000001 00000002 00000003 00000004 00000005", "a. b. 1 2 3 4 5");
    check("SPF", r#""v=spf1""#, "06 763d73706631", r#""v=spf1""#);
    check("SRV", "1 2 443 _x.b", "0001 0002 01bb 025f78 0162 00", "1 2 443 _x.b.");
    check("SSHFP", "4 2 00ff", "04 02 00ff", "4 2 00ff");
    check("TLSA", "3 1 1 00 FF", "03 01 01 00ff", "3 1 1 00ff");
    check(
        "TXT",
        r#""a \"b\" \\" "\344\000""x" """#,
        "07 6120226222205c 02 e400 01 78 00",
        r#""a \"b\" \\" "\344\000" "x" """#,
    );
}

#[test]
fn service_bindings_are_read_in_any_order_and_shown_in_that_of_the_wire() {
    check("HTTPS", "0 svc.b", "0000 03737663 0162 00", "0 svc.b.");
    check("SVCB", "1 .", "0001 00", "1 .");
    check(
        "HTTPS",
        r#"1 . port=8443 alpn="h2,h3" mandatory=port"#,
        "0001 00 0000 0002 0003 0001 0006 026832 026833 0003 0002 20fb",
        r#"1 . mandatory="port" alpn="h2,h3" port="8443""#,
    );
    check(
        "SVCB",
        r#"16 b. ipv6hint=2001:db8::1,::2 ipv4hint="192.0.2.1,192.0.2.2" no-default-alpn alpn=h2 ech=AAEC key65400="a\011""#,
        "0010 016200 0001 0003 026832 0002 0000 0004 0008 c0000201c0000202 0005 0003 000102 \
         0006 0020 20010db8000000000000000000000001 00000000000000000000000000000002 ff78 0002 6109",
        r#"16 b. alpn="h2" no-default-alpn ipv4hint="192.0.2.1,192.0.2.2" ech="AAEC" ipv6hint="2001:db8::1,::2" key65400="a\011""#,
    );
    // RFC 9460 appendix D.2: an id that holds a comma and one that holds a backslash.
    check(
        "SVCB",
        r#"16 foo. alpn="f\\\\oo\\,bar,h2""#,
        "0010 03666f6f00 0001 000c 08 665c6f6f2c626172 02 6832",
        r#"16 foo. alpn="f\\\\oo\\,bar,h2""#,
    );
}

#[test]
fn types_beyond_route_53_are_read_as_in_master_files() {
    check("DNAME", "b", "0162 00", "b.");
    check("CDS", "0 0 0 00", "0000 00 00 00", "0 0 0 00");
    check("URI", r#"10 1 "ftp://b/""#, "000a 0001 6674703a2f2f622f", r#"10 1 "ftp://b/""#);
    check("RP", "a.b. .", "0161 0162 00 00", "a.b. .");
    check("HINFO", r#""PC" "A\040B""#, "025043 03412042", r#""PC" "A B""#);
    check("TYPE65400", "\\# 3 00 FFab", "00ffab", "\\# 3 00ffab");
    check("TYPE65400", "\\# 0", "", "\\# 0");
    check("DNSKEY", "257 3 13 AAEC Aw==", "0101 03 0d 00010203", "257 3 13 AAECAw==");
    check("CERT", "PGP 0 RSASHA256 AA EC", "0003 0000 08 000102", "3 0 8 AAEC");
    check("DHCID", "AAEC", "000102", "AAEC");
    check("NSEC", "h\\052.b A MX", "02682a 0162 00 00 02 4001", "h*.b. A MX");
    check(
        "LOC",
        "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
        &format!("00 00 16 13 {} 009895b8", loc_angles()),
        "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m",
    );
}

/// 52°22′23″ and 4°53′32″ in thousandths of seconds from 2^31.
fn loc_angles() -> String {
    let angle = |d: u32, m: u32, s: u32| (1u32 << 31) + ((d * 60 + m) * 60 + s) * 1000;
    format!("{:08x} {:08x}", angle(52, 22, 23), angle(4, 53, 32))
}

#[test]
fn broken_values_are_refused_in_route_53_words() {
    for value in ["999.1.1.1", "1.2.3", "01.2.3.4", "::1", "1.2.3.4.", "\"1.2.3.4\"", ""] {
        refuse("A", value, "ARRDATAIllegalIPv4Address");
    }
    refuse("A", "1.2.3.4 5", "ARRDATANotSingleField");
    for value in ["1.2.3.4", "2001:db8", "::g", "fe80::1%eth0"] {
        refuse("AAAA", value, "AAAARRDATAIllegalIPv6Address");
    }
    for (value, code) in [
        ("abc", "InvalidCharacterString"),
        ("\"open", "InvalidCharacterString"),
        ("\"a\" b", "InvalidCharacterString"),
        ("", "InvalidCharacterString"),
        ("\"\\9\"", "UnsupportedCharacter"),
        ("\"ä\"", "UnsupportedCharacter"),
        (&format!("\"{}\"", "a".repeat(256)), "CharacterStringTooLong"),
        (&"\"a\" ".repeat(1001), "TXTRDATATooLong"),
    ] {
        refuse("TXT", value, code);
    }
    for (record_type, value, code) in [
        ("CNAME", "", "DomainNameEmpty"),
        ("CNAME", "a..b", "DomainLabelEmpty"),
        ("CNAME", "a b", "CNAMERRDATANotSingleField"),
        ("NS", &"a".repeat(64), "DomainLabelTooLong"),
        ("PTR", &"abc.".repeat(64), "DomainNameTooLong"),
        ("MX", "mail.b", "MXRRDATANotTwoFields"),
        ("MX", "10", "MXRRDATANotTwoFields"),
        ("MX", "65536 b", "MXRRDATAIllegalNumber"),
        ("MX", "+1 b", "MXRRDATAIllegalNumber"),
        ("MX", "10 a b", "MXRRDATANotTwoFields"),
        ("SRV", "1 2 3", "SRVRRDATANotFourFields"),
        ("SRV", "1 2 x b", "SRVRRDATAIllegalNumber"),
        ("SOA", "a b 1 2 3 4", "SOARRDATANotSevenFields"),
        ("SOA", "a b 1 2h 3 4 5", "SOARRDATAIllegalNumber"),
        ("CAA", "0 issue ca.test", "InvalidCharacterString"),
        ("CAA", "256 issue \"\"", "CAARRDATAIllegalNumber"),
        ("CAA", "0 is-sue \"\"", "CAARRDATAIllegalTag"),
        ("NAPTR", r#"1 2 u "" "" ."#, "InvalidCharacterString"),
        ("DS", "1 1 1 xyz", "DSRRDATAIllegalHexadecimal"),
        ("DS", "1 1 1 abc", "DSRRDATAIllegalHexadecimal"),
        ("TLSA", "3 1 1", "TLSARRDATANotFourFields"),
        ("SSHFP", "1 1 \"ab\"", "SSHFPRRDATAIllegalHexadecimal"),
        ("HTTPS", "0 b alpn=h2", "HTTPSRRDATAIllegalParameter"),
        ("HTTPS", "1 . alpn=h2 alpn=h3", "HTTPSRRDATAIllegalParameter"),
        ("HTTPS", "1 . port=x", "HTTPSRRDATAIllegalParameter"),
        ("HTTPS", "1 . mandatory=alpn", "HTTPSRRDATAIllegalParameter"),
        ("SVCB", "1 . no-default-alpn", "SVCBRRDATAIllegalParameter"),
        ("SVCB", "1 . surprise=1", "SVCBRRDATAIllegalParameter"),
        ("SVCB", "1 . alpn=\"h2", "InvalidCharacterString"),
        ("A", "\\# 4 00000000", "ARRDATANotSingleField"),
        ("TYPE65400", "00", "TYPE65400RRDATAIllegalValue"),
        ("TYPE65400", "\\# 2 00", "TYPE65400RRDATAIllegalValue"),
        ("DNAME", "\\# 2 0561", "DNAMERRDATAIllegalValue"),
        ("DNSKEY", "257 3", "DNSKEYRRDATAIllegalValue"),
        ("DNSKEY", "257 3 13 AA== ; x", "DNSKEYRRDATAIllegalValue"),
        ("LOC", "91 N 0 E 0m", "LOCRRDATAIllegalValue"),
    ] {
        refuse(record_type, value, code);
    }
}

#[test]
fn values_are_the_same_by_meaning() {
    for (record_type, a, b, expected) in [
        (RecordType::MX, "10 mail.b", "10  MAIL.b.", true),
        // 65 and 97 are `A` and `a`: numbers are not folded.
        (RecordType::MX, "65 b", "97 b", false),
        (RecordType::TXT, r#""a\040b""#, r#""a b""#, true),
        (RecordType::TXT, "\"a\"", "\"A\"", false),
        (RecordType::TXT, r#""a" "b""#, "\"ab\"", false),
        (RecordType::AAAA, "::1", "0:0::1", true),
        (RecordType::DS, "1 1 1 AB", "1 1 1 ab", true),
        (RecordType::A, "nonsense", "nonsense", true),
        (RecordType::A, "nonsense", "rubbish", false),
    ] {
        assert_eq!(same(record_type, a, b), expected, "{a} {b}");
    }
}

#[test]
fn every_wire_reads_back_as_itself_or_is_shown_in_the_generic_form() {
    // A small generator (PCG's multiplier) gives bytes that are sometimes valid RDATA, mostly not.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap()
    };
    let types = (1..=66).chain([99, 105, 107, 108, 109, 256, 257, 32769, 65400]).map(RecordType);
    let mut valid = 0;
    for record_type in types.filter(|record_type| record_type.is_storable()) {
        for _ in 0..400 {
            let length = usize::from(draw()) % 24;
            let bytes: Vec<u8> = (0..length).map(|_| if draw() < 150 { draw() % 4 } else { draw() }).collect();
            let text = text(record_type, &bytes);
            match wire(record_type, &text) {
                Ok(wire) => {
                    valid += 1;
                    assert_eq!(wire, bytes, "{record_type} {text}");
                }
                Err(_) => {
                    assert!(field::fields(record_type).is_some() && text.starts_with("\\#"), "{record_type} {text}");
                }
            }
        }
    }
    assert!(valid > 10_000, "{valid}");
}

#[test]
fn no_text_makes_a_reader_panic() {
    let mut state = 7u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap()
    };
    let pieces = [
        "1",
        "0",
        "a",
        "A",
        ".",
        " ",
        " ",
        "\"",
        "\\",
        "\\#",
        "\\052",
        "=",
        "AAEC",
        "(",
        ")",
        ";",
        "@",
        "-",
        "é",
        "20260101000000",
    ];
    for record_type in (1..=66).chain([99, 108, 257]).map(RecordType) {
        for _ in 0..300 {
            let value: String = (0..draw() % 24).map(|_| pieces[draw() % pieces.len()]).collect();
            if let Ok(bytes) = wire(record_type, &value) {
                assert_eq!(wire(record_type, &text(record_type, &bytes)).as_ref(), Ok(&bytes), "{record_type} {value}");
            }
        }
    }
}
