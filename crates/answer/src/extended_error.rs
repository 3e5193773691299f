//! Extended DNS errors (RFC 8914): a code and a few words on why a reply is as it is, for people who look.
//!
//! Before: `answer` and `choose` note the reason. After: `opt` writes it, if the query has EDNS and there is room to
//! spare; it never causes TC. The codes are IANA's. What is a matter of routing has none of its own, so it is Other (0)
//! with words, as §4.1 wants: the neighbours mean something else. Stale Answer (3) is about caches, Invalid Data (24)
//! about a zone that cannot be served, Filtered and Blocked (17, 15) about somebody's wish, No Reachable Authority (22)
//! about a resolver.

/// Why a reply is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtendedError {
    /// The name lies in none of the zones.
    NotAuthoritative,
    /// Transfers and classes other than IN are nothing that this server does for anyone; Prohibited (18) would mean that
    /// others may.
    NotSupported,
    /// Every candidate is unhealthy, so that all count as healthy (R53 "How Route 53 chooses records").
    AllUnhealthy,
    /// The record sets at the name are for clients elsewhere, and there is no default.
    NotForClient,
    /// An alias leads to a name without records of the type.
    AliasTargetMissing,
    /// An alias leads to something that this server does not hold.
    AliasTargetElsewhere,
    /// Aliases lead to aliases too often.
    AliasesTooDeep,
}

/// Code and text of the option, before the text.
const HEAD: usize = 6;

impl ExtendedError {
    fn code(self) -> u16 {
        match self {
            Self::AllUnhealthy
            | Self::NotForClient
            | Self::AliasTargetMissing
            | Self::AliasTargetElsewhere
            | Self::AliasesTooDeep => 0,
            Self::NotAuthoritative => 20,
            Self::NotSupported => 21,
        }
    }

    /// Short words without names or secrets; a code of its own says enough.
    fn text(self) -> &'static str {
        match self {
            Self::NotAuthoritative | Self::NotSupported => "",
            Self::AllUnhealthy => "all unhealthy, failing open",
            Self::NotForClient => "no record set for this client",
            Self::AliasTargetMissing => "alias target missing",
            Self::AliasTargetElsewhere => "alias target not on this server",
            Self::AliasesTooDeep => "aliases nested too deep",
        }
    }

    /// Bytes of the whole option.
    pub(crate) fn length(self) -> usize {
        HEAD + self.text().len()
    }

    /// The option's value: code and text.
    pub(crate) fn value(self) -> ([u8; 2], &'static [u8]) {
        (self.code().to_be_bytes(), self.text().as_bytes())
    }
}
