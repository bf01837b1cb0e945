//! Reading pack files: TOML with the place of everything, and a table that remembers which keys were asked for, so that the others
//! can be reported. Reading never stops at a fault: it notes it and goes on with the nearest harmless value, because the whole
//! load fails anyway once any fault is noted.

mod node;
mod space;
mod table;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::near::nearest;
use crate::{Fault, Place, SourceFile};

pub(crate) use node::Node;
pub(crate) use space::Space;
pub(crate) use table::{Ids, Table};

/// The most bytes a pack file may have.
const LARGEST_FILE: usize = 4 << 20;

/// A word and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub place: Place,
}

/// What a kind of thing is called, for messages: its fault code when it isn't known, and its names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noun {
    pub unknown: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

macro_rules! nouns {
    ($($name:ident $code:literal $zh:literal $en:literal;)*) => {
        $(pub(crate) const $name: Noun = Noun { unknown: $code, zh: $zh, en: $en };)*
    };
}

nouns! {
    LAYER "unknown-layer" "规则包" "pack";
    CODE "unknown-code" "代码表" "code list";
    MEMBER "unknown-code-value" "代码值" "code value";
    REGISTER "unknown-register" "册" "register";
    FIELD "unknown-register-field" "字段" "field";
    DUTY "unknown-duty" "职责" "duty";
    ROLE "unknown-role" "角色" "role";
    ROSTER "unknown-roster" "名册" "roster";
    VOUCHER "unknown-roster" "能作证明的名册" "roster whose lists vouch";
    COLUMN "unknown-column" "列" "column";
    ACTION "unknown-action" "办理" "action";
    INPUT "unknown-input" "输入项" "input";
    WRITE "unknown-write" "写入" "write";
    ALIAS "unknown-alias" "别名" "alias";
    SUBJECT "unknown-subject" "对象" "subject";
    GROUP "unknown-facts" "事实组" "group of facts";
    FACT "unknown-fact" "事实" "fact";
    PROGRAMME "unknown-programme" "项目" "programme";
    PARAMETER "unknown-parameter" "参数" "parameter";
    CONDITION "unknown-condition" "条件" "condition";
    CHECK "unknown-check" "核对项" "check";
    INDICATOR "unknown-indicator" "指标" "indicator";
    DIMENSION "unknown-dimension" "维度" "dimension";
    DASHBOARD "unknown-dashboard" "看板" "dashboard";
    REPORT "unknown-report" "报告" "report";
    RECIPE "unknown-recipe" "配方" "recipe";
    KEY "unknown-key" "名称（key）" "key";
    PLACEHOLDER "unknown-placeholder" "占位符" "placeholder";
}

/// The keys asked for, each with the trail of the tables it was asked of: `programmes.condition.basis` and `clause`.
pub(crate) type Keys = BTreeSet<(String, String)>;

/// Everything noted while a pack is read: faults, where each id was declared first, and for the tests of the reference of the
/// language which keys were asked for.
pub(crate) struct Notes<'f> {
    files: &'f [SourceFile],
    space: Space,
    faults: RefCell<Vec<Fault>>,
    declared: RefCell<BTreeMap<(&'static str, String, String), Place>>,
    asked: Option<RefCell<Keys>>,
}

