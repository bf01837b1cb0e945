//! Files that records refer to: a name, what kind of file it is, how large, and the digest of its bytes, by which they are found
//! wherever they lie. The kind is told by the first bytes, never by the name; what isn't of a known kind is refused. The bytes
//! themselves are kept elsewhere.

use std::fmt;
use std::str::FromStr;

use kernel::Lang;
use sha2::{Digest as _, Sha256};

/// The largest file, in bytes.
pub const LARGEST_FILE: u64 = 20 << 20;
/// The most characters of a file's name.
const LONGEST_NAME: usize = 120;

/// A kind of file, as it is named in the media types of IANA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Media {
    /// A PDF document.
    Pdf,
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A compressed folder, which documents and workbooks of today are.
    Zip,
    /// A compound file, which documents and workbooks of before 2007 are.
    Compound,
}

/// The kinds, each with its media type and the bytes it begins with.
const KINDS: [(Media, &str, &[u8]); 5] = [
    (Media::Pdf, "application/pdf", b"%PDF-"),
    (Media::Jpeg, "image/jpeg", &[0xFF, 0xD8, 0xFF]),
    (
        Media::Png,
        "image/png",
        &[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A],
    ),
    (Media::Zip, "application/zip", b"PK\x03\x04"),
    (
        Media::Compound,
        "application/x-ole-storage",
        &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
    ),
];

/// A reference to a file, written `sha256:… 12345 application/pdf 证明.pdf`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileRef {
    digest: [u8; 32],
    size: u64,
    media: Media,
    name: Box<str>,
}

/// Why bytes aren't kept as a file, or a text is no reference to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRefFault {
    /// Nothing is in it.
    Empty,
    /// It is larger than [`LARGEST_FILE`].
    TooLarge,
    /// Its first bytes are of no known kind.
    Kind,
    /// The name is blank, too long, or has a character that no name of a file has.
    Name,
    /// The text isn't written as a reference is.
    Form,
}

impl FileRefFault {
    /// Says what is wrong and what to do about it.
    pub fn message(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (FileRefFault::Empty, Lang::Zh) => "文件是空的",
            (FileRefFault::Empty, Lang::En) => "the file is empty",
            (FileRefFault::TooLarge, Lang::Zh) => "文件超过 20 MB，请压缩或拆分",
            (FileRefFault::TooLarge, Lang::En) => {
                "the file is larger than 20 MB; compress or split it"
            }
            (FileRefFault::Kind, Lang::Zh) => {
                "文件内容不是 PDF、图片（JPEG、PNG）或 Office 文档，不能保存"
            }
            (FileRefFault::Kind, Lang::En) => {
                "the file's content is no PDF, picture (JPEG, PNG) or Office document"
            }
            (FileRefFault::Name, Lang::Zh) => "文件名为空、过长或含有不能用的字符",
            (FileRefFault::Name, Lang::En) => {
                "the file's name is blank, too long, or has a character that can't be used"
            }
            (FileRefFault::Form, Lang::Zh) => "不是文件引用",
            (FileRefFault::Form, Lang::En) => "isn't a reference to a file",
        }
    }
}

impl Media {
    /// The kind of a file, by its first bytes.
    pub fn of(bytes: &[u8]) -> Option<Media> {
        let found = KINDS.iter().find(|(_, _, start)| bytes.starts_with(start));
        found.map(|(media, ..)| *media)
    }

    /// Its media type.
    pub fn as_str(self) -> &'static str {
        let own = KINDS.iter().find(|(media, ..)| *media == self);
        own.map_or("", |(_, name, _)| name)
    }
}

impl FileRef {
    /// The reference to a file of these bytes.
    pub fn of(name: &str, bytes: &[u8]) -> Result<FileRef, FileRefFault> {
        let media = match bytes {
            [] => return Err(FileRefFault::Empty),
            bytes => Media::of(bytes).ok_or(FileRefFault::Kind)?,
        };
        let digest = Sha256::digest(bytes).into();
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        FileRef::new(digest, size, media, name)
    }

