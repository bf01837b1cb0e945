//! The handbook: chapters for whoever works in the pages, in Chinese and English, written as Markdown in `docs/handbook` and compiled in with
//! their pictures. Every page names the chapter that explains it. A chapter reads nothing of a ledger, and raw HTML in it is shown as it is
//! written, never as markup.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use kernel::Lang;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Where the handbook is served.
pub(crate) const ADDRESS: &str = "/help";
/// The pictures that chapters show, taken by `docs/handbook/pictures.py`.
static PICTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/handbook/pictures");
/// How chapters name their folder.
const PICTURES_FROM_CHAPTERS: &str = "../pictures/";

macro_rules! chapters {
    ($($(#[$told:meta])* $chapter:ident: $id:literal;)+) => {
        /// What a chapter is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Chapter { $($(#[$told])* $chapter,)+ }

        impl Chapter {
            /// All of them, in the order in which they are read.
            pub const ALL: &[Chapter] = &[$(Self::$chapter,)+];

            /// The name of its files, and its part of the address.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$chapter => $id,)+ }
            }

            /// As it is written.
            const fn source(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $(
                        (Self::$chapter, Lang::Zh) => include_str!(concat!("../../../docs/handbook/zh/", $id, ".md")),
                        (Self::$chapter, Lang::En) => include_str!(concat!("../../../docs/handbook/en/", $id, ".md")),
                    )+
                }
            }
        }
    };
}

chapters! {
    /// From nothing to the first list.
    Begin: "begin";
    /// The first page: the day's work.
    FirstPage: "first-page";
    /// Finding somebody.
    Searching: "searching";
    /// A person, a household.
    People: "people";
    /// Making something known, and taking it back.
    Doing: "doing";
    /// The lists of a programme, and visits.
    Lists: "lists";
    /// Taking a list in.
    Importing: "importing";
    /// Which lists are due.
    Completeness: "completeness";
    /// What lists leave open.
    Review: "review";
    /// Registers and their records.
    Registers: "registers";
    /// Figures and dashboards.
    Figures: "figures";
    /// What goes upward.
    Reports: "reports";
    /// Who may do what, and who looked.
    Posts: "posts";
    /// What words mean.
    Glossary: "glossary";
}

/// A chapter as it is shown.
pub(crate) struct Written {
    /// Its heading, which the page shows by itself.
    pub title: String,
    /// Its first paragraph: what it is about.
    pub lead: String,
    /// All below the heading.
    pub body: Markup,
}

impl Chapter {
    /// The chapter that an address names.
    pub fn named(id: &str) -> Option<Chapter> {
        Self::ALL.iter().copied().find(|chapter| chapter.id() == id)
    }

    /// Where it is served.
    pub fn address(self) -> String {
        format!("{ADDRESS}/{}", self.id())
    }

    /// The one before it and the one after it.
    pub fn beside(self) -> (Option<Chapter>, Option<Chapter>) {
        let at = Self::ALL.iter().position(|chapter| *chapter == self);
        let at = at.unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| Self::ALL.get(at));
        (before.copied(), Self::ALL.get(at + 1).copied())
    }

    /// What it says in a language.
    pub fn written(self, lang: Lang) -> &'static Written {
        static WRITTEN: LazyLock<Vec<[Written; 2]>> = LazyLock::new(|| {
            let both =
                |chapter: &Chapter| [Lang::Zh, Lang::En].map(|lang| written(chapter.source(lang)));
            Chapter::ALL.iter().map(both).collect()
        });
        let [zh, en] = &WRITTEN[self as usize];
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// The bytes of a picture, a WebP file.
pub(crate) fn picture(name: &str) -> Option<&'static [u8]> {
    PICTURES.get_file(name).map(include_dir::File::contents)
}

/// Markdown as it is shown.
fn written(source: &str) -> Written {
    let (mut title, mut lead, mut shown) = (String::new(), None, Vec::new());
    let (mut above, mut begun, mut labels) = (String::new(), 0, Vec::new());
    let mut events = Parser::new_ext(source, Options::ENABLE_TABLES);
    while let Some(mut event) = events.next() {
        match &mut event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) => {
                title = text_until(&mut events, TagEnd::Heading(HeadingLevel::H1));
                above.clone_from(&title);
                continue;
            }
            Event::Start(Tag::Heading { .. }) => begun = shown.len(),
            Event::End(TagEnd::Heading(_)) => above = text_of(&shown[begun..]),
            Event::Start(Tag::Table(_)) => labels.push(above.clone()),
            Event::Start(Tag::Image { dest_url, .. }) => {
                let alt = text_until(&mut events, TagEnd::Image);
                let picture = shown_picture(dest_url, &alt);
                event = Event::InlineHtml(picture.0.into());
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                if let Some(address) = address_of(dest_url) {
                    *dest_url = address.into();
                }
            }
            Event::Html(raw) | Event::InlineHtml(raw) => {
                let raw = raw.clone();
                event = Event::Text(raw);
            }
            Event::End(TagEnd::Paragraph) if lead.is_none() => lead = Some(text_of(&shown)),
            _ => {}
        }
        shown.push(event);
    }
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, shown.into_iter());
    Written {
        title,
        lead: lead.unwrap_or_default(),
        body: PreEscaped(labelled(&body, &labels)),
    }
}

