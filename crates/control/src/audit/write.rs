//! The thread that writes. It takes everything that waits, makes lines of it and appends them by one write.
//!
//! A second thread waits for the disk once a second, so that nobody else does. When lines cannot be written, as on a
//! full disk, calls go on: the API answers, the loss is counted, and the first line that can be written again tells
//! how many calls are missing.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use store::{LineReader, Lines};
use tokio::sync::watch;

use super::line::{self, Hash, Seen, Told};
use super::repeats::Repeats;
use super::{Entry, Shared, Waiting};

/// How often the disk is waited for, and gathered refusals are looked at.
const TICK: Duration = Duration::from_secs(1);

/// A file whose lines may not be on the disk yet.
type Unsynced = Arc<Mutex<Option<File>>>;

/// How lines are appended: [`Lines::append`], or in a test a disk that is full.
type Append = Box<dyn FnMut(&mut Lines, &[u8], u64) -> io::Result<()> + Send>;

struct Writer {
    lines: Lines,
    append: Append,
    /// Of the last line that is written.
    hash: Hash,
    repeats: Repeats,
    pending: Pending,
    /// Calls that could not be written since the last line that was.
    lost: u64,
    /// Whether the last write failed, which is said once.
    is_failing: bool,
    /// When the newest call came, for lines that no call made.
    at_ms: u64,
    shared: Arc<Shared>,
    announce: watch::Sender<u64>,
    unsynced: Unsynced,
}

/// Lines that are made and not written.
#[derive(Default)]
struct Pending {
    text: Vec<u8>,
    lines: u64,
    calls: u64,
    /// Calls that were lost before, and are told in these lines.
    lost: u64,
    hash: Option<Hash>,
}

/// Also when a fault of ours ends the thread: nobody may wait for a line that will never be written.
impl Drop for Writer {
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.closed = true;
        queue.waiting.clear();
    }
}

pub(super) fn start(
    lines: Lines,
    folder: &Path,
    shared: Arc<Shared>,
    announce: watch::Sender<u64>,
) -> io::Result<JoinHandle<()>> {
    let unsynced = Unsynced::default();
    let mut writer = Writer::new(lines, Box::new(Lines::append), shared, announce, Arc::clone(&unsynced));
    writer.resume(folder)?;
    let (ended, end) = mpsc::channel::<()>();
    let syncing = thread::Builder::new().name("audit-sync".to_owned()).spawn(move || sync(&unsynced, &end))?;
    thread::Builder::new().name("audit".to_owned()).spawn(move || {
        writer.run();
        drop(ended);
        // What it has left to do it does at once.
        let _ = syncing.join();
    })
}

/// Waits for the disk, once a second and at the end.
fn sync(unsynced: &Unsynced, end: &mpsc::Receiver<()>) {
    loop {
        let over = !matches!(end.recv_timeout(TICK), Err(mpsc::RecvTimeoutError::Timeout));
        let file = unsynced.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = file.map(|file| file.sync_data()) {
            tracing::error!(%error, "the audit log may not survive a loss of power: the disk does not take it");
        }
        if over {
            return;
        }
    }
}

impl Writer {
    fn new(
        lines: Lines,
        append: Append,
        shared: Arc<Shared>,
        announce: watch::Sender<u64>,
        unsynced: Unsynced,
    ) -> Self {
        let (hash, repeats, pending) = (Hash::default(), Repeats::default(), Pending::default());
        Self { lines, append, hash, repeats, pending, lost: 0, is_failing: false, at_ms: 0, shared, announce, unsynced }
    }

    /// Goes on where the last process ended.
    fn resume(&mut self, folder: &Path) -> io::Result<()> {
        let Some(before) = self.lines.next().checked_sub(1).filter(|before| *before > 0) else { return Ok(()) };
        let last = match self.lines.last()? {
            // It ended just after a new file was begun.
            None => LineReader::new(folder).read(before, 1, 1)?.pop().map(|line| line.text),
            last => last,
        };
        let last = last.as_deref().and_then(Seen::parse);
        match last {
            Some(last) if last.seq == before && !last.hash.is_empty() => self.hash = Hash(last.hash.into_owned()),
            other => {
                tracing::error!("the end of the audit log was changed: `cutover audit verify` tells more");
                let (seq, hash) = other.map_or((0, Hash::default()), |seen| (seen.seq, Hash(seen.hash.into_owned())));
                self.hash = if hash.0.is_empty() { Hash::default() } else { hash };
                self.lines.rotate(seq + 1)?;
            }
        }
        Ok(())
    }

