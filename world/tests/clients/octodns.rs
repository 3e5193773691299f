//! octoDNS with the zones of a real organisation.

use std::path::{Path, PathBuf};

use world::place::{Folder, python, repository, skip};
use world::process::{Server, cutover, path, text};

use super::client::client;

/// The zones of a real organisation: where `CUTOVER_OCTODNS_ZONES` says, or in the shared data beside the checkout.
fn octodns_zones() -> Option<PathBuf> {
    let beside = repository().join("../shared/data/octodns-zones");
    let folder = std::env::var_os("CUTOVER_OCTODNS_ZONES").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn octodns() {
    let Some(zones) = octodns_zones() else {
        return skip("octodns", "no zones; CUTOVER_OCTODNS_ZONES names a folder of octoDNS's YAML files");
    };
    let folder = Folder::new("octodns");
    let config = folder.path().join("config");
    std::fs::create_dir(&config).unwrap();
    for entry in std::fs::read_dir(zones).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        // One file for each zone; octoDNS's own configuration may lie with them.
        if name.ends_with(".yaml") && name != "octodns.yaml" {
            std::fs::copy(entry.path(), config.join(name)).unwrap();
        }
    }
    let file = folder.write(
        "octodns.yaml",
        format!(
            "manager:\n  max_workers: 4\nproviders:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n    \
             directory: {}\n    default_ttl: 3600\n    enforce_order: false\n  route53:\n    \
             class: octodns_route53.Route53Provider\n    access_key_id: env/AWS_ACCESS_KEY_ID\n    \
             secret_access_key: env/AWS_SECRET_ACCESS_KEY\nzones:\n  '*':\n    lenient: true\n    sources: [config]\n    \
             targets: [route53]\n",
            config.display()
        ),
    );
    let server = Server::start(&folder.path().join("data"));
    let sync = python().with_file_name("octodns-sync");
    let run = |more: &[&str]| client(&server, &sync, &[&["--config-file", path(&file)], more].concat());
    // A plan alone does nothing.
    assert!(planned(&run(&[]), "Create") > 1000);
    assert_eq!(text(&cutover(&["zone", "list", "--data", path(server.data())])).lines().count(), 1, "the heading");
    run(&["--quiet", "--doit", "--force"]);
    plans_nothing(&run(&[]));
    client(&server, &python(), &["octodns_answers.py", path(&config), "3600"]);
    change_and_delete(&config, &run);
    assert!(server.stop());
}

#[test]
fn octodns_dynamic_records() {
    let folder = Folder::new("octodns-dynamic");
    let places = repository().join("world/tests/clients/places.csv");
    let configuration = folder.write("cutover.toml", format!("[places]\nfile = {:?}\n", path(&places)));
    let server = Server::start_with(&folder.path().join("data"), &["--config", path(&configuration)]);
    client(&server, &python(), &["with_octodns_dynamic.py"]);
    assert!(server.stop());
}

/// Adds a record to some of the zones, changes it, takes it away: each is planned, applied, and planned to nothing.
fn change_and_delete(config: &Path, run: &dyn Fn(&[&str]) -> String) {
    let mut files: Vec<PathBuf> = std::fs::read_dir(config).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.truncate(3);
    let zones: Vec<String> =
        files.iter().map(|file| format!("{}.", file.file_stem().unwrap().to_str().unwrap())).collect();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let before: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let record = |value: &str| format!("\n_cutover-test:\n  ttl: 60\n  type: TXT\n  value: {value}\n");
    for (word, more) in [("Create", record("one")), ("Update", record("two")), ("Delete", String::new())] {
        for (file, text) in files.iter().zip(&before) {
            std::fs::write(file, format!("{text}{more}")).unwrap();
        }
        let plan = run(&zones);
        assert_eq!(planned(&plan, word), zones.len(), "{plan}");
        run(&[&["--doit", "--force"], &zones[..]].concat());
        plans_nothing(&run(&zones));
    }
}

/// How many changes of a kind a plan has.
fn planned(plan: &str, word: &str) -> usize {
    plan.lines().filter(|line| line.starts_with(&format!("*   {word}"))).count()
}

/// The second run must find everything as it left it.
///
/// octoDNS escapes quotation marks within a TXT value when it writes, and takes the escapes for part of the value when
/// it reads; AWS and we give back what was written. So values with quotation marks (DKIM keys that somebody once pasted
/// as two strings) never settle, here as there. They are counted, and nothing else may be planned.
fn plans_nothing(plan: &str) {
    let planned: Vec<&str> = plan.lines().filter(|line| line.starts_with("*     <")).collect();
    let settled = |line: &&&str| !(line.starts_with("*     <TxtRecord TXT") && line.contains("\"\""));
    let escaped = |line: &&&str| !line.contains("\\\"\\\"");
    let faults: Vec<&&str> = planned.iter().filter(settled).filter(escaped).collect();
    assert!(faults.is_empty(), "the second run plans changes:\n{faults:#?}");
    for word in ["Create", "Delete"] {
        assert!(!plan.lines().any(|line| line == format!("*   {word}")), "the second run plans to {word}:\n{plan}");
    }
    println!("{} values with quotation marks within never settle with octoDNS", planned.len() / 2);
}
