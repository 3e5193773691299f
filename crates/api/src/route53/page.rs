//! Paging: how many items a listing may give.
//!
//! Used by every listing. Numbers above the most are cut, not refused; what is no number is refused.

use model::limits::PAGE_ITEMS_DEFAULT;

use super::error::Fault;

/// How many items are wanted, at most `most`.
pub(super) fn size(max_items: Option<&str>, most: usize) -> Result<usize, Fault> {
    whole_number("MaxItems", max_items, most)
}

/// The same where the parameter is `MaxResults`.
pub(super) fn results(max_results: Option<&str>, most: usize) -> Result<usize, Fault> {
    whole_number("MaxResults", max_results, most)
}

fn whole_number(parameter: &str, text: Option<&str>, most: usize) -> Result<usize, Fault> {
    let Some(text) = text else { return Ok(PAGE_ITEMS_DEFAULT.min(most)) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number too long to be read is above the most.
    match text.parse::<usize>() {
        Ok(0) => {}
        Ok(count) => return Ok(count.min(most)),
        Err(_) if digits => return Ok(most),
        Err(_) => {}
    }
    Err(Fault::InvalidInput { message: format!("{parameter} must be a whole number of at least 1: {text}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_allowed_is_cut_and_nonsense_is_refused() {
        for (text, expect) in [(None, 100), (Some("1"), 1), (Some("300"), 300), (Some("1000"), 300)] {
            assert_eq!(size(text, 300).unwrap(), expect);
        }
        assert_eq!(size(None, 50).unwrap(), 50);
        assert_eq!(size(Some("99999999999999999999999"), 300).unwrap(), 300);
        for text in ["0", "", "-1", "ten", "1.5"] {
            let Err(Fault::InvalidInput { message }) = size(Some(text), 300) else { panic!("{text}") };
            assert!(message.ends_with(&format!(": {text}")));
        }
    }
}
