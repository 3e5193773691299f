//! Geolocation routing: the most specific location that the client is in; if its record set is unhealthy the next larger
//! one, up to the default. Record sets for other locations are never candidates (R53 geolocation, "Health check").

use model::place::Location;

use crate::places::Place;

/// How large the location is; the smallest answers. None: the client is elsewhere, or nobody knows where.
pub(super) fn cost(location: Location, client: &Place) -> Option<f64> {
    match location {
        Location::Subdivision(country, part) => {
            (client.country == Some(country) && client.subdivision == Some(part)).then_some(0.0)
        }
        Location::Country(country) => (client.country == Some(country)).then_some(1.0),
        Location::Continent(continent) => (client.continent == Some(continent)).then_some(2.0),
        Location::Default => Some(3.0),
    }
}

/// Which member is for each location, in order of the locations.
#[derive(Debug)]
pub(crate) struct Locations(Box<[(Location, u8)]>);

impl Locations {
    /// The locations of a group's members; if one stood twice, the first would answer.
    pub(crate) fn of(locations: impl Iterator<Item = Location>) -> Self {
        let mut places: Vec<(Location, u8)> = locations.zip(0..).collect();
        places.sort();
        places.dedup_by_key(|(location, _)| *location);
        Self(places.into())
    }

    fn find(&self, location: Location) -> Option<usize> {
        let found = self.0.binary_search_by(|(other, _)| other.cmp(&location)).ok()?;
        Some(usize::from(self.0[found].1))
    }
}

/// The member with the smallest location that the client is in.
pub(super) fn best(locations: &Locations, client: &Place) -> Option<usize> {
    let subdivision =
        client.country.zip(client.subdivision).map(|(country, part)| Location::Subdivision(country, part));
    let (country, continent) = (client.country.map(Location::Country), client.continent.map(Location::Continent));
    [subdivision, country, continent, Some(Location::Default)]
        .into_iter()
        .flatten()
        .find_map(|location| locations.find(location))
}

/// Why the location is not one of the client's.
pub(crate) fn reason(location: Location, client: &Place) -> &'static str {
    match location {
        _ if *client == Place::default() => "the client's place is unknown",
        Location::Subdivision(country, _) if client.country == Some(country) => match client.subdivision {
            Some(_) => "other subdivision",
            None => "the client's subdivision is unknown",
        },
        Location::Subdivision(..) | Location::Country(_) => "other country",
        Location::Continent(_) | Location::Default => "other continent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::tests::located;

    fn location(continent: Option<&str>, country: Option<&str>, subdivision: Option<&str>) -> Location {
        Location::of_codes(continent, country, subdivision).unwrap()
    }

    #[test]
    fn the_smaller_the_location_the_earlier() {
        let california = location(None, Some("US"), Some("CA"));
        let all = [california, location(None, Some("US"), None), location(Some("NA"), None, None), Location::Default];
        let costs = |place: &Place| all.map(|location| cost(location, place));
        let place = |continent, country, state| located(continent, country, state, None).place;
        let (zero, one, two, three) = (Some(0.0), Some(1.0), Some(2.0), Some(3.0));
        assert_eq!(costs(&place(None, Some("US"), Some("CA"))), [zero, one, two, three]);
        assert_eq!(costs(&place(None, Some("US"), None)), [None, one, two, three]);
        assert_eq!(costs(&place(None, Some("MX"), Some("CA"))), [None, None, two, three]);
        assert_eq!(costs(&place(None, Some("DE"), None)), [None, None, None, three]);
        assert_eq!(costs(&Place::default()), [None, None, None, three]);
        let best = |from: usize, place: &Place| best(&Locations::of(all[from..].iter().copied()), place);
        assert_eq!([0, 1, 2, 3].map(|from| best(from, &place(None, Some("US"), Some("CA")))), [Some(0); 4]);
        assert_eq!([0, 1].map(|from| best(from, &place(None, Some("US"), Some("NY")))), [Some(1), Some(0)]);
        assert_eq!([0, 1].map(|from| best(from, &Place::default())), [Some(3), Some(2)]);
        assert_eq!(super::best(&Locations::of([california].into_iter()), &Place::default()), None);
        assert_eq!(reason(california, &place(None, Some("DE"), None)), "other country");
        assert_eq!(reason(california, &place(None, Some("US"), Some("NY"))), "other subdivision");
        assert_eq!(reason(california, &Place::default()), "the client's place is unknown");
    }
}
