//! What the store promises to one process: order, wholeness, revisions, snapshots.
#![allow(missing_docs, clippy::unwrap_used, reason = "what tests call may unwrap, as tests do")]
#![allow(clippy::unit_arg, reason = "a closure of one line reads better than one of two")]

mod scratch;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use scratch::Scratch;
use store::{Committed, Meta, Mutation, OpenError, ReadError, Revision, Store, StoreError, WriteError};

fn meta(at_ms: u64) -> Meta {
    Meta::new(format!("author {at_ms}"), at_ms)
}

fn put(store: &Store, key: &str, value: &str) -> Revision {
    let (key, value) = (key.to_owned(), value.to_owned());
    let write = move |t: &mut store::Transaction<'_>| Ok::<_, ()>(t.put(key.as_bytes(), value.as_bytes()));
    store.write_blocking(meta(1), write).unwrap().revision
}

fn get(store: &Store, key: &str) -> Option<String> {
    let value = store.read(|reader| reader.get(key.as_bytes())).unwrap();
    value.map(|value| String::from_utf8(value).unwrap())
}

fn keys(store: &Store) -> Vec<String> {
    let mut keys = Vec::new();
    let note = |key: &[u8], _: &[u8]| {
        keys.push(String::from_utf8(key.to_vec()).unwrap());
        ControlFlow::Continue(())
    };
    store.read(|reader| reader.scan(.., note)).unwrap();
    keys
}

#[test]
fn writes_are_seen_inside_and_after() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    let committed = store
        .write_blocking(meta(1), |t| {
            t.put(b"b", b"1");
            t.put(b"a", b"");
            t.put(b"c", b"3");
            t.put(b"b", b"2");
            t.delete(b"c");
            t.delete(b"never there");
            let mut seen = Vec::new();
            t.scan(.., |key, value| {
                seen.push((key.to_vec(), value.to_vec()));
                ControlFlow::Continue(())
            })?;
            assert_eq!(t.get(b"c")?, None);
            Ok::<_, ReadError>((seen, t.revision()))
        })
        .unwrap();
    let expect = vec![(b"a".to_vec(), vec![]), (b"b".to_vec(), b"2".to_vec())];
    assert_eq!(committed, Committed { value: (expect, Revision(1)), revision: Revision(1) });
    assert_eq!(keys(&store), ["a", "b"]);
    assert_eq!(get(&store, "b").as_deref(), Some("2"));

    let log = store.log_after(Revision(0), 9).unwrap();
    assert_eq!((log[0].author.as_str(), log[0].at_ms), ("author 1", 1));
    let mutation = |key: &[u8], value: Option<&[u8]>| Mutation { key: key.to_vec(), value: value.map(<[u8]>::to_vec) };
    let expect = [(b"b", Some(&b"1"[..])), (b"a", Some(b"")), (b"c", Some(b"3")), (b"b", Some(b"2")), (b"c", None)];
    assert_eq!(log[0].mutations, expect.map(|(key, value)| mutation(key, value)));
}

#[test]
fn writing_nothing_is_no_revision() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "a", "1");
    let idle = store.write_blocking(meta(1), |t| Ok::<_, ()>(t.delete(b"no such key"))).unwrap();
    assert_eq!(idle.revision, Revision(1));
    assert_eq!(store.revision(), Revision(1));
    assert_eq!(put(&store, "a", "2"), Revision(2));
}

/// While the first write of a group runs, the others queue up behind it and share its commit.
#[test]
fn a_failing_write_leaves_nothing_and_harms_no_neighbour() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    let (started, wait_started) = mpsc::channel();
    let (go, wait_go) = mpsc::channel::<()>();
    let first = {
        let store = store.clone();
        thread::spawn(move || {
            let write = move |t: &mut store::Transaction<'_>| {
                started.send(()).unwrap();
                wait_go.recv().unwrap();
                Ok::<_, ()>(t.put(b"first", b"1"))
            };
            store.write_blocking(meta(1), write).unwrap().revision
        })
    };
    wait_started.recv().unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let before = store.write(meta(2), |t| {
            assert_eq!(t.get(b"first").unwrap().as_deref(), Some(&b"1"[..]), "the group's earlier writes are seen");
            Ok::<_, ()>(t.put(b"before", b"1"))
        });
        let refused = store.write(meta(3), |t| {
            t.put(b"refused", b"1");
            t.delete(b"first");
            Err::<(), _>("no")
        });
        let panicked = store.write(meta(4), |t| -> Result<(), ()> {
            t.put(b"panicked", b"1");
            t.delete(b"before");
            panic!("on purpose: {}", 7)
        });
        let after = store.write(meta(5), |t| Ok::<_, ()>(t.put(b"after", b"1")));
        let release = async { go.send(()).unwrap() };
        let (before, refused, panicked, after, ()) = join5(before, refused, panicked, after, release).await;
        assert_eq!(before.unwrap().revision, Revision(2));
        assert!(matches!(refused, Err(WriteError::Refused("no"))));
        match panicked {
            Err(WriteError::Store(StoreError::Panicked { message })) => assert_eq!(message, "on purpose: 7"),
            other => panic!("{other:?}"),
        }
        assert_eq!(after.unwrap().revision, Revision(3));
    });
    assert_eq!(first.join().unwrap(), Revision(1));
    assert_eq!(keys(&store), ["after", "before", "first"]);
    let authors: Vec<u64> = store.log_after(Revision(0), 9).unwrap().iter().map(|entry| entry.at_ms).collect();
    assert_eq!(authors, [1, 2, 5]);
}

