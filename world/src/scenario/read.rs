//! The text of a scenario → steps. Indented lines belong to the `zone` above them; lines under an `ask` or `packet`
//! up to the next blank line say what must come back. `#` begins a comment line.

use std::sync::Arc;

use answer::{CookieSecrets, CsvFault, Identity, LatencyRow, Nsid, PlaceRow, Transport};
use model::cidr::CidrCollection;
use model::id::CidrCollectionId;
use model::traffic_policy::Document;
use model::vpc::VpcNetworks;

use super::Fault;
use super::clients::{self, Case};
use super::expect::Expected;
use super::shares::Rule;
use super::zone::{Policies, Zone, word};
use crate::query::{Opt, Query, option, packet, subnet};

/// One step, with the line where it begins.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Puts a zone, in place of the one with its id.
    Zone(Zone),
    /// Says the state of health checks; `None` = the check is deleted.
    Health(Vec<(String, Option<bool>)>),
    Ask {
        query: Query,
        sender: Sender,
        expected: Expected,
    },
    /// Asks many times, each with another draw.
    AskMany {
        query: Query,
        sender: Sender,
        times: u64,
        rules: Vec<Rule>,
    },
    /// Says what the server says of itself, in place of what was said before.
    Server(Identity),
    /// Says where clients are, in place of what was said before.
    Places(Vec<PlaceRow>),
    /// Says what was measured, in place of what was said before.
    Latencies(Vec<LatencyRow>),
    /// Adds a VPC.
    Vpc(VpcNetworks),
    /// Puts a CIDR collection or takes it away.
    Collection(CidrCollectionId, Option<CidrCollection>),
    /// Asks a question as many clients.
    Clients(Vec<Case>),
    Packet {
        bytes: Vec<u8>,
        sender: Sender,
        expected: Expected,
    },
}

/// Where a question comes from, how and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sender {
    pub(super) address: std::net::IpAddr,
    pub(super) transport: Transport,
    pub(super) seed: u64,
    /// Seconds since 1970.
    pub(super) now: u32,
}

impl Kind {
    /// The same question over TCP, if it is one over UDP.
    fn over_tcp(&self) -> Option<Self> {
        let mut over_tcp = self.clone();
        let (Self::Ask { sender, .. } | Self::AskMany { sender, .. } | Self::Packet { sender, .. }) = &mut over_tcp
        else {
            return None;
        };
        let transport = std::mem::replace(&mut sender.transport, Transport::Tcp);
        (transport == Transport::Udp).then_some(over_tcp)
    }
}

