//! Instances that come and go in the course of a rolling release.

use model::deployment::Placed;
use model::health_status::HealthStatus;
use model::id::SetIdentifier;
use model::{RecordType, Routing};

use super::{World, check, environment};

impl World {
    /// A record set of each type and a healthy check, which no service names yet.
    pub fn create_instance(&mut self, id: &str, runs: &str, weight: u8) {
        let (zone, like) = self.record_sets[0].clone();
        for record_type in [RecordType::A, RecordType::AAAA] {
            let routing = Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight };
            let set = model::RecordSet { record_type, routing, health_check: Some(check(id)), ..like.clone() };
            self.record_sets.push((zone.clone(), set));
        }
        self.health.insert(check(id), HealthStatus::Healthy);
        self.running.insert(id.to_owned(), runs.to_owned());
        self.revision += 1;
    }

    /// The service names it; what it runs is told where it is not the version of its environment.
    pub fn name_instance(&mut self, id: &str, version: Option<&str>) {
        let instance = SetIdentifier::parse(id).unwrap();
        let blue = self.service.environments.get_mut(&environment("blue")).unwrap();
        blue.set_identifiers.push(instance.clone());
        let placed = Placed { zone: Some("z".into()), version: version.map(str::to_owned) };
        blue.instances.insert(instance, placed);
        self.revision += 1;
    }

    /// The service names it no more.
    pub fn drop_instance(&mut self, id: &str) {
        let blue = self.service.environments.get_mut(&environment("blue")).unwrap();
        blue.set_identifiers.retain(|other| other.as_str() != id);
        blue.instances.retain(|other, _| other.as_str() != id);
        self.revision += 1;
    }

    /// Its record sets go, and whatever ran there.
    pub fn delete_instance(&mut self, id: &str) {
        self.record_sets.retain(|(_, set)| set.set_identifier().is_none_or(|other| other.as_str() != id));
        self.running.remove(id);
        self.revision += 1;
    }
}
