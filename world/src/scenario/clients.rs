//! Who is where, and what each client must get: the steps of a scenario that policies with places need.
//!
//! `places` and `latencies` take CSV as the server does, `vpc` and `collection` one line; `clients NAME TYPE` asks a
//! question once for each line below it: `192.0.2.5 -> 10.0.0.1`, or with a Client Subnet and the scope that must come
//! back, `198.51.100.0/24 -> 10.0.0.1 /24`. Instead of values `nodata`, `nxdomain`, `refused`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use model::cidr::CidrCollection;
use model::hosted_zone::Vpc;
use model::id::{CidrCollectionId, CidrLocation, Region, VpcId};
use model::vpc::VpcNetworks;

use super::Fault;
use super::zone::word;
use crate::query::{Opt, Query, subnet};
use crate::reply::Reply;

/// One line of `clients`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub(super) line: usize,
    pub(super) query: Query,
    /// None: as if from nowhere in particular, for the Client Subnet counts.
    pub(super) from: Option<IpAddr>,
    expected: BTreeSet<String>,
    scope: Option<u8>,
}

/// Reads `clients NAME TYPE` and its lines.
pub(super) fn read(words: &str, block: &[(usize, &str)]) -> Result<Vec<Case>, Fault> {
    let (name, record_type) = word(words);
    let case = |(line, text): &(usize, &str)| {
        let fault = |message: String| Fault::new(*line, message);
        let mut query = Query::new(name, record_type).map_err(fault)?;
        let (client, expected) = text.split_once("->").ok_or_else(|| fault(format!("no arrow: {text}")))?;
        let client = client.trim();
        let from = if client.contains('/') {
            query.edns = Some(Opt { options: subnet(client).map_err(fault)?, ..Opt::default() });
            None
        } else {
            Some(client.parse().map_err(|_| fault(format!("no address: {client}")))?)
        };
        let (scopes, expected): (Vec<&str>, Vec<&str>) = expected.split_whitespace().partition(|w| w.starts_with('/'));
        let scope = scopes.first().map(|scope| scope[1..].parse()).transpose();
        let scope = scope.map_err(|_| fault(format!("no scope such as /24: {text}")))?;
        Ok(Case { line: *line, query, from, expected: expected.into_iter().map(str::to_owned).collect(), scope })
    };
    block.iter().filter(|(_, text)| !text.is_empty()).map(case).collect()
}

impl Case {
    pub(super) fn check(&self, reply: &Reply) -> Result<(), String> {
        let mut got: BTreeSet<String> = reply.values().map(str::to_owned).collect();
        if got.is_empty() {
            got.insert(if reply.status == "NOERROR" { "nodata".to_owned() } else { reply.status.to_lowercase() });
        }
        if got != self.expected {
            return Err(format!("expected {:?}, got {got:?}", self.expected));
        }
        let text = reply.edns.as_ref().map(ToString::to_string).unwrap_or_default();
        match self.scope {
            Some(scope) if !text.ends_with(&format!("/{scope}")) => Err(format!("expected scope {scope}, got {text}")),
            _ => Ok(()),
        }
    }
}

/// `vpc-1 eu-west-1 10.0.0.0/8 …`.
pub(super) fn vpc(words: &str) -> Result<VpcNetworks, String> {
    let (vpc, networks) = vpc_id(words)?;
    let networks =
        networks.split_whitespace().map(|n| n.parse().map_err(|e| format!("{e}"))).collect::<Result<_, _>>()?;
    Ok(VpcNetworks { vpc, networks })
}

fn vpc_id(words: &str) -> Result<(Vpc, &str), String> {
    let (id, rest) = word(words);
    let (region, rest) = word(rest);
    let region = Region::parse(region).map_err(|e| e.to_string())?;
    Ok((Vpc { region, id: VpcId::parse(id).map_err(|e| e.to_string())? }, rest))
}

/// `c1 tokyo=203.0.113.0/24 tokyo=2001:db8:1::/48`: all that the collection holds; `c1 gone` takes it away.
pub(super) fn collection(words: &str) -> Result<(CidrCollectionId, Option<CidrCollection>), String> {
    let (id, rest) = word(words);
    let id = CidrCollectionId::parse(id).map_err(|e| e.to_string())?;
    if rest == "gone" {
        return Ok((id, None));
    }
    let block = |text: &str| {
        let (location, block) = text.split_once('=').ok_or_else(|| format!("no location: {text}"))?;
        let location = CidrLocation::parse(location).map_err(|e| e.to_string())?;
        Ok::<_, String>((block.parse().map_err(|e| format!("{e}"))?, location))
    };
    let blocks = rest.split_whitespace().map(block).collect::<Result<_, _>>()?;
    let name = id.to_string();
    Ok((id.clone(), Some(CidrCollection { id, name, caller_reference: String::new(), version: 1, blocks })))
}

/// The VPCs of a private zone: `vpc-1@eu-west-1,vpc-2@us-east-1`.
pub(super) fn vpcs(text: &str) -> Result<Vec<Vpc>, String> {
    text.split(',').map(|vpc| vpc_id(&vpc.replace('@', " ")).map(|(vpc, _)| vpc)).collect()
}
