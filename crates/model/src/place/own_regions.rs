//! Which regions there are here: AWS's, and those that the user adds.
//!
//! Latency record sets, tables of measured latencies, geoproximity and VPCs name regions; all of them ask here where one is
//! and which column of a table it has. A region that is in neither list is nowhere.

use super::region::{REGIONS, local_zone_point, region_index, region_point, regions};
use super::{Origin, Point};
use crate::id::Region;

/// A region of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRegion {
    /// Its name, none of AWS's.
    pub name: Region,
    /// Where it is.
    pub point: Point,
}

/// All regions: AWS's, then the user's by name. The same value must be compiled into record sets and into tables of
/// latencies, since the two meet by [`Regions::index`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Regions {
    own: Box<[OwnRegion]>,
}

/// Why regions cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionFault {
    /// AWS has one of this name.
    #[error("this is a region of AWS, whose place is known; choose another name: {0}")]
    Aws(Region),
    /// Two have one name.
    #[error("two regions have this name: {0}")]
    Twice(Region),
    /// More than [`Regions::OWN_MAX`].
    #[error("there may be {max} regions of your own at most: {count}", max = Regions::OWN_MAX)]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

impl Regions {
    /// How many the user may add: with AWS's they fit into the byte that a compiled record set has for its region.
    pub const OWN_MAX: usize = 200;

    /// AWS's regions and these.
    ///
    /// # Errors
    /// See [`RegionFault`].
    pub fn with(mut own: Vec<OwnRegion>) -> Result<Self, RegionFault> {
        own.sort_by(|a, b| a.name.cmp(&b.name));
        if own.len() > Self::OWN_MAX {
            return Err(RegionFault::TooMany { count: own.len() });
        }
        if let Some(aws) = own.iter().find(|region| region_index(&region.name).is_some()) {
            return Err(RegionFault::Aws(aws.name.clone()));
        }
        match own.windows(2).find(|pair| pair[0].name == pair[1].name) {
            Some(pair) => Err(RegionFault::Twice(pair[0].name.clone())),
            None => Ok(Self { own: own.into() }),
        }
    }

    /// How many there are: at least [`REGIONS`].
    #[must_use]
    pub fn count(&self) -> usize {
        REGIONS + self.own.len()
    }

    /// The place of a region in lists of [`Regions::count`] entries; none for a region that is not known.
    #[must_use]
    pub fn index(&self, region: &Region) -> Option<usize> {
        region_index(region).or_else(|| self.own_index(region).map(|i| REGIONS + i))
    }

    /// Where a region is; none for a region that is not known.
    #[must_use]
    pub fn point(&self, region: &Region) -> Option<Point> {
        region_point(region).or_else(|| self.own_index(region).map(|i| self.own[i].point))
    }

    /// Where the resource of a geoproximity record set is; none for a region or Local Zone that is not known.
    #[must_use]
    pub fn origin(&self, origin: &Origin) -> Option<Point> {
        match origin {
            Origin::Region(region) => self.point(region),
            Origin::LocalZoneGroup(group) => local_zone_point(group),
            Origin::Coordinates { .. } => origin.point(),
        }
    }

    /// All of them, in the order of [`Regions::index`].
    pub fn iter(&self) -> impl Iterator<Item = Region> {
        regions().chain(self.own.iter().map(|region| region.name.clone()))
    }

    fn own_index(&self, region: &Region) -> Option<usize> {
        self.own.binary_search_by(|own| own.name.cmp(region)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, latitude: i16) -> OwnRegion {
        OwnRegion { name: Region::parse(name).unwrap(), point: Point { latitude, longitude: 0 } }
    }

    #[test]
    fn own_regions_stand_behind_those_of_aws() {
        let regions = Regions::with(vec![own("paris", 4886), own("berlin", 5252)]).unwrap();
        let region = |text: &str| Region::parse(text).unwrap();
        assert_eq!((regions.count(), regions.iter().count()), (REGIONS + 2, REGIONS + 2));
        for (i, name) in regions.iter().enumerate() {
            assert_eq!(regions.index(&name), Some(i));
        }
        assert_eq!(regions.index(&region("berlin")), Some(REGIONS));
        assert_eq!(regions.origin(&Origin::Region(region("paris"))), Some(Point { latitude: 4886, longitude: 0 }));
        assert_eq!(regions.point(&region("eu-west-3")), region_point(&region("eu-west-3")));
        assert_eq!((regions.index(&region("mars-1")), regions.point(&region("mars-1"))), (None, None));
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let fault = |own| Regions::with(own).unwrap_err().to_string();
        assert_eq!(
            fault(vec![own("us-east-1", 0)]),
            "this is a region of AWS, whose place is known; choose another name: us-east-1"
        );
        assert_eq!(fault(vec![own("b", 0), own("a", 0), own("b", 1)]), "two regions have this name: b");
        let many = (0..=Regions::OWN_MAX).map(|i| own(&format!("r{i}"), 0)).collect();
        assert_eq!(fault(many), "there may be 200 regions of your own at most: 201");
    }
}
