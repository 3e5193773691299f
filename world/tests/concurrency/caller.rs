//! One of the clients: draws what to try next, sends it, and writes down what came back and when.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use world::process::Server;
use world::route53::{self, Client, Credentials, Response};

use super::batch::{Change, Zone, change};

/// Counters that everybody moves, locks that everybody wants, pairs that everybody overwrites.
pub(crate) const COUNTERS: usize = 4;
const LOCKS: usize = 3;
const PAIRS: usize = 3;
/// Eight clients without a pause keep two cores busy with themselves; what is tested needs them close, not fast.
const PAUSE: Duration = Duration::from_millis(3);

/// The query of a listing of everything; the zone never grows beyond one page.
const WHOLE: &str = "maxitems=300";

/// One request, with what came back.
#[derive(Debug)]
pub(crate) struct Exchange<T> {
    pub(crate) caller: usize,
    pub(crate) sent: Instant,
    pub(crate) received: Instant,
    pub(crate) what: T,
}

/// A batch and its result: the change's id, or the faults.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) batch: Vec<Change>,
    pub(crate) result: Result<String, String>,
}

/// A listing that began at a name: what it showed of our record sets.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) zone: Zone,
    /// Whether it showed all that there is.
    pub(crate) whole: bool,
}

/// Everything a client saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) tried: Vec<Exchange<Tried>>,
    pub(crate) listed: Vec<Exchange<Listed>>,
}

/// A client with a connection of its own.
pub(crate) struct Caller {
    number: usize,
    client: Client,
    zone: String,
    random: u64,
    seen: Seen,
    /// What it last knew of each counter, and the locks it holds.
    counters: HashMap<usize, u64>,
    held: HashMap<usize, String>,
}

impl Caller {
    pub(crate) fn new(number: usize, server: &Server, credentials: &Credentials, zone: &str) -> Self {
        let client = Client::connect(server.api, credentials).unwrap();
        let random = 0x9E37_79B9_7F4A_7C15 ^ (number as u64 + 1);
        Self {
            number,
            client,
            zone: zone.to_owned(),
            random,
            seen: Seen::default(),
            counters: HashMap::new(),
            held: HashMap::new(),
        }
    }

    /// Sends until the time is over; gives back the locks.
    pub(crate) fn run(mut self, end: Instant) -> Seen {
        while Instant::now() < end {
            match self.draw(8) {
                0..4 => self.count(),
                4..6 => self.lock(),
                _ => self.overwrite(),
            }
            std::thread::sleep(PAUSE);
        }
        for (lock, value) in std::mem::take(&mut self.held) {
            self.send(vec![change("DELETE", "TXT", &format!("lock{lock}"), value)]);
        }
        self.seen
    }

    /// Adds one to a counter: three record sets, which must go together, each named with its value before. Whoever comes
    /// second is refused, so the counter ends at the number of batches that were accepted.
    fn count(&mut self) {
        let counter = self.draw(COUNTERS);
        let Some(&known) = self.counters.get(&counter) else { return self.read(counter) };
        let mut batch = counter_sets("DELETE", counter, known);
        // The name goes before what it leads to, and comes after it.
        batch.extend(counter_sets("CREATE", counter, known + 1).into_iter().rev());
        if self.send(batch) {
            self.counters.insert(counter, known + 1);
        } else {
            self.read(counter);
        }
    }

    /// Takes a lock that is free, or gives back one that is held; what is held nobody else can take.
    fn lock(&mut self) {
        let lock = self.draw(LOCKS);
        let name = format!("lock{lock}");
        if let Some(value) = self.held.remove(&lock) {
            let released = self.send(vec![change("DELETE", "TXT", &name, value)]);
            assert!(released, "client {} lost {name} while it held it", self.number);
            return;
        }
        let value = format!("\"client {} at {}\"", self.number, self.seen.tried.len());
        if self.send(vec![change("CREATE", "TXT", &name, value.clone())]) {
            self.held.insert(lock, value);
        }
    }

    /// Writes two record sets to the same value, whatever was there.
    fn overwrite(&mut self) {
        let pair = self.draw(PAIRS);
        let value = format!("\"{} {}\"", self.number, self.seen.tried.len());
        let one = change("UPSERT", "TXT", &format!("left{pair}"), value.clone());
        let other = change("UPSERT", "TXT", &format!("right{pair}"), value);
        assert!(self.send(vec![one, other]), "an UPSERT was refused");
    }

