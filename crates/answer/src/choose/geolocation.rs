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
        assert_eq!(reason(california, &place(None, Some("DE"), None)), "other country");
        assert_eq!(reason(california, &place(None, Some("US"), Some("NY"))), "other subdivision");
        assert_eq!(reason(california, &Place::default()), "the client's place is unknown");
    }
}
