//! A small pack, and a ledger written by short words.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use ledger::{
    Asking, Commit, Digest, Draft, Ledger, ListSay, Receipt, Roll, Say, SayDraft, Source, Target,
    Voice, Whole,
};
use pack::{FieldSet, Pack, Said, SourceFile, Value};

pub const PACK: &str = r#"
[pack]
id = "little"
name = { zh = "小", en = "Little" }
version = "1"
"#;

const SOURCES: &str = r#"
[[code]]
id = "source"
name = { zh = "来源", en = "Source" }
member = [
  { value = "desk", zh = "经办", en = "Desk" },
  { value = "police", zh = "公安", en = "Police" },
  { value = "health", zh = "卫健", en = "Health" },
]
"#;

const PERSON: &str = r#"
[register]
id = "person"
name = { zh = "人员", en = "Person" }
identity = ["number"]
unique = "everywhere"
exists = "ever"

[[field]]
id = "number"
type = "text"
name = { zh = "号码", en = "Number" }
holds = "ever"
authority = ["police"]

[[field]]
id = "name"
type = "text"
name = { zh = "姓名", en = "Name" }
required = true
holds = "back"
authority = ["police"]

[[field]]
id = "marriage"
type = "text"
name = { zh = "婚姻", en = "Marriage" }
holds = "seen"
"#;

const HOME: &str = r#"
[register]
id = "home"
name = { zh = "居住", en = "Home" }
identity = ["person", "unit"]
unique = "everywhere"
kept_with = "person"
about = "person"
home = { person = "person", unit = "unit", registered = "registered", living = "living" }

[[field]]
id = "person"
type = "ref"
register = "person"
name = { zh = "人员", en = "Person" }
required = true

[[field]]
id = "unit"
type = "unit"
name = { zh = "单位", en = "Unit" }
required = true

[[field]]
id = "registered"
type = "bool"
name = { zh = "户籍", en = "Registered" }
holds = "back"

[[field]]
id = "living"
type = "bool"
name = { zh = "居住", en = "Living" }
holds = "back"

[[field]]
id = "address"
type = "text"
name = { zh = "住址", en = "Address" }
authority = ["desk", "police"]
"#;

pub const STREET: &str = "210203001000";

pub fn pack() -> Arc<Pack> {
    load(&[
        ("pack.toml", PACK),
        ("codes/source.toml", SOURCES),
        ("registers/person.toml", PERSON),
        ("registers/home.toml", HOME),
    ])
}

const DWELLING: &str = r#"
[register]
id = "dwelling"
name = { zh = "住房", en = "Dwelling" }
identity = ["number"]
unique = "everywhere"
exists = "ever"

[[field]]
id = "number"
type = "text"
name = { zh = "编号", en = "Number" }
required = true
holds = "ever"

[[field]]
id = "built"
type = "partial_date"
name = { zh = "建成", en = "Built" }
holds = "ever"

[[field]]
id = "area"
type = "decimal"
places = 2
unit = { zh = "平方米", en = "m²" }
name = { zh = "面积", en = "Area" }
holds = "ever"

[[field]]
id = "seen_at"
type = "moment"
name = { zh = "查看", en = "Seen at" }
holds = "ever"

[[field]]
id = "fitted"
type = "list"
name = { zh = "设施", en = "Fitted with" }
holds = "ever"

[[field]]
id = "holder"
type = "document"
name = { zh = "产权人证件", en = "Holder's document" }
sensitivity = "id"
holds = "ever"

[[field]]
id = "tenant"
type = "id_number"
name = { zh = "租户号码", en = "Tenant's number" }
holds = "ever"

[[field]]
id = "tenant_born"
type = "date"
told_by = "tenant"
name = { zh = "租户出生日期", en = "Tenant's birth" }
holds = "ever"

[[field]]
id = "note"
type = "long_text"
name = { zh = "情况", en = "Notes" }
holds = "ever"
"#;

/// A pack with values of every type that isn't in the others.
pub fn pack_of_dwellings() -> Arc<Pack> {
    pack_of_checked_dwellings("")
}

/// The same, with checks of dwellings.
pub fn pack_of_checked_dwellings(checks: &str) -> Arc<Pack> {
    load(&[
        ("pack.toml", PACK),
        ("codes/source.toml", SOURCES),
        ("registers/dwelling.toml", &format!("{DWELLING}{checks}")),
    ])
}

/// The pack before it had homes.
pub fn pack_without_homes() -> Arc<Pack> {
    load(&[
        ("pack.toml", PACK),
        ("codes/source.toml", SOURCES),
        ("registers/person.toml", PERSON),
    ])
}

pub fn load(files: &[(&str, &str)]) -> Arc<Pack> {
    let files = files.iter().map(|(path, text)| SourceFile {
        path: (*path).into(),
        text: (*text).into(),
    });
    match pack::load(files.collect()) {
        Ok(pack) => Arc::new(pack),
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, kernel::Lang::En, false)
        ),
    }
}