    /// Lists from a counter's first record set on.
    fn read(&mut self, counter: usize) {
        let name = format!("counter{counter}.concurrent.test.");
        let listed = self.list(&format!("maxitems=1&name={name}&type=TXT"));
        let value = listed.get(&(name, "TXT")).expect("a counter is always there");
        self.counters.insert(counter, value.trim_matches('"').parse().unwrap());
    }

    /// Lists the zone, in one page; for readers.
    pub(crate) fn watch(mut self, end: Instant) -> Seen {
        while Instant::now() < end {
            let zone = self.list(WHOLE);
            assert_eq!(zone.keys().filter(|key| key.0.starts_with("counter")).count(), COUNTERS);
            std::thread::sleep(PAUSE * 10);
        }
        self.seen
    }

    fn list(&mut self, query: &str) -> Zone {
        let sent = Instant::now();
        let response = self.client.send("GET", &format!("hostedzone/{}/rrset?{query}", self.zone), "").unwrap();
        let received = Instant::now();
        assert_eq!(response.status, 200, "{}", response.body);
        let zone = read(&response);
        let whole = query == WHOLE;
        let what = Listed { zone: zone.clone(), whole };
        self.seen.listed.push(Exchange { caller: self.number, sent, received, what });
        zone
    }

    /// Waits until DNS answers from the last batch that was accepted.
    pub(crate) fn settle(&mut self) {
        let id = self.seen.tried.iter().rev().find_map(|tried| tried.what.result.clone().ok()).unwrap();
        while self.client.send("GET", &format!("change/{id}"), "").unwrap().element("Status") != Some("INSYNC") {}
    }

    /// All that was seen.
    pub(crate) fn seen(self) -> Seen {
        self.seen
    }

    /// How the zone looks in the end, and all that was seen.
    pub(crate) fn last(mut self) -> (Seen, Zone) {
        let zone = self.list(WHOLE);
        (self.seen, zone)
    }

    /// Whether the batch was accepted.
    pub(crate) fn send(&mut self, batch: Vec<Change>) -> bool {
        let changes: Vec<_> =
            batch.iter().map(|c| (c.action, c.key.0.as_str(), c.key.1, 1, c.value.as_str())).collect();
        let body = route53::batch(&changes);
        let sent = Instant::now();
        let response = self.client.send("POST", &format!("hostedzone/{}/rrset/", self.zone), &body).unwrap();
        let received = Instant::now();
        let result = match response.status {
            200 => Ok(response.element("Id").unwrap().trim_start_matches("/change/").to_owned()),
            400 if response.element("Code") == Some("InvalidChangeBatch") => {
                Err(plain(response.element("Message").unwrap()))
            }
            _ => panic!("{response:?}"),
        };
        let accepted = result.is_ok();
        self.seen.tried.push(Exchange { caller: self.number, sent, received, what: Tried { batch, result } });
        accepted
    }

    /// A number below `n` (xorshift64).
    fn draw(&mut self, n: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % n as u64).unwrap()
    }
}

/// A counter at a number: the number itself, a name that leads to it, and where that name leads. Over DNS one question for
/// the name tells whether all three belong together.
pub(crate) fn counter_sets(action: &'static str, counter: usize, number: u64) -> Vec<Change> {
    let (text, at) = (format!("\"{number}\""), format!("at{number}.counter{counter}"));
    vec![
        change(action, "TXT", &format!("counter{counter}"), text.clone()),
        change(action, "CNAME", &format!("name{counter}"), format!("{at}.concurrent.test.")),
        change(action, "TXT", &at, text),
    ]
}

/// The record sets of a listing, without those that every zone has.
fn read(response: &Response) -> Zone {
    let mut zone = Zone::new();
    for part in response.body.split("<ResourceRecordSet>").skip(1) {
        let element = |name: &str| part.split_once(&format!("<{name}>")).unwrap().1.split('<').next().unwrap();
        let record_type = match element("Type") {
            "TXT" => "TXT",
            "CNAME" => "CNAME",
            _ => continue,
        };
        zone.insert((element("Name").to_owned(), record_type), plain(element("Value")));
    }
    zone
}

fn plain(xml: &str) -> String {
    xml.replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}
