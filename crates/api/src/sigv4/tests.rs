//! Requests that botocore 1.43.11 signed (`vectors.txt`), as they are and bent.

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const VECTORS: &str = include_str!("vectors.txt");

/// 2026-11-23T07:00:00Z, when the vectors were signed.
const SIGNED: u64 = 1_795_417_200;

struct Request {
    parts: Parts,
    body: String,
}

fn vector(name: &str) -> Request {
    let text = VECTORS.split("== ").find(|part| part.lines().next() == Some(name)).expect("a vector of that name");
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines().skip(1);
    let (method, uri) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = http::Request::builder().method(method).uri(uri);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    Request { parts, body: body.trim_end_matches('\n').to_owned() }
}

fn find(key: &AccessKeyId) -> Option<Arc<Credential>> {
    (key.as_str() == "AKIDEXAMPLE").then(|| Arc::new(Credential::of_tests(key, SECRET, None)))
}

fn check(request: &Request, now: u64, service: &str) -> Result<(String, String), SignatureError> {
    check_of(request, now, service, find)
}

/// Id of the key, and region.
fn check_of(
    request: &Request,
    now: u64,
    service: &str,
    find: impl FnOnce(&AccessKeyId) -> Option<Arc<Credential>>,
) -> Result<(String, String), SignatureError> {
    let identity = verify(&request.parts, request.body.as_bytes(), now, service, find)?;
    Ok((identity.credential.id.to_string(), identity.region))
}

fn with_header(mut request: Request, name: &'static str, value: &str) -> Request {
    request.parts.headers.insert(name, value.parse().unwrap());
    request
}

fn with_authorization(request: Request, from: &str, to: &str) -> Request {
    let authorization = request.parts.headers["authorization"].to_str().unwrap().replace(from, to);
    with_header(request, "authorization", &authorization)
}

#[test]
fn what_botocore_signs_is_believed() {
    for name in ["get", "post", "token", "encoded", "presigned"] {
        let (id, _) = check(&vector(name), SIGNED + 60, "route53").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(id, "AKIDEXAMPLE");
    }
    assert_eq!(check(&vector("token"), SIGNED, "route53").unwrap().1, "eu-west-1");
    assert!(check(&vector("native"), SIGNED, "cutover").is_ok());
}

