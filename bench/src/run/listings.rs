//! The row `listings`: reading everything back through the API, page by page, as clients do.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::cpu::{self, Cores, on_core};
use crate::run::api::{Api, between, create_zone_body};
use crate::run::million::{Million, RECORDS};
use crate::run::server::Programs;
use crate::run::statistics::Series;
use crate::run::zone;

/// Hosted zones to list.
const ZONES: usize = 100_000;
/// Clients that create them at once.
const CLIENTS: usize = 32;

/// Lists a zone of a million record sets once, and a hundred thousand hosted zones, and prints the table.
///
/// # Errors
/// The server does not come up, or what it lists is not what there is.
pub fn run(programs: &Programs, cores: Cores, million: &Million) -> Result<()> {
    let server = programs.start_cutover(cores, &million.data, &zone::name(RECORDS - 1))?;
    let mut api = server.api(&million.data, million.key.clone())?;
    let id = api.hosted_zone(zone::ZONE)?;
    println!("\n### Listings, one client\n");
    println!("| | items/s | a page, ms, median (min–max) | p99, ms | server CPU, µs an item |\n|---|---|---|---|---|");

    let used = || cpu::used_by(server.process());
    let mut before = used()?;
    let records = on_core(cores.generator, || list(&mut api, &Listing::record_sets(&id)))?;
    // The apex has two of its own; other rows may have left some more.
    if records.items < RECORDS {
        bail!("not all record sets were listed: {}", records.items);
    }
    records.print(&format!("ListResourceRecordSets, {} of 300 a page", records.items), used()? - before);

    let apis = (0..CLIENTS).map(|_| server.api(&million.data, million.key.clone())).collect::<Result<Vec<_>>>()?;
    on_core(cores.generator, || create(apis))?;
    before = used()?;
    let zones = on_core(cores.generator, || list(&mut api, &Listing::zones()))?;
    if zones.items < ZONES {
        bail!("not all hosted zones were listed: {}", zones.items);
    }
    zones.print(&format!("ListHostedZones, {} of 100 a page", zones.items), used()? - before);
    before = used()?;
    let named = on_core(cores.generator, || list(&mut api, &Listing::zones_by_name()))?;
    named.print(&format!("ListHostedZonesByName, {} of 100 a page", named.items), used()? - before);
    Ok(())
}

/// How an operation is paged.
struct Listing {
    path: String,
    item: &'static str,
    /// Elements of the reply, and the parameters of the next request they become; in the order of signing.
    next: &'static [(&'static str, &'static str)],
    page: &'static str,
}

impl Listing {
    fn record_sets(zone: &str) -> Self {
        let path = format!("/2013-04-01/hostedzone/{zone}/rrset");
        let next = &[("NextRecordName", "name"), ("NextRecordType", "type")];
        Listing { path, item: "<ResourceRecordSet>", next, page: "maxitems=300" }
    }

    fn zones() -> Self {
        let next = &[("NextMarker", "marker")];
        Listing { path: "/2013-04-01/hostedzone".to_owned(), item: "<HostedZone>", next, page: "maxitems=100" }
    }

    fn zones_by_name() -> Self {
        let next = &[("NextDNSName", "dnsname"), ("NextHostedZoneId", "hostedzoneid")];
        Listing { path: "/2013-04-01/hostedzonesbyname".to_owned(), item: "<HostedZone>", next, page: "maxitems=100" }
    }
}

/// What a listing took.
struct Listed {
    items: usize,
    seconds: f64,
    pages: Series,
}

impl Listed {
    fn print(&self, what: &str, used: std::time::Duration) {
        let (items, page) = (self.items as f64, &self.pages);
        println!(
            "| {what} | {:.0} | {} | {:.2} | {:.1} |",
            items / self.seconds,
            page.summary(2),
            page.quantile(0.99),
            used.as_secs_f64() * 1e6 / items
        );
    }
}

fn list(api: &mut Api, listing: &Listing) -> Result<Listed> {
    let (mut items, mut pages, mut query) = (0, Vec::new(), listing.page.to_owned());
    let begin = Instant::now();
    loop {
        let start = Instant::now();
        let page = api.call("GET", &format!("{}?{query}", listing.path), "")?;
        pages.push(start.elapsed().as_secs_f64() * 1000.0);
        items += page.matches(listing.item).count();
        if !page.contains("<IsTruncated>true</IsTruncated>") {
            break;
        }
        let mut parameters = vec![listing.page.to_owned()];
        for (element, parameter) in listing.next {
            let value = between(&page, &format!("<{element}>"), "<").with_context(|| format!("no {element}"))?;
            parameters.push(format!("{parameter}={value}"));
        }
        parameters.sort();
        query = parameters.join("&");
    }
    Ok(Listed { items, seconds: begin.elapsed().as_secs_f64(), pages: Series::of(pages) })
}

fn create(apis: Vec<Api>) -> Result<()> {
    std::thread::scope(|scope| {
        let clients: Vec<_> = apis
            .into_iter()
            .enumerate()
            .map(|(client, mut api)| {
                scope.spawn(move || -> Result<()> {
                    for number in (client..ZONES).step_by(CLIENTS) {
                        let body = create_zone_body(&format!("zone{number:06}.test."), &format!("bench {number}"));
                        api.call("POST", "/2013-04-01/hostedzone", &body)?;
                    }
                    Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| client.join().expect("a client does not panic"))
    })
}
