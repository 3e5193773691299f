//! Databases of places in every layout, over each other, and in a running server: first answers, then new files without a
//! restart.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use answer::{Database, Place, compact, expand, read_mmdb};
use model::prefix::Prefix;
use world::exchange::{Transport, ask};
use world::mmdb::{Form, Value, write};
use world::place::{Folder, repository, skip};
use world::process::{Server, cutover, path, text};
use world::query::{Opt, Query, subnet};
use world::route53::Client;

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn flat(country: &'static str) -> Value {
    Value::Map(vec![("country_code", Value::Text(country))])
}

/// As MaxMind's city databases have it, with more than is asked for.
fn city(country: &'static str, state: &'static str, latitude: f64, longitude: f64) -> Value {
    let names = || {
        Value::Map(vec![
            ("de", Value::Text("ein Ort mit einem Namen, der länger als neunundzwanzig ist")),
            ("en", Value::Text("a place")),
        ])
    };
    Value::Map(vec![
        ("city", Value::Map(vec![("geoname_id", Value::Whole(70_000)), ("names", names())])),
        ("continent", Value::Map(vec![("code", Value::Text("NA")), ("names", names())])),
        ("country", Value::Map(vec![("is_in_european_union", Value::Flag(false)), ("iso_code", Value::Text(country))])),
        (
            "location",
            Value::Map(vec![
                ("accuracy_radius", Value::Whole(20)),
                ("latitude", Value::Real(latitude)),
                ("longitude", Value::Real(longitude)),
            ]),
        ),
        ("registered_country", Value::Map(vec![("iso_code", Value::Text("GB"))])),
        ("subdivisions", Value::Array(vec![Value::Map(vec![("iso_code", Value::Text(state)), ("names", names())])])),
    ])
}

/// Continent, country, state, latitude and longitude of an address.
fn told(database: &Database, address: &str) -> String {
    let Place { continent, country, subdivision, point } = database.find(address.parse().unwrap()).place;
    let shown = |code: Option<String>| code.unwrap_or_else(|| "-".to_owned());
    format!(
        "{} {} {} {}",
        shown(continent.map(|continent| continent.to_string())),
        shown(country.map(|country| country.to_string())),
        shown(subdivision.map(|state| state.to_string())),
        shown(point.map(|point| format!("{},{}", point.latitude, point.longitude))),
    )
}

#[test]
fn every_layout_says_where_its_clients_are() {
    let by_name = Value::Map(vec![
        ("country", Value::Map(vec![("iso_code", Value::Text("US"))])),
        (
            "subdivisions",
            Value::Array(vec![Value::Map(vec![("names", Value::Map(vec![("en", Value::Text("New York"))]))])]),
        ),
    ]);
    let flat_city = Value::Map(vec![
        ("city", Value::Text("Portland")),
        ("country_code", Value::Text("US")),
        ("latitude", Value::Real(45.52)),
        ("longitude", Value::Real(-122.68)),
        ("state1", Value::Text("Oregon")),
        ("state2", Value::Text("")),
    ]);
    let texts = Value::Map(vec![
        ("country", Value::Text("au")),
        ("lat", Value::Text("-33.87")),
        ("lng", Value::Text("151.21")),
    ]);
    let rows = [
        (prefix("192.0.2.0/24"), city("US", "CA", 37.7749, -122.4194)),
        (prefix("198.51.100.0/25"), by_name),
        (prefix("198.51.100.128/25"), flat_city),
        (prefix("203.0.113.0/24"), texts),
        (prefix("10.0.0.0/8"), flat("DE")),
        (prefix("10.9.0.0/16"), flat("ZZ")),
        (prefix("11.0.0.0/8"), Value::Map(vec![("continent", Value::Map(vec![("code", Value::Text("AS"))]))])),
        (
            prefix("12.0.0.0/8"),
            Value::Map(vec![("registered_country", Value::Map(vec![("iso_code", Value::Text("FR"))]))]),
        ),
        (prefix("13.0.0.0/8"), Value::Map(vec![("asn", Value::Whole(64_500))])),
        (prefix("14.0.0.0/8"), city("CA", "ON", 91.0, 0.0)),
    ];
    for branch_bits in [24, 28, 32] {
        for ip_version in [4, 6] {
            let file = write(Form { branch_bits, ip_version, ..Form::default() }, &rows);
            let (database, about) = read_mmdb(&file).unwrap();
            assert_eq!((about.kind.as_str(), about.built, about.ip_version), ("Test-City", 1_781_725_900, ip_version));
            for (address, expected) in [
                ("192.0.2.1", "NA US CA 3777,-12242"),
                ("198.51.100.1", "NA US NY 3720,-9230"),
                ("198.51.100.200", "NA US OR 4552,-12268"),
                ("203.0.113.9", "OC AU - -3387,15121"),
                ("10.200.0.1", "EU DE - 5080,960"),
                ("10.9.0.1", "- - - -"),
                ("11.0.0.1", "AS - - -"),
                ("12.0.0.1", "EU FR - 4730,270"),
                ("13.0.0.1", "- - - -"),
                // Coordinates that are none, and a province, which Route 53 does not know.
                ("14.0.0.1", "NA CA - 4650,-8300"),
                ("9.255.255.255", "- - - -"),
            ] {
                assert_eq!(told(&database, address), expected, "{address} in {branch_bits} bits, IPv{ip_version}");
            }
        }
    }
}

