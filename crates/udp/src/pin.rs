//! Which cores this process may use, and keeping a thread on one of them.
//!
//! A pinned worker keeps its socket, its view and its buffers in one core's caches. Leaves out on purpose: NUMA and priorities.

use std::io;
use std::mem;

/// The cores the calling thread may run on, ascending. A container's or `taskset`'s limit is respected.
///
/// # Errors
/// What the kernel says, for instance on a machine of more than 1,024 cores.
pub fn cores() -> io::Result<Vec<usize>> {
    let mut set = no_cores();
    // SAFETY: `set` is a whole cpu_set_t that lives through the call, and the length given is its size; pid 0 is the calling thread.
    let result = unsafe { libc::sched_getaffinity(0, mem::size_of::<libc::cpu_set_t>(), &raw mut set) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: every index is below CPU_SETSIZE, the number of bits in the set.
    Ok((0..libc::CPU_SETSIZE as usize).filter(|&core| unsafe { libc::CPU_ISSET(core, &set) }).collect())
}

/// Keeps the calling thread on `core`.
///
/// # Errors
/// `InvalidInput` if there is no such core or we may not use it.
pub fn pin_to(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut set = no_cores();
    // SAFETY: `core` is below CPU_SETSIZE, so the bit lies inside the set.
    unsafe { libc::CPU_SET(core, &mut set) };
    // SAFETY: `set` is a whole cpu_set_t that lives through the call, and the length given is its size; pid 0 is the calling thread.
    let result = unsafe { libc::sched_setaffinity(0, mem::size_of::<libc::cpu_set_t>(), &raw const set) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn no_cores() -> libc::cpu_set_t {
    // SAFETY: cpu_set_t is an array of integers; all bits zero is the empty set.
    unsafe { mem::zeroed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_has_one_core() {
        let mine = cores().unwrap();
        let last = *mine.last().unwrap();
        let seen = std::thread::spawn(move || {
            pin_to(last).unwrap();
            cores().unwrap()
        });
        assert_eq!(seen.join().unwrap(), [last]);
        assert_eq!(cores().unwrap(), mine, "the other threads keep theirs");
    }

    #[test]
    fn a_core_that_is_not_there_is_an_error() {
        assert!(pin_to(1_000_000).is_err());
    }
}
