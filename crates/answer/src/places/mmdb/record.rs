//! Records of a MaxMind DB file: typed values, of which those that say a place are taken and the others passed over.
//!
//! A pointer leads to a value elsewhere in the data and never to another pointer; so many values of one record are looked
//! at, no more. Nothing is copied.

use model::place::{Point, Subdivision};

use super::MmdbFault;
use crate::places::Place;

/// Values of one record that are looked at; records with names in a dozen languages have about two hundred.
const VALUES_MAX: u32 = 8192;

/// The values of a file.
#[derive(Clone, Copy)]
pub(super) struct Data<'a>(pub(super) &'a [u8]);

/// A value, as far as places and descriptions need it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a [u8]),
    Real(f64),
    Whole(u64),
    /// A map of so many pairs, the first of which is at this octet.
    Map(u32, usize),
    /// Likewise.
    Array(u32, usize),
    /// What no field that is asked for has.
    Other,
}

/// A value and where the one behind it begins.
struct Read<'a> {
    value: Value<'a>,
    next: usize,
}

/// Calls `take` with each key and value of a map.
type Take<'a, 't> = &'t mut dyn FnMut(&'a [u8], Value<'a>);

impl<'a> Data<'a> {
    /// The pairs of the map at an octet.
    pub(super) fn map(self, at: usize, take: Take<'a, '_>) -> Result<(), MmdbFault> {
        let fault = || MmdbFault::Record(at);
        let Value::Map(pairs, first) = self.read(at).ok_or_else(fault)?.value else { return Err(fault()) };
        self.pairs(pairs, first, &mut { VALUES_MAX }, take).ok_or_else(fault)
    }

    fn pairs(self, pairs: u32, first: usize, left: &mut u32, take: Take<'a, '_>) -> Option<()> {
        let mut at = first;
        for _ in 0..pairs {
            *left = left.checked_sub(1)?;
            let key = self.read(at)?;
            let Value::Text(name) = key.value else { return None };
            let value = self.read(key.next)?;
            at = match value.value {
                // One that stands here is passed over; one behind a pointer is elsewhere.
                Value::Map(..) | Value::Array(..) => self.behind(key.next, left)?,
                Value::Text(_) | Value::Real(_) | Value::Whole(_) | Value::Other => value.next,
            };
            take(name, value.value);
        }
        Some(())
    }

