//! Keys limited by policies, over a real socket: what they cannot do, see or infer. A test for each condition key.
//!
//! Every refusal of a limited key must be the same whether or not the thing exists, and change nothing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use server::{Credentials, Server, signer};

/// A server with the zone `example.com`, and the key that made it.
struct Place {
    server: Server,
    zone: String,
    all: Credentials,
}

/// A change, as `UPSERT TXT _acme-challenge.example.com`.
fn batch(changes: &[&str]) -> String {
    let change = |text: &&str| {
        let mut words = text.splitn(3, ' ');
        let (action, kind, name) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let value = match kind {
            "TXT" => "\"x\"",
            "CNAME" => "target.test",
            _ => "192.0.2.1",
        };
        format!(
            "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL>\
             <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>\
             </ResourceRecordSet></Change>"
        )
    };
    let changes: String = changes.iter().map(change).collect();
    format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
         {changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    )
}

impl Place {
    async fn new() -> Self {
        let server = Server::signed_at_rest().await;
        let all = server.key().await;
        let body = "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>example.com</Name>\
                    <CallerReference>1</CallerReference></CreateHostedZoneRequest>";
        let (status, text) = signer::send(&server, &all, "route53", "POST /2013-04-01/hostedzone", body).await;
        assert_eq!(status, 201, "{text}");
        let zone = text.split("<Id>/hostedzone/").nth(1).unwrap().split('<').next().unwrap().to_owned();
        Self { server, zone, all }
    }

    /// A key with a policy of these statements; `ZONE` is the zone's ARN.
    async fn key(&self, statements: &str) -> Credentials {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
            .replace("ZONE", &format!("arn:aws:route53:::hostedzone/{}", self.zone));
        self.server.limited_key("ci", &[&document]).await
    }

