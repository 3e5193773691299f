//! Generated requests for every operation of the table, on a real store that fills up as they succeed.
//!
//! Whatever comes: no panic, no fault of ours (500), a document that is well-formed, and a request that was refused has
//! changed nothing. Requests are grown from the operation's own shape (`schema`), which is read from the generated code,
//! with values that fit and values that do not, and then bent. A case is a list of numbers, so it shrinks.

mod grow;
mod schema;

use http_body_util::BodyExt as _;
use proptest::prelude::*;
use quick_xml::events::Event;

use super::call::Call;
use super::error::Fault;
use super::generated::operations::TABLE;
use super::operations::carry_out;
use super::respond::refuse;
use super::testing;
use grow::{Grower, Known};

/// Cases; each is one request for every operation.
const CASES: u32 = 48;

/// The root of a document that is well-formed.
fn root(document: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    let (mut reader, mut root, mut depth) = (quick_xml::Reader::from_str(text), None, 0);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(|error| format!("{error}: {text}"))? {
            Event::Start(tag) => {
                root.get_or_insert_with(|| tag.local_name().as_ref().to_owned());
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 => return root.ok_or_else(|| "an empty document".to_owned()),
            Event::Eof => return Err(format!("a document without its end: {text}")),
            _ => {}
        }
    }
}

fn check(fault: &Fault) -> Result<(), String> {
    if fault.status() == 500 || fault.status() == 503 {
        return Err(format!("a fault of ours: {fault:?}"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(refuse(fault, "id").into_body().collect()).unwrap().to_bytes();
    match root(&body)?.as_str() {
        "ErrorResponse" => Ok(()),
        other => Err(format!("not an error document: {other}")),
    }
}

#[test]
fn any_request_is_answered_or_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let to = testing::route53();
    let schema = schema::read();
    let known = std::cell::RefCell::new(Known::default());
    let (answered, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let numbers = prop::collection::vec(any::<u16>(), 0..400);
    let ran = proptest::test_runner::TestRunner::new(config).run(&numbers, |numbers| {
        for (place, row) in TABLE.iter().enumerate() {
            let mut grower = Grower::new(&numbers, place, &schema, &known.borrow());
            let (path, query, body) = grower.request(row);
            // A bent path may be another operation's, or none's.
            let Ok(call) = Call::find(row.method, &path, &query, &body) else { continue };
            let before = to.store.revision();
            let carried_out = runtime.block_on(carry_out(&to, &testing::caller(), testing::meta(), &call));
            let shown = || format!("{} {path}?{query} {}", row.method, String::from_utf8_lossy(&body));
            match carried_out {
                Ok(reply) => {
                    answered.set(answered.get() + 1);
                    let root = root(reply.document.as_bytes()).map_err(TestCaseError::fail)?;
                    prop_assert!(root.ends_with("Response"), "{root}: {}", shown());
                    known.borrow_mut().learn(&reply.document);
                }
                Err(fault) => {
                    refused.set(refused.get() + 1);
                    prop_assert_eq!(to.store.revision(), before, "refused and changed all the same: {}", shown());
                    check(&fault).map_err(|why| TestCaseError::fail(format!("{why}: {}", shown())))?;
                }
            }
        }
        Ok(())
    });
    if let Err(failed) = ran {
        panic!("{failed}");
    }
    // Otherwise only one side is tried.
    assert!(answered.get() > 50 && refused.get() > 500, "{} answered, {} refused", answered.get(), refused.get());
}
