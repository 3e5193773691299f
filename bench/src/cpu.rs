//! CPU time of processes and of the machine, from `/proc`, and where to run what.
//!
//! What we compare is the server's CPU time per answer: unlike queries per second it does not depend on the generator being faster.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The cores of a measurement: the server alone on one, the generator alone on another.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// Where servers run.
    pub server: usize,
    /// Where the generator runs.
    pub generator: usize,
}

impl Cores {
    /// The first and the last core we may use.
    ///
    /// # Errors
    /// With fewer than two cores nothing can be measured.
    pub fn find() -> Result<Cores> {
        let cores = udp::cores().context("which cores may be used")?;
        match (cores.first(), cores.last()) {
            (Some(&server), Some(&generator)) if server != generator => Ok(Cores { server, generator }),
            _ => bail!("two cores are needed, one for the server and one for the generator: {cores:?}"),
        }
    }
}

/// Does `work` on a thread that runs on `core` alone; programs it starts stay there too.
///
/// # Errors
/// The core may not be used, or what `work` says.
pub fn on_core<T: Send>(core: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let working = scope.spawn(|| {
            udp::pin_to(core).with_context(|| format!("run on core {core}"))?;
            work()
        });
        working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// CPU time, user and system, that the process and its descendants have used so far. `schedstat` counts nanoseconds of every thread.
///
/// # Errors
/// The process is gone or `/proc` is not readable.
pub fn used_by(process: u32) -> Result<Duration> {
    descendants(process)
        .into_iter()
        .map(used_by_threads)
        .filter_map(Result::ok)
        .reduce(|sum, more| sum + more)
        .with_context(|| format!("no CPU time is known of process {process}"))
}

/// Like [`used_by`], without descendants.
///
/// # Errors
/// As [`used_by`].
pub fn used_by_threads(process: u32) -> Result<Duration> {
    let folder = format!("/proc/{process}/task");
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir(&folder).with_context(|| folder.clone())?.flatten() {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
        let first = text.split_whitespace().next().unwrap_or_default();
        nanoseconds += first.parse::<u64>().with_context(|| format!("{folder}: no time in schedstat: {text}"))?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// CPU time, user and system, of a process with all threads that it has had: [`used_by`] forgets those that ended. To the
/// hundredth of a second, for measurements of many seconds.
///
/// # Errors
/// The process is gone or `/proc` is not readable.
pub fn used_ever(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    // proc(5): the name in parentheses may hold anything; utime and stime are the 12th and 13th field behind it, in ticks of
    // USER_HZ, which is 100 for every program.
    let fields = text.rsplit_once(')').map(|(_, fields)| fields.split_whitespace()).with_context(|| path.clone())?;
    let ticks: u64 =
        fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>().with_context(|| path.clone())?;
    Ok(Duration::from_millis(10 * ticks))
}

/// Memory of the process and its descendants in octets: Pss, which shares out pages that several processes map.
pub fn memory_of(process: u32) -> u64 {
    let of_one = |process: u32| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    descendants(process).into_iter().filter_map(of_one).sum::<u64>() * 1024
}

/// How much of the machine's CPU time was busy since it started.
///
/// # Errors
/// `/proc/stat` is not readable or looks unknown.
pub fn machine_busy() -> Result<Duration> {
    let text = fs::read_to_string("/proc/stat").context("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    // user nice system idle iowait irq softirq steal, in ticks of 10 ms (USER_HZ is 100 on every platform we run on).
    let ticks: Vec<u64> = line.split_whitespace().skip(1).take(8).map_while(|word| word.parse().ok()).collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, steal] = ticks[..] else {
        bail!("/proc/stat begins with an unknown line: {line}");
    };
    Ok(Duration::from_millis(10 * (user + nice + system + irq + softirq + steal)))
}

/// Waits until the machine is quiet (everything together uses less than `share` of one core for half a second), at most a minute.
///
/// # Errors
/// As [`machine_busy`].
pub fn wait_for_quiet(share: f64) -> Result<()> {
    for _ in 0..120 {
        let before = machine_busy()?;
        thread::sleep(Duration::from_millis(500));
        if (machine_busy()? - before).as_secs_f64() / 0.5 < share {
            break;
        }
    }
    Ok(())
}

/// The process first, then its children, theirs, and so on.
fn descendants(process: u32) -> Vec<u32> {
    let mut found = vec![process];
    let mut next = 0;
    while next < found.len() {
        let folder = format!("/proc/{}/task", found[next]);
        for task in fs::read_dir(folder).into_iter().flatten().flatten() {
            let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
        }
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let me = std::process::id();
        assert!(memory_of(me) > 100_000);
        let before = used_by(me).unwrap();
        // Schedstat moves with the scheduler's tick: use a few of them.
        let mut random = crate::random::Random::new(1);
        while used_by(me).unwrap() == before {
            (0..100_000).for_each(|_| _ = std::hint::black_box(random.bits()));
        }
        assert!(machine_busy().unwrap() > Duration::ZERO);
    }

    #[test]
    fn children_count_too() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(descendants(std::process::id()).contains(&child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
