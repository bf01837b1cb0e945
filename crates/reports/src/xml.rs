//! Writes well-formed XML into memory: the parts of a document, and drawings for pages.
//! Every text is escaped, and characters that XML 1.0 forbids are left out, so that no ledger content can break a part.
//! Elements close themselves; writing can't fail.

use quick_xml::escape::escape;

/// XML being written.
pub(crate) struct Xml {
    out: String,
}

/// Attributes of an element, in the order in which they are written.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    /// Begins a file: with the XML declaration.
    pub(crate) fn file() -> Xml {
        Xml {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n".to_owned(),
        }
    }

    /// Begins a fragment: without a declaration, to stand inside another document.
    pub(crate) fn fragment() -> Xml {
        Xml { out: String::new() }
    }

    /// An element with content.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        content: impl FnOnce(&mut Xml),
    ) {
        self.tag(name, attributes, ">");
        content(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes, "/>");
    }

    /// An element that holds only text.
    pub(crate) fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |xml| {
            xml.out.push_str(&escape(permitted(text).as_str()))
        });
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            self.out.push_str(&escape(permitted(value).as_str()));
            self.out.push('"');
        }
        self.out.push_str(end);
    }
}

/// The text without the characters that XML 1.0 (section 2.2) forbids or discourages.
fn permitted(text: &str) -> String {
    text.chars()
        .filter(|ch| matches!(ch, '\t' | '\n' | ' '..='~' | '\u{A0}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_and_forbidden_characters_left_out() {
        let mut xml = Xml::fragment();
        xml.element("p", &[("title", "a\"<b")], |xml| {
            xml.empty("br", &[]);
            xml.text("t", &[], "5 < 6 & \u{0}\u{B}\u{FFFF}七");
        });
        assert_eq!(
            xml.finish(),
            "<p title=\"a&quot;&lt;b\"><br/><t>5 &lt; 6 &amp; 七</t></p>"
        );
    }
}