impl<'f> Notes<'f> {
    /// Notes over files that belong to layers, lowest first; `asked` collects the keys asked for.
    pub fn new(files: &'f [SourceFile], layers: Vec<Range<usize>>, asked: bool) -> Notes<'f> {
        Notes {
            files,
            space: Space::new(files, layers),
            faults: RefCell::default(),
            declared: RefCell::default(),
            asked: asked.then(RefCell::default),
        }
    }

    /// The files and layers of everything read.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The file of a path in the layer of a place: which it is, and its text.
    pub fn beside(&self, place: &Place, path: &str) -> Option<(usize, &'f str)> {
        let mut layer = self.space.files_of(self.space.layer(place));
        let file = layer.find(|file| self.files.get(*file).is_some_and(|f| f.path == path))?;
        Some((file, &self.files[file].text))
    }

    /// Whether the keys asked for are collected.
    pub fn collects(&self) -> bool {
        self.asked.is_some()
    }

    /// Collects a key asked for.
    pub fn ask(&self, trail: &str, key: &str) {
        if let Some(asked) = &self.asked {
            asked
                .borrow_mut()
                .insert((trail.to_owned(), key.to_owned()));
        }
    }

    /// The keys asked for so far.
    pub fn asked(&self) -> Keys {
        self.asked
            .as_ref()
            .map(|asked| asked.borrow().clone())
            .unwrap_or_default()
    }

    /// Notes a fault.
    pub fn fault(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// The faults noted, in the order in which they are shown, each once.
    pub fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by(|a, b| a.rank().cmp(&b.rank()));
        faults.dedup();
        faults
    }

    /// Notes where an id is declared within a scope, and whether a thing of that kind stood there already.
    pub fn declare(&self, scope: &str, noun: Noun, id: &Word) {
        let mut declared = self.declared.borrow_mut();
        let key = (noun.en, scope.to_owned(), id.text.clone());
        let Some(first) = declared.get(&key) else {
            declared.insert(key, id.place.clone());
            return;
        };
        let (zh, en) = (
            format!("{}“{}”重复。", noun.zh, id.text),
            format!("The {} “{}” is declared twice.", noun.en, id.text),
        );
        let fault = Fault::at(id.place.clone(), "duplicate-id", zh, en).related(
            first.clone(),
            "第一次在这里",
            "first declared here",
        );
        let below = self.space.layer(first) < self.space.layer(&id.place);
        self.fault(if below {
            fault.hint(
                format!("要改动下层的内容，请写 changes = \"{}\"；否则请改名。", id.text),
                format!(
                    "To change what a layer below declares, write changes = \"{}\" instead; otherwise rename it.",
                    id.text
                ),
            )
        } else {
            fault.hint(
                "请改名，或删去其中一个。",
                "Rename one of them, or remove one.",
            )
        });
    }

    /// Notes that a name isn't known, proposing one that is.
    pub fn unknown<'a>(&self, noun: Noun, word: &Word, known: impl IntoIterator<Item = &'a str>) {
        let known: Vec<&str> = known.into_iter().collect();
        let (zh, en) = (
            format!("没有{}“{}”。", noun.zh, word.text),
            format!("There is no {} “{}”.", noun.en, word.text),
        );
        self.fault(proposing(
            Fault::at(word.place.clone(), noun.unknown, zh, en),
            &word.text,
            &known,
        ));
    }

    /// The document in a file; its syntax faults are noted.
    pub fn parse(&self, file: usize) -> Option<Spanned<DeTable<'f>>> {
        let text = &self.files[file].text;
        if text.len() > LARGEST_FILE {
            let whole = Place { file, span: 0..0 };
            self.fault(
                Fault::at(
                    whole,
                    "too-large",
                    "文件超过 4 MB。",
                    "The file is larger than 4 MB.",
                )
                .hint("请拆成几个文件。", "Split it into several files."),
            );
            return None;
        }
        let (mut document, errors) = DeTable::parse_recoverable(text);
        let errors = errors.iter().map(|error| {
            let span = error.span().unwrap_or(text.len()..text.len());
            (Place { file, span }, error.message())
        });
        self.syntax_faults(errors.collect());
        self.space.enter(file, document.get_mut());
        Some(document)
    }

    /// Notes syntax faults. An unclosed bracket makes the parser complain of every line after it; that is one fault.
    fn syntax_faults(&self, mut errors: Vec<(Place, &str)>) {
        errors.sort_by_key(|(place, _)| place.span.start);
        let mut from = 0;
        while from < errors.len() {
            let unclosed = (from..errors.len()).find(|&i| errors[i].1.contains("unclosed"));
            let mut first = unclosed.unwrap_or(errors.len());
            let near = |i: usize| self.lines_between(&errors[i - 1].0, &errors[i].0) <= 2;
            while first > from && first < errors.len() && near(first) {
                first -= 1;
            }
            for (place, message) in &errors[from..first] {
                self.fault(syntax(place.clone(), message));
            }
            let Some(last) = unclosed else { return };
            let (place, message) = &errors[last];
            let mut fault = syntax(errors[first].0.clone(), message);
            if first < last {
                fault = fault.related(place.clone(), "到这里仍未闭合", "still open here");
            }
            self.fault(fault);
            from = last + 1;
        }
    }

    /// How many line ends lie between two places of one file.
    fn lines_between(&self, one: &Place, other: &Place) -> usize {
        let text = self.files[one.file].text.as_bytes();
        let (a, b) = (
            one.span.start.min(other.span.start),
            one.span.start.max(other.span.start),
        );
        text[a.min(text.len())..b.min(text.len())]
            .iter()
            .filter(|&&c| c == b'\n')
            .count()
    }

    /// In files whose syntax is broken, keeps only what surely isn't a consequence of that: faults on other lines, and none about
    /// something missing.
    pub fn drop_consequences(&self) {
        let mut faults = self.faults.borrow_mut();
        let lines: Vec<(usize, Range<usize>)> = faults
            .iter()
            .filter(|f| f.code == SYNTAX)
            .filter_map(|f| {
                let place = f.place.as_ref()?;
                let end = f
                    .related
                    .iter()
                    .map(|(p, _)| p.span.end)
                    .fold(place.span.end, usize::max);
                Some((
                    place.file,
                    self.lines(&Place {
                        file: place.file,
                        span: place.span.start..end,
                    }),
                ))
            })
            .collect();
        faults.retain(|fault| {
            let Some(place) = &fault.place else {
                return true;
            };
            if fault.code == SYNTAX || !lines.iter().any(|(file, _)| *file == place.file) {
                return true;
            }
            let own = self.lines(place);
            let apart = |other: &Range<usize>| own.end <= other.start || other.end <= own.start;
            !fault.code.starts_with("missing")
                && lines
                    .iter()
                    .filter(|(file, _)| *file == place.file)
                    .all(|(_, other)| apart(other))
        });
    }

    /// The bytes of the lines a place touches.
    fn lines(&self, place: &Place) -> Range<usize> {
        let text = &self.files[place.file].text;
        let from = |at: usize| {
            text.as_bytes()[..at.min(text.len())]
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |n| n + 1)
        };
        let end = place.span.end.min(text.len());
        let to = text.as_bytes()[end..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(text.len(), |n| end + n);
        from(place.span.start)..to.max(from(place.span.start) + 1)
    }
}

