//! Batches of datagrams on a connected or unconnected socket, as thin as the system calls allow.
//!
//! The product's own batches live in the crate `udp`; these stand apart so that the floor and the generator do not share its mistakes.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::mem;
use std::os::fd::RawFd;
use std::ptr::{self, NonNull};
use std::slice;

/// Equal buffers side by side, each with a message header that points to it.
pub struct Mail {
    memory: NonNull<u8>,
    layout: Layout,
    stride: usize,
    octets: usize,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    /// Peers of an unconnected socket; empty for a connected one.
    names: Vec<libc::sockaddr_in>,
}

impl Mail {
    /// `count` buffers of `octets`; with `names` each datagram carries its IPv4 peer.
    pub fn new(count: usize, octets: usize, names: bool) -> Mail {
        // An odd number of cache lines: buffers at a round stride would fight for the same cache sets.
        let stride = (octets.div_ceil(64) | 1) * 64;
        let layout = Layout::from_size_align(stride * count.max(1), 64).expect("a batch fits into memory");
        // SAFETY: the layout is not empty.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(memory) = NonNull::new(memory) else { handle_alloc_error(layout) };
        let mut vectors: Vec<libc::iovec> = (0..count)
            .map(|index| {
                // SAFETY: `index * stride` lies inside the allocation of `stride * count`.
                let start = unsafe { memory.as_ptr().add(index * stride) };
                libc::iovec { iov_base: start.cast(), iov_len: octets }
            })
            .collect();
        // SAFETY: a sockaddr_in is integers; all zero is valid.
        let mut names: Vec<libc::sockaddr_in> = vec![unsafe { mem::zeroed() }; if names { count } else { 0 }];
        let first_vector = vectors.as_mut_ptr();
        let first_name = names.as_mut_ptr();
        let headers = (0..count)
            .map(|index| {
                // SAFETY: a message header is integers and pointers; all zero is valid.
                let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
                // SAFETY: `index` is inside the array; the arrays are never resized, so they never move.
                header.msg_hdr.msg_iov = unsafe { first_vector.add(index) };
                header.msg_hdr.msg_iovlen = 1;
                if !names.is_empty() {
                    // SAFETY: as above.
                    header.msg_hdr.msg_name = unsafe { first_name.add(index) }.cast();
                    header.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
                }
                header
            })
            .collect();
        Mail { memory, layout, stride, octets, vectors, headers, names }
    }

    /// How many datagrams fit.
    pub fn count(&self) -> usize {
        self.headers.len()
    }

    /// Receives what is there, or waits for the first with [`libc::MSG_WAITFORONE`]; negative on errors and when nothing came.
    #[inline]
    pub fn receive(&mut self, socket: RawFd, flags: libc::c_int) -> isize {
        // SAFETY: every header points at a vector, buffer and name of this `Mail`, with their true sizes, exclusively ours.
        let count = unsafe {
            let count = self.headers.len() as libc::c_uint;
            libc::recvmmsg(socket, self.headers.as_mut_ptr(), count, flags, ptr::null_mut())
        };
        count as isize
    }

    /// Sends the first `count` datagrams and returns how many the kernel took; negative if not even one.
    #[inline]
    pub fn send(&mut self, socket: RawFd, count: usize, flags: libc::c_int) -> isize {
        let count = count.min(self.headers.len()) as libc::c_uint;
        // SAFETY: as in `receive`; only the first `count` headers are used.
        (unsafe { libc::sendmmsg(socket, self.headers.as_mut_ptr(), count, flags) }) as isize
    }

    /// Like [`Mail::send`] with flags 0, from the datagram `first` on.
    #[inline]
    pub fn send_from(&mut self, socket: RawFd, first: usize, count: usize) -> isize {
        let rest = &mut self.headers[first..count];
        // SAFETY: as in `receive`; `rest` is a whole array of headers.
        (unsafe { libc::sendmmsg(socket, rest.as_mut_ptr(), rest.len() as libc::c_uint, 0) }) as isize
    }

    /// The datagram received at `index`.
    #[inline]
    pub fn received(&self, index: usize) -> &[u8] {
        let length = (self.headers[index].msg_len as usize).min(self.octets);
        // SAFETY: `index` is a header of ours, so its buffer lies inside the allocation and holds `octets` initialised octets.
        unsafe { slice::from_raw_parts(self.memory.as_ptr().add(index * self.stride), length) }
    }

    /// The buffer at `index`, to write a datagram of `length` octets into.
    #[inline]
    pub fn write(&mut self, index: usize, length: usize) -> &mut [u8] {
        let length = length.min(self.octets);
        self.vectors[index].iov_len = length;
        // SAFETY: as in `received`, and `&mut self` makes the slice the only one.
        unsafe { slice::from_raw_parts_mut(self.memory.as_ptr().add(index * self.stride), length) }
    }

    /// Turns the datagram received at `index` into one to send, unchanged but for a bit: a DNS response.
    #[inline]
    pub fn echo(&mut self, index: usize) {
        let length = self.headers[index].msg_len as usize;
        if let Some(flags) = self.write(index, length).get_mut(2) {
            *flags |= 0x80;
        }
    }

    /// Offers the whole buffer and name at `index` for receiving again.
    #[inline]
    pub fn reset(&mut self, index: usize) {
        self.vectors[index].iov_len = self.octets;
        if !self.names.is_empty() {
            self.headers[index].msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, freed once.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}
