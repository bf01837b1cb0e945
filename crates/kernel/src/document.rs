//! Identity documents of every kind: which kind it is, and its number. The 18 digits of a resident are an [`IdNumber`] and are
//! checked as one wherever they stand; of other documents only the form is known, and what doesn't have the form of its kind is
//! refused. A kind that isn't named is told by the form only where one kind fits.

use std::fmt;
use std::str::FromStr;

use crate::plain::{as_text, fault_in_english};
use crate::text::{is_blank, narrow};
use crate::words::{WordFault, vocabulary};
use crate::{IdFault, IdNumber, Lang};

vocabulary! {
    /// The kinds of identity document.
    ///
    /// The permits by the laws that issue them: 出境入境管理法 (2012) and 护照法 (2006) for passports and residence of foreigners,
    /// 港澳台居民居住证申领发放办法 (国办发〔2018〕81号) for residence permits, whose numbers have the form of GB 11643.
    DocumentKind {
        /// The citizen's 18 digits.
        Resident = "resident", "居民身份证", "resident ID card";
        /// A passport of any country.
        Passport = "passport", "护照", "passport";
        /// The permit by which residents of Hong Kong and Macao come to the mainland.
        HkMacaoPermit = "hk-macao-permit", "港澳居民来往内地通行证", "mainland travel permit (Hong Kong, Macao)";
        /// The permit by which residents of Taiwan come to the mainland.
        TaiwanPermit = "taiwan-permit", "台湾居民来往大陆通行证", "mainland travel permit (Taiwan)";
        /// The residence permit of somebody from Hong Kong, Macao or Taiwan.
        ResidencePermit = "residence-permit", "港澳台居民居住证", "residence permit (Hong Kong, Macao, Taiwan)";
        /// The card of a foreigner who lives here for good.
        PermanentResidence = "permanent-residence", "外国人永久居留身份证", "foreign permanent resident ID card";
        /// A document of the forces or the armed police.
        Military = "military", "军人身份证件", "military ID";
        /// Another document; its number is words.
        Other = "other", "其他证件", "other document";
        /// None yet, such as that of a newborn.
        NoneYet = "none-yet", "暂无证件", "none yet";
    }
}

/// More characters than any number of a document has.
const LONGEST: usize = 40;

/// Words that people put before the number of a kind, longest first within a kind.
const NAMES: [(&str, DocumentKind); 32] = [
    ("外国人永久居留身份证", DocumentKind::PermanentResidence),
    ("外国人永久居留证", DocumentKind::PermanentResidence),
    ("永久居留身份证", DocumentKind::PermanentResidence),
    ("永久居留证", DocumentKind::PermanentResidence),
    ("港澳居民来往内地通行证", DocumentKind::HkMacaoPermit),
    ("港澳通行证", DocumentKind::HkMacaoPermit),
    ("回乡证", DocumentKind::HkMacaoPermit),
    ("台湾居民来往大陆通行证", DocumentKind::TaiwanPermit),
    ("台湾通行证", DocumentKind::TaiwanPermit),
    ("台胞证", DocumentKind::TaiwanPermit),
    ("港澳台居民居住证", DocumentKind::ResidencePermit),
    ("港澳居民居住证", DocumentKind::ResidencePermit),
    ("台湾居民居住证", DocumentKind::ResidencePermit),
    ("公民身份号码", DocumentKind::Resident),
    ("公民身份证号码", DocumentKind::Resident),
    ("居民身份证号码", DocumentKind::Resident),
    ("居民身份证号", DocumentKind::Resident),
    ("居民身份证", DocumentKind::Resident),
    ("身份证号码", DocumentKind::Resident),
    ("身份证号", DocumentKind::Resident),
    ("身份证", DocumentKind::Resident),
    ("外国护照", DocumentKind::Passport),
    ("普通护照", DocumentKind::Passport),
    ("护照号码", DocumentKind::Passport),
    ("护照号", DocumentKind::Passport),
    ("护照", DocumentKind::Passport),
    ("军人身份证件", DocumentKind::Military),
    ("军官证", DocumentKind::Military),
    ("士兵证", DocumentKind::Military),
    ("警官证", DocumentKind::Military),
    ("文职干部证", DocumentKind::Military),
    ("其他证件", DocumentKind::Other),
];

