//! A reply in dig's words, read from the wire by the `domain` crate.
//!
//! Somebody else's parser judges what our writer wrote: compression pointers, counts, every RDATA. Records compare in
//! canonical form (RFC 4034 §6.2), so neither case nor compression nor the order of a section makes a difference.

use std::cmp::Ordering;
use std::fmt;

use domain::base::iana::{Class, Rtype};
use domain::base::name::{ToLabelIter, ToName};
use domain::base::opt::{AllOptData, ClientSubnet};
use domain::base::rdata::ComposeRecordData;
use domain::base::{Message, Name, ParsedName};
use domain::rdata::{AllRecordData, ZoneRecordData};
use domain::zonefile::inplace::{Entry, Zonefile};

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The message's id.
    pub id: u16,
    /// The response code by name, the extended part included.
    pub status: String,
    /// `qr aa tc rd ra ad cd`, those that are set.
    pub flags: String,
    /// The question section as it stands in the message.
    pub question: Vec<u8>,
    /// The answer section.
    pub answer: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// The additional section without the OPT.
    pub additional: Vec<Record>,
    /// What the OPT says.
    pub edns: Option<Edns>,
}

/// One record, compared by everything but its text.
#[derive(Clone)]
pub struct Record {
    /// Lower case, absolute.
    pub owner: String,
    /// By mnemonic or number.
    pub record_type: String,
    /// Seconds.
    pub ttl: u32,
    /// Master-file text.
    pub text: String,
    /// Canonical RDATA.
    canonical: Vec<u8>,
}

/// The OPT of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edns {
    /// Largest UDP message the sender takes.
    pub payload: u16,
    /// The EDNS version.
    pub version: u8,
    /// The DO bit.
    pub dnssec_ok: bool,
    /// `address/source/scope` of a Client Subnet option.
    pub subnet: Option<String>,
    /// What else its options say, in dig's order of words: `cookie HEX`, `nsid TEXT`, `keepalive 10s`, `ede 0 TEXT`.
    pub options: Vec<String>,
    /// How many options say something that is not told here.
    pub others: usize,
}

impl Reply {
    /// Reads a message.
    ///
    /// # Errors
    /// What does not parse, by section.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let message = Message::from_octets(bytes).map_err(|_| "reply is shorter than a header".to_owned())?;
        let header = message.header();
        let mut end = 12;
        for question in message.question() {
            let question = question.map_err(|e| format!("question: {e}"))?;
            end += usize::from(question.qname().compose_len()) + 4;
        }
        let (_, answer, authority, additional) = message.sections().map_err(|e| format!("sections: {e}"))?;
        let mut edns = None;
        let mut sections = [Vec::new(), Vec::new(), Vec::new()];
        let named = [("answer", answer), ("authority", authority), ("additional", additional)];
        for (records, (name, section)) in sections.iter_mut().zip(named) {
            for record in section {
                let record = record.map_err(|e| format!("{name}: {e}"))?;
                if record.rtype() == Rtype::OPT {
                    if edns.is_some() || name != "additional" {
                        return Err(format!("an OPT too many in {name}"));
                    }
                    edns = Some(Edns::read(&message)?);
                    continue;
                }
                let record = record
                    .to_any_record::<AllRecordData<_, ParsedName<_>>>()
                    .map_err(|e| format!("{name}: rdata of {} {}: {e}", record.owner(), record.rtype()))?;
                records.push(Record::new(
                    record.owner(),
                    record.rtype(),
                    record.class(),
                    record.ttl().as_secs(),
                    record.data(),
                )?);
            }
        }
        let [answer, authority, additional] = sections;
        // `domain` stops after the counted records; anything behind them would be waste we sent.
        if used(&message)? != bytes.len() {
            return Err(format!("{} bytes after the last record", bytes.len() - used(&message)?));
        }
        let flags = [
            ("qr", header.qr()),
            ("aa", header.aa()),
            ("tc", header.tc()),
            ("rd", header.rd()),
            ("ra", header.ra()),
            ("ad", header.ad()),
            ("cd", header.cd()),
        ];
        let flags: Vec<&str> = flags.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        Ok(Self {
            id: header.id(),
            status: message.opt_rcode().to_string(),
            flags: flags.join(" "),
            question: bytes[12..end].to_vec(),
            answer,
            authority,
            additional,
            edns,
        })
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn has(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|f| f == flag)
    }

    /// The texts of the answer section's RDATA, in order of appearance.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.answer.iter().map(|r| r.text.as_str())
    }
}

/// Where the last record ends.
fn used(message: &Message<&[u8]>) -> Result<usize, String> {
    let mut additional = message.additional().map_err(|e| format!("additional: {e}"))?;
    for record in &mut additional {
        record.map_err(|e| format!("additional: {e}"))?;
    }
    Ok(additional.pos())
}

impl Edns {
    fn read(message: &Message<&[u8]>) -> Result<Self, String> {
        let opt = message.opt().ok_or("an OPT that cannot be read")?;
        let all: Result<Vec<AllOptData<_, Name<&[u8]>>>, _> = opt.opt().iter().collect();
        let all = all.map_err(|e| format!("EDNS options: {e}"))?;
        let options: Vec<String> = all.iter().filter_map(option).collect();
        let others =
            all.len() - options.len() - all.iter().filter(|o| matches!(o, AllOptData::ClientSubnet(_))).count();
        let subnet = opt.opt().first::<ClientSubnet>();
        let subnet = subnet.map(|s| format!("{}/{}/{}", s.addr(), s.source_prefix_len(), s.scope_prefix_len()));
        Ok(Self {
            payload: opt.udp_payload_size(),
            version: opt.version(),
            dnssec_ok: opt.dnssec_ok(),
            subnet,
            options,
            others,
        })
    }
}