pub(super) fn read(text: &str) -> Result<Vec<Step>, Fault> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_end()))
        .filter(|(_, line)| !line.trim_start().starts_with('#'))
        .collect();
    let mut rest = &lines[..];
    let mut steps = Vec::new();
    let mut policies = Policies::new();
    let mut over_both = false;
    while let Some((&(line, text), after)) = rest.split_first() {
        let (first, words) = word(text);
        let fault = |message: String| Fault::new(line, message);
        let length = match first {
            "zone" | "places" | "latencies" | "clients" | "policy" => {
                after.iter().take_while(|(_, l)| l.starts_with(' ') || l.is_empty()).count()
            }
            _ => after.iter().take_while(|(_, l)| !l.is_empty()).count(),
        };
        let (block, next) = match first {
            "zone" | "ask" | "packet" | "places" | "latencies" | "clients" | "policy" => after.split_at(length),
            _ => (&[][..], after),
        };
        let kind = match first {
            "" => None,
            "policy" => {
                policies.insert(words.to_owned(), document(block).map_err(fault)?);
                None
            }
            "zone" => Some(zone(words, block, &policies).map_err(|f| Fault { line: f.line.max(line), ..f })?),
            "places" => Some(Kind::Places(csv(block, answer::read_places)?)),
            "latencies" => Some(Kind::Latencies(csv(block, answer::read_latencies)?)),
            "over" if words == "udp tcp" => {
                over_both = true;
                None
            }
            "server" => Some(Kind::Server(server(words).map_err(fault)?)),
            "vpc" => Some(Kind::Vpc(clients::vpc(words).map_err(fault)?)),
            "collection" => {
                let (id, collection) = clients::collection(words).map_err(fault)?;
                Some(Kind::Collection(id, collection))
            }
            "clients" => {
                Some(Kind::Clients(clients::read(words, block).map_err(|f| Fault { line: f.line.max(line), ..f })?))
            }
            "health" => Some(health(words).map_err(fault)?),
            "ask" => Some(ask(words, block).map_err(|f| Fault { line: f.line.max(line), ..f })?),
            "packet" => {
                let mut sender = Sender::new();
                let mut hex = words;
                loop {
                    let (first, rest) = word(hex);
                    match first.split_once('=').unwrap_or((first, "")) {
                        ("tcp" | "from" | "now", _) => {
                            let mut query = Query::new(".", "A").map_err(fault)?;
                            apply(first, &mut query, &mut sender).map_err(fault)?;
                        }
                        _ => break,
                    }
                    hex = rest;
                }
                let bytes = packet(hex).map_err(fault)?;
                Some(Kind::Packet { bytes, sender, expected: Expected::read(block)? })
            }
            other => {
                return Err(fault(format!(
                    "a step begins with zone, server, over udp tcp, health, ask, packet, clients, places, latencies, vpc, collection or policy, not: {other}"
                )));
            }
        };
        steps.extend(kind.as_ref().filter(|_| over_both).and_then(Kind::over_tcp).map(|kind| Step { line, kind }));
        steps.extend(kind.map(|kind| Step { line, kind }));
        rest = next;
    }
    Ok(steps)
}

/// Indented lines of CSV.
fn csv<T>(block: &[(usize, &str)], read: fn(&str) -> Result<Vec<T>, CsvFault>) -> Result<Vec<T>, Fault> {
    let lines: Vec<&str> = block.iter().map(|(_, text)| text.trim()).collect();
    let line_of = |line: usize| block.get(line - 1).map_or(0, |(line, _)| *line);
    read(&lines.join("\n")).map_err(|fault| Fault::new(line_of(fault.line), fault.problem.to_string()))
}

impl Sender {
    pub(super) fn new() -> Self {
        Self { address: [203, 0, 113, 9].into(), transport: Transport::Udp, seed: 1, now: 0 }
    }
}

/// Indented lines of a traffic policy document.
fn document(block: &[(usize, &str)]) -> Result<Arc<Document>, String> {
    let lines: Vec<&str> = block.iter().map(|(_, text)| text.trim()).collect();
    Document::parse(&lines.join("\n")).map(Arc::new).map_err(|faults| faults.to_string())
}

/// `nsid=name secret=HEX other=HEX idle=10`; what is not named is not said.
fn server(words: &str) -> Result<Identity, String> {
    let (mut identity, mut current, mut other) = (Identity::default(), None, None);
    for word in words.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let secret = || packet(value)?.try_into().map(Some).map_err(|_| format!("not 16 bytes: {value}"));
        match key {
            "nsid" => identity.nsid = Some(Nsid::new(value.as_bytes()).map_err(|fault| fault.to_string())?),
            "secret" => current = secret()?,
            "other" => other = secret()?,
            "idle" => {
                let seconds: u16 = value.parse().map_err(|_| format!("not seconds: {value}"))?;
                identity.tcp_idle_tenths = seconds.checked_mul(10);
            }
            _ => return Err(format!("a server has nsid=, secret=, other= and idle=, but not: {word}")),
        }
    }
    identity.cookies = current.map(|current| CookieSecrets::new(current, other));
    Ok(identity)
}

fn zone(words: &str, block: &[(usize, &str)], policies: &Policies) -> Result<Kind, Fault> {
    let mut zone = Zone::open(words).map_err(|message| Fault::new(0, message))?;
    zone.policies.clone_from(policies);
    for (line, text) in block.iter().filter(|(_, text)| !text.is_empty()) {
        zone.add(text.trim()).map_err(|message| Fault::new(*line, message))?;
    }
    Ok(Kind::Zone(zone))
}

