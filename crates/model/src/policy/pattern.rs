//! Texts with wildcards: `*` stands for any characters, `?` for one. In version 2012-10-17 also variables, `${…}`.
//!
//! Three forms: an action (letters of either case are the same), a resource (a wildcard stays in its part of the ARN,
//! but for the last part), and a text of a condition.

use super::condition::{Context, Key};
use super::fault::ElementFault;

/// A text to compare with, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// The value of a key of the request.
    Variable(Key),
}

/// Which characters mean more than themselves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${…}`: from version 2012-10-17 on.
    pub(crate) variables: bool,
}

/// The variables, for messages.
const VARIABLES: &str = "${aws:username}, ${aws:userid}, ${aws:PrincipalArn}, ${*}, ${?} and ${$}";

impl Pattern {
    /// Takes a text apart.
    ///
    /// # Errors
    /// A variable that is none.
    pub(crate) fn parse(text: &str, meaning: Meaning) -> Result<Self, ElementFault> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if meaning.variables && rest.starts_with("${") {
                let fault = |variable: &str| ElementFault::Variable { variable: variable.to_owned(), known: VARIABLES };
                let end = rest.find('}').ok_or_else(|| fault(rest))?;
                tokens.push(variable(&rest[2..end]).ok_or_else(|| fault(&rest[..=end]))?);
                rest = &rest[end + 1..];
                continue;
            }
            tokens.push(match c {
                '*' if meaning.wildcards => Token::Any,
                '?' if meaning.wildcards => Token::One,
                c => Token::Char(c),
            });
            rest = &rest[c.len_utf8()..];
        }
        Ok(Self(tokens))
    }

    /// The same in lower case, to be compared with texts in lower case.
    pub(crate) fn lower(mut self) -> Self {
        let lower = |token: Token| -> Vec<Token> {
            match token {
                Token::Char(c) => c.to_lowercase().map(Token::Char).collect(),
                other => vec![other],
            }
        };
        self.0 = self.0.into_iter().flat_map(lower).collect();
        self
    }

    /// Whether the whole text is one that the pattern means. A variable that the request has no value for matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        self.filled(context).is_some_and(|tokens| glob(&tokens, text))
    }

    /// As [`Self::matches`] in either case.
    pub(crate) fn matches_ignoring_case(&self, text: &str, context: &Context) -> bool {
        let Some(tokens) = self.filled(context) else { return false };
        let pattern = Pattern(tokens.into_owned()).lower();
        glob(&pattern.0, &text.to_lowercase())
    }

    /// Whether the text is an ARN that the pattern means, part by part; `*` alone means every resource.
    pub(crate) fn matches_arn(&self, arn: &str, context: &Context) -> bool {
        let Some(tokens) = self.filled(context) else { return false };
        if *tokens == [Token::Any] {
            return true;
        }
        let mut parts = tokens.splitn(ARN_PARTS, |token| *token == Token::Char(':'));
        let mut texts = arn.splitn(ARN_PARTS, ':');
        loop {
            match (parts.next(), texts.next()) {
                (Some(pattern), Some(text)) if glob(pattern, text) => {}
                (None, None) => return true,
                (Some(_) | None, _) => return false,
            }
        }
    }

    fn filled(&self, context: &Context) -> Option<std::borrow::Cow<'_, [Token]>> {
        if !self.0.iter().any(|token| matches!(token, Token::Variable(_))) {
            return Some(self.0.as_slice().into());
        }
        let mut filled = Vec::with_capacity(self.0.len());
        for token in &self.0 {
            match token {
                Token::Variable(key) => {
                    let [value] = context.values(*key)? else { return None };
                    filled.extend(value.chars().map(Token::Char));
                }
                other => filled.push(*other),
            }
        }
        Some(filled.into())
    }
}

/// `arn:partition:service:region:account:resource`; the resource may hold further colons.
pub(crate) const ARN_PARTS: usize = 6;

