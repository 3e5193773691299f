//! From JSON to endpoints and rules, member by member. Every fault is noted and reading goes on, so that an author is
//! told all of them at once.
//!
//! Numbers and booleans may be written as JSON has them or as texts; AWS's own examples do both. A member that is
//! `null` is not there.

use super::places::Format;
use super::reader::{Object, Reader, clipped};
use super::{Branch, Branches, DocumentFault, DocumentFaults, Endpoint, EndpointKind, Rule, Service, Target, Wrong};
use crate::id::HealthCheckId;
use crate::limits::{
    TRAFFIC_POLICY_BRANCHES_MAX, TRAFFIC_POLICY_DOCUMENT_CHARS_MAX, TRAFFIC_POLICY_GEOPROXIMITY_BRANCHES_MAX,
};
use crate::place::{Geoproximity, Origin};
use crate::policy::Json;
use crate::{Name, RecordType, Weight, rdata};

/// A document before its references were followed.
pub(super) struct Read {
    pub(super) record_type: RecordType,
    pub(super) start: Target,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) rules: Vec<Rule>,
}

/// Reads all of it, or tells all that is wrong.
pub(super) fn read(text: &str) -> Result<Read, DocumentFaults> {
    let alone = |wrong| DocumentFaults(vec![DocumentFault { path: String::new(), wrong }]);
    let chars = text.chars().count();
    if chars > TRAFFIC_POLICY_DOCUMENT_CHARS_MAX {
        return Err(alone(Wrong::TooLong(chars)));
    }
    let json: Json = serde_json::from_str(text).map_err(|fault| alone(Wrong::NotJson(fault.to_string())))?;
    let mut reader = Reader::default();
    match reader.document(&json) {
        Some(read) if reader.faults.is_empty() => Ok(read),
        _ => Err(DocumentFaults(reader.faults)),
    }
}

impl<'j> Reader<'j> {
    fn document(&mut self, json: &'j Json) -> Option<Read> {
        let document = self.object(json, "")?;
        self.allow(
            document,
            &["AWSPolicyFormatVersion", "RecordType", "StartEndpoint", "StartRule", "Endpoints", "Rules"],
        );
        let versions = [("2015-10-01", Format::Of2015), ("2023-05-09", Format::Of2023)];
        let format = self.required(document, "AWSPolicyFormatVersion", "\"2015-10-01\" or \"2023-05-09\"");
        let format = format.and_then(|json| self.word(json, "AWSPolicyFormatVersion", &versions));
        self.record_type = self
            .required(document, "RecordType", "the type of the records, such as \"A\"")
            .and_then(|json| self.record_type(json));
        let endpoints = self.entries(document, "Endpoints");
        let rules = self.entries(document, "Rules");
        self.rules = rules.iter().enumerate().map(|(at, (id, _))| (id.as_str(), at)).collect();
        let endpoints: Vec<Option<Endpoint>> =
            endpoints.iter().enumerate().map(|(at, (id, json))| self.endpoint(at, id, json)).collect();
        // Without a version either shape may be meant; one of them is told as missing already.
        let format = format.unwrap_or(Format::Of2015);
        let rules: Vec<Option<Rule>> = rules.iter().map(|(id, json)| self.rule(id, json, format)).collect();
        let start = self.target(document, "StartEndpoint", "StartRule");
        Some(Read {
            record_type: self.record_type?,
            start: start?,
            endpoints: endpoints.into_iter().collect::<Option<_>>()?,
            rules: rules.into_iter().collect::<Option<_>>()?,
        })
    }

    fn record_type(&mut self, json: &'j Json) -> Option<RecordType> {
        let text = self.text(json, "RecordType")?;
        let read = RecordType::ROUTE53.into_iter().find(|known| known.to_string() == text);
        // NS, SOA and DS know only simple routing (API `ResourceRecordSet.Type`), and no policy makes them.
        match read {
            Some(found) if !matches!(found, RecordType::NS | RecordType::SOA | RecordType::DS) => Some(found),
            _ => self.fault("RecordType", Wrong::RecordType(clipped(text))),
        }
    }