    fn run(mut self) {
        loop {
            let (waiting, dropped, closed) = self.take();
            let now = Instant::now();
            self.lost += dropped;
            let mut told = Vec::new();
            for Waiting { entry, written } in waiting {
                self.at_ms = self.at_ms.max(entry.at_ms);
                told.extend(written);
                match self.repeats.pass(entry, now) {
                    Some(entry) => self.put(&entry, 0),
                    None => _ = self.shared.counts.repeated.fetch_add(1, Ordering::Relaxed),
                }
            }
            let over = if closed { self.repeats.all() } else { self.repeats.expired(now) };
            for (entry, more) in over {
                self.put(&entry, more);
            }
            self.put_loss();
            self.flush();
            // Written or lost: whoever waits goes on.
            drop(told);
            if closed {
                let (seq, hash) = (self.lines.next() - 1, &self.hash.0);
                tracing::info!(seq, hash, "the audit log ends here");
                return;
            }
        }
    }

    /// Everything that waits, as soon as there is something; nothing when it is time to look at what was gathered.
    fn take(&self) -> (Vec<Waiting>, u64, bool) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = self.repeats.is_empty() && self.lost == 0;
        while queue.waiting.is_empty() && !queue.closed {
            if is_idle {
                queue = self.shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (woken, wait) = self.shared.wake.wait_timeout(queue, TICK).unwrap_or_else(PoisonError::into_inner);
                queue = woken;
                if wait.timed_out() {
                    break;
                }
            }
        }
        (std::mem::take(&mut queue.waiting), std::mem::take(&mut queue.dropped), queue.closed)
    }

    fn put(&mut self, entry: &Entry, more: u64) {
        self.put_loss();
        self.line(&Told::Call(entry, more));
        self.pending.calls += 1 + more;
    }

    /// Calls that are missing are told before the first that is there again.
    fn put_loss(&mut self) {
        if self.lost > 0 {
            let lost = std::mem::take(&mut self.lost);
            self.line(&Told::Lost(lost));
            self.pending.lost += lost;
        }
    }

    fn line(&mut self, told: &Told<'_>) {
        if self.lines.is_full(self.pending.text.len() as u64) {
            self.flush();
            self.rotate();
        }
        let pending = &mut self.pending;
        let seq = self.lines.next() + pending.lines;
        let begins_file = self.lines.begins_file() && pending.lines == 0;
        let before = pending.hash.as_ref().unwrap_or(&self.hash);
        pending.hash = Some(line::write(&mut pending.text, seq, self.at_ms, told, before, begins_file));
        pending.lines += 1;
    }

    fn rotate(&mut self) {
        if self.lines.begins_file() {
            return;
        }
        match self.lines.rotate(0) {
            // Whoever keeps logs elsewhere has there what proves this file, should it be replaced as a whole.
            Ok(()) => {
                let (seq, hash) = (self.lines.next() - 1, &self.hash.0);
                tracing::info!(seq, hash, "the audit log begins a new file");
            }
            Err(error) => tracing::error!(%error, "the audit log cannot begin a new file"),
        }
    }

    fn flush(&mut self) {
        let Pending { text, lines, calls, lost, hash } = std::mem::take(&mut self.pending);
        let Some(hash) = hash else { return };
        match (self.append)(&mut self.lines, &text, lines) {
            Ok(()) => {
                self.hash = hash;
                self.shared.counts.lines.fetch_add(lines, Ordering::Relaxed);
                self.announce.send_replace(self.lines.next() - 1);
                let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
                if unsynced.is_none() {
                    *unsynced = self.lines.sync_handle().ok();
                }
                if std::mem::take(&mut self.is_failing) {
                    tracing::warn!(lost, "the audit log is written again; calls are missing in it");
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(%error, "the audit log cannot be written, calls go on unrecorded; make room");
                }
                self.shared.counts.lost.fetch_add(calls, Ordering::Relaxed);
                self.lost += calls + lost;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, scratch};
    use super::super::{AuditReader, FOLDER, Filter, verify};
    use super::*;

    #[test]
    fn a_full_disk_stops_nobody_and_what_is_missing_is_told() {
        let folder = scratch();
        let rotation = store::Rotation { file_bytes_max: 1 << 20, files_max: 2 };
        let lines = Lines::open(&folder.folder().join(FOLDER), rotation).unwrap();
        let mut room = [true, false, false, true, true].into_iter();
        let append = Box::new(move |lines: &mut Lines, text: &[u8], count| match room.next() {
            Some(true) => lines.append(text, count),
            _ => Err(io::ErrorKind::StorageFull.into()),
        });
        let shared = Arc::<Shared>::default();
        let announce = watch::channel(0).0;
        let mut writer = Writer::new(lines, append, Arc::clone(&shared), announce, Unsynced::default());
        for calls in [1, 2, 3, 1] {
            for _ in 0..calls {
                writer.put(&entry(), 0);
            }
            writer.flush();
        }
        let told = AuditReader::new(folder.folder()).list(&Filter::default(), 0, 10).unwrap().lines;
        assert!(told.len() == 3 && told[1].contains("\"lost\":5,"), "{told:?}");
        assert_eq!(shared.counts.lost.load(Ordering::Relaxed), 5);
        let checked = verify(folder.folder(), None).unwrap();
        assert_eq!((checked.lost, checked.faults), (5, vec![]));
    }
}