/// Polls five futures in this order until all are done.
async fn join5<A, B, C, D, E>(
    a: impl Future<Output = A>,
    b: impl Future<Output = B>,
    c: impl Future<Output = C>,
    d: impl Future<Output = D>,
    e: impl Future<Output = E>,
) -> (A, B, C, D, E) {
    use std::pin::pin;
    use std::task::Poll;
    let (mut a, mut b, mut c, mut d, mut e) = (pin!(a), pin!(b), pin!(c), pin!(d), pin!(e));
    let mut done = (None, None, None, None, None);
    std::future::poll_fn(move |context| {
        fn poll<F: Future>(
            f: std::pin::Pin<&mut F>,
            done: &mut Option<F::Output>,
            context: &mut std::task::Context<'_>,
        ) {
            if done.is_none()
                && let Poll::Ready(value) = f.poll(context)
            {
                *done = Some(value);
            }
        }
        poll(a.as_mut(), &mut done.0, context);
        poll(b.as_mut(), &mut done.1, context);
        poll(c.as_mut(), &mut done.2, context);
        poll(d.as_mut(), &mut done.3, context);
        poll(e.as_mut(), &mut done.4, context);
        if done.0.is_none() || done.1.is_none() || done.2.is_none() || done.3.is_none() || done.4.is_none() {
            return Poll::Pending;
        }
        let all = std::mem::take(&mut done);
        Poll::Ready((all.0.unwrap(), all.1.unwrap(), all.2.unwrap(), all.3.unwrap(), all.4.unwrap()))
    })
    .await
}

#[test]
fn a_follower_sees_each_revision_once_and_in_order() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    for number in 1..=20 {
        put(&store, "old", &number.to_string());
    }
    drop(store);
    // Now the first twenty are in the table only, and what follows is in memory too, but for the large one.
    let store = Store::open(scratch.path()).unwrap();
    let mut watch = store.watch();
    assert!(!watch.has_changed().unwrap());
    let writer = {
        let store = store.clone();
        thread::spawn(move || {
            for number in 21..=300 {
                let value = if number == 100 { "x".repeat(3 << 20) } else { number.to_string() };
                put(&store, "new", &value);
            }
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut seen = Vec::new();
    while seen.len() < 300 {
        let after = Revision(seen.last().copied().unwrap_or(0));
        let entries = store.log_after(after, 7).unwrap();
        if entries.is_empty() {
            runtime.block_on(watch.changed()).unwrap();
        }
        for entry in entries {
            let value = entry.mutations[0].value.as_ref().unwrap();
            assert_eq!(entry.mutations[0].key, if entry.revision.0 <= 20 { b"old" } else { b"new" });
            assert!(entry.revision.0 == 100 || *value == entry.revision.to_string().into_bytes());
            seen.push(entry.revision.0);
        }
    }
    writer.join().unwrap();
    assert_eq!(seen, (1..=300).collect::<Vec<_>>());
    assert_eq!(*watch.borrow_and_update(), Revision(300));
    store.close();
    assert!(runtime.block_on(watch.changed()).is_err(), "closed");
}

#[test]
fn reopening_keeps_everything() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "a", "1");
    put(&store, "b", "2");
    store.write_blocking(meta(9), |t| Ok::<_, ()>(t.delete(b"a"))).unwrap();
    let log = store.log_after(Revision(0), 9).unwrap();
    drop(store);
    let store = Store::open(scratch.path()).unwrap();
    assert_eq!(store.revision(), Revision(3));
    assert_eq!(keys(&store), ["b"]);
    assert_eq!(store.log_after(Revision(0), 9).unwrap(), log);
    assert_eq!(put(&store, "c", "3"), Revision(4));
}