    /// The members of `Endpoints` or `Rules`.
    fn entries(&mut self, document: Object<'j, '_>, name: &str) -> &'j [(String, Json)] {
        let Some(json) = document.member(name) else { return &[] };
        self.object(json, name).map_or(&[], |object| object.members)
    }

    fn endpoint(&mut self, at: usize, id: &'j str, json: &'j Json) -> Option<Endpoint> {
        let path = format!("Endpoints.{}", clipped(id));
        // A faulty endpoint can be referred to all the same: one fault is not to be told as two.
        self.endpoints.insert(id, (at, true));
        let object = self.object(json, &path)?;
        let word = self.required(object, "Type", "\"value\" or a service of AWS, such as \"cloudfront\"")?;
        let kinds: Vec<(&'static str, Option<Service>)> = [("value", None)]
            .into_iter()
            .chain(Service::ALL.map(|service| (service.as_str(), Some(service))))
            .collect();
        let service = self.word(word, &object.path_of("Type"), &kinds)?;
        self.endpoints.insert(id, (at, service.is_none()));
        let value = self.required(object, "Value", "what answers, such as an address");
        let value = value.and_then(|json| self.text(json, &object.path_of("Value")));
        let kind = match service {
            None => {
                self.allow(object, &["Type", "Value"]);
                let (value, record_type) = (value?, self.record_type?);
                if let Err(fault) = rdata::wire(record_type, value) {
                    return self.fault(&object.path_of("Value"), Wrong::Text(clipped(&fault.to_string())));
                }
                EndpointKind::Value(value.to_owned())
            }
            Some(service) => {
                self.allow(object, &["Type", "Value", "Region"]);
                let region = object.member("Region");
                if service == Service::S3Website && region.is_none() {
                    self.fault::<()>(&object.path_of("Region"), Wrong::Missing("the region of the bucket"));
                }
                if let Some(region) = region {
                    self.region(region, &object.path_of("Region"), "");
                }
                if let Some(other) = self.record_type
                    && !matches!(other, RecordType::A | RecordType::AAAA | RecordType::HTTPS)
                {
                    self.fault::<()>(&object.path_of("Type"), Wrong::NoAddresses(other));
                }
                let name = self.parsed(Name::parse(value?), &object.path_of("Value"))?;
                EndpointKind::Outside { service, name }
            }
        };
        Some(Endpoint { id: id.to_owned(), kind })
    }

    fn rule(&mut self, id: &str, json: &'j Json, format: Format) -> Option<Rule> {
        #[derive(Clone, Copy)]
        enum Kind {
            Failover,
            Geo,
            Latency,
            Geoproximity,
            Multivalue,
            Weighted,
        }
        let path = format!("Rules.{}", clipped(id));
        let object = self.object(json, &path)?;
        let kinds = [
            ("failover", Kind::Failover),
            ("geo", Kind::Geo),
            ("latency", Kind::Latency),
            ("geoproximity", Kind::Geoproximity),
            ("multivalue", Kind::Multivalue),
            ("weighted", Kind::Weighted),
        ];
        let word = self.required(object, "RuleType", "its policy, such as \"failover\"")?;
        let kind = self.word(word, &object.path_of("RuleType"), &kinds)?;
        let branches = match kind {
            Kind::Failover => {
                self.allow(object, &["RuleType", "Primary", "Secondary"]);
                let mut side = |name| {
                    let json = self.required(object, name, "what answers in this role")?;
                    let side = self.object(json, &object.path_of(name)).map(|found| found.members)?;
                    let path = object.path_of(name);
                    self.branch(Object { path: &path, members: side }, &[])
                };
                let (primary, secondary) = (side("Primary"), side("Secondary"));
                Branches::Failover { primary: primary?, secondary: secondary? }
            }
            Kind::Geo => Branches::Geolocation(self.list(object, &["RuleType", "Locations"], |reader, branch| {
                let read = reader.branch(branch, &["Continent", "Country", "Subdivision", "IsDefault"]);
                Some((reader.location(branch)?, read?))
            })?),
            Kind::Latency => Branches::Latency(self.list(object, &["RuleType", "Regions"], |reader, branch| {
                let read = reader.branch(branch, &["Region"]);
                let region = reader.required(branch, "Region", "the AWS region, such as \"eu-central-1\"")?;
                Some((reader.region(region, &branch.path_of("Region"), "")?, read?))
            })?),
            Kind::Geoproximity => {
                let read = self.list(object, &["RuleType", "GeoproximityLocations"], |reader, branch| {
                    let members: &'static [&'static str] = match format {
                        Format::Of2015 => &["Region", "Latitude", "Longitude", "Bias"],
                        Format::Of2023 => &["Location", "Bias"],
                    };
                    let read = reader.branch(branch, members);
                    let origin = match format {
                        Format::Of2015 => reader.origin_of_2015(branch),
                        Format::Of2023 => reader.origin_of_2023(branch),
                    };
                    let bias = branch.member("Bias").map(|json| reader.number(json, &branch.path_of("Bias"), -99, 99));
                    let bias = bias.map(|bias| bias.and_then(|bias| i8::try_from(bias).ok()));
                    let bias = match bias {
                        None => None,
                        Some(bias) => Some(bias?),
                    };
                    Some((Geoproximity { origin: origin?, bias }, read?))
                })?;
                Branches::Geoproximity(read)
            }
            Kind::Multivalue => Branches::Multivalue(self.list(object, &["RuleType", "Items"], Self::item)?),
            Kind::Weighted => Branches::Weighted(self.list(object, &["RuleType", "Items"], |reader, branch| {
                let read = reader.branch(branch, &["Weight"]);
                let weight = reader.required(branch, "Weight", "a whole number from 0 to 255")?;
                let weight = reader.number(weight, &branch.path_of("Weight"), 0, 255)?;
                Some((Weight::try_from(weight).ok()?, read?))
            })?),
        };
        self.check_group(&path, &branches)?;
        Some(Rule { id: id.to_owned(), branches })
    }

    /// The branches of a rule that are a list.
    fn list<T>(
        &mut self,
        rule: Object<'j, '_>,
        members: &'static [&'static str; 2],
        mut read: impl FnMut(&mut Self, Object<'j, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.allow(rule, members);
        let name = members[1];
        let json = self.required(rule, name, "a list of branches")?;
        let path = rule.path_of(name);
        let Json::List(items) = json else {
            return self.fault(&path, Wrong::Kind { expected: "a list", found: json.kind() });
        };
        let max = match name {
            "GeoproximityLocations" => TRAFFIC_POLICY_GEOPROXIMITY_BRANCHES_MAX,
            _ => TRAFFIC_POLICY_BRANCHES_MAX,
        };
        if items.is_empty() {
            return self.fault(&path, Wrong::NoBranches);
        }
        if items.len() > max {
            return self.fault(&path, Wrong::TooManyBranches { max, count: items.len() });
        }
        let branches: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(at, json)| {
                let path = format!("{path}[{at}]");
                let object = self.object(json, &path)?;
                read(self, object)
            })
            .collect();
        branches.into_iter().collect()
    }

    /// The members that branches of all rules but multivalue share, and those of its own rule.
    fn branch(&mut self, branch: Object<'j, '_>, own: &'static [&'static str]) -> Option<Branch> {
        const SHARED: [&str; 4] = ["EndpointReference", "RuleReference", "EvaluateTargetHealth", "HealthCheck"];
        for (name, _) in branch.members {
            if !SHARED.contains(&name.as_str()) && !own.contains(&name.as_str()) {
                let known: &'static [&'static str] = if own.is_empty() { &SHARED } else { own };
                self.fault::<()>(&branch.path_of(&clipped(name)), Wrong::UnknownMember(known));
            }
        }
        let target = self.target(branch, "EndpointReference", "RuleReference");
        let evaluate = match branch.member("EvaluateTargetHealth") {
            None => Some(false),
            Some(json) => self.boolean(json, &branch.path_of("EvaluateTargetHealth")),
        };
        let health_check = self.health_check(branch);
        Some(Branch { target: target?, evaluate_target_health: evaluate?, health_check: health_check? })
    }

    /// A branch of a multivalue rule.
    fn item(&mut self, branch: Object<'j, '_>) -> Option<Branch> {
        self.allow(branch, &["EndpointReference", "HealthCheck"]);
        let id = self.required(branch, "EndpointReference", "the name of an endpoint of the type value");
        let path = branch.path_of("EndpointReference");
        let id = id.and_then(|json| self.text(json, &path));
        let health_check = self.health_check(branch);
        let target = match self.endpoints.get(id?).copied() {
            Some((at, true)) => Target::Endpoint(at),
            Some((_, false)) => return self.fault(&path, Wrong::NotAValue(clipped(id?))),
            None => return self.fault(&path, Wrong::NoSuchEntry { list: "Endpoints", id: clipped(id?) }),
        };
        Some(Branch { target, evaluate_target_health: false, health_check: health_check? })
    }

    /// Exactly one of a reference to an endpoint and one to a rule.
    fn target(&mut self, from: Object<'j, '_>, endpoint: &'static str, rule: &'static str) -> Option<Target> {
        let (name, list, json) = match (from.member(endpoint), from.member(rule)) {
            (Some(json), None) => (endpoint, "Endpoints", json),
            (None, Some(json)) => (rule, "Rules", json),
            (None, None) | (Some(_), Some(_)) => return self.fault(from.path, Wrong::NotOneOf(endpoint, rule)),
        };
        let path = from.path_of(name);
        let id = self.text(json, &path)?;
        let found = if list == "Endpoints" {
            self.endpoints.get(id).map(|(at, _)| Target::Endpoint(*at))
        } else {
            self.rules.get(id).map(|at| Target::Rule(*at))
        };
        found.or_else(|| self.fault(&path, Wrong::NoSuchEntry { list, id: clipped(id) }))
    }

    /// The inner value is none if there is none; an empty text is none too, as in record sets.
    #[allow(clippy::option_option, reason = "the outer one is a fault")]
    fn health_check(&mut self, branch: Object<'j, '_>) -> Option<Option<HealthCheckId>> {
        let Some(json) = branch.member("HealthCheck") else { return Some(None) };
        let path = branch.path_of("HealthCheck");
        match self.text(json, &path)? {
            "" => Some(None),
            id => self.parsed(HealthCheckId::parse(id), &path).map(Some),
        }
    }

    /// What the branches of a rule may not be beside each other.
    fn check_group(&mut self, path: &str, branches: &Branches) -> Option<()> {
        let again = match branches {
            Branches::Geolocation(branches) => again(branches, |a, b| a == b).map(|at| ("Locations", at)),
            Branches::Latency(branches) => again(branches, |a, b| a == b).map(|at| ("Regions", at)),
            Branches::Geoproximity(branches) => {
                again(branches, |a, b| same_origin(&a.origin, &b.origin)).map(|at| ("GeoproximityLocations", at))
            }
            Branches::Multivalue(_) if self.record_type == Some(RecordType::CNAME) => {
                return self.fault(&format!("{path}.RuleType"), Wrong::SeveralCnames);
            }
            Branches::Failover { .. } | Branches::Multivalue(_) | Branches::Weighted(_) => None,
        };
        let Some((list, (first, second))) = again else { return Some(()) };
        self.fault(&format!("{path}.{list}[{second}]"), Wrong::Twice(format!("{path}.{list}[{first}]")))
    }
}

/// The first branch that is the same as an earlier one: the places of both. At most a hundred stand in a list.
fn again<K>(branches: &[(K, Branch)], same: impl Fn(&K, &K) -> bool) -> Option<(usize, usize)> {
    let pairs = (0..branches.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.into_iter().find(|(first, second)| same(&branches[*first].0, &branches[*second].0))
}

/// Coordinates are the same wherever they are written the same or not.
fn same_origin(a: &Origin, b: &Origin) -> bool {
    match (a, b) {
        (
            Origin::Coordinates { latitude, longitude },
            Origin::Coordinates { latitude: other_latitude, longitude: other_longitude },
        ) => {
            (latitude.hundredths(), longitude.hundredths())
                == (other_latitude.hundredths(), other_longitude.hundredths())
        }
        _ => a == b,
    }
}