#[test]
fn ipv4_in_a_tree_of_ipv6_is_there_once() {
    let rows = [(prefix("10.0.0.0/8"), flat("DE")), (prefix("2001:db8::/32"), flat("FR"))];
    let (database, _) = read_mmdb(&write(Form::default(), &rows)).unwrap();
    assert_eq!(database.runs(), (3, 3));
    assert_eq!(told(&database, "10.1.1.1"), "EU DE - 5080,960");
    assert_eq!(told(&database, "::ffff:10.1.1.1"), "EU DE - 5080,960");
    assert_eq!(told(&database, "2001:db8::1"), "EU FR - 4730,270");
    // 6to4 is an alias in the file and no place of its own.
    assert_eq!(told(&database, "2002:0a01:0101::1"), "- - - -");
    let (without, _) = read_mmdb(&write(Form { aliases: false, ..Form::default() }, &rows)).unwrap();
    assert_eq!(without, database);
}

#[test]
fn what_fuzzers_start_from_is_what_is_written_here() {
    let rows = [
        (prefix("192.0.2.0/24"), city("US", "CA", 37.7749, -122.4194)),
        (prefix("10.0.0.0/8"), flat("DE")),
        (prefix("2001:db8::/32"), flat("FR")),
    ];
    let files = [
        ("country", write(Form::default(), &rows[1..])),
        ("city", write(Form { branch_bits: 28, ..Form::default() }, &rows)),
        ("ipv4", write(Form { branch_bits: 32, ip_version: 4, aliases: false }, &rows[..2])),
    ];
    for (name, file) in files {
        let seed = repository().join("fuzz/seeds/mmdb").join(name);
        if std::env::var_os("CUTOVER_WRITE_SEEDS").is_some() {
            std::fs::create_dir_all(seed.parent().unwrap()).unwrap();
            std::fs::write(&seed, &file).unwrap();
        }
        assert!(std::fs::read(&seed).unwrap() == file, "{name}: run this test with CUTOVER_WRITE_SEEDS=1");
    }
}

/// A database that is really handed out, where `cargo xtask test` could fetch it: the package that the built-in one is made
/// of, of which the same bytes are to be made again.
#[test]
fn a_real_database_is_read_whole_and_its_compact_form_says_nearly_the_same() {
    let Some(file) = std::env::var_os("CUTOVER_PLACES_MMDB") else {
        return skip("a_real_database", "CUTOVER_PLACES_MMDB names no file");
    };
    let file = std::path::PathBuf::from(file);
    let folder = Folder::new("real-database");
    let output = cutover(&["places", "update", "--data", path(folder.path()), "--from", path(&file)]);
    assert!(output.status.success(), "{}", text(&output));
    let built_in = repository().join("crates/cutover/places/countries.z");
    let output = cutover(&["places", "pack", "--check", "--to", path(&built_in), "--from", path(&file)]);
    assert!(output.status.success(), "{}", text(&output));
    let (database, about) = read_mmdb(&std::fs::read(folder.path().join("places.mmdb")).unwrap()).unwrap();
    assert!(database.places().len() > 200 && database.runs().0 > 100_000, "{:?}", database.runs());
    assert_eq!(told(&database, "84.128.0.1"), "EU DE - 5080,960");
    let (coarse, built) = expand(&compact(&database, about.built).unwrap()).unwrap();
    assert_eq!(built, about.built);
    let mut same = 0;
    let all = 1 << 20;
    for block in 0..all {
        // Every sixteenth /24, an address in its middle.
        let address = std::net::Ipv4Addr::from(block << 12 | 0x77).into();
        same += u32::from(database.find(address).place == coarse.find(address).place);
    }
    assert!(same > all / 1000 * 995, "{same} of {all}");
}