/// What people write where there is no document yet.
const NONE_YET: [&str; 12] = [
    "暂无证件",
    "暂无",
    "无证件",
    "无证",
    "尚未办理",
    "未办理",
    "未办",
    "办理中",
    "正在办理",
    "待办",
    "新生儿",
    "未上户口",
];

/// A kind and a number; written `passport E12345678`, and of none yet the kind alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document {
    kind: DocumentKind,
    number: Box<str>,
}

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentFault {
    /// Neither the number of a kind nor a word for none yet.
    Form,
    /// The number doesn't have the form of the kind that is named.
    Number(DocumentKind),
    /// The number of a resident, but a wrong one.
    Resident(IdFault),
}

impl DocumentFault {
    /// Says what is wrong and what to do about it.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (DocumentFault::Form, Lang::Zh) => {
                "不是认得的证件号码，请写明证件名称，如“护照E12345678”".to_owned()
            }
            (DocumentFault::Form, Lang::En) => {
                "isn't the number of a known document; write the kind before it, as in 护照E12345678".to_owned()
            }
            (DocumentFault::Number(kind), Lang::Zh) => {
                format!("不是{}的号码，请核对", kind.label(Lang::Zh))
            }
            (DocumentFault::Number(kind), Lang::En) => {
                format!("isn't the number of a {}; check it", kind.label(Lang::En))
            }
            (DocumentFault::Resident(fault), lang) => fault.message(lang),
        }
    }
}
fault_in_english!(DocumentFault);

impl Document {
    /// A document of a kind; the number must have its form.
    pub fn new(kind: DocumentKind, number: &str) -> Result<Document, DocumentFault> {
        let fits = match kind {
            DocumentKind::Resident | DocumentKind::ResidencePermit => {
                let read = IdNumber::parse(number).map_err(DocumentFault::Resident)?;
                (kind == DocumentKind::ResidencePermit) == is_residence_permit(&read)
                    && !is_foreigners(&read)
            }
            DocumentKind::Passport => is_passport(number),
            DocumentKind::HkMacaoPermit => {
                number.starts_with(['H', 'M'])
                    && matches!(number.len(), 9 | 11)
                    && digits(&number[1..])
            }
            DocumentKind::TaiwanPermit => matches!(number.len(), 8 | 10) && digits(number),
            DocumentKind::PermanentResidence => is_permanent(number),
            DocumentKind::Military | DocumentKind::Other => {
                let visible = |c: char| !c.is_control() && c != '\u{FEFF}';
                !number.is_empty()
                    && number.trim() == number
                    && number.chars().count() <= LONGEST
                    && number.chars().all(visible)
            }
            DocumentKind::NoneYet => number.is_empty(),
        };
        match fits {
            true => Ok(Document {
                kind,
                number: number.into(),
            }),
            false => Err(DocumentFault::Number(kind)),
        }
    }

    /// The document of a number that has the form of GB 11643: a resident's, unless its region tells another.
    pub fn of(number: IdNumber) -> Document {
        Document {
            kind: kind_of(&number),
            number: number.as_str().into(),
        }
    }