/// What an option says, in words.
fn option(option: &AllOptData<&[u8], Name<&[u8]>>) -> Option<String> {
    Some(match option {
        AllOptData::Cookie(cookie) => {
            let hex: String = cookie.client().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("cookie {hex}{}", cookie.server().map(ToString::to_string).unwrap_or_default().to_lowercase())
        }
        AllOptData::Nsid(nsid) => format!("nsid {}", String::from_utf8_lossy(nsid.as_slice())),
        AllOptData::TcpKeepalive(keepalive) => {
            let tenths: u16 = keepalive.timeout()?.into();
            format!("keepalive {}.{}s", tenths / 10, tenths % 10)
        }
        AllOptData::ExtendedError(error) => {
            let text = error.text().map_or_else(String::new, |text| match text {
                Ok(text) => format!(" {}", String::from_utf8_lossy(text.as_slice())),
                Err(bytes) => format!(" {bytes:02x?}"),
            });
            format!("ede {}{text}", error.code().to_int())
        }
        _ => return None,
    })
}

impl Record {
    fn new(
        owner: &impl ToName,
        record_type: Rtype,
        class: Class,
        ttl: u32,
        data: &(impl ComposeRecordData + fmt::Display),
    ) -> Result<Self, String> {
        if class != Class::IN {
            return Err(format!("a record of class {class}"));
        }
        let mut canonical = Vec::new();
        data.compose_canonical_rdata(&mut canonical).expect("a Vec takes all bytes");
        let owner: Name<Vec<u8>> = owner.to_canonical_name();
        Ok(Self {
            owner: owner.fmt_with_dot().to_string(),
            record_type: record_type.to_string(),
            ttl,
            text: data.to_string(),
            canonical,
        })
    }

    /// The same record with another owner, as aliases and wildcards make it.
    #[must_use]
    pub fn at(&self, owner: &impl ToName) -> Self {
        let owner: Name<Vec<u8>> = owner.to_canonical_name();
        Self { owner: owner.fmt_with_dot().to_string(), ..self.clone() }
    }

    fn key(&self) -> (&str, &str, u32, &[u8]) {
        (&self.owner, &self.record_type, self.ttl, &self.canonical)
    }

    /// Reads one record in master-file form; names without a final dot are absolute all the same.
    ///
    /// # Errors
    /// What `domain` says about the line.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut file = Zonefile::from(format!("{line}\n").as_str());
        file.set_origin(Name::root_bytes());
        file.set_default_class(Class::IN);
        match file.next_entry() {
            Ok(Some(Entry::Record(record))) => {
                let data: &ZoneRecordData<_, _> = record.data();
                Self::new(record.owner(), record.rtype(), record.class(), record.ttl().as_secs(), data)
            }
            Ok(_) => Err("no record".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Record {}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Record {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, self.record_type, self.text)
    }
}

impl fmt::Display for Edns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {} udp {}", self.version, self.payload)?;
        if self.dnssec_ok {
            f.write_str(" do")?;
        }
        if let Some(subnet) = &self.subnet {
            write!(f, " ecs {subnet}")?;
        }
        for option in &self.options {
            write!(f, " {option}")?;
        }
        if self.others > 0 {
            write!(f, " others {}", self.others)?;
        }
        Ok(())
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, ";; status: {}, flags: {}", self.status, self.flags)?;
        if let Some(edns) = &self.edns {
            writeln!(f, ";; EDNS: {edns}")?;
        }
        let sections = [("ANSWER", &self.answer), ("AUTHORITY", &self.authority), ("ADDITIONAL", &self.additional)];
        for (name, records) in sections.iter().filter(|(_, records)| !records.is_empty()) {
            writeln!(f, ";; {name}")?;
            for record in *records {
                writeln!(f, "{record}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &[u8] = b"\x12\x34\x84\0\0\x01\0\x01\0\0\0\0\x01w\x02eX\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01";

    #[test]
    fn a_reply_is_shown_in_digs_words() {
        let reply = Reply::read(REPLY).unwrap();
        assert_eq!(reply.to_string(), ";; status: NOERROR, flags: qr aa\n;; ANSWER\nw.ex. 60 IN A 192.0.2.1\n");
        assert_eq!(reply.question, b"\x01w\x02eX\0\0\x01\0\x01");
        assert_eq!(reply.answer, [Record::parse("W.EX 60 IN A 192.0.2.1").unwrap()]);
    }

    #[test]
    fn waste_and_broken_records_are_noticed() {
        assert!(Reply::read(&[REPLY, b"x"].concat()).unwrap_err().contains("1 bytes after"));
        assert!(Reply::read(&REPLY[..REPLY.len() - 1]).is_err());
        let mut pointer_to_itself = REPLY.to_vec();
        pointer_to_itself[22] = 22;
        assert!(Reply::read(&pointer_to_itself).is_err());
    }
}
