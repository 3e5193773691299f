//! Many datagrams a system call: receive a batch, write the replies in place, send them.
//!
//! Before: [`Socket::bind`]. In between the caller may look at the world once (a new view?), then [`Batch::reply`] asks for each
//! reply. After: `send.rs` hands them to the kernel. Nothing is allocated or zeroed after [`Batch::new`]: a header's fields are only
//! set again where the kernel has changed them.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::ptr;
use std::slice;

use crate::send::send;
use crate::slots::{CONTROL_OCTETS, PEER_OCTETS, Slots};
use crate::{REPLY_OCTETS_MAX, Socket};

/// Whether [`Batch::receive`] waits for the first datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Up to the socket's receive timeout.
    ForFirst,
    /// Not at all: take what is there.
    No,
}

/// What became of a batch's datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Replies the kernel took.
    pub sent: usize,
    /// Replies the kernel refused (no buffer, no route, a firewall); they are gone, the client asks again.
    pub dropped: usize,
    /// Datagrams larger than [`crate::RECEIVED_OCTETS_MAX`], which were not shown to the caller.
    pub oversize: usize,
}

/// Buffers and headers for a fixed number of datagrams. Belongs to one thread.
pub struct Batch {
    slots: Slots,
    received: Vec<libc::mmsghdr>,
    replies: Vec<libc::mmsghdr>,
    /// Octets of control message the headers currently offer: 0, or [`CONTROL_OCTETS`] for a wildcard socket.
    control_octets: usize,
    /// Headers at the front that the kernel has written into since they were last set.
    written: usize,
    /// Datagrams received and not yet replied to.
    waiting: usize,
}

impl Batch {
    /// A batch of up to `capacity` datagrams (1–1,024, the most the kernel takes at once); 64 is a good number: the gain per system
    /// call is nearly all there, and the first datagram does not wait long for the last.
    ///
    /// # Panics
    /// If `capacity` is outside that range.
    pub fn new(capacity: usize) -> Batch {
        assert!((1..=1024).contains(&capacity), "a batch holds 1 to 1024 datagrams: {capacity}");
        let slots = Slots::new(capacity);
        let mut received = Vec::with_capacity(capacity);
        let mut replies = Vec::with_capacity(capacity);
        for index in 0..capacity {
            let slot = slots.at(index);
            let mut header = empty_header();
            // SAFETY: `slot` points at a whole slot of ours; only addresses are taken here.
            unsafe {
                header.msg_hdr.msg_name = (&raw mut (*slot).peer).cast();
                header.msg_hdr.msg_iov = &raw mut (*slot).receive_vector;
            }
            header.msg_hdr.msg_namelen = PEER_OCTETS;
            header.msg_hdr.msg_iovlen = 1;
            received.push(header);
            // SAFETY: as above.
            header.msg_hdr.msg_iov = unsafe { &raw mut (*slot).reply_vector };
            replies.push(header);
        }
        Batch { slots, received, replies, control_octets: 0, written: 0, waiting: 0 }
    }

