//! Hands prepared replies to the kernel.
//!
//! Last on the walk of a datagram. Leaves out on purpose: trying a refused reply again. DNS over UDP may lose a reply, the client
//! asks again; waiting would hold up all the others.

use std::io;
use std::os::fd::RawFd;

/// Sends all of `replies`, whose headers must point at live memory, and returns how many the kernel took. One it refuses is skipped.
pub(crate) fn send(socket: RawFd, replies: &mut [libc::mmsghdr]) -> usize {
    let mut sent = 0;
    let mut next = 0;
    while next < replies.len() {
        let rest = &mut replies[next..];
        // SAFETY: `rest` is a whole array of headers; the caller (`batch.rs`) keeps what they point at alive and unshared.
        let count = unsafe { libc::sendmmsg(socket, rest.as_mut_ptr(), rest.len() as libc::c_uint, 0) };
        match usize::try_from(count) {
            Ok(count) if count > 0 => {
                sent += count;
                next += count;
            }
            Ok(_) => return sent,
            // A signal came before the first of the rest: nothing of it is sent yet.
            Err(_) if io::Error::last_os_error().raw_os_error() == Some(libc::EINTR) => {}
            // The buffer stayed full for the socket's whole timeout. Each of the rest would wait as long again: a batch of 64 for
            // three seconds, in which nobody is answered.
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock => return sent,
            // The first of the rest is at fault (ENOBUFS, EPERM, EHOSTUNREACH, EMSGSIZE …): leave it out.
            Err(_) => next += 1,
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use std::mem;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixDatagram;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refused_reply_is_skipped_and_the_rest_goes_out() {
        let (server, client) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let mut octets = [7_u8; 3];
        let mut vector = libc::iovec { iov_base: octets.as_mut_ptr().cast(), iov_len: octets.len() };
        // Nobody can be written to at port 0: the kernel says EINVAL.
        let ports = [client.local_addr().unwrap().port(), 0, client.local_addr().unwrap().port(), 0];
        let mut names = ports.map(|port| libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: port.to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
            sin_zero: [0; 8],
        });
        let mut headers: Vec<libc::mmsghdr> = names
            .iter_mut()
            .map(|name| {
                // SAFETY: a message header is integers and pointers; all zero is valid.
                let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
                header.msg_hdr.msg_name = (&raw mut *name).cast();
                header.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
                header.msg_hdr.msg_iov = &raw mut vector;
                header.msg_hdr.msg_iovlen = 1;
                header
            })
            .collect();
        assert_eq!(send(server.as_raw_fd(), &mut headers), 2);
        for _ in 0..2 {
            assert_eq!(client.recv(&mut [0; 8]).unwrap(), 3);
        }
    }

    #[test]
    fn a_buffer_that_stays_full_is_waited_for_once() {
        // A pair on this machine has a short queue that nobody empties; a thousand timeouts are longer than any test lasts.
        let (server, _client) = UnixDatagram::pair().unwrap();
        server.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut octets = [7_u8; 3];
        let mut vector = libc::iovec { iov_base: octets.as_mut_ptr().cast(), iov_len: octets.len() };
        let mut headers: Vec<libc::mmsghdr> = (0..1000)
            .map(|_| {
                // SAFETY: a message header is integers and pointers; all zero is valid.
                let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
                header.msg_hdr.msg_iov = &raw mut vector;
                header.msg_hdr.msg_iovlen = 1;
                header
            })
            .collect();
        let sent = send(server.as_raw_fd(), &mut headers);
        assert!((1..headers.len()).contains(&sent), "{sent}");
    }
}