    /// A value; a pointer is followed once.
    fn read(self, at: usize) -> Option<Read<'a>> {
        let control = *self.0.get(at)?;
        if control >> 5 != 1 {
            return self.direct(at);
        }
        let (to, next) = self.pointer(at)?;
        if *self.0.get(to)? >> 5 == 1 {
            return None;
        }
        Some(Read { value: self.direct(to)?.value, next })
    }

    /// Where a pointer leads, and what is behind it.
    fn pointer(self, at: usize) -> Option<(usize, usize)> {
        let control = self.0[at];
        let size = usize::from(control >> 3 & 3) + 1;
        let octets = self.0.get(at + 1..at + 1 + size)?;
        let number = octets.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
        let high = u64::from(control & 7);
        let to = match size {
            1 => high << 8 | number,
            2 => (high << 16 | number) + 2048,
            3 => (high << 24 | number) + 526_336,
            _ => number,
        };
        Some((usize::try_from(to).ok()?, at + 1 + size))
    }

    /// Type, size and first octet behind the control octets of a value that is no pointer.
    fn control(self, at: usize) -> Option<(u8, usize, usize)> {
        let control = *self.0.get(at)?;
        let mut next = at + 1;
        let mut kind = control >> 5;
        if kind == 0 {
            kind = self.0.get(next)?.checked_add(7)?;
            next += 1;
        }
        let short = usize::from(control & 31);
        let more = short.saturating_sub(28);
        let octets = self.0.get(next..next + more)?;
        let number = octets.iter().fold(0usize, |number, octet| number << 8 | usize::from(*octet));
        let size = match more {
            0 => short,
            1 => 29 + number,
            2 => 285 + number,
            _ => 65_821 + number,
        };
        Some((kind, size, next + more))
    }

    fn direct(self, at: usize) -> Option<Read<'a>> {
        let (kind, size, first) = self.control(at)?;
        let octets = || self.0.get(first..first.checked_add(size)?);
        let whole = |octets: &[u8]| octets.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
        let value = match kind {
            2 => Value::Text(octets()?),
            3 => Value::Real(f64::from_be_bytes(octets()?.try_into().ok()?)),
            15 => Value::Real(f32::from_be_bytes(octets()?.try_into().ok()?).into()),
            5 | 6 | 9 if size <= 8 => Value::Whole(whole(octets()?)),
            7 => return Some(Read { value: Value::Map(u32::try_from(size).ok()?, first), next: first }),
            11 => return Some(Read { value: Value::Array(u32::try_from(size).ok()?, first), next: first }),
            // A boolean's size is its value.
            14 => return Some(Read { value: Value::Other, next: first }),
            4 | 8 | 10 => octets().map(|_| Value::Other)?,
            _ => return None,
        };
        Some(Read { value, next: first + size })
    }

    /// The first octet behind a value, maps and arrays with all that is in them.
    fn behind(self, at: usize, left: &mut u32) -> Option<usize> {
        let mut at = at;
        let mut values = 1u64;
        while values > 0 {
            *left = left.checked_sub(1)?;
            values -= 1;
            if *self.0.get(at)? >> 5 == 1 {
                at = self.pointer(at)?.1;
                continue;
            }
            let read = self.direct(at)?;
            at = read.next;
            match read.value {
                Value::Map(pairs, _) => values += 2 * u64::from(pairs),
                Value::Array(count, _) => values += u64::from(count),
                Value::Text(_) | Value::Real(_) | Value::Whole(_) | Value::Other => {}
            }
        }
        Some(at)
    }
}

/// What a record says of a place, by the fields of several layouts.
#[derive(Default)]
struct Fields<'a> {
    country: Option<&'a [u8]>,
    registered_country: Option<&'a [u8]>,
    continent: Option<&'a [u8]>,
    /// Codes and names, the more likely ones first.
    states: [Option<&'a [u8]>; 3],
    latitude: Option<f64>,
    longitude: Option<f64>,
}

/// The place that the record at an octet says; nothing of it need be known.
pub(super) fn place(data: Data<'_>, at: usize, of_file: &mut u64) -> Result<Place, MmdbFault> {
    let most = u32::try_from(*of_file).unwrap_or(VALUES_MAX).min(VALUES_MAX);
    let mut left = most;
    let place = read_place(data, at, &mut left);
    *of_file -= u64::from(most - left);
    place
}

