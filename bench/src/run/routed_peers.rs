//! Other servers with routing policies of their own, if they are installed: gdnsd (weights, countries) and PowerDNS (Lua records).
//!
//! Configured as for their least work: minimal answers, no logs, one worker; every address healthy.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cpu::Cores;
use crate::routed::kind::{Kind, NAMES, Policy, owner};
use crate::routed::places::{COUNTRIES, Tables};
use crate::run::mmdb;
use crate::run::peers::find;
use crate::run::server::{Server, free_address};
use crate::run::zone::ZONE;

/// The peers we know how to start, by program.
pub const PEERS: [&str; 2] = ["gdnsd", "pdns_server"];

/// What each side of a weighted name answers, and each country: the last is the default.
const SIDES: [&str; 2] = ["10.8.0.1", "10.8.0.2"];
const DEFAULT: &str = "10.9.0.9";

/// Whether a peer is asked for this kind: what it has a policy for, and static names beside them.
pub fn answers(_peer: &str, kind: &Kind) -> bool {
    matches!(kind.policy, Policy::Static(1) | Policy::Weighted | Policy::Geolocation)
}

/// Starts `peer` below `folder`; `None` if it is not installed, or lacks its backend for countries.
///
/// # Errors
/// It is installed but does not come up.
pub fn start(peer: &str, cores: Cores, folder: &Path, tables: &Tables) -> Result<Option<Server>> {
    let Some(program) = find(peer).filter(|_| peer == "gdnsd" || has_countries()) else { return Ok(None) };
    let folder = folder.join(peer);
    for name in ["zones", "run", "state", "geoip"] {
        fs::create_dir_all(folder.join(name)).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(folder.join("geoip").join("geo.mmdb"), mmdb::write(&tables.countries))?;
    let address = free_address()?;
    let origin = ZONE.trim_end_matches('.');
    let mut command = Command::new(program);
    if peer == "gdnsd" {
        fs::write(folder.join("health"), healthy())?;
        fs::write(folder.join("config"), gdnsd_config(&folder, address.port()))?;
        let records = |number: usize| {
            let [weighted, country] = ["we", "ge"].map(|prefix| label(prefix, number));
            format!("{weighted} 60 DYNA weighted!{weighted}\n{country} 60 DYNA geoip!{country}\n")
        };
        fs::write(folder.join("zones").join(origin), zone(records))?;
        command.arg("-c").arg(&folder).arg("start");
    } else {
        fs::write(folder.join("pdns.conf"), pdns_config(&folder, address.port()))?;
        fs::write(folder.join("none.yml"), "domains: []\n")?;
        let file = folder.join("zones").join(origin);
        let own = folder.display();
        let bind =
            format!("options {{ directory \"{own}\"; }};\nzone \"{origin}\" {{ type master; file {file:?}; }};\n");
        fs::write(folder.join("bind.conf"), bind)?;
        let mut by_country = String::from(";");
        for (place, (code, ..)) in COUNTRIES[..8].iter().enumerate() {
            write!(by_country, "if country('{code}') then return '{}' end; ", of_country(place))?;
        }
        let records = |number: usize| {
            let [weighted, country] = ["we", "ge"].map(|prefix| label(prefix, number));
            let [heavy, light] = SIDES;
            format!(
                "{weighted} 60 IN LUA A \"pickwrandom({{{{90,'{heavy}'}}, {{10,'{light}'}}}})\"\n{country} 60 IN LUA A \"{by_country}return '{DEFAULT}'\"\n"
            )
        };
        fs::write(&file, zone(records))?;
        command.arg(format!("--config-dir={own}"));
    }
    let log = folder.join("log");
    command.stderr(fs::File::create(&log)?);
    let started = Server::start(command, cores, address, &owner("ge", 0));
    started.map(Some).with_context(|| format!("its log is {}", log.display()))
}

/// Whether PowerDNS can look countries up: a package of its own in Debian.
fn has_countries() -> bool {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.map(|folder| folder.path().join("pdns/libgeoipbackend.so")).any(|library| library.exists())
}

/// The zone with static names and what `records` writes for each number.
fn zone(records: impl Fn(usize) -> String) -> String {
    let mut text = format!(
        "$ORIGIN {ZONE}\n$TTL 300\n@ IN SOA ns1.{ZONE} admin.{ZONE} 1 3600 600 604800 300\n@ IN NS ns1.{ZONE}\nns1 IN A 192.0.2.1\n"
    );
    for number in 0..NAMES {
        text += &format!("{} 60 IN A {}\n", label("s1", number), SIDES[0]);
        text += &records(number);
    }
    text
}

fn label(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:05}")
}

fn of_country(place: usize) -> String {
    format!("10.9.0.{}", 1 + place)
}

