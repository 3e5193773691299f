//! The conditions of a statement: what a request tells (keys and values), and how they are compared.
//!
//! AWS's rules, "IAM JSON policy elements: Condition": all conditions of a statement must hold; of several values of a
//! condition one is enough, or none may match for a negated operator. A key that a request lacks fails every operator
//! but negated ones, `…IfExists`, `Null` and `ForAllValues:`.

use std::net::IpAddr;

use super::moment;
use super::network::Network;
use super::pattern::Pattern;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// What a policy may ask of a request. Names are the same in either case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Key {
            $($(#[$doc])* $name,)*
        }

        impl Key {
            /// Every key.
            pub const ALL: [Key; 12] = [$(Key::$name),*];

            /// As AWS writes it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Key::$name => $text,)* }
            }
        }
    };
}

keys! {
    /// Names of a change batch: lower case, no dot at the end, `\ooo` for all but `a-z 0-9 - _`.
    RecordNames "route53:ChangeResourceRecordSetsNormalizedRecordNames";
    /// Types of a change batch, such as `TXT`.
    RecordTypes "route53:ChangeResourceRecordSetsRecordTypes";
    /// Actions of a change batch: `CREATE`, `UPSERT`, `DELETE`.
    Actions "route53:ChangeResourceRecordSetsActions";
    /// VPCs of a request: `VPCId=vpc-1,VPCRegion=eu-west-1`, in lower case but for the two names.
    Vpcs "route53:VPCs";
    /// The address the request came from.
    SourceIp "aws:SourceIp";
    /// Now, as `2026-11-23T07:00:00Z`.
    CurrentTime "aws:CurrentTime";
    /// Now, in seconds since 1970.
    EpochTime "aws:EpochTime";
    /// The name of the key that signed, or of the key that its session is of.
    UserName "aws:username";
    /// The id of the key that signed.
    UserId "aws:userid";
    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    PrincipalArn "aws:PrincipalArn";
    /// The account.
    PrincipalAccount "aws:PrincipalAccount";
    /// Whether the request came over TLS.
    SecureTransport "aws:SecureTransport";
}

impl Key {
    /// Finds a key by its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Key> {
        Key::ALL.into_iter().find(|key| key.name().eq_ignore_ascii_case(text))
    }

    /// Whether it always holds several values, and AWS's own examples compare it with a set operator only. A request
    /// names one VPC, so [`Key::Vpcs`] is not among them.
    pub(crate) fn needs_set(self) -> bool {
        matches!(self, Key::RecordNames | Key::RecordTypes | Key::Actions)
    }

    /// Whether it may stand in `${…}`.
    pub(crate) fn is_variable(self) -> bool {
        matches!(self, Key::UserName | Key::UserId | Key::PrincipalArn | Key::PrincipalAccount)
    }
}

/// What a request tells to conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(Vec<(Key, Vec<String>)>);

impl Context {
    /// Keys and their values; a key without values is one that the request lacks.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = (Key, Vec<String>)>) -> Self {
        Self(values.into_iter().filter(|(_, values)| !values.is_empty()).collect())
    }

    /// Adds a key.
    pub fn add(&mut self, key: Key, values: Vec<String>) {
        if !values.is_empty() {
            self.0.push((key, values));
        }
    }

    /// The values of a key; none if the request lacks it.
    #[must_use]
    pub fn values(&self, key: Key) -> Option<&[String]> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, values)| values.as_slice())
    }
}

/// One line of a condition: a key, an operator, and the values to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(crate) key: Key,
    pub(crate) over: Over,
    /// `…IfExists`
    pub(crate) if_exists: bool,
    /// `…Not…`
    pub(crate) negated: bool,
    pub(crate) test: Test,
}

/// How several values of a request are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// No set operator.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// What one value is compared with; one of them is enough.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Text(Vec<Pattern>),
    TextIgnoringCase(Vec<Pattern>),
    Arn(Vec<Pattern>),
    Number(Order, Vec<f64>),
    /// Milliseconds since 1970.
    Date(Order, Vec<i64>),
    Bool(Vec<bool>),
    Address(Vec<Network>),
    /// Whether the key is to be absent.
    Null(Vec<bool>),
}

/// Where a value must be, seen from the one in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Same,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Condition {
    /// Whether it holds.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let values = context.values(self.key);
        if let Test::Null(absent) = &self.test {
            return absent.contains(&values.is_none());
        }
        let one = |value: &String| self.test.passes(value, context) != self.negated;
        match (self.over, values) {
            (Over::One, None) => self.if_exists || self.negated,
            (Over::All, None) => true,
            (Over::Any, None) => self.if_exists,
            // Several values under no set operator: only VPCs, of which a request has one.
            (Over::One | Over::All, Some(values)) => values.iter().all(one),
            (Over::Any, Some(values)) => values.iter().any(one),
        }
    }
}

impl Test {
    fn passes(&self, value: &str, context: &Context) -> bool {
        match self {
            Test::Text(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Test::TextIgnoringCase(patterns) => {
                patterns.iter().any(|pattern| pattern.matches_ignoring_case(value, context))
            }
            Test::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches_arn(value, context)),
            Test::Number(order, numbers) => {
                value.parse().is_ok_and(|value: f64| numbers.iter().any(|number| order.holds(&value, number)))
            }
            Test::Date(order, dates) => {
                moment::parse(value).is_some_and(|value| dates.iter().any(|date| order.holds(&value, date)))
            }
            Test::Bool(wanted) => {
                value.eq_ignore_ascii_case("true") && wanted.contains(&true)
                    || value.eq_ignore_ascii_case("false") && wanted.contains(&false)
            }
            Test::Address(networks) => {
                value.parse().is_ok_and(|address: IpAddr| networks.iter().any(|network| network.holds(address)))
            }
            Test::Null(_) => false,
        }
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, value: &T, policy: &T) -> bool {
        match self {
            Order::Same => value == policy,
            Order::Below => value < policy,
            Order::AtMost => value <= policy,
            Order::Above => value > policy,
            Order::AtLeast => value >= policy,
        }
    }
}