/// Each table by the name of the heading above it, for whoever can't see that. Nothing else in a body reads `<table>`, since text is escaped.
fn labelled(body: &str, labels: &[String]) -> String {
    let mut parts = body.split("<table>");
    let mut all = parts.next().unwrap_or_default().to_owned();
    for (part, label) in parts.zip(labels) {
        all += &format!("<table aria-label=\"{}\">{part}", html! { (label) }.0);
    }
    all
}

/// The text up to the end of what has begun.
fn text_until<'e>(events: &mut impl Iterator<Item = Event<'e>>, end: TagEnd) -> String {
    let inside: Vec<Event<'_>> = events
        .take_while(|event| *event != Event::End(end))
        .collect();
    text_of(&inside)
}

fn text_of(events: &[Event<'_>]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        Event::SoftBreak => Some(" "),
        _ => None,
    });
    texts.collect()
}

/// Where the chapter is that another names by its file.
fn address_of(file: &str) -> Option<String> {
    let chapter = Chapter::named(file.strip_suffix(".md")?)?;
    Some(chapter.address())
}

fn shown_picture(file: &str, alt: &str) -> Markup {
    let name = file.strip_prefix(PICTURES_FROM_CHAPTERS).unwrap_or(file);
    let (width, height) = picture(name).and_then(size).unzip();
    let address = format!("{ADDRESS}/pictures/{name}");
    // On a telephone it is small, and opens.
    html! { a href=(address) { img src=(address) alt=(alt) width=[width] height=[height] loading="lazy"; } }
}

/// Width and height of a lossy WebP file, in pixels (RFC 9649, section 2.5, and RFC 6386, section 9.1).
fn size(bytes: &[u8]) -> Option<(u16, u16)> {
    let at = |place: usize| {
        Some(u16::from_le_bytes([*bytes.get(place)?, *bytes.get(place + 1)?]) & 0x3fff)
    };
    match bytes.get(12..16)? {
        b"VP8 " => Some((at(26)?, at(28)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Chapter, size, written};

    #[test]
    fn a_chapter_is_a_heading_a_first_sentence_and_what_follows() {
        let chapter = written(
            "# Finding *somebody*\n\nType `lgh`\nor a name.\n\n## More\n\nSee [the words](glossary.md), [x](other.md).\n",
        );
        assert_eq!(chapter.title, "Finding somebody");
        assert_eq!(chapter.lead, "Type lgh or a name.");
        let body = chapter.body.0;
        assert!(
            !body.contains("<h1>") && body.contains("<h2>More</h2>"),
            "{body}"
        );
        assert!(
            body.contains("<a href=\"/help/glossary\">the words</a>"),
            "{body}"
        );
        assert!(body.contains("<a href=\"other.md\">x</a>"), "{body}");
    }

    #[test]
    fn raw_html_is_shown_as_it_is_written() {
        for raw in [
            "a <b onclick=x>b</b>",
            "<script>alert(1)</script>",
            "<!-- note -->",
        ] {
            let body = written(&format!("# T\n\n{raw}\n")).body.0;
            let marks = body.replace("<p>", "").replace("</p>", "");
            assert!(!marks.contains('<') && marks.contains("&lt;"), "{body}");
        }
    }

    #[test]
    fn a_picture_says_what_it_shows_and_how_large_it_is() {
        let body = written("# T\n\n![A \"list\" <1>](../pictures/none.webp)\n")
            .body
            .0;
        assert!(
            body.contains(
                "<img src=\"/help/pictures/none.webp\" alt=\"A &quot;list&quot; &lt;1&gt;\""
            ),
            "{body}"
        );
        let mut file = b"RIFF....WEBPVP8 \x52\x7e\0\0\xf0\x7c\x01\x9d\x01\x2a".to_vec();
        assert_eq!(size(&file), None, "cut off");
        file.extend([0xe8, 0x03, 0xab, 0x01]);
        assert_eq!(size(&file), Some((1000, 427)));
        file[15] = b'L';
        assert_eq!(size(&file), None);
    }

    #[test]
    fn a_table_is_called_like_the_heading_above_it() {
        let body =
            written("# T\n\n|a|\n|-|\n|`<table>`|\n\n## \"B\" & `c`\n\n|b|\n|-|\n|1|\n").body;
        let called: Vec<&str> = (body.0.split("<table aria-label=\"").skip(1))
            .map(|part| part.split_once('>').unwrap().0)
            .collect();
        assert_eq!(called, ["T\"", "&quot;B&quot; &amp; c\""]);
        assert!(body.0.contains("<code>&lt;table&gt;</code>"), "{}", body.0);
    }

    #[test]
    fn chapters_stand_in_a_row() {
        let mut read = vec![Chapter::ALL[0]];
        while let (_, Some(next)) = read[read.len() - 1].beside() {
            read.push(next);
        }
        assert_eq!(read, Chapter::ALL);
        assert_eq!(read[0].beside().0, None);
        for chapter in read {
            assert_eq!(Chapter::named(chapter.id()), Some(chapter));
        }
        assert_eq!(Chapter::named("none"), None);
    }
}