fn variable(name: &str) -> Option<Token> {
    match name {
        "*" => Some(Token::Char('*')),
        "?" => Some(Token::Char('?')),
        "$" => Some(Token::Char('$')),
        name => Key::parse(name).filter(|key| key.is_variable()).map(Token::Variable),
    }
}

/// The usual way: after a failure go back to the last `*` and let it take one character more.
fn glob(pattern: &[Token], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    let mut star: Option<(usize, &str)> = None;
    loop {
        let first = rest.chars().next();
        let step = match (pattern.get(at), first) {
            (None, None) => return true,
            (Some(Token::Any), _) => {
                at += 1;
                star = Some((at, rest));
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Char(wanted)), Some(c)) => *wanted == c,
            (Some(Token::One | Token::Char(_)), None) | (Some(Token::Variable(_)) | None, _) => false,
        };
        if let (true, Some(c)) = (step, first) {
            at += 1;
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let Some((after, from)) = star else { return false };
        let Some(c) = from.chars().next() else { return false };
        rest = &from[c.len_utf8()..];
        star = Some((after, rest));
        at = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Meaning = Meaning { wildcards: true, variables: true };

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text, BOTH).unwrap()
    }

    #[test]
    fn stars_and_question_marks() {
        let none = Context::default();
        let check = |text: &str, yes: &[&str], no: &[&str]| {
            for other in yes {
                assert!(pattern(text).matches(other, &none), "{text} means {other}");
            }
            for other in no {
                assert!(!pattern(text).matches(other, &none), "{text} does not mean {other}");
            }
        };
        check(
            "_acme-challenge.*",
            &["_acme-challenge.a.b", "_acme-challenge."],
            &["x_acme-challenge.a", "_acme-challenge"],
        );
        check("*a*b", &["ab", "xaxb", "aabbb"], &["ba", "abx"]);
        check("a?c", &["abc", "aéc"], &["ac", "abbc"]);
        check("", &[""], &["a"]);
        check("**", &["", "a"], &[]);
        check("${*}.a${$}", &["*.a$"], &["x.a$"]);
        let literal = Pattern::parse("${x}*", Meaning { wildcards: false, variables: false }).unwrap();
        assert!(literal.matches("${x}*", &none) && !literal.matches("${x}y", &none));
    }

    #[test]
    fn an_arn_is_compared_part_by_part() {
        let none = Context::default();
        let zone = "arn:aws:route53:::hostedzone/Z1";
        for text in ["*", zone, "arn:aws:route53:::hostedzone/*", "arn:*:route53:*:*:*", "arn:aws:route53:::*Z1"] {
            assert!(pattern(text).matches_arn(zone, &none), "{text}");
        }
        for text in ["arn:*", "arn:aws:*", "arn:aws:route53:::hostedzone/Z", "arn:aws:route53*hostedzone/Z1", "*:*"] {
            assert!(!pattern(text).matches_arn(zone, &none), "{text}");
        }
        assert!(!pattern("arn:aws:route53:::*").matches_arn("*", &none));
        assert!(pattern("arn:a:b:c:d:*").matches_arn("arn:a:b:c:d:e:f:g", &none));
    }

    #[test]
    fn a_variable_is_no_wildcard_and_nothing_when_unknown() {
        let context = Context::of([(Key::UserName, vec!["a*".to_owned()])]);
        let own = pattern("_acme-challenge.${aws:username}.*");
        assert!(own.matches("_acme-challenge.a*.test", &context));
        assert!(!own.matches("_acme-challenge.abc.test", &context));
        assert!(!own.matches("_acme-challenge..test", &Context::default()));
        assert!(matches!(Pattern::parse("${aws:nope}", BOTH), Err(ElementFault::Variable { .. })));
        assert!(matches!(Pattern::parse("${aws:username", BOTH), Err(ElementFault::Variable { .. })));
    }
}
