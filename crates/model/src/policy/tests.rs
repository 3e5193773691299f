//! What documents are refused and how that is told; each operator and quantifier, with and without a value; and
//! properties: a Deny wins, more Denies never allow more, order decides nothing.

use proptest::prelude::*;

use super::*;
use crate::Name;
use crate::id::HostedZoneId;

const ZONE: &str = "arn:aws:route53:::hostedzone/Z1";
const CHANGE: &str = "route53:ChangeResourceRecordSets";

fn policy(text: &str) -> Policy {
    Policy::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// A policy of one statement that allows everything on a condition.
fn when(condition: &str) -> Policy {
    policy(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}}}"#
    ))
}

fn allows(policy: &Policy, action: &str, resource: &str, context: &Context) -> bool {
    matches!(judge(std::slice::from_ref(policy), &Question { action, resource, context }), Judgement::Allowed(_))
}

fn holds(condition: &str, key: Key, values: &[&str]) -> bool {
    let context = Context::of([(key, values.iter().map(|value| (*value).to_owned()).collect())]);
    allows(&when(condition), CHANGE, ZONE, &context)
}

#[track_caller]
fn refused(text: &str, expect: &str) {
    let fault = Policy::parse(text).expect_err(text).to_string();
    assert!(fault.starts_with(expect), "{text}\ngave:     {fault}\nexpected: {expect}");
}