    /// A key that may do everything on a condition.
    async fn key_when(&self, condition: &str) -> Credentials {
        self.key(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#)).await
    }

    async fn route53(&self, by: &Credentials, line: &str, body: &str) -> (u16, String) {
        let line = line.replacen(" /", " /2013-04-01/", 1);
        signer::send(&self.server, by, "route53", &line, body).await
    }

    async fn native(&self, by: &Credentials, line: &str, body: &str) -> (u16, String) {
        signer::send(&self.server, by, "cutover", &line.replacen(" /", " /v1/", 1), body).await
    }

    async fn change(&self, by: &Credentials, changes: &[&str]) -> (u16, String) {
        self.route53(by, &format!("POST /hostedzone/{}/rrset", self.zone), &batch(changes)).await
    }

    /// The change is carried out.
    async fn changes(&self, by: &Credentials, changes: &[&str]) {
        let (status, text) = self.change(by, changes).await;
        assert_eq!(status, 200, "{changes:?}: {text}");
    }

    /// The change is refused, and nothing of it is done.
    async fn changes_not(&self, by: &Credentials, changes: &[&str]) {
        let before = self.server.store.revision();
        denied(self.change(by, changes).await, changes);
        assert_eq!(self.server.store.revision(), before, "{changes:?}");
    }

    /// The key may list hosted zones, or not.
    async fn lists(&self, by: &Credentials, expect: bool) {
        let (status, text) = self.route53(by, "GET /hostedzone", "").await;
        if expect {
            assert_eq!(status, 200, "{text}");
        } else {
            denied((status, text), &["GET /hostedzone"]);
        }
    }
}

/// The message of an AccessDenied.
#[track_caller]
fn denied((status, text): (u16, String), what: &[&str]) -> String {
    assert!(status == 403 && text.contains("<Code>AccessDenied</Code>"), "{what:?} gave {status}: {text}");
    text.split("<Message>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

const NAMES: &str = "route53:ChangeResourceRecordSetsNormalizedRecordNames";
const TYPES: &str = "route53:ChangeResourceRecordSetsRecordTypes";
const ACTIONS: &str = "route53:ChangeResourceRecordSetsActions";

#[tokio::test]
async fn condition_on_record_names() {
    let at = Place::new().await;
    let key = at
        .key_when(&format!(r#""ForAllValues:StringLike":{{"{NAMES}":["_acme-challenge.*","\\052.w.example.com"]}}"#))
        .await;
    at.changes(&key, &["UPSERT TXT _acme-challenge.example.com"]).await;
    // One name in every spelling.
    at.changes(&key, &["UPSERT TXT _ACME-Challenge.Example.com.", "UPSERT TXT \\137acme-challenge.a.example.com"])
        .await;
    at.changes(&key, &["UPSERT A *.w.example.com"]).await;
    at.changes(&key, &["UPSERT A \\052.w.example.com"]).await;
    for other in [
        "UPSERT TXT example.com",
        "UPSERT TXT x_acme-challenge.example.com",
        "UPSERT TXT www._acme-challenge.example.com",
        "UPSERT TXT _acme-challenge\\056example.com",
        "UPSERT A a.w.example.com",
        "UPSERT A *.example.com",
        "UPSERT A x\\052.w.example.com",
        "UPSERT TXT no name.example.com",
        "UPSERT TXT ",
    ] {
        at.changes_not(&key, &[other]).await;
        // A batch is allowed whole or not at all, in either order.
        at.changes_not(&key, &["UPSERT TXT _acme-challenge.b.example.com", other]).await;
        at.changes_not(&key, &[other, "UPSERT TXT _acme-challenge.b.example.com"]).await;
    }
    // A record set that is there is refused like one that is not.
    at.changes(&at.all, &["CREATE TXT there.example.com"]).await;
    let there = denied(at.change(&key, &["CREATE TXT there.example.com"]).await, &[]);
    assert_eq!(there, denied(at.change(&key, &["CREATE TXT gone.example.com"]).await, &[]));
    assert_eq!(there, denied(at.change(&key, &["DELETE TXT gone.example.com"]).await, &[]));

    // Denied by name, in every spelling, whatever is allowed besides.
    let but = at.key(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},
           {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"ForAnyValue:StringEquals":{{"{NAMES}":"\\052.a.example.com"}}}}}}"#
    )).await;
    at.changes(&but, &["UPSERT A a.example.com"]).await;
    for spelling in ["*.a.example.com", "*.A.Example.COM.", "\\052.\\141.example.com", "\\052.\\101.example.com."] {
        at.changes_not(&but, &[&format!("UPSERT A {spelling}")]).await;
        at.changes_not(&but, &["UPSERT A a.example.com", &format!("DELETE A {spelling}")]).await;
    }
}

#[tokio::test]
async fn condition_on_record_types() {
    let at = Place::new().await;
    let key = at.key_when(&format!(r#""ForAllValues:StringEquals":{{"{TYPES}":["TXT","CNAME"]}}"#)).await;
    at.changes(&key, &["UPSERT TXT a.example.com", "UPSERT CNAME b.example.com"]).await;
    at.changes_not(&key, &["UPSERT A c.example.com"]).await;
    at.changes_not(&key, &["UPSERT TXT a.example.com", "UPSERT A c.example.com"]).await;
    let but = at.key(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},
           {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"ForAnyValue:StringEquals":{{"{TYPES}":"A"}}}}}}"#
    )).await;
    at.changes(&but, &["UPSERT TXT a.example.com"]).await;
    at.changes_not(&but, &["UPSERT TXT a.example.com", "UPSERT A c.example.com"]).await;
}