    /// Reads a document as people write it: a number alone, or with the name of its kind before or behind it. The flag says
    /// whether it was written in another way than it is kept.
    ///
    /// # Errors
    /// A kind that is named and doesn't fit the number; without a name, a number that only one kind doesn't fit.
    pub fn read(text: &str) -> Result<(Document, bool), DocumentFault> {
        if text.len() > LONGEST * 8 {
            return Err(DocumentFault::Form);
        }
        let plain: String = text
            .chars()
            .filter(|ch| !is_blank(*ch))
            .map(narrow)
            .collect();
        if NONE_YET.contains(&plain.as_str()) {
            return Document::new(DocumentKind::NoneYet, "").map(|none| (none, true));
        }
        let (kind, number) = named(&plain);
        let resident = IdNumber::read(number);
        if let Ok((number, _)) = &resident {
            let own = kind_of(number);
            if kind.is_none_or(|kind| kind == own || kind == DocumentKind::Resident) {
                return Ok((Document::of(*number), text != number.as_str()));
            }
        }
        let upper = number.to_ascii_uppercase();
        let number = upper.trim_matches(['\'', '"', ':', '。', '.']);
        match kind {
            Some(DocumentKind::Resident) => Err(DocumentFault::Resident(
                resident.err().unwrap_or(IdFault::Empty),
            )),
            Some(kind) => Document::new(kind, number).map(|document| (document, true)),
            None => match resident {
                Err(fault) if fault == IdFault::Float || looks_like_resident(number) => {
                    Err(DocumentFault::Resident(fault))
                }
                _ => by_form(number).map(|document| (document, text != number)),
            },
        }
    }

    /// The kind.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number; empty if there is none yet.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The 18 digits, if it is the document of a resident or has the form of one.
    pub fn id_number(&self) -> Option<IdNumber> {
        self.kind
            .has_id_number()
            .then(|| self.number.parse().ok())
            .flatten()
    }
}

impl DocumentKind {
    /// Whether its numbers may have the form of GB 11643.
    pub fn has_id_number(self) -> bool {
        matches!(
            self,
            DocumentKind::Resident
                | DocumentKind::ResidencePermit
                | DocumentKind::PermanentResidence
        )
    }
}

/// The kind that is named before or behind a number, and the number.
fn named(plain: &str) -> (Option<DocumentKind>, &str) {
    let marks = [
        ':', '(', ')', '[', ']', '-', '—', '、', ',', ';', '为', '是',
    ];
    for (name, kind) in NAMES {
        let rest = plain
            .strip_prefix(name)
            .or_else(|| plain.strip_suffix(name))
            .or_else(|| {
                let bare = plain.strip_suffix(')')?.strip_suffix(name)?;
                bare.strip_suffix('(')
            });
        if let Some(rest) = rest {
            let rest = rest.trim_start_matches("号码").trim_start_matches('号');
            return (Some(kind), rest.trim_matches(marks));
        }
    }
    (None, plain)
}

/// What the kinds whose number has the form of GB 11643 are told apart by.
fn kind_of(number: &IdNumber) -> DocumentKind {
    match number {
        number if is_residence_permit(number) => DocumentKind::ResidencePermit,
        number if is_foreigners(number) => DocumentKind::PermanentResidence,
        _ => DocumentKind::Resident,
    }
}

/// Region codes of the residence permits: Hong Kong 81, Macao 82, Taiwan 83 (国办发〔2018〕81号, art. 5).
fn is_residence_permit(number: &IdNumber) -> bool {
    matches!(number.region(), "810000" | "820000" | "830000")
}

/// The cards issued since 2023-12-01 begin with 9.
fn is_foreigners(number: &IdNumber) -> bool {
    number.region().starts_with('9')
}

/// One or two letters and seven or eight digits, or of other countries up to nine characters with a digit (ICAO Doc 9303-4: nine).
fn is_passport(number: &str) -> bool {
    (6..=9).contains(&number.len())
        && number
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && number.bytes().filter(u8::is_ascii_digit).count() >= 5
}

/// Three letters and twelve digits until 2023, since then the form of GB 11643 beginning with 9.
fn is_permanent(number: &str) -> bool {
    let old = number.len() == 15
        && number.is_ascii()
        && number[..3].bytes().all(|b| b.is_ascii_uppercase())
        && digits(&number[3..]);
    old || IdNumber::parse(number).is_ok_and(|number| is_foreigners(&number))
}

