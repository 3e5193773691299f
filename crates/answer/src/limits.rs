//! The bounds on the work of one query, each with its reason.

/// Most CNAMEs (written or synthesised from a DNAME) in one reply. Real chains have two or three; BIND stops at 16.
pub const CHAIN_MAX: usize = 16;

/// Deepest nesting of aliases that is followed. The trees that octoDNS builds are four deep.
pub const ALIAS_DEPTH_MAX: usize = 8;

/// Most health look-ups through aliases in one query, so that wide nested trees cannot multiply; beyond it a member
/// counts as healthy. A full tree of 100 × 10 members stays below.
pub(crate) const HEALTH_STEPS_MAX: u32 = 2_000;

/// Most candidates that an explanation lists: more than a person reads, and a bound on wide nested trees, which the
/// listing walks whole.
pub(crate) const CANDIDATES_MAX: usize = 1_000;

/// Most work to tell the odds of one answer: each way that it can take counts one, each look-up of health through an alias
/// one more. A tree has as many ways as leaves, some hundreds in the largest that are known; that many different answers
/// took 0.9 s in an optimised build.
pub(crate) const WAYS_WORK_MAX: u64 = 100_000;

/// Most members of one group: Route 53 allows 100 (DNSLimitations); a mask of 128 bits is what the choice works with.
pub(crate) const GROUP_MEMBERS_MAX: usize = 128;

/// Most record sets in one multivalue answer (Route 53, "Multivalue answer routing").
pub(crate) const MULTIVALUE_ANSWERS_MAX: usize = 8;

/// Most RRsets of hosts that are looked for beside an answer: A and AAAA of sixteen mail servers, or of ten services with
/// an alias each; what is left out, a client asks for.
pub(crate) const ADDITIONAL_SETS_MAX: usize = 32;

/// Largest UDP reply, whatever the client offers: no fragment on any usual path (RFC 9715 §3.1).
/// Differs: Route 53 goes up to 4096.
pub const UDP_PAYLOAD_MAX: usize = 1232;

/// Largest UDP reply without EDNS (RFC 1035 §4.2.1), and the least an EDNS client can ask for (RFC 6891 §6.2.3).
pub(crate) const UDP_PAYLOAD_MIN: usize = 512;