#[test]
fn documents_that_are_no_policy_are_told_where_and_why() {
    let statement = |inner: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{inner}}}]}}"#);
    let rest = r#""Effect":"Allow","Action":"*","Resource":"*""#;
    refused("", "the policy is no JSON: EOF");
    refused(r#"{"Statement":[],"Statement":[]}"#, "the policy is no JSON: a member occurs twice: Statement");
    refused("[]", "the policy: must be an object, not a list");
    refused("{}", "the policy: lacks Statement");
    refused(r#"{"Statement":[]}"#, "Statement: is empty, name at least one");
    refused(
        r#"{"Version":"2012-10-18","Statement":[]}"#,
        "Version: no version of the policy language, write 2012-10-17: 2012-10-18",
    );
    refused(r#"{"Statements":[]}"#, "the policy: no element of a policy, use Version, Id and Statement: Statements");
    refused(&statement(r#""Action":"*","Resource":"*""#), "Statement[0]: lacks Effect");
    refused(&statement(r#""Effect":"Allow","Resource":"*""#), "Statement[0]: lacks Action");
    refused(&statement(r#""Effect":"Allow","Action":"*""#), "Statement[0]: lacks Resource");
    refused(
        &statement(r#""Effect":"allow","Action":"*","Resource":"*""#),
        "Statement[0].Effect: no effect, write Allow or Deny: allow",
    );
    refused(
        &statement(&format!("{rest},\"Principal\":\"*\"")),
        "Statement[0]: a policy of a key speaks for the key, leave this out: Principal",
    );
    refused(
        &statement(&format!("{rest},\"Conditions\":{{}}")),
        "Statement[0]: no element of a policy, use Sid, Effect,",
    );
    refused(&statement(&format!("{rest},\"NotAction\":\"a:b\"")), "Statement[0]: says Action and NotAction, keep one");
    refused(&statement(&format!("{rest},\"Sid\":\"a b\"")), "Statement[0].Sid: a Sid has letters and digits only: a b");
    let twice = format!(r#"{{"Statement":[{{{rest},"Sid":"A"}},{{{rest},"Sid":"A"}}]}}"#);
    refused(&twice, "Statement[1].Sid: another statement has this Sid: A");
    for action in ["route53", "route53:", ":List", "route53:List Zones", "a:b:c", ""] {
        let inner = format!(r#""Effect":"Allow","Action":["route53:*","{action}"],"Resource":"*""#);
        refused(&statement(&inner), "Statement[0].Action[1]: no action, write one such as");
    }
    for resource in ["Z1", "arn:aws:route53", "hostedzone/*", ""] {
        let inner = format!(r#""Effect":"Allow","Action":"*","Resource":"{resource}""#);
        refused(&statement(&inner), "Statement[0].Resource: no resource, write an ARN such as");
    }
    let long = format!(r#"{{"Statement":[],"Id":"{}"}}"#, "x".repeat(6144));
    refused(&long, "the policy has more than 6144 characters (blanks not counted): 6168");
}

#[test]
fn conditions_that_could_not_be_kept_are_told_where_and_why() {
    let condition = |inner: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{inner}}}}}]}}"#
        )
    };
    let names = "route53:ChangeResourceRecordSetsNormalizedRecordNames";
    let check = |inner: &str, expect: &str| refused(&condition(inner), &format!("Statement[0].Condition.{expect}"));
    check(r#""StringIs":{"aws:username":"a"}"#, "StringIs: no condition operator, such as StringEquals");
    check(r#""ForSomeValues:StringLike":{"aws:username":"a"}"#, "ForSomeValues:StringLike: no condition operator");
    check(r#""BinaryEquals":{"aws:username":"a"}"#, "BinaryEquals: no condition operator");
    check(r#""NullIfExists":{"aws:username":"true"}"#, "NullIfExists: no condition operator");
    check(
        r#""StringEquals":{"aws:PrincipalTag/team":"a"}"#,
        "StringEquals.aws:PrincipalTag/team: no request to this server has this condition key; route53:Change",
    );
    check(
        &format!(r#""StringLike":{{"{names}":"*"}}"#),
        &format!(
            "StringLike.{names}: {names} holds several values, write ForAllValues: or ForAnyValue: before the operator: StringLike"
        ),
    );
    check(
        r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","ten"]}"#,
        "IpAddress.aws:SourceIp: IpAddress compares with addresses and networks such as 203.0.113.0/24, which this is not: ten",
    );
    check(r#""Bool":{"aws:SecureTransport":"yes"}"#, "Bool.aws:SecureTransport: Bool compares with true and false");
    check(
        r#""NumericLessThan":{"aws:EpochTime":"soon"}"#,
        "NumericLessThan.aws:EpochTime: NumericLessThan compares with numbers",
    );
    check(
        r#""DateLessThan":{"aws:CurrentTime":"soon"}"#,
        "DateLessThan.aws:CurrentTime: DateLessThan compares with dates",
    );
    check(r#""StringEquals":{"aws:username":[]}"#, "StringEquals.aws:username: is empty, name at least one");
    check(r#""StringEquals":{"aws:username":{}}"#, "StringEquals.aws:username: must be a text, not an object");
    check(
        r#""StringEquals":{"aws:username":"${aws:CurrentTime}"}"#,
        "StringEquals.aws:username: no policy variable; ${aws:username},",
    );
    check(r#""StringEquals":[]"#, "StringEquals: must be an object, not a list");
}

#[test]
fn actions_and_resources_choose() {
    let none = Context::default();
    let list = policy(
        r#"{"Statement":[{"Effect":"Allow","Action":["ROUTE53:get*","route53:?istTags*"],"Resource":["arn:aws:route53:::hostedzone/Z1","arn:aws:route53:::change/*"]}]}"#,
    );
    assert!(allows(&list, "route53:GetHostedZone", ZONE, &none));
    assert!(allows(&list, "route53:ListTagsForResource", ZONE, &none));
    assert!(allows(&list, "route53:GetChange", "arn:aws:route53:::change/C1", &none));
    assert!(!allows(&list, "route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z12", &none));
    assert!(!allows(&list, "route53:GetHostedZone", "arn:aws:route53:::hostedzone/z1", &none));
    assert!(!allows(&list, "route53:GetHostedZoneCount", "*", &none));
    assert!(!allows(&list, "cutover:GetHostedZone", ZONE, &none));

    let but = policy(
        r#"{"Statement":{"Effect":"Allow","NotAction":"route53:Delete*","NotResource":"arn:aws:route53:::hostedzone/Z1"}}"#,
    );
    assert!(!allows(&but, "route53:GetHostedZone", ZONE, &none));
    assert!(allows(&but, "route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z2", &none));
    assert!(!allows(&but, "route53:DeleteHostedZone", "arn:aws:route53:::hostedzone/Z2", &none));
}

#[test]
fn a_statement_that_decides_is_told() {
    let policies = [
        policy(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        policy(
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"No","Effect":"Deny","Action":"a:*","Resource":"*"}]}"#,
        ),
    ];
    let context = Context::default();
    let ask = |action| judge(&policies, &Question { action, resource: "*", context: &context });
    let Judgement::Denied(place) = ask("a:b") else { panic!("{:?}", ask("a:b")) };
    assert_eq!((place.policy, place.statement.label().as_str()), (1, "Statement[1] (No)"));
    let Judgement::Allowed(place) = ask("c:d") else { panic!("{:?}", ask("c:d")) };
    assert_eq!((place.policy, place.statement.label().as_str()), (0, "Statement[0]"));
    assert_eq!(judge(&policies[1..], &Question { action: "c:d", resource: "*", context: &context }), Judgement::Silent);
}

/// The forms in which certificate clients, controllers and AWS's own examples write them; other services' actions among
/// them are of no effect, and no fault.
#[test]
fn documents_as_they_are_in_use_are_taken() {
    let in_use = policy(
        r#"{
            "Version": "2012-10-17",
            "Id": "dns",
            "Statement": [
                {"Sid": "", "Effect": "Allow", "Action": "route53:GetChange", "Resource": "arn:aws:route53:::change/*"},
                {"Effect": "Allow", "Action": ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
                 "Resource": ["arn:aws:route53:::hostedzone/*"],
                 "Condition": {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}}},
                {"Sid": "", "Effect": "Allow", "Action": ["route53:AssociateVPCWithHostedZone", "ec2:DescribeVpcs"],
                 "Resource": ["*"],
                 "Condition": {"StringLike": {"route53:VPCs": ["VPCId=vpc-*,VPCRegion=eu-west-1"]}}}
            ]
        }"#,
    );
    let context = |key, value: &str| Context::of([(key, vec![value.to_owned()])]);
    assert!(allows(&in_use, CHANGE, ZONE, &context(Key::RecordTypes, "TXT")));
    assert!(!allows(&in_use, CHANGE, ZONE, &context(Key::RecordTypes, "A")));
    let associate = "route53:AssociateVPCWithHostedZone";
    assert!(allows(&in_use, associate, ZONE, &context(Key::Vpcs, "VPCId=vpc-1,VPCRegion=eu-west-1")));
    assert!(!allows(&in_use, associate, ZONE, &context(Key::Vpcs, "VPCId=vpc-1,VPCRegion=us-east-1")));
}

/// AWS, "Condition operators": what a value that is there, is another, and is absent do.
#[test]
fn each_operator() {
    let check = |condition: &str, key: Key, same: &str, other: &str, absent: bool| {
        assert!(holds(condition, key, &[same]), "{condition} {same}");
        assert!(!holds(condition, key, &[other]), "{condition} {other}");
        assert_eq!(holds(condition, key, &[]), absent, "{condition} without a value");
    };
    let name = Key::UserName;
    check(r#""StringEquals":{"aws:username":["x","ci"]}"#, name, "ci", "CI", false);
    check(r#""StringEquals":{"AWS:UserName":"c*"}"#, name, "c*", "ci", false);
    check(r#""StringNotEquals":{"aws:username":["x","ci"]}"#, name, "CI", "ci", true);
    check(r#""StringEqualsIgnoreCase":{"aws:username":"ci"}"#, name, "CI", "c", false);
    check(r#""StringNotEqualsIgnoreCase":{"aws:username":"ci"}"#, name, "c", "CI", true);
    check(r#""stringlike":{"aws:username":"c?-*"}"#, name, "ci-1", "ci", false);
    check(r#""StringNotLike":{"aws:username":"c?-*"}"#, name, "ci", "ci-1", true);
    check(r#""StringLikeIfExists":{"aws:username":"c*"}"#, name, "ci", "x", true);
    check(r#""StringNotEqualsIfExists":{"aws:username":"ci"}"#, name, "x", "ci", true);
    let arn = Key::PrincipalArn;
    let (ci, cd) = ("arn:aws:iam::0:user/ci", "arn:aws:iam::0:user/cd");
    check(r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:user/?i"}"#, arn, ci, cd, false);
    check(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::0:user/ci"}"#, arn, ci, cd, false);
    check(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::0:user/ci"}"#, arn, cd, ci, true);
    let ip = Key::SourceIp;
    check(r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","::1"]}"#, ip, "::1", "11.0.0.1", false);
    check(r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, ip, "11.0.0.1", "10.1.1.1", true);
    let now = Key::CurrentTime;
    let (before, after) = ("2026-11-23T06:59:59Z", "2026-11-23T07:00:01Z");
    check(r#""DateLessThan":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#, now, before, after, false);
    check(
        r#""DateLessThanEquals":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#,
        now,
        "2026-11-23T07:00:00Z",
        after,
        false,
    );
    check(r#""DateGreaterThan":{"aws:CurrentTime":"2026-11-23T08:00:00+01:00"}"#, now, after, before, false);
    check(r#""DateGreaterThanEquals":{"aws:CurrentTime":1795417200}"#, now, "2026-11-23T07:00:00Z", before, false);
    check(r#""DateEquals":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#, now, "2026-11-23T07:00:00Z", after, false);
    check(r#""DateNotEquals":{"aws:CurrentTime":"2026-11-23T07:00:00Z"}"#, now, after, "2026-11-23T07:00:00Z", true);
    let epoch = Key::EpochTime;
    check(r#""NumericEquals":{"aws:EpochTime":"10.0"}"#, epoch, "10", "11", false);
    check(r#""NumericNotEquals":{"aws:EpochTime":10}"#, epoch, "11", "10", true);
    check(r#""NumericLessThan":{"aws:EpochTime":"10"}"#, epoch, "9", "10", false);
    check(r#""NumericLessThanEquals":{"aws:EpochTime":"10"}"#, epoch, "10", "11", false);
    check(r#""NumericGreaterThan":{"aws:EpochTime":"10"}"#, epoch, "11", "10", false);
    check(r#""NumericGreaterThanEquals":{"aws:EpochTime":"10"}"#, epoch, "10", "9", false);
    check(r#""DateLessThan":{"aws:EpochTime":"2026-11-23T07:00:00Z"}"#, epoch, "1795417199", "1795417200", false);
    check(r#""Bool":{"aws:SecureTransport":true}"#, Key::SecureTransport, "true", "false", false);
    check(r#""BoolIfExists":{"aws:SecureTransport":"true"}"#, Key::SecureTransport, "true", "false", true);
    let vpc = Key::Vpcs;
    check(
        r#""StringLike":{"route53:VPCs":"VPCId=vpc-1,*"}"#,
        vpc,
        "VPCId=vpc-1,VPCRegion=eu",
        "VPCId=vpc-2,VPCRegion=eu",
        false,
    );
    assert!(
        holds(r#""Null":{"aws:username":"true"}"#, name, &[])
            && !holds(r#""Null":{"aws:username":"true"}"#, name, &["a"])
    );
    assert!(
        holds(r#""Null":{"aws:username":false}"#, name, &["a"])
            && !holds(r#""Null":{"aws:username":"false"}"#, name, &[])
    );
}

#[test]
fn each_set_operator() {
    let names = Key::RecordNames;
    let on = |operator: &str| {
        format!(r#""{operator}":{{"route53:ChangeResourceRecordSetsNormalizedRecordNames":["a.test","b.test"]}}"#)
    };
    let check = |operator: &str, values: &[&str], expect: bool| {
        assert_eq!(holds(&on(operator), names, values), expect, "{operator} {values:?}");
    };
    check("ForAllValues:StringEquals", &["a.test", "b.test", "a.test"], true);
    check("ForAllValues:StringEquals", &["a.test", "c.test"], false);
    check("ForAllValues:StringEquals", &[], true);
    check("ForAnyValue:StringEquals", &["c.test", "a.test"], true);
    check("ForAnyValue:StringEquals", &["c.test"], false);
    check("ForAnyValue:StringEquals", &[], false);
    check("ForAnyValue:StringEqualsIfExists", &[], true);
    check("ForAllValues:StringNotEquals", &["c.test", "d.test"], true);
    check("ForAllValues:StringNotEquals", &["c.test", "a.test"], false);
    check("ForAllValues:StringNotEquals", &[], true);
    check("ForAnyValue:StringNotEquals", &["a.test", "c.test"], true);
    check("ForAnyValue:StringNotEquals", &["a.test", "b.test"], false);
    check("ForAnyValue:StringNotEquals", &[], false);
}

#[test]
fn all_lines_of_a_condition_must_hold() {
    let both = when(
        r#""ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":"TXT","route53:ChangeResourceRecordSetsActions":["UPSERT"]},
           "ForAllValues:StringLike":{"route53:ChangeResourceRecordSetsNormalizedRecordNames":"_acme-challenge.*"}"#,
    );
    let ask = |name: &str, kind: &str, action: &str| {
        let context = Context::of([
            (Key::RecordNames, vec![name.to_owned()]),
            (Key::RecordTypes, vec![kind.to_owned()]),
            (Key::Actions, vec![action.to_owned()]),
        ]);
        allows(&both, CHANGE, ZONE, &context)
    };
    assert!(ask("_acme-challenge.a.test", "TXT", "UPSERT"));
    assert!(!ask("_acme-challenge.a.test", "TXT", "DELETE"));
    assert!(!ask("_acme-challenge.a.test", "A", "UPSERT"));
    assert!(!ask("a.test", "TXT", "UPSERT"));
}

#[test]
fn variables_are_of_the_newer_language() {
    let text = |version: &str| {
        format!(
            r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:cutover:deploy:::service/${{aws:username}}-*"}}}}"#
        )
    };
    let context = Context::of([(Key::UserName, vec!["shop".to_owned()])]);
    let shop = "arn:cutover:deploy:::service/shop-eu";
    assert!(allows(&policy(&text("2012-10-17")), "cutover:ShowService", shop, &context));
    assert!(!allows(
        &policy(&text("2012-10-17")),
        "cutover:ShowService",
        "arn:cutover:deploy:::service/a-eu",
        &context
    ));
    assert!(!allows(&policy(&text("2012-10-17")), "cutover:ShowService", shop, &Context::default()));
    assert!(!allows(&policy(&text("2008-10-17")), "cutover:ShowService", shop, &context));
}

#[test]
fn policies_with_names_do_what_they_say() {
    let none = Context::default();
    let (all, read) = (named::find("full-access").unwrap(), named::find("read-only").unwrap());
    for action in ["route53:DeleteHostedZone", "cutover:CreateKey", "route53:GetChange"] {
        assert!(allows(&all, action, "*", &none), "{action}");
    }
    assert!(!allows(&all, "ec2:DescribeVpcs", "*", &none));
    assert!(allows(&read, "route53:ListHostedZones", "*", &none) && allows(&read, "cutover:ExportZone", ZONE, &none));
    for action in [CHANGE, "route53:CreateHostedZone", "cutover:ImportZone", "cutover:ListKeys", "cutover:CreateKey"] {
        assert!(!allows(&read, action, "*", &none), "{action}");
    }
    assert!(named::find("everything").is_none());

    let name = Name::parse("a!b.Example.com").unwrap();
    let acme = policy(&named::acme(&name, &HostedZoneId::parse("Z1").unwrap()));
    let change = |names: &[&str]| {
        let names = names.iter().map(|name| named::normalized(&Name::parse(name).unwrap())).collect();
        let (kinds, actions) = (vec!["TXT".to_owned()], vec!["UPSERT".to_owned()]);
        let context = Context::of([(Key::RecordNames, names), (Key::RecordTypes, kinds), (Key::Actions, actions)]);
        allows(&acme, CHANGE, ZONE, &context)
    };
    assert!(change(&["_acme-challenge.a!b.example.com", "_ACME-challenge.www.A!b.example.com."]));
    assert!(!change(&["_acme-challenge.example.com"]) && !change(&["a!b.example.com"]));
    assert!(!change(&["_acme-challenge.a!b.example.com", "a!b.example.com"]));
    assert!(!change(&["_acme-challenge.xa!b.example.com"]));
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a:x", "a:y", "b:x", "*", "a:*", "*:x", "?:y"])
}

fn arn() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["*", "arn:a:b:::c/1", "arn:a:b:::c/2", "arn:a:b:::c/*", "arn:a:b:::*"])
}

fn condition() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        r#""StringEquals":{"aws:username":"ci"}"#,
        r#""StringNotLike":{"aws:username":"c*"}"#,
        r#""ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":["A","TXT"]}"#,
        r#""ForAnyValue:StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":"A"}"#,
        r#""Null":{"aws:username":"true"}"#,
    ])
}

fn statement(effect: &'static str) -> impl Strategy<Value = String> {
    (word(), arn(), condition(), any::<bool>()).prop_map(move |(action, resource, condition, not)| {
        let not = if not { "Not" } else { "" };
        format!(
            r#"{{"Effect":"{effect}","{not}Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
        )
    })
}

fn question() -> impl Strategy<Value = (&'static str, &'static str, Context)> {
    let users = prop::sample::select(vec![vec![], vec!["ci"], vec!["x"]]);
    let kinds = prop::sample::select(vec![vec![], vec!["A"], vec!["A", "TXT"], vec!["MX"]]);
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let action = prop::sample::select(vec!["a:x", "a:y", "b:x", "b:y"]);
    let resource = prop::sample::select(vec!["*", "arn:a:b:::c/1", "arn:a:b:::c/2"]);
    (action, resource, users, kinds).prop_map(move |(action, resource, users, kinds)| {
        (action, resource, Context::of([(Key::UserName, owned(users)), (Key::RecordTypes, owned(kinds))]))
    })
}

fn of(statements: &[String]) -> Policy {
    policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")))
}

proptest! {
    #[test]
    fn a_deny_that_applies_wins_and_denies_never_allow(
        allowing in prop::collection::vec(statement("Allow"), 1..5),
        denying in prop::collection::vec(statement("Deny"), 1..4),
        (action, resource, context) in question(),
    ) {
        let question = Question { action, resource, context: &context };
        let (allow, deny) = (of(&allowing), of(&denying));
        let denied = matches!(judge(std::slice::from_ref(&deny), &question), Judgement::Denied(_));
        let before = allows(&allow, action, resource, &context);
        let policies = [allow, deny];
        match judge(&policies, &question) {
            Judgement::Denied(_) => prop_assert!(denied),
            Judgement::Allowed(_) => prop_assert!(before && !denied),
            Judgement::Silent => prop_assert!(!before && !denied),
        }
    }

    #[test]
    fn order_and_grouping_decide_nothing(
        statements in prop::collection::vec(prop_oneof![statement("Allow"), statement("Deny")], 2..7),
        split in 1_usize..6,
        (action, resource, context) in question(),
    ) {
        let question = Question { action, resource, context: &context };
        let kind = |policies: &[Policy]| match judge(policies, &question) {
            Judgement::Allowed(_) => "allowed",
            Judgement::Denied(_) => "denied",
            Judgement::Silent => "silent",
        };
        let together = kind(&[of(&statements)]);
        let mut turned = statements.clone();
        turned.reverse();
        let (left, right) = turned.split_at(split.min(turned.len() - 1));
        prop_assert_eq!(kind(&[of(left), of(right)]), together);
    }

    #[test]
    fn any_text_is_read_or_refused(text in r#"[{}\[\]":,A-Za-z*$]{0,60}"#, value in any::<String>()) {
        let _ = Policy::parse(&text);
        let quoted = Json::Text(value).to_string();
        let _ = Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{quoted},"Resource":{quoted},"Condition":{{"StringLike":{{"aws:username":{quoted}}}}}}}}}"#
        ));
    }
}