#[test]
fn a_server_knows_countries_at_once_and_uses_a_new_database_without_a_restart() {
    let folder = Folder::new("places");
    let data = folder.path().join("data");
    let table = folder.write("places.csv", "prefix,country\n192.0.2.0/24,JP\n");
    let config = folder.write("c.toml", format!("[places]\nfile = {table:?}\n"));
    let server = Server::start_with(&data, &["--config", path(&config)]);
    let mut api = Client::connect(server.api, &server.credentials()).unwrap();
    let zone = api.create_zone("geo.test", "1").unwrap();
    let set = |id: &str, location: &str, address: &str| {
        format!(
            "<Change><Action>CREATE</Action><ResourceRecordSet><Name>www.geo.test</Name><Type>A</Type>\
             <SetIdentifier>{id}</SetIdentifier><GeoLocation>{location}</GeoLocation><TTL>60</TTL><ResourceRecords>\
             <ResourceRecord><Value>{address}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>"
        )
    };
    let country = |code: &str| format!("<CountryCode>{code}</CountryCode>");
    let body = format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>{}{}{}{}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>",
        set("de", &country("DE"), "10.0.0.1"),
        set("jp", &country("JP"), "10.0.0.2"),
        set("na", "<ContinentCode>NA</ContinentCode>", "10.0.0.3"),
        set("rest", &country("*"), "10.0.0.9"),
    );
    let made = api.send("POST", &format!("hostedzone/{zone}/rrset"), &body).unwrap();
    assert_eq!(made.status, 200, "{}", made.body);

    let answer = |client: &str| {
        let mut query = Query::new("www.geo.test", "A").unwrap();
        query.edns = Some(Opt { options: subnet(client).unwrap(), ..Opt::default() });
        ask(server.dns, &query, Transport::Udp).unwrap().values().next().unwrap_or_default().to_owned()
    };
    let until = |client: &str, expected: &str| {
        let began = Instant::now();
        while answer(client) != expected {
            assert!(began.elapsed() < Duration::from_secs(60), "{client} gets {}: {}", answer(client), server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    // Deutsche Telekom and Comcast, by the database in the binary; a prefix of our own; nobody's.
    until("84.128.0.0/24", "10.0.0.1");
    assert_eq!(answer("73.0.0.0/24"), "10.0.0.3");
    assert_eq!(answer("192.0.2.0/24"), "10.0.0.2");
    assert_eq!(answer("127.0.0.0/24"), "10.0.0.9");

    // Another database: Telekom moves to Canada. The user's own rows stay before it.
    let database = write(Form::default(), &[(prefix("84.0.0.0/8"), flat("CA")), (prefix("192.0.2.0/24"), flat("DE"))]);
    let file = folder.write("new.mmdb", database);
    let update = |file: &std::path::Path| cutover(&["places", "update", "--data", path(&data), "--from", path(file)]);
    let output = update(&file);
    assert!(output.status.success() && text(&output).contains("2 places"), "{}", text(&output));
    until("84.128.0.0/24", "10.0.0.3");
    assert_eq!(answer("73.0.0.0/24"), "10.0.0.9");
    assert_eq!(answer("192.0.2.0/24"), "10.0.0.2");
    let shown = cutover(&["places", "show", "84.128.0.1", "--data", path(&data), "--config", path(&config)]);
    assert!(text(&shown).contains("country CA (Canada), continent NA"), "{}", text(&shown));
    assert!(text(&shown).contains("by     84.0.0.0/8 of the default database,"), "{}", text(&shown));

    // A broken file is refused by the command, and by the server if it comes another way: the last good one stays.
    let broken = folder.write("broken.mmdb", b"no database");
    let output = update(&broken);
    assert!(!output.status.success() && text(&output).contains("this is no MaxMind DB file"), "{}", text(&output));
    std::fs::write(&table, "prefix,country\n192.0.2.0/24,Nippon\n").unwrap();
    let began = Instant::now();
    while !server.log().contains("the last good tables stay") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(server.log().contains("places.csv:2:14: a country is two upper-case letters"), "{}", server.log());
    assert_eq!((answer("192.0.2.0/24"), answer("84.128.0.0/24")), ("10.0.0.2".to_owned(), "10.0.0.3".to_owned()));
    assert!(server.stop());
}
