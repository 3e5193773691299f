//! The story of a deployment, one line per thing that happened; bounded, numbered without gaps.

use model::deployment::{Deployment, EVENTS_MAX, Event};

/// Characters of one event. Operators' reasons and providers' errors come from outside, and all of the story is written
/// anew with every change.
const TEXT_CHARS_MAX: usize = 500;

/// Adds a line to the story.
pub(crate) fn tell(deployment: &mut Deployment, at_ms: u64, cause: &str, text: impl Into<String>) {
    let (phase, step) = (deployment.status.phase, deployment.status.cursor.map(|cursor| cursor.step));
    let events = &mut deployment.record.events;
    let number = events.last().map_or(1, |event| event.number + 1);
    if events.len() >= EVENTS_MAX {
        events.remove(0);
    }
    events.push(Event { number, at_ms, phase, step, text: cut(text.into()), cause: cause.to_owned() });
}

/// At most [`TEXT_CHARS_MAX`] characters; what is left out is marked. Control characters become spaces: the story is
/// shown on terminals, which would obey what a hook answers or an operator writes.
pub(crate) fn cut(text: String) -> String {
    let text = if text.contains(char::is_control) { text.replace(char::is_control, " ") } else { text };
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_speaks_to_a_terminal() {
        assert_eq!(cut("a\x1b[2J\nb\u{9b}1m".to_owned()), "a [2J b 1m");
    }

    #[test]
    fn endless_reasons_do_not_make_an_endless_story() {
        assert_eq!(cut("é".repeat(TEXT_CHARS_MAX)), "é".repeat(TEXT_CHARS_MAX));
        assert_eq!(cut("é".repeat(1_000_000)).chars().count(), TEXT_CHARS_MAX + 1);
    }
}