fn read_place<'a>(data: Data<'a>, at: usize, left: &mut u32) -> Result<Place, MmdbFault> {
    let fault = || MmdbFault::Record(at);
    let mut fields = Fields::default();
    let mut inner: [Option<(&'a [u8], u32, usize)>; 5] = [None; 5];
    let mut subdivisions = None;
    let take = &mut |key: &'a [u8], value: Value<'a>| match (key, value) {
        (b"country" | b"registered_country" | b"continent" | b"location" | b"state", Value::Map(pairs, first)) => {
            if let Some(free) = inner.iter_mut().find(|slot| slot.is_none()) {
                *free = Some((key, pairs, first));
            }
        }
        (b"subdivisions", Value::Array(count, first)) if count > 0 => subdivisions = Some(first),
        (_, value) => fields.take(key, value),
    };
    let Value::Map(pairs, first) = data.read(at).ok_or_else(fault)?.value else { return Err(fault()) };
    data.pairs(pairs, first, left, take).ok_or_else(fault)?;

    for (outer, pairs, first) in inner.into_iter().flatten() {
        data.pairs(pairs, first, left, &mut |key, value| fields.take_inner(outer, key, value)).ok_or_else(fault)?;
    }
    if let Some(first) = subdivisions {
        let Value::Map(pairs, first) = data.read(first).ok_or_else(fault)?.value else { return Err(fault()) };
        let mut names = None;
        let take = &mut |key: &[u8], value| match (key, value) {
            (b"iso_code", Value::Text(code)) => fields.states[0] = Some(code),
            (b"names", Value::Map(pairs, first)) => names = Some((pairs, first)),
            _ => {}
        };
        data.pairs(pairs, first, left, take).ok_or_else(fault)?;
        if let Some((pairs, first)) = names {
            let take = &mut |key: &[u8], value| {
                if let (b"en", Value::Text(name)) = (key, value) {
                    fields.states[1] = Some(name);
                }
            };
            data.pairs(pairs, first, left, take).ok_or_else(fault)?;
        }
    }
    Ok(fields.place())
}

impl<'a> Fields<'a> {
    /// A field of the record itself.
    fn take(&mut self, key: &'a [u8], value: Value<'a>) {
        match (key, value) {
            (b"country_code" | b"country", Value::Text(code)) => self.country = self.country.or(Some(code)),
            (b"continent_code" | b"continent", Value::Text(code)) => self.continent = self.continent.or(Some(code)),
            (b"subdivision_code" | b"region_code" | b"state_code", Value::Text(code)) => self.states[0] = Some(code),
            (b"state1" | b"region" | b"state" | b"stateprov", Value::Text(name)) => self.states[2] = Some(name),
            (b"latitude" | b"lat", value) => self.latitude = degrees(value, 90.0).or(self.latitude),
            (b"longitude" | b"lng" | b"lon", value) => self.longitude = degrees(value, 180.0).or(self.longitude),
            _ => {}
        }
    }

    /// A field of a map in the record.
    fn take_inner(&mut self, outer: &[u8], key: &'a [u8], value: Value<'a>) {
        match (outer, key, value) {
            (b"country", b"iso_code", Value::Text(code)) => self.country = Some(code),
            (b"registered_country", b"iso_code", Value::Text(code)) => self.registered_country = Some(code),
            (b"continent", b"code", Value::Text(code)) => self.continent = Some(code),
            (b"location", b"latitude", value) => self.latitude = degrees(value, 90.0),
            (b"location", b"longitude", value) => self.longitude = degrees(value, 180.0),
            _ => {}
        }
    }

    /// Codes that are none are as good as missing: a database may well know places that Route 53 does not.
    fn place(&self) -> Place {
        fn code<T: std::str::FromStr>(bytes: Option<&[u8]>) -> Option<T> {
            str::from_utf8(bytes?).ok()?.to_ascii_uppercase().parse().ok()
        }
        let nowhere = |country: &model::place::Country| matches!(country.code(), "ZZ" | "XX");
        let country = code(self.country).or_else(|| code(self.registered_country)).filter(|country| !nowhere(country));
        let state = |bytes: &[u8]| {
            let text = str::from_utf8(bytes).ok()?;
            let by_code = text.parse::<Subdivision>().ok().filter(|state| state.us_state().is_some());
            by_code.or_else(|| Subdivision::us_state_named(text))
        };
        Place {
            continent: code(self.continent),
            country,
            subdivision: self.states.iter().flatten().find_map(|bytes| state(bytes)),
            point: self.latitude.zip(self.longitude).map(|(latitude, longitude)| Point {
                latitude: hundredths(latitude),
                longitude: hundredths(longitude),
            }),
        }
        .of_database()
    }
}

fn degrees(value: Value<'_>, most: f64) -> Option<f64> {
    let degrees = match value {
        Value::Real(degrees) => degrees,
        Value::Text(text) => str::from_utf8(text).ok()?.parse().ok()?,
        Value::Whole(_) | Value::Map(..) | Value::Array(..) | Value::Other => return None,
    };
    (degrees.abs() <= most).then_some(degrees)
}

#[allow(clippy::cast_possible_truncation, reason = "at most 18000 in amount")]
fn hundredths(degrees: f64) -> i16 {
    (degrees * 100.0).round() as i16
}
