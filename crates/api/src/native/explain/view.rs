//! Explanations as JSON. One place for their shape, which `docs/api-v1.md` describes.

use control::explain::{Candidate, Content, Explained, Explanation, Finding, Hop, Level, Measure, Possible, Question};
use model::Name;
use model::id::HealthCheckId;
use serde_json::{Value, json};

use super::Standing;

/// Asks the prober about a check.
type Asked<'a> = &'a dyn Fn(&HealthCheckId) -> Option<Standing>;

pub(super) fn explained(question: &Question, explained: &Explained, standing: Asked<'_>, now_ms: u64) -> Value {
    let mut told = explanation(&explained.explanation, standing, now_ms);
    told["name"] = question.name.to_string().into();
    told["type"] = question.record_type.to_string().into();
    told["revision"] = explained.revision.into();
    told["sample"] = json!({ "draw": format!("{:016x}", explained.draw), "answer": possible(&explained.sample) });
    told
}

fn explanation(explanation: &Explanation, standing: Asked<'_>, now_ms: u64) -> Value {
    let Explanation { zone, client, hops, possible } = explanation;
    let place = client.place.map(|place| {
        let degrees = |hundredths: i16| f64::from(hundredths) / 100.0;
        json!({
            "continent": place.continent.map(|code| code.to_string()),
            "country": place.country.map(|code| code.to_string()),
            "subdivision": place.subdivision.map(|code| code.to_string()),
            "latitude": place.point.map(|point| degrees(point.latitude)),
            "longitude": place.point.map(|point| degrees(point.longitude)),
        })
    });
    let shown = Shown { standing, now_ms };
    json!({
        "zone": zone.as_ref().map(|(id, name)| json!({ "id": id.as_str(), "name": name.to_string() })),
        "client": { "prefix": client.prefix.to_string(), "place": place, "scope": possible.scope },
        "answers": possible.answers.iter().map(self::possible).collect::<Vec<_>>(),
        "untold": possible.untold,
        "hops": hops.iter().map(|hop| shown.hop(hop)).collect::<Vec<_>>(),
    })
}

/// One possible answer.
pub(in crate::native) fn possible(possible: &Possible) -> Value {
    let Possible { odds, via, record_type, values, some, ending, ttl_seconds } = possible;
    json!({
        "odds": odds, "via": via.iter().map(Name::to_string).collect::<Vec<_>>(), "type": record_type.to_string(),
        "values": values, "some": some, "ending": ending.as_str(), "ttl": ttl_seconds, "text": possible.what(),
    })
}

struct Shown<'a> {
    standing: Asked<'a>,
    now_ms: u64,
}

impl Shown<'_> {
    fn hop(&self, hop: &Hop) -> Value {
        let (word, record_type, is_wildcard, level) = match &hop.finding {
            Finding::Records { record_type, is_wildcard, level } => {
                ("records", Some(record_type.to_string()), *is_wildcard, Some(self.level(level)))
            }
            Finding::NoData { is_wildcard } => ("NODATA", None, *is_wildcard, None),
            Finding::NoName => ("NXDOMAIN", None, false, None),
            Finding::Delegated => ("delegated", None, false, None),
            Finding::Renamed => ("DNAME", None, false, None),
        };
        json!({
            "name": hop.name.to_string(), "odds": hop.odds, "finding": word, "type": record_type,
            "wildcard": is_wildcard, "level": level,
        })
    }

    fn level(&self, level: &Level) -> Value {
        json!({
            "policy": level.policy, "failing_open": level.is_failing_open,
            "candidates": level.candidates.iter().map(|candidate| self.candidate(candidate)).collect::<Vec<_>>(),
        })
    }

    fn candidate(&self, candidate: &Candidate) -> Value {
        let Candidate { set_identifier, rule, measure, health_check, is_healthy, odds, reason, content } = candidate;
        let measure = measure.map(|measure| match measure {
            Measure::Measured(value) => json!({ "value": value, "unit": "ms", "measured": true }),
            Measure::Estimated(value) => json!({ "value": value, "unit": "ms", "measured": false }),
            Measure::Kilometres(value) => json!({ "value": value, "unit": "km" }),
        });
        let mut told = json!({
            "set_identifier": set_identifier, "rule": rule, "measure": measure, "healthy": is_healthy, "odds": odds,
            "reason": { "code": reason.code(), "text": reason.to_string() },
            "health_check": health_check.as_ref().map(|(id, is_healthy)| self.check(id, *is_healthy)),
        });
        match content {
            Content::Records(values, ttl) => told["records"] = json!({ "values": values, "ttl": ttl }),
            Content::Alias(target, evaluates, level) => {
                told["alias"] = json!({
                    "target": target.to_string(), "evaluate_target_health": evaluates,
                    "level": level.as_ref().map(|level| self.level(level)),
                });
            }
            Content::Rule(evaluates, level) => {
                told["rule_of_policy"] = json!({ "evaluate_target_health": evaluates, "level": self.level(level) });
            }
            Content::Outside => told["outside"] = true.into(),
        }
        told
    }

    /// Ages are in milliseconds before now, so that no two clocks need agree.
    fn check(&self, id: &HealthCheckId, is_healthy: bool) -> Value {
        let standing = (self.standing)(id);
        let seen = standing.as_ref().and_then(|standing| standing.seen.as_ref());
        json!({
            "id": id.as_str(), "healthy": is_healthy,
            "since_ms": standing.as_ref().map(|standing| self.now_ms.saturating_sub(standing.since_ms)),
            "seen": seen.map(|seen| &seen.status),
            "seen_ms": seen.map(|seen| self.now_ms.saturating_sub(seen.checked_at_ms)),
        })
    }
}