#[tokio::test]
async fn condition_on_actions() {
    let at = Place::new().await;
    let key = at.key_when(&format!(r#""ForAllValues:StringEquals":{{"{ACTIONS}":["CREATE","UPSERT"]}}"#)).await;
    at.changes(&key, &["CREATE TXT a.example.com", "UPSERT A b.example.com"]).await;
    at.changes_not(&key, &["DELETE TXT a.example.com"]).await;
    at.changes_not(&key, &["UPSERT A b.example.com", "DELETE TXT a.example.com"]).await;
    let only = at.key_when(&format!(r#""ForAllValues:StringEquals":{{"{ACTIONS}":"DELETE"}}"#)).await;
    at.changes_not(&only, &["UPSERT TXT a.example.com"]).await;
    at.changes(&only, &["DELETE TXT a.example.com"]).await;
}

#[tokio::test]
async fn condition_on_vpcs() {
    let at = Place::new().await;
    let own = r#""ForAllValues:StringEquals":{"route53:VPCs":"VPCId=vpc-1a,VPCRegion=eu-west-1"},"Null":{"route53:VPCs":"false"}"#;
    let key = at.key_when(own).await;
    let create = |vpc: &str| {
        format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>corp.test</Name>{vpc}\
             <CallerReference>2</CallerReference></CreateHostedZoneRequest>"
        )
    };
    let vpc = |region: &str, id: &str| format!("<VPC><VPCRegion>{region}</VPCRegion><VPCId>{id}</VPCId></VPC>");
    for other in [vpc("eu-west-1", "vpc-2b"), vpc("us-east-1", "vpc-1a"), String::new()] {
        denied(at.route53(&key, "POST /hostedzone", &create(&other)).await, &[&other]);
    }
    for spelling in ["vpc-1a", "VPC-1A"] {
        let (_, text) = at.route53(&key, "POST /hostedzone", &create(&vpc("eu-west-1", spelling))).await;
        assert!(!text.contains("AccessDenied"), "{text}");
    }
    let (status, text) = at.route53(&key, "GET /hostedzone", "").await;
    denied((status, text), &["a request without VPCs"]);
}

#[tokio::test]
async fn condition_on_the_source_address() {
    let at = Place::new().await;
    at.lists(&at.key_when(r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.0/8"]}"#).await, true).await;
    at.lists(&at.key_when(r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#).await, false).await;
    at.lists(&at.key_when(r#""NotIpAddress":{"aws:SourceIp":"127.0.0.1"}"#).await, false).await;
}

#[tokio::test]
async fn conditions_on_time() {
    let at = Place::new().await;
    at.lists(&at.key_when(r#""DateLessThanEquals":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#).await, true).await;
    at.lists(&at.key_when(r#""DateLessThan":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#).await, false).await;
    at.lists(&at.key_when(r#""NumericGreaterThanEquals":{"aws:EpochTime":"1795417200"}"#).await, true).await;
    at.lists(&at.key_when(r#""NumericGreaterThan":{"aws:EpochTime":"1795417200"}"#).await, false).await;
}

#[tokio::test]
async fn conditions_on_who_asks() {
    let at = Place::new().await;
    at.lists(&at.key_when(r#""StringEquals":{"aws:username":"ci"}"#).await, true).await;
    at.lists(&at.key_when(r#""StringEquals":{"aws:username":"CI"}"#).await, false).await;
    at.lists(&at.key_when(r#""StringEquals":{"aws:userid":"${aws:userid}"}"#).await, true).await;
    at.lists(&at.key_when(&format!(r#""StringEquals":{{"aws:userid":"{}"}}"#, at.all.id)).await, false).await;
    at.lists(&at.key_when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/c?"}"#).await, true).await;
    at.lists(&at.key_when(r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/cd"}"#).await, false)
        .await;
    at.lists(&at.key_when(r#""StringEquals":{"aws:PrincipalAccount":"000000000000"}"#).await, true).await;
    at.lists(&at.key_when(r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#).await, false).await;
}

/// TLS ends in front of the server, which therefore does not know: what demands it is not fulfilled.
#[tokio::test]
async fn condition_on_secure_transport() {
    let at = Place::new().await;
    at.lists(&at.key_when(r#""Bool":{"aws:SecureTransport":"true"}"#).await, false).await;
    at.lists(&at.key_when(r#""Bool":{"aws:SecureTransport":"false"}"#).await, false).await;
    at.lists(&at.key_when(r#""Null":{"aws:SecureTransport":"true"}"#).await, true).await;
}

/// What exists is refused in the same words as what does not, but for the id that was asked for.
#[tokio::test]
async fn nothing_is_inferred_from_a_refusal() {
    let at = Place::new().await;
    at.changes(&at.all, &["CREATE A www.example.com"]).await;
    let key =
        at.key(r#"{"Effect":"Allow","Action":"route53:*","Resource":"arn:aws:route53:::hostedzone/ZOTHER"}"#).await;
    let requests = [
        ("GET", "/hostedzone/ID", ""),
        ("DELETE", "/hostedzone/ID", ""),
        ("GET", "/hostedzone/ID/rrset", ""),
        ("GET", "/hostedzone/ID/dnssec", ""),
        ("GET", "/hostedzonelimit/ID/MAX_RRSETS_BY_ZONE", ""),
        ("GET", "/tags/hostedzone/ID", ""),
        ("POST", "/hostedzone/ID", "<UpdateHostedZoneCommentRequest/>"),
    ];
    for (method, path, body) in requests {
        let mut told = Vec::new();
        for id in [at.zone.as_str(), "ZMISSING", "ZMISSING2"] {
            let line = format!("{method} {}", path.replace("ID", id));
            let message = denied(at.route53(&key, &line, body).await, &[&line]);
            assert!(message.contains(&format!(" on resource: arn:aws:route53:::hostedzone/{id} ")), "{message}");
            told.push(message.replace(id, "ID"));
        }
        assert!(told.iter().all(|message| *message == told[0]), "{told:?}");
    }
    for line in
        ["GET /healthcheck/h1", "GET /change/C1", "GET /hostedzonecount", "GET /hostedzonesbyname", "GET /healthcheck"]
    {
        denied(at.route53(&key, line, "").await, &[line]);
    }
    at.lists(&key, false).await;
    // It may ask for its own, and is told that it is not there.
    let (status, text) = at.route53(&key, "GET /hostedzone/ZOTHER", "").await;
    assert!(status == 404 && text.contains("NoSuchHostedZone"), "{text}");
    // These tell nothing of the account.
    assert_eq!(at.route53(&key, "GET /checkeripranges", "").await.0, 200);
}

#[tokio::test]
async fn the_words_are_those_of_aws() {
    let at = Place::new().await;
    let key = at.key(r#"{"Effect":"Allow","Action":"route53:GetHostedZone","Resource":"ZONE"},{"Effect":"Deny","Action":"route53:List*","Resource":"*"}"#).await;
    let line = format!("GET /hostedzone/{}/dnssec", at.zone);
    assert_eq!(
        denied(at.route53(&key, &line, "").await, &[]),
        format!(
            "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: route53:GetDNSSEC on resource: \
             arn:aws:route53:::hostedzone/{} because no identity-based policy allows the route53:GetDNSSEC action",
            at.zone
        )
    );
    assert_eq!(
        denied(at.route53(&key, "GET /hostedzone", "").await, &[]),
        "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: route53:ListHostedZones \
         with an explicit deny in an identity-based policy"
    );
    assert_eq!(at.route53(&key, &format!("GET /hostedzone/{}", at.zone), "").await.0, 200);
}

#[tokio::test]
async fn a_deny_beats_every_allow() {
    let at = Place::new().await;
    let key = at.server.limited_key("ci", &[
        "full-access",
        &format!(r#"{{"Statement":{{"Effect":"Deny","Action":"route53:change*","Resource":"arn:aws:route53:::hostedzone/{}"}}}}"#, at.zone),
    ]).await;
    at.lists(&key, true).await;
    at.changes_not(&key, &["UPSERT A www.example.com"]).await;
    // However the zone is written.
    for path in ["/hostedzone//hostedzone/ID/rrset", "/hostedzone/ID/rrset/", "/hostedzone/%5a_/rrset"] {
        let path = path.replace("ID", &at.zone).replace('_', &at.zone[1..]);
        let before = at.server.store.revision();
        denied(at.route53(&key, &format!("POST {path}"), &batch(&["UPSERT A www.example.com"])).await, &[&path]);
        assert_eq!(at.server.store.revision(), before);
    }
}

#[tokio::test]
async fn policies_are_those_of_now() {
    let at = Place::new().await;
    let key = at.server.limited_key("ci", &["read-only"]).await;
    at.lists(&key, true).await;
    at.changes_not(&key, &["UPSERT A www.example.com"]).await;
    at.server.set_policy(&key, "full-access").await;
    at.changes(&key, &["UPSERT A www.example.com"]).await;
    at.server.set_policy(&key, r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#).await;
    at.lists(&key, false).await;
    at.server.delete_key(&key).await;
    let (status, text) = at.route53(&key, "GET /hostedzone", "").await;
    assert!(status == 403 && text.contains("<Code>InvalidClientTokenId</Code>"), "{text}");
}

#[tokio::test]
async fn a_session_does_what_its_key_may_and_no_longer() {
    let at = Place::new().await;
    let parent = at.server.limited_key("ci", &["full-access"]).await;
    let session = at.server.session(&parent, 0, &[]).await;
    at.lists(&session, true).await;
    at.changes(&session, &["UPSERT A www.example.com"]).await;

    // Its own policy narrows and never widens.
    let narrow = at.server.session(&parent, 0, &["read-only"]).await;
    at.lists(&narrow, true).await;
    at.changes_not(&narrow, &["UPSERT A www.example.com"]).await;
    let message = denied(at.change(&narrow, &["UPSERT A www.example.com"]).await, &[]);
    assert!(
        message.ends_with("because no session policy allows the route53:ChangeResourceRecordSets action"),
        "{message}"
    );
    let reader = at.server.limited_key("reader", &["read-only"]).await;
    let wide = at.server.session(&reader, 0, &["full-access"]).await;
    at.lists(&wide, true).await;
    at.changes_not(&wide, &["UPSERT A www.example.com"]).await;

    // The key's policies of now hold for it, too.
    at.server.set_policy(&parent, "read-only").await;
    at.changes_not(&session, &["UPSERT A www.example.com"]).await;

    let expect = async |by: &Credentials, code: &str, message: &str| {
        let (status, text) = at.route53(by, "GET /hostedzone", "").await;
        assert_eq!(status, 403, "{text}");
        assert!(text.contains(&format!("<Code>{code}</Code><Message>{message}</Message>")), "{text}");
    };
    let over = at.server.session(&parent, 3600, &[]).await;
    expect(&over, "ExpiredToken", "The security token included in the request is expired").await;
    let invalid = "The security token included in the request is invalid.";
    let bare = Credentials { token: None, ..session.clone() };
    expect(&bare, "InvalidClientTokenId", invalid).await;
    let other = Credentials { token: narrow.token.clone(), ..session.clone() };
    expect(&other, "InvalidClientTokenId", invalid).await;
    let forged = Credentials { secret: parent.secret.clone(), ..session.clone() };
    let (status, text) = at.route53(&forged, "GET /hostedzone", "").await;
    assert!(status == 403 && text.contains("<Code>SignatureDoesNotMatch</Code>"), "{text}");
    at.server.delete_key(&parent).await;
    expect(&session, "InvalidClientTokenId", invalid).await;
    // A token that comes with a key is not looked at.
    at.lists(&Credentials { token: Some("left over".to_owned()), ..at.all.clone() }, true).await;
}

/// What a key is not allowed by one API it does not get by the other.
#[tokio::test]
async fn the_native_api_is_no_way_around() {
    let at = Place::new().await;
    let key = at.key(&format!(
        r#"{{"Effect":"Allow","Action":"route53:*","Resource":"*","Condition":{{"ForAllValues:StringLike":{{"{NAMES}":"_acme-challenge.*"}}}}}}"#
    )).await;
    let refused = async |by: &Credentials, line: &str, body: &str| {
        let before = at.server.store.revision();
        let (status, text) = at.native(by, line, body).await;
        assert!(status == 403 && text.contains(r#""code":"access_denied""#), "{line} gave {status}: {text}");
        assert_eq!(at.server.store.revision(), before);
        text
    };
    let file = "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n";
    for line in ["GET /zones", "GET /keys", "GET /services", "GET /deployments", "GET /explain"] {
        refused(&key, line, "").await;
    }
    for (line, body) in [
        ("POST /keys", r#"{"name":"me","policies":["full-access"]}"#),
        ("PUT /zones/example.com", file),
        ("PUT /zones/new.test", file),
        ("POST /zones/example.com/rollback", r#"{"revision":1}"#),
        ("PUT /services/shop", "{}"),
        ("POST /services/shop/deployments", "{}"),
        ("POST /deployments/01A:abort", ""),
    ] {
        refused(&key, line, body).await;
    }
    refused(&key, &format!("PUT /keys/{}/policies", key.id), r#"{"policies":["full-access"]}"#).await;
    refused(&key, &format!("POST /keys/{}/sessions", at.all.id), r#"{"ttl_seconds":900}"#).await;
    refused(&key, &format!("DELETE /keys/{}", at.all.id), "").await;

    // Who gets what in a release is told of any name that leads to it, so that planning alone does not show it.
    let planner = at
        .key(r#"{"Effect":"Allow","Action":"cutover:PlanDeployment","Resource":"arn:cutover:deploy:::service/shop"}"#)
        .await;
    let (plan, spec) = ("POST /services/shop/plan", r#""to":"green","strategy":{"blue_green":{}}}"#);
    assert_eq!(at.native(&planner, plan, &format!("{{{spec}")).await.0, 404);
    let text = refused(&planner, plan, &format!(r#"{{"population":"world",{spec}"#)).await;
    assert!(text.contains("cutover:Simulate"), "{text}");

    // Zones by name: the words tell nothing about what is there.
    let reader =
        at.key(r#"{"Effect":"Allow","Action":"cutover:*","Resource":"arn:aws:route53:::hostedzone/ZOTHER"}"#).await;
    for line in ["GET /zones/NAME", "GET /zones/NAME/history", "PUT /zones/NAME"] {
        let body = if line.starts_with("PUT") { file } else { "" };
        let there = refused(&reader, &line.replace("NAME", "example.com"), body).await;
        let missing = refused(&reader, &line.replace("NAME", "missing.test"), body).await;
        assert_eq!(there.replace("example.com", "NAME"), missing.replace("missing.test", "NAME"));
        assert!(!there.contains(&at.zone), "{there}");
    }
    // One zone and no other, by its ARN.
    let own = at.key(r#"{"Effect":"Allow","Action":"cutover:ExportZone","Resource":"ZONE"}"#).await;
    assert_eq!(at.native(&own, "GET /zones/example.com", "").await.0, 200);
    refused(&own, "GET /zones/example.com/history", "").await;
    // With all zones allowed, one that is missing is told to be.
    let every = at.key(r#"{"Effect":"Allow","Action":"cutover:*","Resource":"arn:aws:route53:::hostedzone/*"}"#).await;
    assert_eq!(at.native(&every, "GET /zones/missing.test", "").await.0, 404);
    refused(&every, "GET /services/shop", "").await;
    assert_eq!(at.native(&at.all, "GET /nothing", "").await.0, 404);
}

/// Why a name is answered as it is now is one thing, what its zone was another.
#[tokio::test]
async fn the_past_is_explained_to_who_may_read_the_history() {
    let at = Place::new().await;
    at.changes(&at.all, &["UPSERT A www.example.com"]).await;
    let made = at.server.store.revision().0;
    at.server.serve().await;
    let past = format!("GET /explain?at={made}&name=www.example.com");
    let only = at.key(r#"{"Effect":"Allow","Action":"cutover:Explain","Resource":"*"}"#).await;
    assert_eq!(at.native(&only, "GET /explain?name=www.example.com", "").await.0, 200);
    let (status, text) = at.native(&only, &past, "").await;
    assert!(status == 403 && text.contains("cutover:ShowZoneRevision on resource"), "{status}: {text}");
    let both = r#"{"Effect":"Allow","Action":"cutover:Explain","Resource":"*"},
        {"Effect":"Allow","Action":"cutover:ShowZoneRevision","Resource":"ZONE"}"#;
    let (status, text) = at.native(&at.key(both).await, &past, "").await;
    assert!(status == 200 && text.contains("192.0.2.1"), "{status}: {text}");
    let other = both.replace("ZONE", "arn:aws:route53:::hostedzone/ZOTHER");
    assert_eq!(at.native(&at.key(&other).await, &past, "").await.0, 403);
}

#[tokio::test]
async fn keys_are_made_and_limited_over_the_api() {
    let at = Place::new().await;
    let (status, text) =
        at.native(&at.all, "POST /keys", r#"{"name":"acme","policies":["acme:www.example.com"]}"#).await;
    assert_eq!(status, 201, "{text}");
    let field = |text: &str, name: &str| {
        let rest = text.split(&format!("\"{name}\":\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let read = |text: &str| Credentials {
        id: model::id::AccessKeyId::parse(&field(text, "access_key_id").unwrap()).unwrap(),
        secret: field(text, "secret_access_key").unwrap(),
        token: field(text, "session_token"),
    };
    let acme = read(&text);
    at.changes(&acme, &["UPSERT TXT _acme-challenge.www.example.com"]).await;
    at.changes(&acme, &["DELETE TXT _acme-challenge.www.example.com"]).await;
    at.changes_not(&acme, &["UPSERT TXT _acme-challenge.example.com"]).await;
    at.changes_not(&acme, &["UPSERT CNAME _acme-challenge.www.example.com"]).await;
    at.lists(&acme, true).await;
    // Nobody gets permissions by leaving something out.
    for body in [
        r#"{"name":"a"}"#,
        r#"{"name":"a","policies":[]}"#,
        r#"{"name":"a","policies":["all"]}"#,
        r#"{"name":"a","policies":[{"Statement":{"Effect":"Allow"}}]}"#,
    ] {
        assert_eq!(at.native(&at.all, "POST /keys", body).await.0, 422, "{body}");
    }
    // The list tells no secret.
    let (_, listed) = at.native(&at.all, "GET /keys", "").await;
    assert!(listed.contains(acme.id.as_str()) && !listed.contains(&acme.secret), "{listed}");

    // A key opens sessions of itself where its policy says so; a session none of its key.
    let own = at.key(r#"{"Effect":"Allow","Action":["route53:List*","cutover:OpenSession"],"Resource":"*"}"#).await;
    let line = format!("POST /keys/{}/sessions", own.id);
    let (status, text) = at.native(&own, &line, r#"{"ttl_seconds":900}"#).await;
    assert_eq!(status, 201, "{text}");
    let session = read(&text);
    at.lists(&session, true).await;
    let (status, text) = at.native(&session, &line, r#"{"ttl_seconds":900}"#).await;
    assert!(status == 403 && text.contains("a session opens no sessions"), "{text}");

    let (_, checked) =
        at.native(&at.all, &format!("POST /keys/{}/check", acme.id), r#"{"action":"route53:ListHostedZones"}"#).await;
    assert_eq!(checked, r#"{"allowed":true,"reasons":["allowed by Statement[2] (Find) in policy 1 of the key"]}"#);
    let (_, checked) =
        at.native(&at.all, &format!("POST /keys/{}/check", acme.id), r#"{"action":"cutover:CreateKey"}"#).await;
    assert_eq!(checked, r#"{"allowed":false,"reasons":["no statement of the key allows it"]}"#);
}
