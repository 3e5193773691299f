//! Growing a request from numbers: each number is one choice, and when they run out the plainest one is taken.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::super::call::{Row, Segment};
use super::schema::{Kind, Structure};

/// What earlier answers told: ids that exist.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<String>);

impl Known {
    /// Takes ids from an answer, the newest of a few.
    pub(super) fn learn(&mut self, document: &str) {
        let ids = ["Id", "HealthCheckId", "Arn"].iter().flat_map(|tag| {
            let open = format!("<{tag}>");
            let ids: Vec<String> =
                document.split(&open).skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect();
            ids
        });
        for id in ids.take(3) {
            let bare = id.rsplit('/').next().unwrap_or(&id).to_owned();
            self.0.retain(|other| *other != bare);
            self.0.push(bare);
        }
        let more = self.0.len().saturating_sub(12);
        self.0.drain(..more);
    }
}

pub(super) struct Grower<'g> {
    numbers: std::iter::Skip<std::iter::Cycle<std::slice::Iter<'g, u16>>>,
    left: usize,
    schema: &'g HashMap<String, Structure>,
    ids: Vec<String>,
    /// Half of the requests are as straight as they can be grown.
    is_bent: bool,
}

/// Texts that fit nowhere, or only just.
const ODD: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "1",
    "256",
    "99999999999999999999",
    "1e9",
    "true",
    "TRUE",
    "*",
    ".",
    "..",
    "a..b",
    "\\",
    "\\052",
    "\\400",
    "&#0;",
    "&#x1F;",
    "&undeclared;",
    "<x/>",
    "]]>",
    "<![CDATA[x]]>",
    "<!-- -->",
    "\u{1F980}",
    "e\u{301}",
    "\u{FEFF}",
    "%00",
    "a b",
    "/hostedzone/",
    "/hostedzone/Z1",
    "//",
    "\"",
    "\"\"\"",
    "'",
    "null",
    "{}",
    "xn--",
    "\t\n",
];

/// Texts that fit an element of this name.
fn fitting(name: &str) -> &'static [&'static str] {
    match name {
        "Name" | "DNSName" | "dnsname" | "name" | "FullyQualifiedDomainName" | "recordname" => {
            &["example.com", "www.example.com.", "*.example.com", "a.b.example.com", "example.org", "EXAMPLE.net"]
        }
        "Action" => &["CREATE", "UPSERT", "DELETE"],
        // What goes well together comes often.
        "Type" | "type" | "recordtype" => {
            &["A", "A", "A", "A", "A", "A", "TXT", "CNAME", "MX", "AAAA", "NS", "SOA", "CAA", "HTTPS"]
        }
        "Value" => &["192.0.2.1", "192.0.2.2", "192.0.2.3", "\"text\"", "10 mail.example.com", "target.example.com"],
        "check type" => &["TCP", "HTTP", "HTTPS", "CALCULATED", "RECOVERY_CONTROL"],
        "Failover" => &["PRIMARY", "SECONDARY"],
        "Region" | "VPCRegion" | "vpcregion" => &["us-east-1", "eu-west-1"],
        "VPCId" | "vpcid" => &["vpc-1a2b3c4d"],
        "IPAddress" | "resolverip" | "edns0clientsubnetip" => &["192.0.2.44", "2001:db8::44"],
        "Cidr" => &["192.0.2.0/24", "2001:db8::/32"],
        "LocationName" | "location" => &["office", "*"],
        "ContinentCode" | "continentcode" => &["EU", "AF"],
        "CountryCode" | "countrycode" => &["DE", "US", "*"],
        "SubdivisionCode" | "subdivisioncode" => &["CA", "NY"],
        "Document" => &[
            "{\"AWSPolicyFormatVersion\":\"2015-10-01\",\"RecordType\":\"A\",\"StartEndpoint\":\"e\",\"Endpoints\":{\"e\":{\"Type\":\"value\",\"Value\":\"192.0.2.1\"}}}",
            "{}",
            "[[[[",
            "{\"RecordType\":1}",
        ],
        "Status" => &["ACTIVE", "INACTIVE"],
        "TTL" | "Weight" | "Port" | "FailureThreshold" | "Version" | "Bias" => &["0", "1", "60", "80", "255"],
        "RequestInterval" => &["10", "30"],
        "Latitude" | "Longitude" => &["1.5", "-90"],
        "Key" => &["owner", "aws:x"],
        "maxitems" | "maxresults" => &["1", "2", "100"],
        _ => &["one", "two", "a-name", "1"],
    }
}

impl<'g> Grower<'g> {
    pub(super) fn new(numbers: &'g [u16], place: usize, schema: &'g HashMap<String, Structure>, known: &Known) -> Self {
        // Each operation begins elsewhere among the numbers.
        let skip = if numbers.is_empty() { 0 } else { place * 37 % numbers.len() };
        let mut grower = Self {
            numbers: numbers.iter().cycle().skip(skip),
            left: numbers.len(),
            schema,
            ids: known.0.clone(),
            is_bent: false,
        };
        grower.is_bent = grower.choose(2) == 1;
        grower
    }

    /// One of so many choices; the first when there are no numbers any more.
    fn choose(&mut self, of: usize) -> usize {
        if self.left == 0 {
            return 0;
        }
        self.left -= 1;
        self.numbers.next().map_or(0, |number| usize::from(*number) % of)
    }

