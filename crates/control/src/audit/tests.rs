//! The audit log on real files: what is told, found, proven and lost.

use std::fs;

use super::*;
use crate::testing::Scratch;

const BIG: Rotation = Rotation { file_bytes_max: 1 << 20, files_max: 5 };

pub(super) fn scratch() -> Scratch {
    let folder = Scratch::new();
    fs::create_dir(folder.folder()).unwrap();
    folder
}

pub(super) fn entry() -> Entry {
    Entry {
        at_ms: 1_795_417_200_000,
        request: "00000000-0000-4000-8000-000000000000".to_owned(),
        who: Who::Known { by: "AKIAEXAMPLE".to_owned(), name: Some("ci".to_owned()) },
        client: "192.0.2.7:4321".parse().ok(),
        service: "route53",
        operation: Some("ChangeResourceRecordSets"),
        path: None,
        resources: vec!["Z1".to_owned()],
        created: None,
        status: 200,
        code: None,
        revision: None,
        micros: 812,
    }
}

fn refused() -> Entry {
    let code = Some("NoSuchHostedZone".to_owned());
    Entry { operation: Some("GetHostedZone"), status: 404, code, ..entry() }
}

fn stranger() -> Entry {
    let who = Who::Nobody { claimed: Some("AKIAOTHER".to_owned()) };
    Entry { who, status: 403, code: Some("SignatureDoesNotMatch".to_owned()), ..entry() }
}

fn changed(revision: u64) -> Entry {
    Entry { revision: Some(Revision(revision)), ..entry() }
}

/// Records all of it and closes the log.
async fn write(folder: &Scratch, rotation: Rotation, entries: Vec<Entry>) {
    let audit = Audit::open(folder.folder(), rotation).unwrap();
    for entry in entries {
        audit.record(entry).await;
    }
    audit.close();
}

fn listed(folder: &Scratch, filter: &Filter) -> Vec<u64> {
    let listed = AuditReader::new(folder.folder()).list(filter, 0, 1000).unwrap();
    assert!(listed.is_end);
    listed
        .lines
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_u64().unwrap())
        .collect()
}

fn files(folder: &Scratch) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder.folder().join(FOLDER)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_line_tells_all_and_is_there_when_a_change_is_answered() {
    let folder = scratch();
    let audit = Audit::open(folder.folder(), BIG).unwrap();
    audit.record(changed(7)).await;
    let text = fs::read_to_string(&files(&folder)[0]).unwrap();
    let known = "{\"seq\":1,\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\
        \"at_ms\":1795417200000,\"request\":\"00000000-0000-4000-8000-000000000000\",\"by\":\"AKIAEXAMPLE\",\"name\":\"ci\",\
        \"client\":\"192.0.2.7:4321\",\"service\":\"route53\",\"operation\":\"ChangeResourceRecordSets\",\
        \"resources\":[\"Z1\"],\"status\":200,\"revision\":7,\"micros\":812,\"hash\":\"";
    assert!(text.starts_with(known), "{text}");
    assert_eq!((text.len(), *audit.head().borrow()), (known.len() + 64 + 3, 1));
}

#[tokio::test]
async fn listings_filter_and_go_on() {
    let folder = scratch();
    let zone = Entry {
        operation: Some("CreateHostedZone"),
        resources: vec![],
        created: Some("/2013-04-01/hostedzone/Z9".to_owned()),
        at_ms: entry().at_ms + 1000,
        ..changed(2)
    };
    write(&folder, BIG, vec![changed(1), refused(), stranger(), zone, entry()]).await;
    let (some, none) = (|text: &str| Some(text.to_owned()), Filter::default);
    for (filter, expect) in [
        (none(), &[1, 2, 3, 4, 5][..]),
        (Filter { who: some("ci"), ..none() }, &[1, 2, 4, 5]),
        (Filter { who: some("AKIAOTHER"), ..none() }, &[3]),
        (Filter { who: some("nobody"), ..none() }, &[3]),
        (Filter { operation: some("gethostedzone"), ..none() }, &[2]),
        (Filter { zones: vec!["Z9".to_owned(), "Z8".to_owned()], ..none() }, &[4]),
        (Filter { zones: vec!["z1.".to_owned()], ..none() }, &[1, 2, 3, 5]),
        (Filter { only_changes: true, ..none() }, &[1, 4]),
        (Filter { only_refused: true, ..none() }, &[2, 3]),
        (Filter { since_ms: Some(entry().at_ms + 1), ..none() }, &[4]),
    ] {
        assert_eq!(listed(&folder, &filter), expect, "{filter:?}");
    }
    let reader = AuditReader::new(folder.folder());
    let part = reader.list(&none(), 1, 2).unwrap();
    assert_eq!((part.lines.len(), part.next, part.is_end), (2, 3, false));
    assert_eq!(reader.list(&none(), 5, 2).unwrap(), Listed { lines: vec![], next: 5, is_end: true });
}

