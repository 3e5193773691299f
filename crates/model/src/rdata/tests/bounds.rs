//! The least and the greatest of every field of Route 53's types, one beyond each, and the words for it.

use super::*;

#[test]
fn the_bounds_of_every_type_are_values() {
    let long = format!("\"{}\"", "a".repeat(255));
    let escaped = format!("\"{}\"", "\\344".repeat(255));
    let label = "a".repeat(63);
    let longest = format!("{}a.b", "abc.".repeat(62));
    let full = format!("{long} ").repeat(15) + &format!("\"{}\"", "a".repeat(4000 - 15 * 258 - 2));
    assert_eq!(full.chars().count(), VALUE_CHARACTERS_MAX);
    for (record_type, values) in [
        ("A", &["0.0.0.0", "255.255.255.255"][..]),
        ("AAAA", &["::", "1:2:3:4:5:6:7:8", "2001:0DB8::0001", "64:ff9b::192.0.2.1"]),
        ("CAA", &["0 issue \";\"", "255 iodef \"mailto:a@b\"", "1 A0 \"\"", "0 issue \"ca.test; account=1\""]),
        ("CNAME", &["a", "a.", "*.b", "\\052.b", "_x.b", "a/b.c", &label, &longest]),
        ("DS", &["0 0 0 00", "65535 255 255 ff"]),
        ("HTTPS", &["0 .", "1 .", "32767 a. alpn=\"h2,h3\" port=0", "1 . port=65535"]),
        ("MX", &["0 .", "65535 a"]),
        ("NAPTR", &[r#"0 65535 "" "" "" a.b"#, r#"65535 0 "U" "E2U+sip" "!^.*$!sip:\\1@b!" ."#]),
        ("NS", &["a.b", "a.b."]),
        ("PTR", &["a", "1.2.0.192.in-addr.arpa."]),
        ("SOA", &["a b 0 0 0 0 0", "a. b. 4294967295 4294967295 4294967295 4294967295 4294967295"]),
        ("SPF", &["\"\"", &long]),
        ("SRV", &["0 0 0 .", "65535 65535 65535 a"]),
        ("SSHFP", &["0 0 00", "4 2 ABCDEF"]),
        ("SVCB", &["0 a", "1 a.b ipv4hint=192.0.2.1 ipv6hint=::1 key65534=x"]),
        ("TLSA", &["0 0 0 00", "3 1 2 ff", "255 255 255 00"]),
        ("TXT", &["\"\"", "\"a\"\t\"b\"", "\"a;b\"", "\" \\040\\000\\037\\177\\377 \"", &long, &escaped, &full]),
    ] {
        for value in values {
            let read = wire(RecordType::parse(record_type).unwrap(), value);
            assert!(read.is_ok(), "{record_type} {value}: {read:?}");
        }
    }
}

#[test]
fn one_beyond_each_bound_is_refused() {
    let long = format!("\"a\" \"{}\"", "a".repeat(256));
    let escaped = format!("\"{}\"", "\\344".repeat(256));
    let label = format!("{}.b", "a".repeat(64));
    let full = format!("\"{}\" ", "a".repeat(255)).repeat(15) + &format!("\"{}\"", "a".repeat(4001 - 15 * 258 - 2));
    for (record_type, code, values) in [
        ("A", "ARRDATAIllegalIPv4Address", &["256.0.0.0", "1.2.3.4.5", "0x1.2.3.4", "1,2,3,4"][..]),
        ("AAAA", "AAAARRDATAIllegalIPv6Address", &["1:2:3:4:5:6:7", "1::2::3", "12345::", "[::1]", "::1/64", ""]),
        ("CAA", "CAARRDATAIllegalNumber", &["256 issue \";\"", "-1 issue \";\"", "a issue \";\""]),
        ("CAA", "CAARRDATANotThreeFields", &["0 issue", "0 issue \"a\" \"b\""]),
        ("CAA", "CAARRDATAIllegalTag", &["0 is.sue \"a\"", "0 \"\" \"a\""]),
        ("DS", "DSRRDATAIllegalNumber", &["65536 1 1 00", "1 256 1 00", "1 1 256 00"]),
        ("DS", "DSRRDATANotFourFields", &["1 1 1", "1"]),
        ("HTTPS", "HTTPSRRDATAIllegalNumber", &["65536 .", "a ."]),
        ("HTTPS", "HTTPSRRDATANotTwoFields", &["1"]),
        ("HTTPS", "HTTPSRRDATAIllegalParameter", &["1 . port=65536", "1 . key65535=x", "1 . key07=x", "1 . alpn="]),
        ("SVCB", "SVCBRRDATAIllegalParameter", &["0 a port=1", "1 . ipv4hint=::1", "1 . ipv6hint=192.0.2.1"]),
        ("NAPTR", "NAPTRRRDATAIllegalNumber", &[r#"65536 0 "" "" "" ."#, r#"0 65536 "" "" "" ."#]),
        ("NAPTR", "NAPTRRRDATANotSixFields", &[r#"0 0 "" "" "" "#, r#"0 0 "" "" "" . ."#]),
        ("NS", "NSRRDATANotSingleField", &["a b"]),
        ("NS", "DomainNameEmpty", &[""]),
        ("PTR", "DomainLabelEmpty", &[".a", "a..", "a..b"]),
        ("CNAME", "DomainLabelTooLong", &[&label]),
        ("CNAME", "UnsupportedCharacter", &["ä.b", "a\\08b", "\"a.b\"", "a\\400"]),
        ("SOA", "SOARRDATAIllegalNumber", &["a b 4294967296 0 0 0 0", "a b 0 -1 0 0 0", "a b 0 0 1h 0 0"]),
        ("SOA", "SOARRDATANotSevenFields", &["a b 1 2 3 4", "a b 1 2 3 4 5 6"]),
        ("SRV", "SRVRRDATAIllegalNumber", &["65536 0 0 .", "0 65536 0 .", "0 0 65536 ."]),
        ("SRV", "SRVRRDATANotFourFields", &["0 0 a.b", "0 0 0 a.b c"]),
        ("SSHFP", "SSHFPRRDATAIllegalNumber", &["256 1 00", "1 256 00"]),
        ("SSHFP", "SSHFPRRDATANotThreeFields", &["1 1"]),
        ("TLSA", "TLSARRDATAIllegalNumber", &["256 0 0 00", "0 256 0 00", "0 0 256 00"]),
        ("TLSA", "TLSARRDATAIllegalHexadecimal", &["3 1 1 0", "3 1 1 0g"]),
        ("TXT", "CharacterStringTooLong", &[&long, &escaped]),
        ("SPF", "CharacterStringTooLong", &[&long]),
        ("TXT", "TXTRDATATooLong", &[&full]),
        ("SPF", "SPFRDATATooLong", &[&full]),
        ("SPF", "InvalidCharacterString", &["v=spf1 -all"]),
        ("TXT", "InvalidCharacterString", &["'a'", "a\"b\"", "\"\"a\"\"", "\"a\\\"", "\"a\nb\""]),
        ("TXT", "UnsupportedCharacter", &["\"\u{7f}\"", "\"a\tb\"", "\"\\400\"", "\"\\08a\"", "\"\\12\""]),
    ] {
        for value in values {
            refuse(record_type, value, code);
        }
    }
}

#[test]
fn the_words_are_those_seen_on_aws() {
    let long = format!("\"{}\"", "a".repeat(256));
    for (record_type, value, words) in [
        ("MX", "*.com*", "MXRRDATANotTwoFields (MX record doesn't have 2 fields) encountered with '*.com*'"),
        (
            "TXT",
            "\"\"v=text\"\"",
            "InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '\"\"v=text\"\"'",
        ),
        (
            "SPF",
            "v=spf1 a -all",
            "InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v=spf1 a -all'",
        ),
        ("TXT", &long, &format!("CharacterStringTooLong (Value is too long) encountered with '{long}'")),
        ("CNAME", "ab_c\u{e4}d.b", "UnsupportedCharacter (Value contains unsupported characters) encountered with 'ä'"),
        ("A", "1.2.3.4 5", "ARRDATANotSingleField (Value contains spaces) encountered with '1.2.3.4 5'"),
    ] {
        let fault = wire(RecordType::parse(record_type).unwrap(), value).unwrap_err();
        assert_eq!(fault.to_string(), words);
    }
}

#[test]
fn a_value_is_compared_by_meaning_in_every_type() {
    for (record_type, a, b, expected) in [
        ("A", "192.0.2.1", " 192.0.2.1 ", true),
        ("CAA", "0 issue \"a;b\"", "0 issue \"a\\073b\"", true),
        ("CAA", "0 issue \"a\"", "0 issue \"A\"", false),
        ("CNAME", "\\052.B", "*.b.", true),
        ("HTTPS", "1 A. port=1 alpn=h2", "1 a alpn=\"h2\" port=\"1\"", true),
        ("NAPTR", r#"1 2 "u" "" "" B"#, r#"1 2 "u" "" "" b."#, true),
        ("NAPTR", r#"1 2 "u" "" "" ."#, r#"1 2 "U" "" "" ."#, false),
        ("NS", "A.b", "a.B.", true),
        ("PTR", "a", "b", false),
        ("SOA", "A B 1 2 3 4 5", "a. b. 1 2 3 4 5", true),
        ("SPF", "\"a\"", "\"\\141\"", true),
        ("SRV", "1 2 3 A", "1 2 3 a.", true),
        ("SSHFP", "1 1 AB", "1 1 ab", true),
        ("SVCB", "1 a key7=b", "1 a dohpath=b", true),
        ("TLSA", "3 1 1 AB CD", "3 1 1 abcd", true),
        ("TXT", "\"a\"  \"b\"", "\"a\" \"b\"", true),
        ("TXT", "\"\\\"\"", "\"\\042\"", true),
    ] {
        assert_eq!(same(RecordType::parse(record_type).unwrap(), a, b), expected, "{record_type} {a} {b}");
    }
}