    fn new(digest: [u8; 32], size: u64, media: Media, name: &str) -> Result<FileRef, FileRefFault> {
        if size > LARGEST_FILE {
            return Err(FileRefFault::TooLarge);
        }
        let bad = |c: char| {
            c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        };
        let good = name.trim() == name && !name.is_empty() && !name.contains(bad);
        if !good || name.chars().count() > LONGEST_NAME || name.starts_with('.') {
            return Err(FileRefFault::Name);
        }
        Ok(FileRef {
            digest,
            size,
            media,
            name: name.into(),
        })
    }

    /// Whether these are its bytes.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        u64::try_from(bytes.len()) == Ok(self.size)
            && <[u8; 32]>::from(Sha256::digest(bytes)) == self.digest
    }

    /// The digest (SHA-256) of its bytes, by which they are found.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What kind of file it is.
    pub fn media(&self) -> Media {
        self.media
    }

    /// Its name, as it was handed in.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        for byte in self.digest {
            write!(f, "{byte:02x}")?;
        }
        write!(f, " {} {} {}", self.size, self.media.as_str(), self.name)
    }
}

/// Reads exactly what is written.
impl FromStr for FileRef {
    type Err = FileRefFault;

    fn from_str(text: &str) -> Result<Self, FileRefFault> {
        let mut parts = text.splitn(4, ' ');
        let mut part = || parts.next().ok_or(FileRefFault::Form);
        let (digest, size, media, name) = (part()?, part()?, part()?, part()?);
        let hex = digest.strip_prefix("sha256:").filter(|hex| hex.len() == 64);
        let hex = hex.ok_or(FileRefFault::Form)?.as_bytes();
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |c: u8| match c {
                b'0'..=b'9' => Some(c - b'0'),
                b'a'..=b'f' => Some(c - b'a' + 10),
                _ => None,
            };
            let pair = digit(pair[0]).zip(digit(pair[1]));
            let (high, low) = pair.ok_or(FileRefFault::Form)?;
            *byte = high << 4 | low;
        }
        let media = KINDS.iter().find(|(_, own, _)| *own == media);
        let (media, ..) = media.ok_or(FileRefFault::Kind)?;
        let whole: u64 = size.parse().map_err(|_| FileRefFault::Form)?;
        if whole.to_string() != size || whole == 0 {
            return Err(FileRefFault::Form);
        }
        FileRef::new(bytes, whole, *media, name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_file_is_known_by_its_bytes() {
        let file = FileRef::of("出生 证明.pdf", b"%PDF-1.7\n").unwrap();
        let written = file.to_string();
        assert!(written.ends_with(" 9 application/pdf 出生 证明.pdf"));
        assert_eq!(written.parse(), Ok(file.clone()));
        assert!(file.is_of(b"%PDF-1.7\n") && !file.is_of(b"%PDF-1.8\n"));
        assert_eq!(Media::of(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(Media::Jpeg));
    }

    #[test]
    fn what_isn_t_a_file_of_a_known_kind_is_refused() {
        for (name, bytes, fault) in [
            ("a.pdf", &b""[..], FileRefFault::Empty),
            ("a.pdf", b"MZ\x90", FileRefFault::Kind),
            ("a.pdf", b"<html>", FileRefFault::Kind),
            ("../a.pdf", b"%PDF-1", FileRefFault::Name),
            ("", b"%PDF-1", FileRefFault::Name),
            (".htaccess", b"%PDF-1", FileRefFault::Name),
        ] {
            assert_eq!(FileRef::of(name, bytes), Err(fault), "{name}");
        }
        let large = vec![b'%'; usize::try_from(LARGEST_FILE).unwrap() + 1];
        let mut large = large;
        large[..5].copy_from_slice(b"%PDF-");
        assert_eq!(FileRef::of("a.pdf", &large), Err(FileRefFault::TooLarge));
        let good = FileRef::of("a.pdf", b"%PDF-1").unwrap().to_string();
        for wrong in [
            good.replace("sha256", "sha1"),
            good.replace(" 6 ", " 06 "),
            good.replace(" 6 ", " 0 "),
            good.replace("pdf a", "html a"),
            good.to_uppercase(),
            "a.pdf".to_owned(),
        ] {
            assert!(wrong.parse::<FileRef>().is_err(), "{wrong}");
        }
    }
}