#[tokio::test]
async fn the_chain_goes_through_files_and_starts() {
    let folder = scratch();
    let small = Rotation { file_bytes_max: 1000, files_max: 3 };
    for _ in 0..4 {
        write(&folder, small, vec![changed(1), refused(), changed(2), entry(), changed(3)]).await;
    }
    assert_eq!(files(&folder).len(), 3);
    let checked = verify(folder.folder(), None).unwrap();
    assert_eq!((&checked.faults, checked.head.as_ref().map(|head| head.seq)), (&vec![], Some(20)));
    assert!(checked.first.is_some_and(|(seq, _)| seq > 1) && checked.lines < 20);
    let head = checked.head.unwrap();
    assert_eq!(verify(folder.folder(), Some(&head)).unwrap().faults, Vec::<String>::new());
    assert_eq!(head.to_string().parse(), Ok(head.clone()));
    write(&folder, small, vec![changed(4)]).await;
    assert_eq!(verify(folder.folder(), Some(&head)).unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_changed_taken_out_or_cut_off_is_found() {
    let folder = scratch();
    let small = Rotation { file_bytes_max: 1500, files_max: 9 };
    write(&folder, small, (1..=20).map(changed).collect()).await;
    let head = verify(folder.folder(), None).unwrap().head.unwrap();
    let all = files(&folder);
    assert!(all.len() > 3);
    let (path, good) = (&all[1], fs::read_to_string(&all[1]).unwrap());
    let lines: Vec<&str> = good.lines().collect();
    let check = |text: &str, fault: &str| {
        fs::write(path, text).unwrap();
        let faults = verify(folder.folder(), Some(&head)).unwrap().faults;
        assert!(faults.iter().any(|found| found.contains(fault)), "{fault}: {faults:?}");
        fs::write(path, &good).unwrap();
    };
    check(&good.replacen("\"status\":200", "\"status\":201", 1), "was changed");
    check(&good.replacen("192.0.2.7", "192.0.2.8", 1), "was changed");
    check(&good.replacen(lines[1], "", 1).replace("\n\n", "\n"), "lines are missing");
    check(&good.replacen(lines[1], lines[2], 1), "lines are missing");
    check(&good.replacen(lines[1], "{}", 1), "is not one that was written here");
    check(&format!("{}\n", lines[1..].join("\n")), "lines are missing");
    check("", "lines are missing");
    fs::remove_file(path).unwrap();
    assert!(verify(folder.folder(), None).unwrap().faults[0].contains("lines are missing"));
    fs::write(path, &good).unwrap();
    assert_eq!(verify(folder.folder(), Some(&head)).unwrap().faults, Vec::<String>::new());

    // Cut off at the end: only who kept a head can tell.
    fs::remove_file(all.last().unwrap()).unwrap();
    assert_eq!(verify(folder.folder(), None).unwrap().faults, Vec::<String>::new());
    assert!(verify(folder.folder(), Some(&head)).unwrap().faults[0].contains("is missing; the last is"));
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_line_and_a_changed_end_stop_nothing() {
    let folder = scratch();
    write(&folder, BIG, vec![changed(1), changed(2)]).await;
    let path = files(&folder).remove(0);
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{good}{{\"seq\":3,\"at_ms\":17")).unwrap();
    write(&folder, BIG, vec![changed(3)]).await;
    assert_eq!(
        (listed(&folder, &Filter::default()), verify(folder.folder(), None).unwrap().faults),
        (vec![1, 2, 3], vec![])
    );

    fs::write(&path, good.lines().next().unwrap().to_owned() + "\nnonsense\n").unwrap();
    write(&folder, BIG, vec![changed(4)]).await;
    assert_eq!(listed(&folder, &Filter::default()), [1, 3]);
    let faults = verify(folder.folder(), None).unwrap().faults;
    assert!(faults[0].contains("line 2 is not one that was written here"), "{faults:?}");
}

#[tokio::test]
async fn refusals_of_strangers_share_a_line_and_none_is_forgotten() {
    let folder = scratch();
    let audit = Audit::open(folder.folder(), BIG).unwrap();
    for _ in 0..1000 {
        audit.record(stranger()).await;
    }
    audit.close();
    let lines = audit.reader().list(&Filter::default(), 0, 1000).unwrap().lines;
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("\"claimed\":\"AKIAOTHER\"") && lines[1].contains("\"repeated\":998"), "{lines:?}");
    assert_eq!(audit.counts().repeated.load(Ordering::Relaxed), 999);
    // After the end nothing is written, and nobody waits.
    audit.record(changed(1)).await;
    assert_eq!(audit.counts().lost.load(Ordering::Relaxed), 1);
}