#[test]
fn an_altered_request_is_not() {
    let mut other_body = vector("post");
    other_body.body.push(' ');
    assert_eq!(check(&other_body, SIGNED, "route53"), Err(SignatureError::Different));

    let mut other_query = vector("get");
    other_query.parts.uri = "/2013-04-01/hostedzone/Z1/rrset?name=other".parse().unwrap();
    assert_eq!(check(&other_query, SIGNED, "route53"), Err(SignatureError::Different));

    let mut other_path = vector("encoded");
    other_path.parts.uri = "/2013-04-01/hostedzone/%2Fhostedzone%2FZ2".parse().unwrap();
    assert_eq!(check(&other_path, SIGNED, "route53"), Err(SignatureError::Different));

    let mut other_method = vector("get");
    other_method.parts.method = http::Method::DELETE;
    assert_eq!(check(&other_method, SIGNED, "route53"), Err(SignatureError::Different));

    let other_host = with_header(vector("get"), "host", "elsewhere:8053");
    assert_eq!(check(&other_host, SIGNED, "route53"), Err(SignatureError::Different));

    // A hash that is announced and not signed must be true as well.
    let announced = with_header(vector("get"), "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(check(&announced, SIGNED, "route53"), Err(SignatureError::Different));
}

#[test]
fn wrong_and_unknown_keys_are_told_apart() {
    let request = vector("get");
    let other = |key: &AccessKeyId| Some(Arc::new(Credential::of_tests(key, "another secret", None)));
    let wrong = check_of(&request, SIGNED, "route53", other);
    assert_eq!(wrong, Err(SignatureError::Different));
    assert_eq!(check_of(&request, SIGNED, "route53", |_| None), Err(SignatureError::UnknownKey));
}

#[test]
fn a_replay_outside_the_window_is_refused_and_names_the_window() {
    let request = vector("get");
    assert!(check(&request, SIGNED + 300, "route53").is_ok());
    assert!(check(&request, SIGNED - 300, "route53").is_ok());
    assert_eq!(
        check(&request, SIGNED + 301, "route53").unwrap_err().to_string(),
        "Signature expired: 20261123T070000Z is now earlier than 20261123T070001Z (20261123T070501Z - 5 min.)"
    );
    assert_eq!(
        check(&request, SIGNED - 301, "route53").unwrap_err().to_string(),
        "Signature not yet current: 20261123T070000Z is still later than 20261123T065959Z (20261123T065459Z + 5 min.)"
    );
    assert!(matches!(check(&vector("presigned"), SIGNED + 301, "route53"), Err(SignatureError::Expired { .. })));
}

#[test]
fn a_moved_date_does_not_help() {
    let later = with_header(vector("get"), "x-amz-date", "20261123T080000Z");
    assert_eq!(check(&later, SIGNED + 3600, "route53"), Err(SignatureError::Different));
}

#[test]
fn a_credential_for_something_else_is_refused() {
    assert!(matches!(check(&vector("native"), SIGNED, "route53"), Err(SignatureError::Scope { .. })));
    let yesterday = with_authorization(vector("get"), "/20261123/", "/20261122/");
    assert!(matches!(check(&yesterday, SIGNED, "route53"), Err(SignatureError::Scope { .. })));
    let no_host = with_authorization(vector("get"), "host;x-amz-date", "x-amz-date");
    assert_eq!(check(&no_host, SIGNED, "route53"), Err(SignatureError::HostUnsigned));
}

#[test]
fn missing_parts_are_named() {
    let mut unsigned = vector("get");
    unsigned.parts.headers.remove("authorization");
    assert_eq!(check(&unsigned, SIGNED, "route53"), Err(SignatureError::Absent));

    let bare = with_header(vector("get"), "authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/1/2");
    assert_eq!(
        check(&bare, SIGNED, "route53").unwrap_err().to_string(),
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
    );
    let no_date = {
        let mut request = vector("get");
        request.parts.headers.remove("x-amz-date");
        check(&request, SIGNED, "route53").unwrap_err().to_string()
    };
    assert!(no_date.contains("either a 'X-Amz-Date' or a 'Date' header"), "{no_date}");
    let short = with_authorization(vector("get"), "/us-east-1", "");
    assert!(matches!(check(&short, SIGNED, "route53"), Err(SignatureError::Malformed { .. })));
    let basic = with_header(vector("get"), "authorization", "Basic YTpi");
    assert!(matches!(check(&basic, SIGNED, "route53"), Err(SignatureError::Malformed { .. })));
}

/// Whoever knows the id of a key could make a gigabyte of 64 KiB: a long header, named thousands of times.
#[test]
fn a_header_is_signed_once() {
    for (again, is_believed) in [("host;host", false), ("host;HOST", false), ("host", true)] {
        let signed = |request: &Request| {
            let names = request.parts.headers["authorization"].to_str().unwrap().split("SignedHeaders=").nth(1);
            names.unwrap().split(',').next().unwrap().to_owned()
        };
        let names = signed(&vector("get"));
        let mut request = with_authorization(vector("get"), &names, &names.replace("host", again));
        // Signed by the key itself, so nothing else is wrong with it.
        let claim = in_header(&request.parts, request.parts.headers["authorization"].to_str().unwrap()).unwrap();
        let scope: Vec<&str> = claim.credential.split('/').skip(1).collect();
        let names: Vec<&str> = claim.signed_headers.split(';').collect();
        let spelled = &canonical::spellings(&request.parts, &names, request.body.as_bytes())[0];
        let spelled = canonical::hex(ring::digest::digest(&ring::digest::SHA256, spelled.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{}\n{}\n{spelled}", basic(claim.signed_at.1), scope.join("/"));
        let signature = hmac::sign(&signing_key(SECRET, scope[0], scope[1], scope[2]), text.as_bytes());
        request = with_authorization(request, &claim.signature, &canonical::hex(signature.as_ref()));
        assert_eq!(check(&request, SIGNED, "route53").is_ok(), is_believed, "{again}");
    }
}

#[test]
fn a_session_needs_its_token_and_time() {
    let token = |request: &Request| request.parts.headers.get("x-amz-security-token").cloned();
    let right = token(&vector("token")).expect("the vector has one");
    let session = |expires_ms: u64| {
        move |key: &AccessKeyId| {
            let digest = ring::digest::digest(&ring::digest::SHA256, right.as_bytes());
            let token_sha256 = digest.as_ref().try_into().unwrap();
            let session = OpenedSession { of: AccessKeyId::parse("CUTO1").unwrap(), expires_ms, token_sha256 };
            Some(Arc::new(Credential::of_tests(key, SECRET, Some(session))))
        }
    };
    let later = (SIGNED + 900) * 1000;
    let check = |request: &Request, expires_ms: u64| check_of(request, SIGNED, "route53", session.clone()(expires_ms));
    assert!(check(&vector("token"), later).is_ok());
    assert_eq!(check(&vector("token"), SIGNED * 1000), Err(SignatureError::SessionOver));
    // Without a token and with another: told alike, and before the signature is looked at.
    assert_eq!(check(&vector("get"), later), Err(SignatureError::UnknownKey));
    let other = with_header(vector("token"), "x-amz-security-token", "other");
    assert_eq!(check(&other, later), Err(SignatureError::UnknownKey));
    assert_eq!(check(&other, SIGNED * 1000), Err(SignatureError::UnknownKey));
    // The right token does not make up for a wrong signature.
    let mut bent = vector("token");
    bent.body.push('x');
    assert_eq!(check(&bent, later), Err(SignatureError::Different));
}