/// The state file of gdnsd's health checks.
fn healthy() -> String {
    let countries = (0..8).map(of_country).chain([DEFAULT.to_owned()]);
    SIDES.map(str::to_owned).into_iter().chain(countries).map(|address| format!("{address} => UP\n")).collect()
}

fn gdnsd_config(folder: &Path, port: u16) -> String {
    let own = folder.display();
    let centres: String = COUNTRIES[..8]
        .iter()
        .enumerate()
        .map(|(place, (code, ..))| format!("{code} => {} ", of_country(place)))
        .collect();
    let mut map = String::new();
    for continent in ["AS", "EU", "NA", "OC", "SA"] {
        let countries: String = COUNTRIES[..8]
            .iter()
            .filter(|(_, of, ..)| *of == continent)
            .map(|(code, ..)| format!("{code} => [ {code}, dflt ] "))
            .collect();
        map += &format!("{continent} => {{ {countries}}} ");
    }
    let names: String = COUNTRIES[..8].iter().map(|(code, ..)| format!("{code}, ")).collect();
    let [heavy, light] = SIDES;
    let (mut weighted, mut by_country) = (String::new(), String::new());
    for number in 0..NAMES {
        weighted += &format!("  {} => {{ a = [ {heavy}, 90 ] b = [ {light}, 10 ] }}\n", label("we", number));
        by_country += &format!(
            "   {} => {{ map => m service_types => hc dcmap => {{ {centres} dflt => {DEFAULT} }} }}\n",
            label("ge", number)
        );
    }
    format!(
        "options => {{\n  listen => 127.0.0.1:{port}\n  udp_threads = 1\n  tcp_threads = 1\n  run_dir = {own}/run\n  state_dir = {own}/state\n  zones_default_ttl = 300\n  edns_client_subnet = true\n}}\nservice_types => {{\n hc => {{ plugin => extfile, file => {own}/health, direct => false, interval => 10, def_down => false }}\n}}\nplugins => {{\n weighted => {{ service_types = hc\n{weighted} }}\n geoip => {{\n  maps => {{ m => {{\n   geoip2_db => {own}/geoip/geo.mmdb\n   datacenters => [ {names}dflt ]\n   map => {{ {map}default => [ dflt ] }}\n  }} }}\n  resources => {{\n{by_country}  }} }}\n}}\n"
    )
}

fn pdns_config(folder: &Path, port: u16) -> String {
    let own = folder.display();
    format!(
        "launch=bind,geoip\nbind-config={own}/bind.conf\nlocal-address=127.0.0.1:{port}\nreceiver-threads=1\ndistributor-threads=1\nsocket-dir={own}\ndaemon=no\nguardian=no\nloglevel=3\ndisable-syslog=yes\nsecurity-poll-suffix=\nwebserver=no\nenable-lua-records=shared\nedns-subnet-processing=yes\ngeoip-database-files=mmdb:{own}/geoip/geo.mmdb\ngeoip-zones-file={own}/none.yml\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::first_address;
    use crate::routed::kind::KINDS;
    use std::net::UdpSocket;

    /// A peer that is installed says what we say: shares by weight, and the country of the first prefix.
    #[test]
    fn peers_that_are_installed_answer_by_policy() {
        let folder = std::env::temp_dir().join(format!("cutover-routed-peers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut tables = Tables::draw(1);
        // Enough for clients up to 14.0.0.0, and the others are nowhere.
        tables.countries.truncate(20_000);
        let Ok(cores) = Cores::find() else { return };
        for peer in PEERS {
            let Some(server) = start(peer, cores, &folder, &tables).unwrap() else { continue };
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
            socket.connect(server.address).unwrap();
            let ask = |message: &[u8]| {
                let mut reply = [0; 512];
                socket.send(message).unwrap();
                let length = socket.recv(&mut reply).unwrap();
                first_address(&reply[..length]).unwrap()
            };
            let kind = |prefix: &str| KINDS.into_iter().find(|kind| kind.prefix == prefix).unwrap();
            for message in &kind("we").messages(1).unwrap()[..20] {
                assert!(matches!(ask(message), [10, 8, 0, 1 | 2]), "{peer}");
            }
            let mut seen = std::collections::BTreeSet::new();
            for message in &kind("ge").messages(1).unwrap()[..200] {
                let [.., a, b, c] = message[..] else { panic!() };
                let client = u32::from_be_bytes([a, b, c, 0]);
                let around = tables.countries.iter().find(|placed| {
                    placed.length <= 24 && client >> (32 - placed.length) == placed.network >> (32 - placed.length)
                });
                let expected = around.map_or(9, |placed| placed.country.min(8) as u8 + 1);
                assert_eq!(ask(message), [10, 9, 0, expected], "{peer} {a}.{b}.{c}.0/24");
                seen.insert(expected);
            }
            assert!(seen.len() > 5, "{peer}: {seen:?}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