pub fn unit(nth: usize) -> UnitCode {
    format!("21020300100{nth}").parse().unwrap()
}

pub fn street() -> UnitCode {
    STREET.parse().unwrap()
}

pub fn grant() -> Grant {
    Grant::whole("test", street(), "test")
}

pub fn at() -> Timestamp {
    Timestamp::from_second(1_767_574_800).unwrap()
}

pub fn day(nth: i64) -> Date {
    date(2025, 1, 1)
        .checked_add(jiff::Span::new().days(nth))
        .unwrap()
}

pub fn text(words: &str) -> Option<Value> {
    Some(Value::Text(words.into()))
}

/// Opens the books of the street and of three units below it.
pub async fn books(ledger: &Ledger) {
    for unit in [street(), unit(1), unit(2), unit(3)] {
        ledger.open_book(unit, at(), &grant()).await.unwrap();
    }
}

/// A commit being put together.
pub struct Writing {
    pub asked: String,
    pub says: Vec<SayDraft>,
    pub rolls: Vec<Roll>,
    pub drafts: Vec<Draft>,
    pub news: u32,
}

impl Writing {
    pub fn new(asked: impl Into<String>) -> Self {
        Self {
            asked: asked.into(),
            says: Vec::new(),
            rolls: Vec::new(),
            drafts: Vec::new(),
            news: 0,
        }
    }

    /// A list of a unit, as of a day.
    pub fn list(&mut self, sender: &str, of: usize, on: i64, whole: Whole) -> u32 {
        self.say(sender, of, "list", on, Some(whole))
    }

    /// The desk of a unit, as of a day.
    pub fn desk(&mut self, of: usize, on: i64) -> u32 {
        self.say("desk", of, "", on, None)
    }

    fn say(&mut self, sender: &str, of: usize, roster: &str, on: i64, whole: Option<Whole>) -> u32 {
        let list = whole.map(|whole| ListSay {
            whole,
            file: "list.csv".into(),
            rows: 1,
            unplaced: 0,
            since: None,
            slices: Vec::new(),
            holes: Vec::new(),
            content: Digest([0; 32]),
        });
        self.says.push(SayDraft::New(Say {
            voice: Voice {
                sender: sender.into(),
                unit: unit(of),
                roster: roster.into(),
            },
            as_of: day(on),
            list,
        }));
        u32::try_from(self.says.len() - 1).unwrap()
    }

    fn draft(&mut self, say: u32, register: &str, record: Target, kind: EntryKind) -> &mut Draft {
        self.drafts.push(Draft {
            book: street(),
            register: register.into(),
            record,
            kind,
            say,
            from: None,
            until: None,
            said: Said::default(),
            refs: Vec::new(),
            into: None,
            row: 0,
            seen: None,
        });
        self.drafts.last_mut().unwrap()
    }

    /// Somebody new.
    pub fn person(&mut self, say: u32, number: &str, name: &str) -> Target {
        let new = Target::New(self.news);
        self.news += 1;
        let draft = self.draft(say, "person", new, EntryKind::Open);
        draft.said = Said::of(vec![text(number), text(name), None]);
        new
    }

    /// Something new in a register.
    pub fn record(&mut self, say: u32, register: &str, said: Said) {
        let new = Target::New(self.news);
        self.news += 1;
        self.draft(say, register, new, EntryKind::Open).said = said;
    }

    /// More of somebody.
    pub fn tells(&mut self, say: u32, person: i64, kind: EntryKind, said: Said) -> &mut Draft {
        let draft = self.draft(say, "person", Target::Known(RecordId(person)), kind);
        draft.said = said;
        draft
    }

    /// A home, new to the ledger or not.
    pub fn home(
        &mut self,
        say: u32,
        person: Target,
        of: usize,
        said: [Option<Value>; 3],
    ) -> &mut Draft {
        let new = Target::New(self.news);
        self.news += 1;
        let draft = self.draft(say, "home", new, EntryKind::Open);
        let [registered, living, address] = said;
        let mut values = vec![
            None,
            text(&unit(of).to_string()),
            registered,
            living,
            address,
        ];
        match person {
            Target::Known(person) => values[0] = Some(Value::Int(person.0)),
            Target::New(nth) => draft.refs.push((0, nth)),
        }
        draft.said = Said::of(values);
        if draft.said.values[0].is_none() {
            draft.said.spoken.add(0);
        }
        draft
    }

    /// Says words again, in some fields.
    pub fn again(&mut self, say: u32, fields: FieldSet, mut words: Vec<ledger::Position>) {
        words.sort();
        words.dedup();
        self.rolls.push(Roll { say, fields, words });
    }

    pub async fn write(self, ledger: &Ledger) -> Result<Receipt, ledger::LedgerError> {
        ledger
            .commit(Commit {
                asked: Asking::to("test").with(&self.asked).done(),
                source: Source::Form {
                    action: "test".into(),
                },
                recorded_at: at(),
                grant: grant(),
                base: None,
                says: self.says,
                rolls: self.rolls,
                entries: self.drafts,
            })
            .await
    }
}