    /// Rarely.
    fn once_in(&mut self, times: usize) -> bool {
        self.choose(times) == times - 1
    }

    /// Rarely, in a request that is to be bent.
    fn bend(&mut self, once_in: usize) -> bool {
        self.is_bent && self.once_in(once_in)
    }

    /// Path below the version, query, body.
    pub(super) fn request(&mut self, row: &Row) -> (String, String, Vec<u8>) {
        let mut path = Vec::new();
        for segment in row.path {
            match segment {
                Segment::Literal(text) => path.push((*text).to_owned()),
                Segment::Label(name) => path.push(self.label(name)),
            }
        }
        let shape = self.schema.get(&format!("{}Request", row.name)).cloned().unwrap_or_default();
        let mut query = String::new();
        for name in &shape.query {
            while self.choose(3) == 1 {
                let value = encode(&self.text(name));
                write!(query, "{name}={value}&").unwrap();
            }
        }
        let mut body = String::new();
        if let Some(root) = &shape.root {
            let prolog = ["<?xml version=\"1.0\"?>", "", "\u{FEFF}", "<!DOCTYPE x [<!ENTITY e \"eeee\">]>"];
            let (prolog, namespace) = (
                self.rare(&prolog),
                self.rare(&[" xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"", "", " a='b' a='c'"]),
            );
            write!(body, "{prolog}<{root}{namespace}>").unwrap();
            self.children(&shape, &mut body, 0);
            write!(body, "</{root}>").unwrap();
        }
        let mut body = body.into_bytes();
        if self.bend(4) && !body.is_empty() {
            let at = self.choose(body.len());
            match self.choose(4) {
                0 => body.truncate(at),
                1 => body[at] = 0xff,
                2 => body[at] = b'<',
                _ => body.insert(at, 0),
            }
        }
        (path.join("/"), query, body)
    }

    /// The first, and now and then another.
    fn rare<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        if self.bend(6) { texts[self.choose(texts.len())] } else { texts[0] }
    }

    fn label(&mut self, name: &str) -> String {
        let fixed: &[&str] = match name {
            "Type" => &["MAX_HOSTED_ZONES_BY_OWNER", "MAX_RRSETS_BY_ZONE", "MAX_ZONES_BY_REUSABLE_DELEGATION_SET"],
            "ResourceType" => &["hostedzone", "healthcheck"],
            "Version" => &["1", "2"],
            _ => &[],
        };
        if !fixed.is_empty() && !self.bend(6) {
            return fixed[self.choose(fixed.len())].to_owned();
        }
        encode(&self.text("Id"))
    }

    fn text(&mut self, name: &str) -> String {
        let is_id = name.ends_with("Id") || name.ends_with("id") || name.ends_with("marker") || name == "HostedZoneId";
        match self.choose(12) {
            11 if self.is_bent => ODD[self.choose(ODD.len())].to_owned(),
            10 if self.is_bent => "x".repeat([33, 64, 256, 5000][self.choose(4)]),
            number if is_id && !self.ids.is_empty() => {
                let at = (number + self.choose(12)) % self.ids.len();
                self.ids[at].clone()
            }
            _ if name == "CallerReference" => format!("reference {}", self.choose(1000)),
            _ => {
                let fitting = fitting(name);
                fitting[self.choose(fitting.len())].to_owned()
            }
        }
    }

    fn children(&mut self, shape: &Structure, out: &mut String, depth: usize) {
        for (name, kind) in &shape.children {
            // Most optional members exclude each other, so few are best; and once in a while one comes twice.
            // A record set has these or an alias target, which no shape can say.
            let is_required = shape.required.contains(name) || matches!(name.as_str(), "TTL" | "ResourceRecords");
            let times = match self.choose(8) {
                7 if self.bend(8) => 2,
                6 if is_required && self.bend(4) => 0,
                number => usize::from(is_required || number == 7),
            };
            for _ in 0..times {
                self.element(name, kind, out, depth);
            }
        }
        if self.bend(20) {
            out.push_str(
                ["<Unknown/>", "text", "</Unopened>", "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"]
                    [self.choose(4)],
            );
        }
    }

    fn element(&mut self, name: &str, kind: &Kind, out: &mut String, depth: usize) {
        write!(out, "<{name}>").unwrap();
        match kind {
            _ if depth > 12 => {}
            // Of a health check; a record set's is a text.
            Kind::Word if name == "Type" => out.push_str(&self.text("check type")),
            Kind::Text | Kind::Word => out.push_str(&self.text(name)),
            Kind::Number if self.bend(6) => out.push_str(ODD[self.choose(8)]),
            Kind::Number => {
                let fitting = fitting(if fitting(name).len() == 4 { "TTL" } else { name });
                out.push_str(fitting[self.choose(fitting.len())]);
            }
            Kind::Flag => out.push_str(self.rare(&["false", "true", "1", "yes", ""])),
            Kind::Structure(of) => {
                let shape = self.schema[of].clone();
                self.children(&shape, out, depth + 1);
            }
            Kind::List(item, of) => {
                let items = if self.bend(4) { 0 } else { [1, 1, 2][self.choose(3)] };
                for _ in 0..items {
                    self.element(item, of, out, depth + 1);
                }
            }
        }
        write!(out, "</{name}>").unwrap();
    }
}

/// Percent-encoding of what cannot stand in a path or query.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}