/// A number without a name: only forms that one kind has.
fn by_form(number: &str) -> Result<Document, DocumentFault> {
    let chinese_passport = number.len() == 9
        && matches!(
            number.as_bytes()[0],
            b'E' | b'G' | b'D' | b'S' | b'P' | b'K'
        )
        && (digits(&number[1..]) || number.starts_with('E') && digits(&number[2..]));
    if number.is_ascii() && chinese_passport {
        return Document::new(DocumentKind::Passport, number);
    }
    for kind in [
        DocumentKind::HkMacaoPermit,
        DocumentKind::PermanentResidence,
    ] {
        if let Ok(document) = Document::new(kind, number) {
            return Ok(document);
        }
    }
    Err(DocumentFault::Form)
}

/// Whether so many of its characters are digits that the number of a resident was meant.
fn looks_like_resident(number: &str) -> bool {
    let count = number.bytes().filter(u8::is_ascii_digit).count();
    count >= 14 && number.chars().count() <= 20
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        match &*self.number {
            "" => Ok(()),
            number => write!(f, " {number}"),
        }
    }
}

/// Masked, so that no log shows a whole number by accident.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Document({} {})",
            self.kind,
            crate::mask::id(&self.number)
        )
    }
}

/// Reads exactly what is kept.
impl FromStr for Document {
    type Err = DocumentFault;

    fn from_str(text: &str) -> Result<Self, DocumentFault> {
        let (kind, number) = text.split_once(' ').unwrap_or((text, ""));
        let kind = kind.parse().map_err(|_| DocumentFault::Form)?;
        Document::new(kind, number)
    }
}

as_text!(Document);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn documents_of_every_kind_are_told_apart() {
        for (written, kept) in [
            ("11010519491231002X", "resident 11010519491231002X"),
            ("身份证：11010519491231002x", "resident 11010519491231002X"),
            ("E12345678", "passport E12345678"),
            ("护照 ea1234567", "passport EA1234567"),
            ("护照号码：X1234567", "passport X1234567"),
            ("H1234567890", "hk-macao-permit H1234567890"),
            ("M12345678（回乡证）", "hk-macao-permit M12345678"),
            ("台胞证12345678", "taiwan-permit 12345678"),
            ("CHN310112345678", "permanent-residence CHN310112345678"),
            ("军官证：军字第2001988号", "military 军字第2001988号"),
            ("办理中", "none-yet"),
            ("其他证件：甲-1", "other 甲-1"),
        ] {
            let (read, _) = Document::read(written).unwrap();
            assert_eq!(read.to_string(), kept, "{written}");
            assert_eq!(kept.parse(), Ok(read));
        }
        let born = jiff::civil::date(1990, 1, 1);
        for (region, kind) in [
            ("810000", DocumentKind::ResidencePermit),
            ("830000", DocumentKind::ResidencePermit),
            ("911562", DocumentKind::PermanentResidence),
        ] {
            let number = IdNumber::compose(region, born, 1).unwrap();
            let (read, other) = Document::read(number.as_str()).unwrap();
            assert_eq!((read.kind(), other), (kind, false));
            assert_eq!(read.id_number(), Some(number));
        }
    }

    #[test]
    fn what_fits_no_kind_or_several_is_refused() {
        for (written, fault) in [
            ("12345678", DocumentFault::Form),
            ("张三", DocumentFault::Form),
            (
                "11010519491231002",
                DocumentFault::Resident(IdFault::Length(17)),
            ),
            (
                "回乡证12345678",
                DocumentFault::Number(DocumentKind::HkMacaoPermit),
            ),
            ("护照", DocumentFault::Number(DocumentKind::Passport)),
        ] {
            assert_eq!(Document::read(written), Err(fault), "{written}");
        }
        for wrong in [
            "passport",
            "passport e12345678",
            "none-yet 1",
            "visa 1",
            "resident 1",
        ] {
            assert!(wrong.parse::<Document>().is_err(), "{wrong}");
        }
    }
}
