//! Numbers as text, and what a text looks like: what words, pages and addresses all need.

pub(crate) use office::shown::grouped;

/// How many rows a page of a list has.
pub(crate) const ROWS: usize = 50;

/// A count with its thousands separated.
pub(crate) fn count(number: usize) -> String {
    grouped(&number.to_string())
}

/// Whether what is searched for has a digit, and so may be a number, which stands in no address.
pub(crate) fn has_a_digit(text: &str) -> bool {
    kernel::normal(text).chars().any(char::is_numeric)
}

/// Whether what is searched for looks like a whole number rather than a name or an address: it isn't repeated on a page.
pub(crate) fn names_a_number(text: &str) -> bool {
    kernel::normal(text)
        .bytes()
        .filter(u8::is_ascii_digit)
        .count()
        >= 6
}
