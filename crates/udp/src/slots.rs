//! The memory the kernel writes datagrams into and reads replies from.
//!
//! One slot holds all that one datagram needs; a batch is an array of slots at an address that never moves, because message headers
//! point into it. Leaves out on purpose: the message headers themselves, which must lie side by side (`batch.rs`).

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr::NonNull;

/// Octets of the largest datagram taken; a larger one is dropped. A query is at most 255 octets of name and a few options; RFC 9210
/// and DNS Flag Day 2020 put the largest sensible UDP message at 1,232.
pub const RECEIVED_OCTETS_MAX: usize = 2048;

/// Octets of room for one reply. RFC 6891 §6.2.5 suggests 4,096 as the largest size to agree on; the answer's own limit is decided
/// above.
pub const REPLY_OCTETS_MAX: usize = 4096;

/// One datagram's place. What every exchange touches (peer and both vectors) is exactly the first cache line. The size, 98 lines,
/// is no multiple of 4,096 on purpose: a round stride would put all datagrams into the same few sets of the first-level cache.
#[repr(C, align(64))]
pub(crate) struct Slot {
    pub(crate) peer: Peer,
    pub(crate) receive_vector: libc::iovec,
    pub(crate) reply_vector: libc::iovec,
    pub(crate) control: Control,
    pub(crate) received: [u8; RECEIVED_OCTETS_MAX],
    pub(crate) reply: [u8; REPLY_OCTETS_MAX],
}

/// A `sockaddr_in` or `sockaddr_in6` as the kernel writes it: both start with family and port.
#[repr(C)]
pub(crate) struct Peer {
    family: libc::sa_family_t,
    port_be: u16,
    /// IPv4: the address. IPv6: the flow label.
    four_be: u32,
    six: [u8; 16],
    scope: u32,
    _room: u32,
}

/// One `cmsghdr` with an `in_pktinfo` or `in6_pktinfo` behind it.
#[repr(C)]
pub(crate) struct Control {
    length: usize,
    level: libc::c_int,
    kind: libc::c_int,
    /// IPv4: interface, source address, header address. IPv6: four words of address, interface.
    words: [u32; 6],
}

/// Octets of a peer offered to the kernel for writing.
pub(crate) const PEER_OCTETS: libc::socklen_t = mem::size_of::<libc::sockaddr_in6>() as libc::socklen_t;
/// Octets of a control message offered to the kernel for writing.
pub(crate) const CONTROL_OCTETS: usize = mem::size_of::<Control>();

const _: () = {
    assert!(mem::offset_of!(Peer, port_be) == mem::offset_of!(libc::sockaddr_in, sin_port));
    assert!(mem::offset_of!(Peer, port_be) == mem::offset_of!(libc::sockaddr_in6, sin6_port));
    assert!(mem::offset_of!(Peer, four_be) == mem::offset_of!(libc::sockaddr_in, sin_addr));
    assert!(mem::offset_of!(Peer, six) == mem::offset_of!(libc::sockaddr_in6, sin6_addr));
    assert!(mem::offset_of!(Peer, scope) == mem::offset_of!(libc::sockaddr_in6, sin6_scope_id));
    assert!(mem::size_of::<Peer>() >= mem::size_of::<libc::sockaddr_in6>());
    assert!(mem::offset_of!(Control, words) == mem::size_of::<libc::cmsghdr>());
    assert!(mem::offset_of!(libc::in_pktinfo, ipi_ifindex) == 0);
    assert!(mem::offset_of!(libc::in6_pktinfo, ipi6_ifindex) == 16);
    // SAFETY: CMSG_SPACE only computes a size.
    assert!(CONTROL_OCTETS >= unsafe { libc::CMSG_SPACE(mem::size_of::<libc::in6_pktinfo>() as u32) } as usize);
    assert!(!mem::size_of::<Slot>().is_multiple_of(4096));
};

impl Peer {
    /// Who sent the datagram; `None` for a family that is not IP, which an IP socket never delivers.
    #[inline]
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let port = u16::from_be(self.port_be);
        match libc::c_int::from(self.family) {
            libc::AF_INET => {
                Some(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::from_bits(u32::from_be(self.four_be)), port)))
            }
            libc::AF_INET6 => {
                Some(SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::from(self.six), port, self.four_be, self.scope)))
            }
            _ => None,
        }
    }
}

impl Control {
    /// Keeps the source address but lets the routing table choose the interface, so that asymmetric routes work.
    #[inline]
    pub(crate) fn leave_by_any_interface(&mut self) {
        match (self.level, self.kind) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => self.words[0] = 0,
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => self.words[4] = 0,
            _ => {}
        }
    }
}

/// An array of slots that stays where it is until dropped.
pub(crate) struct Slots {
    first: NonNull<Slot>,
    count: usize,
}

impl Slots {
    /// `count` empty slots whose vectors point at their own buffers; `count` is at least 1.
    pub(crate) fn new(count: usize) -> Slots {
        assert!(count > 0, "a batch holds at least one datagram");
        let layout = Self::layout(count);
        // SAFETY: the layout is not empty, because `count` is not 0 and a slot has a size.
        let memory = unsafe { alloc_zeroed(layout) }.cast::<Slot>();
        let Some(first) = NonNull::new(memory) else { handle_alloc_error(layout) };
        let slots = Slots { first, count };
        for index in 0..count {
            let slot = slots.at(index);
            // SAFETY: `slot` points at a whole slot of our own allocation, zeroed, which is a valid value for integers, arrays of
            // integers and null pointers; nobody else refers to it yet.
            unsafe {
                (*slot).receive_vector =
                    libc::iovec { iov_base: (&raw mut (*slot).received).cast(), iov_len: RECEIVED_OCTETS_MAX };
                (*slot).reply_vector = libc::iovec { iov_base: (&raw mut (*slot).reply).cast(), iov_len: 0 };
            }
        }
        slots
    }

    /// Where slot `index` lies; the pointer is good until the slots are dropped.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> *mut Slot {
        assert!(index < self.count, "a slot inside the batch");
        // SAFETY: `index` was checked, so the result lies inside our allocation.
        unsafe { self.first.as_ptr().add(index) }
    }

    fn layout(count: usize) -> Layout {
        Layout::array::<Slot>(count).expect("a batch fits into memory")
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with the same layout, and freed once; a slot has nothing to drop.
        unsafe { dealloc(self.first.as_ptr().cast(), Self::layout(self.count)) };
    }
}