fn health(words: &str) -> Result<Kind, String> {
    let states = words.split_whitespace().map(|word| match word.split_once('=') {
        Some((id, "healthy")) => Ok((id.to_owned(), Some(true))),
        Some((id, "unhealthy")) => Ok((id.to_owned(), Some(false))),
        Some((id, "deleted")) => Ok((id.to_owned(), None)),
        _ => Err(format!("health says h1=healthy, h1=unhealthy or h1=deleted, not: {word}")),
    });
    Ok(Kind::Health(states.collect::<Result<_, _>>()?))
}

/// `ask [x600] NAME TYPE [option…]` and its block.
fn ask(words: &str, block: &[(usize, &str)]) -> Result<Kind, Fault> {
    let fault = |message: String| Fault::new(0, message);
    let (first, rest) = word(words);
    let times = first.strip_prefix('x').and_then(|n| n.parse::<u64>().ok());
    let (name, rest) = if times.is_some() { word(rest) } else { (first, rest) };
    let (record_type, options) = word(rest);
    let mut query = Query::new(name, record_type).map_err(fault)?;
    let mut sender = Sender::new();
    for option in options.split_whitespace() {
        apply(option, &mut query, &mut sender).map_err(fault)?;
    }
    let Some(times) = times else { return Ok(Kind::Ask { query, sender, expected: Expected::read(block)? }) };
    let rules = block.iter().map(|(line, text)| Rule::read(*line, text)).collect::<Result<_, _>>()?;
    Ok(Kind::AskMany { query, sender, times, rules })
}

fn apply(word: &str, query: &mut Query, sender: &mut Sender) -> Result<(), String> {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    let number = || value.parse::<u16>().map_err(|_| format!("not a number: {word}"));
    let byte = || value.parse::<u8>().map_err(|_| format!("not a number: {word}"));
    let mut opt = query.edns.clone().unwrap_or_default();
    match key {
        "tcp" => sender.transport = Transport::Tcp,
        "from" => sender.address = value.parse().map_err(|_| format!("not an address: {value}"))?,
        "seed" => sender.seed = number()?.into(),
        "now" => sender.now = value.parse().map_err(|_| format!("not seconds since 1970: {value}"))?,
        "rd" => query.recursion_desired = true,
        "cd" => query.checking_disabled = true,
        "class" => query.class = if value == "CH" { 3 } else { number()? },
        "edns" => opt.payload = if value.is_empty() { Opt::default().payload } else { number()? },
        "version" => opt.version = byte()?,
        "do" => opt.dnssec_ok = true,
        "ecs" => opt.options.extend(subnet(value)?),
        "option" => opt.options.extend(option(number()?, &[1, 2, 3])),
        "nsid" => opt.options.extend(option(3, &[])),
        "keepalive" => opt.options.extend(option(11, &[])),
        "cookie" => opt.options.extend(option(10, &packet(value)?)),
        "ednsflags" => opt.flags = u16::from_str_radix(value, 16).map_err(|_| format!("not flags: {value}"))?,
        _ => return Err(format!("not an option of `ask`: {word}")),
    }
    let of_edns = ["edns", "version", "do", "ecs", "option", "nsid", "keepalive", "cookie", "ednsflags"].contains(&key);
    if of_edns {
        query.edns = Some(opt);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_line() {
        for (text, line) in [
            ("\nzome example.com\n", 2),
            ("zone example.com\n  www A 1 | 2\n  www B 1\n", 3),
            ("health h1=ill", 1),
            ("ask www.example.com A bogus=1\n", 1),
            ("ask www.example.com A\n;; status: NOERROR, flags: qr\n;; ANSWER\nx y z\n", 4),
            ("ask x5 www.example.com A\n;; share a\n", 2),
        ] {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
    }
}
