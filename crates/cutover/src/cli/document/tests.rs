//! What people get wrong in a file, and what they are told.

use super::*;

const SHOP: &str = r#"
service: shop
environments:
  blue:  {version: "1.9", set_identifiers: [blue]}
  no:    {version: "2.0", set_identifiers: [green]}
active: blue
traffic:
  - dns: {zone: x.y, name: shop.example.com, types: [A, AAAA]}
---
deploy: shop
to: green
strategy:
  canary:
    steps:
      - weight: 5%
      - hold: 10m
      - analyse: [errors]
      - weight: 100%
    bake: 30m
    on_failure: abort
analysis:
  errors:
    metrics:
      - name: 5xx
        provider: {http: {url: "http://127.0.0.1/{{env}}", pointer: /errors}}
        condition: value <= 0.01
"#;

fn one(text: &str) -> Document {
    documents("shop.yaml", text.as_bytes()).unwrap().remove(0)
}

#[test]
fn a_service_and_its_release_stand_in_one_file() {
    let all = documents("shop.yaml", SHOP.as_bytes()).unwrap();
    let kinds: Vec<_> = all.iter().map(|document| (document.kind(), document.name())).collect();
    assert_eq!(kinds, [(Kind::Service, Some("shop")), (Kind::Release, Some("shop"))]);
    for document in &all {
        assert_eq!(document.check(), Ok(()));
    }
    assert_eq!(all[1].lint(), Ok(()));
    // `no` is a name like any other.
    assert_eq!(all[0].json["environments"]["no"]["version"], "2.0");
    // JSON is YAML.
    let json = all[1].json.to_string();
    assert_eq!(one(&json).json, all[1].json);
    let odd = one(r#"{"to": "\ud83d\ude80\u0041\/", "strategy": {"blue_green": {}}}"#);
    assert_eq!(odd.json["to"], "🚀A/");
}

#[test]
fn a_mistake_is_told_with_file_line_and_column() {
    let release = SHOP.split_once("---").unwrap().1;
    for (right, wrong, told) in [
        (
            "weight: 5%",
            "wieght: 5%",
            "shop.yaml:7:9: strategy.canary.steps[0]: unknown variant `wieght`, did you mean `weight`?",
        ),
        (
            "weight: 5%",
            "weight: 5",
            "shop.yaml:7:17: strategy.canary.steps[0].weight: invalid type: integer `5`, expected a string; it is a text, so write it in quotes: \"5\"",
        ),
        ("weight: 5%", "weight: 500%", "shop.yaml:7:17: strategy.canary.steps[0].weight: not a share of the traffic"),
        ("hold: 10m", "hold: 10 m", "shop.yaml:8:15: strategy.canary.steps[1].hold: not a length of time"),
        ("bake: 30m", "bake: soon", "shop.yaml:11:11: strategy.canary.bake: not a length of time"),
        (
            "on_failure: abort",
            "on_failure: explode",
            "shop.yaml:12:17: strategy.canary.on_failure: unknown variant `explode`",
        ),
        ("on_failure", "on-failure", "shop.yaml:12:5: strategy.canary"),
        ("  canary:", "  canari:", "shop.yaml:5:3: strategy: unknown variant `canari`, did you mean `canary`?"),
        ("to: green", "too: green", "shop.yaml:3:1: too: unknown field `too`, did you mean `to`?"),
        ("to: green", "to: 7", "shop.yaml:3:5: to: invalid type: integer `7`"),
        ("to: green", "to: .inf", "shop.yaml:3:5: JSON has no such number: .inf"),
        ("to: green", "to: green\nto: blue", "shop.yaml:4:1: a key that was there before: \"to\""),
        ("to: green", "to: [green", "shop.yaml:"),
        ("to: green", "\tto: green", "shop.yaml:2:9: while scanning a plain scalar, found a tab"),
    ] {
        let text = release.replacen(right, wrong, 1);
        let found = documents("shop.yaml", text.as_bytes()).and_then(|all| all[0].check());
        let found = found.expect_err(wrong);
        assert!(found.starts_with(told), "{wrong}:\n  {found}\nshould begin\n  {told}");
    }
}

#[test]
fn rules_between_fields_are_told_with_their_place_too() {
    let release = SHOP.split_once("---").unwrap().1;
    for (right, wrong, told) in [
        ("weight: 100%", "weight: 4%", "shop.yaml:10:17: E_SPEC: strategy.canary.steps[3].weight: 4% is lower"),
        ("[errors]", "[error]", "shop.yaml:9:18: E_SPEC: strategy.canary.steps[2].analyse: not in analysis: error"),
        ("to: green\n", "", "shop.yaml:2:1: E_SPEC: to: name the environment that shall serve"),
        ("name: 5xx", "{name: 5xx, count: 0}", ""),
        (
            "        condition",
            "        count: 0\n        condition",
            "shop.yaml:18:16: E_SPEC: analysis.errors.metrics[0].count",
        ),
    ] {
        let text = release.replacen(right, wrong, 1);
        let found = documents("shop.yaml", text.as_bytes()).and_then(|all| all[0].lint());
        let found = found.expect_err(wrong);
        assert!(found.starts_with(told), "{wrong}:\n  {found}\nshould begin\n  {told}");
    }
}

#[test]
fn a_service_is_found_by_its_fields_in_the_file() {
    let service = SHOP.split_once("---").unwrap().0;
    for (right, wrong, told) in [
        ("active: blue", "active: red", "shop.yaml:6:9: active: no such environment: red"),
        ("[blue]", "[green]", "shop.yaml:5:44: environments.no.set_identifiers: named twice"),
        ("types: [A, AAAA]", "types: []", "shop.yaml:8:53: traffic[0].dns.types: name at least one"),
        ("service: shop", "service: sh op", "shop.yaml:2:10: service: service name holds"),
    ] {
        let text = service.replacen(right, wrong, 1);
        let found = documents("shop.yaml", text.as_bytes()).and_then(|all| all[0].check());
        let found = found.expect_err(wrong);
        assert!(found.starts_with(told), "{wrong}:\n  {found}\nshould begin\n  {told}");
    }
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(documents("bomb.yaml", bomb.as_bytes()).unwrap_err().contains("more than 100000 values"));
    let shared = "to: green\nstrategy: {canary: {steps: [{weight: &all 100%}]}}\nversion: *all\n";
    assert_eq!(one(shared).json["version"], "100%");
}