const SYNTAX: &str = "toml-syntax";

/// Adds to a fault the nearest known word, or else the known words, if they aren't too many to read.
pub(crate) fn proposing(fault: Fault, word: &str, known: &[&str]) -> Fault {
    let mut seen = BTreeSet::new();
    let known: Vec<&str> = known.iter().copied().filter(|k| seen.insert(*k)).collect();
    if let Some(near) = nearest(word, known.iter().copied()) {
        return fault.hint(
            format!("是否想写“{near}”？"),
            format!("Did you mean “{near}”?"),
        );
    }
    match known.len() {
        0 => fault,
        1..=12 => fault.hint(
            format!("可用：{}。", known.join("、")),
            format!("Known: {}.", known.join(", ")),
        ),
        n => fault.hint(
            format!("可用的共 {n} 个，如：{}……", known[..8].join("、")),
            format!("{n} are known, such as {} …", known[..8].join(", ")),
        ),
    }
}

/// What the parser says, by how it begins; the same in Chinese; and what to do.
const SYNTAX_WORDS: [(&str, &str, &str, &str); 9] = [
    (
        "duplicate key",
        "键重复",
        "同一张表里每个键只写一次。",
        "Write each key once in a table.",
    ),
    (
        "unclosed",
        "括号没有闭合",
        "请检查括号和引号是否成对。",
        "See whether brackets and quotation marks are closed.",
    ),
    (
        "invalid basic string",
        "字符串没有闭合",
        "请补上右引号。",
        "Add the closing quotation mark.",
    ),
    (
        "invalid literal string",
        "字符串没有闭合",
        "请补上右引号。",
        "Add the closing quotation mark.",
    ),
    (
        "invalid multi-line",
        "多行字符串没有闭合",
        "请用三个引号结束。",
        "End it with three quotation marks.",
    ),
    (
        "invalid date",
        "日期不存在",
        "请核对年、月、日。",
        "See whether the date exists.",
    ),
    (
        "missing comma",
        "缺少逗号",
        "请检查前一行的括号和逗号。",
        "See the brackets and commas on the line before.",
    ),
    (
        "invalid boolean",
        "既不是 true 也不是 false",
        "文字请加引号。",
        "Text needs quotation marks.",
    ),
    (
        "string values must be quoted",
        "文字没有加引号",
        "文字请加引号。",
        "Text needs quotation marks.",
    ),
];

/// A syntax fault, in both languages as far as the parser's words are known.
fn syntax(place: Place, message: &str) -> Fault {
    let known = SYNTAX_WORDS
        .iter()
        .find(|(start, ..)| message.starts_with(start));
    let zh = known.map_or(message, |(_, zh, ..)| zh);
    let (zh, en) = (
        format!("不符合 TOML 语法：{zh}。"),
        format!("This isn't TOML: {message}."),
    );
    let fault = Fault::at(place, SYNTAX, zh, en);
    match known {
        Some((_, _, zh, en)) => fault.hint(*zh, *en),
        None => fault,
    }
}