    /// Receives as many datagrams as are there, up to the capacity; 0 after the socket's timeout, a signal or a passing network
    /// error. Datagrams of an earlier call that were not replied to are forgotten.
    ///
    /// # Errors
    /// Only what will not pass by itself, such as a closed descriptor.
    #[inline]
    pub fn receive(&mut self, socket: &Socket, wait: Wait) -> io::Result<usize> {
        self.reset_headers(if socket.is_wildcard() { CONTROL_OCTETS } else { 0 });
        let flags = match wait {
            Wait::ForFirst => libc::MSG_WAITFORONE,
            Wait::No => libc::MSG_DONTWAIT,
        };
        // SAFETY: each of the `received.len()` headers points at the peer, control message and vector of its own slot, with their
        // true sizes; slots and headers live as long as `self`, and nobody else refers to them during the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.received.as_mut_ptr(),
                self.received.len() as libc::c_uint,
                flags,
                ptr::null_mut(),
            )
        };
        let Ok(count) = usize::try_from(count) else {
            let error = io::Error::last_os_error();
            return if passes_by_itself(&error) { Ok(0) } else { Err(error) };
        };
        self.written = count;
        self.waiting = count;
        Ok(count)
    }

    /// Calls `answer` for each datagram received, with who sent it and room for the reply ([`REPLY_OCTETS_MAX`] octets holding
    /// leftovers of earlier replies), and sends what it wrote: it returns the reply's length, or 0 for none.
    #[inline]
    pub fn reply(&mut self, socket: &Socket, mut answer: impl FnMut(&[u8], SocketAddr, &mut [u8]) -> usize) -> Sent {
        let waiting = mem::take(&mut self.waiting);
        let mut counts = Sent::default();
        let mut ready = 0;
        for index in 0..waiting {
            let header = &self.received[index];
            if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
                counts.oversize += 1;
                continue;
            }
            let slot = self.slots.at(index);
            // SAFETY: the kernel has filled the peer; no exclusive reference to it exists.
            let Some(from) = (unsafe { (*slot).peer.address() }) else { continue };
            // `ready` is at most `index`: replies close up over datagrams that get none.
            let target = self.slots.at(ready);
            // SAFETY: the reply buffer of `target` and the receive buffer of `slot` are different fields, initialised, and nobody
            // else refers to them while the two slices live. The kernel wrote `msg_len` octets, at most the buffer's length because
            // the datagram was not truncated; `min` holds that even against a kernel's mistake.
            let (datagram, reply) = unsafe {
                let length = (header.msg_len as usize).min(crate::RECEIVED_OCTETS_MAX);
                let datagram = slice::from_raw_parts((&raw const (*slot).received).cast::<u8>(), length);
                (datagram, slice::from_raw_parts_mut((&raw mut (*target).reply).cast::<u8>(), REPLY_OCTETS_MAX))
            };
            let length = answer(datagram, from, reply);
            if length == 0 || length > REPLY_OCTETS_MAX {
                debug_assert_eq!(length, 0, "a reply fits its buffer");
                continue;
            }
            let outgoing = &mut self.replies[ready].msg_hdr;
            outgoing.msg_name = header.msg_hdr.msg_name;
            outgoing.msg_namelen = header.msg_hdr.msg_namelen;
            // SAFETY: plain stores into slots of ours that nobody refers to now; the reply's first `length` octets are initialised.
            unsafe {
                (*target).reply_vector.iov_len = length;
                if self.control_octets != 0 {
                    (*slot).control.leave_by_any_interface();
                    outgoing.msg_control = (&raw mut (*slot).control).cast();
                    outgoing.msg_controllen = header.msg_hdr.msg_controllen;
                }
            }
            ready += 1;
        }
        // Each of the first `ready` headers points at a peer, a vector and perhaps a control message of live slots.
        counts.sent = send(socket.as_raw_fd(), &mut self.replies[..ready]);
        counts.dropped = ready - counts.sent;
        counts
    }

    /// Offers the kernel whole peers and control messages again where it has shortened them.
    #[inline]
    fn reset_headers(&mut self, control_octets: usize) {
        self.waiting = 0;
        if control_octets != self.control_octets {
            self.control_octets = control_octets;
            self.written = self.received.len();
            for header in &mut self.replies {
                header.msg_hdr.msg_control = ptr::null_mut();
                header.msg_hdr.msg_controllen = 0;
            }
        }
        let written = mem::take(&mut self.written);
        for (index, header) in self.received[..written].iter_mut().enumerate() {
            header.msg_hdr.msg_namelen = PEER_OCTETS;
            if control_octets != 0 {
                // SAFETY: only the address of a field of our own slot is taken.
                header.msg_hdr.msg_control = unsafe { &raw mut (*self.slots.at(index)).control }.cast();
            }
            header.msg_hdr.msg_controllen = control_octets as _;
        }
    }
}

fn empty_header() -> libc::mmsghdr {
    // SAFETY: a message header is integers and pointers; all zero means no name, no vectors and no control message.
    unsafe { mem::zeroed() }
}

/// Timeouts, signals, ICMP errors of earlier replies, and a network or memory that is away for a while.
fn passes_by_itself(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EAGAIN
                | libc::EINTR
                | libc::ECONNREFUSED
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
                | libc::ENETDOWN
                | libc::EPROTO
                | libc::ENOMEM
                | libc::ENOBUFS
        )
    )
}