#[test]
fn a_reader_keeps_its_snapshot() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "a", "old");
    store
        .read(|reader| {
            put(&store, "a", "new");
            assert_eq!(reader.get(b"a")?.as_deref(), Some(&b"old"[..]));
            assert_eq!(reader.revision(), Revision(1));
            // A read inside a read is another snapshot.
            assert_eq!(get(&store, "a").as_deref(), Some("new"));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_snapshot_has_its_own_log_to_the_last_entry_and_no_further() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "a", "1");
    put(&store, "a", "2");
    store
        .read(|reader| {
            put(&store, "a", "3");
            let seen: Vec<u64> = reader.log_after(Revision(0), 9)?.iter().map(|entry| entry.revision.0).collect();
            assert_eq!((seen, reader.revision()), (vec![1, 2], Revision(2)));
            assert!(reader.log_after(reader.revision(), 9)?.is_empty());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_reader_that_outlives_the_store_is_not_disturbed_and_keeps_the_folder() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "a", "1");
    store
        .read(|reader| {
            store.close();
            assert!(matches!(Store::open(scratch.path()), Err(OpenError::InUse { .. })));
            assert_eq!(reader.get(b"a")?.as_deref(), Some(&b"1"[..]));
            Ok(())
        })
        .unwrap();
    assert_eq!(get(&Store::open(scratch.path()).unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn nobody_else_can_read_any_file_of_an_open_store() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    put(&store, "secret", "hush");
    let files: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 4, "database, log, shared memory, lock");
    for file in files {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

#[test]
fn thirty_two_writers_get_a_revision_each() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    let threads: Vec<_> = (0..32)
        .map(|thread| {
            let store = store.clone();
            thread::spawn(move || {
                (0..25).map(|number| put(&store, &format!("{thread:02}/{number:02}"), "x").0).collect::<Vec<_>>()
            })
        })
        .collect();
    let revisions: BTreeSet<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(revisions, (1..=800).collect());
    assert_eq!(keys(&store).len(), 800);
    assert_eq!(store.revision(), Revision(800));
}

#[test]
fn closing_finishes_what_waits_and_refuses_the_rest() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    let (started, wait_started) = mpsc::channel();
    let (go, wait_go) = mpsc::channel::<()>();
    let slow = {
        let store = store.clone();
        thread::spawn(move || {
            let write = move |t: &mut store::Transaction<'_>| {
                started.send(()).unwrap();
                wait_go.recv().unwrap();
                Ok::<_, ()>(t.put(b"slow", b"1"))
            };
            store.write_blocking(meta(1), write).map(|committed| committed.revision)
        })
    };
    wait_started.recv().unwrap();
    let closer = {
        let store = store.clone();
        thread::spawn(move || store.close())
    };
    go.send(()).unwrap();
    assert_eq!(slow.join().unwrap().unwrap(), Revision(1));
    closer.join().unwrap();
    let late = store.write_blocking(meta(1), |t| Ok::<_, ()>(t.put(b"late", b"1")));
    assert!(matches!(late, Err(WriteError::Store(StoreError::Closed))));
    assert!(matches!(store.read(|reader| reader.get(b"slow")), Err(ReadError::Closed)));
    // The folder is free although the old handle is still there.
    assert_eq!(keys(&Store::open(scratch.path()).unwrap()), ["slow"]);
}

#[test]
fn a_closure_can_neither_wait_for_a_write_nor_hang_the_store() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    let inner = store.clone();
    let nested = store
        .write_blocking(meta(1), move |_| {
            Ok::<_, ()>(inner.write_blocking(meta(1), |t| Ok::<_, ()>(t.put(b"a", b"1"))))
        })
        .unwrap();
    assert!(matches!(nested.value, Err(WriteError::Store(StoreError::Nested))));

    // The last handle goes inside a write: the writer thread must not wait for itself.
    let (go, wait_go) = mpsc::channel::<()>();
    let last = store.clone();
    let mut write = Box::pin(store.write(meta(1), move |t| {
        wait_go.recv().unwrap();
        drop(last);
        Ok::<_, ()>(t.put(b"b", b"1"))
    }));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(write.as_mut().poll(&mut context).is_pending());
    let other = thread::spawn(move || go.send(()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(write).unwrap().revision, Revision(1));
    other.join().unwrap();
}

#[test]
fn one_process_opens_a_folder_once() {
    let scratch = Scratch::new();
    let first = Store::open(scratch.path()).unwrap();
    let error = Store::open(scratch.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { holder: Some(pid), .. } if pid == std::process::id()), "{error}");
    drop(first);
    Store::open(scratch.path()).unwrap();
}

#[test]
fn one_entry_of_the_log_is_found_by_its_revision() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path()).unwrap();
    for value in ["1", "2", "3"] {
        put(&store, "key", value);
    }
    let entry = |revision| store.read(|reader| reader.log_entry(Revision(revision))).unwrap();
    assert_eq!(entry(2), Some(store.log_after(Revision(1), 1).unwrap().remove(0)));
    for revision in [0, 4, u64::MAX] {
        assert_eq!(entry(revision), None);
    }
    store
        .write_blocking(meta(1), |t| {
            t.put(b"a", b"1");
            t.delete(b"key");
            let mut written = Vec::new();
            t.written(|key, is_put| written.push((key.to_vec(), is_put)));
            assert_eq!(written, [(b"a".to_vec(), true), (b"key".to_vec(), false)]);
            Ok::<_, ()>(())
        })
        .unwrap();
}
