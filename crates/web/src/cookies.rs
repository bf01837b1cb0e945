//! What a browser remembers for the pages: the language, and who is at the desk.

use axum::http::header;
use axum::http::request::Parts;

/// The longest name, in characters.
pub(crate) const LONGEST: usize = 40;

/// What cookies beginning so hold.
pub(crate) fn cookies<'p>(parts: &'p Parts, start: &'static str) -> impl Iterator<Item = &'p str> {
    let cookies = parts.headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .flat_map(|cookie| cookie.split(';'))
        .filter_map(move |cookie| cookie.trim().strip_prefix(start))
}

/// Who says to be at the desk, if the cookie holds a name.
pub(crate) fn worker(parts: &Parts) -> Option<String> {
    cookies(parts, "desk=").find_map(|name| checked(&unescaped(name)?))
}

/// A name as it is kept: without the blanks around it, so that one person is not two.
pub(crate) fn checked(name: &str) -> Option<String> {
    let name: Vec<&str> = name.split_whitespace().collect();
    let name = name.join(" ");
    let fits = (1..=LONGEST).contains(&name.chars().count());
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{checked, unescaped};

    #[test]
    fn a_name_is_kept_as_one_person() {
        assert_eq!(checked("  王  芳 ").as_deref(), Some("王 芳"));
        assert_eq!(checked(" "), None);
        assert_eq!(checked(&"王".repeat(41)), None);
        assert_eq!(checked("a\u{1}b"), None);
        assert_eq!(unescaped("%E7%8E%8Ba").as_deref(), Some("王a"));
        assert_eq!(unescaped("%E7%8"), None);
    }
}
