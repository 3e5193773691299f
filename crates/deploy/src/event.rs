//! The story of a deployment, one line per thing that happened; bounded, numbered without gaps.

use model::deployment::{Deployment, EVENTS_MAX, Event};

/// Adds a line to the story.
pub(crate) fn tell(deployment: &mut Deployment, at_ms: u64, cause: &str, text: impl Into<String>) {
    let (phase, step) = (deployment.status.phase, deployment.status.cursor.map(|cursor| cursor.step));
    let events = &mut deployment.record.events;
    let number = events.last().map_or(1, |event| event.number + 1);
    if events.len() >= EVENTS_MAX {
        events.remove(0);
    }
    events.push(Event { number, at_ms, phase, step, text: text.into(), cause: cause.to_owned() });
}
