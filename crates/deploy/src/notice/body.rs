//! A notice in the forms that receivers read: our own JSON, and what Slack and those like it take.

use model::deployment::{Notice, NoticeEvent, WeightsLine};
use serde_json::json;

use crate::window::utc;

/// Our own form. `link` leads people to the release, if there is such a page.
#[must_use]
pub fn webhook(notice: &Notice, link: Option<&str>) -> String {
    let Notice { key, deployment, service, event, number, at_ms, phase, step, from, to, weights, text } = notice;
    let body = json!({
        "key": key, "deployment": deployment, "service": service, "event": event, "number": number,
        "at": utc(*at_ms), "phase": phase, "step": step, "from": from, "to": to, "weights": weights, "text": text,
        "url": link,
    });
    body.to_string()
}

/// What an incoming webhook of Slack takes; Mattermost and others read it too.
#[must_use]
pub fn slack(notice: &Notice, link: Option<&str>) -> String {
    let Notice { service, event, text, to, .. } = notice;
    let headline = format!("{} {service} → {to}: {text}", mark(*event));
    let (service, to, text) = (escaped(service.as_str()), escaped(&to.to_string()), escaped(text));
    let deployment = match link {
        // What Slack reads as the end of a link must not stand in it.
        Some(link) => format!("<{}|{}>", escaped(&link.replace('|', "%7C")), notice.deployment),
        None => notice.deployment.to_string(),
    };
    let weights = escaped(&WeightsLine(&notice.weights).to_string());
    let context = format!("{deployment}, {}, {weights}, {}", notice.phase, utc(notice.at_ms));
    let section = |text: &str| json!({ "type": "mrkdwn", "text": text });
    let body = json!({
        "text": escaped(&headline),
        "blocks": [
            { "type": "section", "text": section(&format!("{} *{service}* → {to}\n{text}", mark(*event))) },
            { "type": "context", "elements": [section(&shortened(&context))] },
        ],
    });
    body.to_string()
}

/// What is seen first.
const fn mark(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::Created | NoticeEvent::Step => "▶",
        NoticeEvent::Waiting => "✋",
        NoticeEvent::Paused | NoticeEvent::Drift | NoticeEvent::Overridden => "⚠",
        NoticeEvent::AnalysisFailed | NoticeEvent::RollingBack | NoticeEvent::TeardownFailed => "❌",
        NoticeEvent::RollbackBlocked => "🚨",
        NoticeEvent::Succeeded | NoticeEvent::TornDown => "✅",
        NoticeEvent::RolledBack => "↩",
        NoticeEvent::Ended => "⏹",
    }
}

/// Slack's three escapes: with them no text can call a channel or make a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text of a block has at most 3000 characters; a service of many names has more weights than that.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 2_900;
    match text.char_indices().nth(CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
