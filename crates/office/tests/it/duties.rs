//! Random posts, stand-ins, duties, words and takings back, against a model that knows nothing of the code: lists of who held what from
//! when to when, and of who set which field. The ledger lets happen exactly what the model does.

use std::sync::Arc;

use intake::Appointment;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use ledger::{
    Algorithm, Asking, Commit, Draft, Ledger, LedgerError, Say, SayDraft, Source, Target, Voice,
};
use pack::{Pack, Said, SourceFile, Value};
use proptest::prelude::*;
use tables::{Caller, Tables};

const ROOT: &str = "210203001000";
const UNITS: [&str; 3] = [ROOT, "210203001001", "210203001002"];
/// Each person as they are typed, in several ways.
const PEOPLE: [[&str; 3]; 4] = [
    ["Li Wei", "ＬＩ　ＷＥＩ", "li.wei"],
    ["王芳", "王 芳", "王　芳"],
    ["买买提·艾山", "买买提•艾山", "买买提 艾山"],
    ["赵六", "赵六", " 赵六 "],
];
const DUTIES: [&str; 4] = ["confirm", "fund", "pay", "supervise"];
/// Which two duties one person may not have on one record.
const APART: [(usize, usize); 3] = [(0, 1), (1, 2), (2, 3)];
const AWARDS: usize = 3;

const REGISTER: &str = r#"
[register]
id = "award"
name = { zh = "发放", en = "Award" }
identity = ["number"]
unique = "everywhere"
apart = [{ one = "confirm", other = "fund" }, { one = "fund", other = "pay" }, { one = "pay", other = "supervise" }]

[[field]]
id = "number"
type = "text"
name = { zh = "编号", en = "Number" }
required = true

[[field]]
id = "confirmed"
type = "int"
name = { zh = "确认", en = "Confirmed" }
set_by = "confirm"

[[field]]
id = "funded"
type = "int"
name = { zh = "拨付", en = "Funded" }
set_by = "fund"

[[field]]
id = "paid"
type = "int"
name = { zh = "发放", en = "Paid" }
set_by = "pay"

[[field]]
id = "checked"
type = "int"
name = { zh = "检查", en = "Checked" }
set_by = "supervise"
"#;

/// A role for every set of duties: bit by bit.
fn roles() -> String {
    let role = |bits: usize| {
        let duties = DUTIES.iter().enumerate();
        let duties = duties.filter(|(at, _)| bits & (1 << at) != 0);
        let duties: Vec<String> = duties.map(|(_, duty)| format!("\"{duty}\"")).collect();
        format!(
            "[[role]]\nid = \"r{bits}\"\nname = {{ zh = \"角色{bits}\", en = \"Role {bits}\" }}\nreads = [\"award\"]\nwrites = [\"award\"]\nduties = [{}]\n",
            duties.join(", ")
        )
    };
    (0..16).map(role).collect()
}

fn pack() -> Arc<Pack> {
    let mut files: Vec<SourceFile> = testhouse::national().files.clone();
    for (path, text) in [
        ("registers/award.toml", REGISTER.to_owned()),
        ("roles/test.toml", roles()),
    ] {
        files.push(SourceFile {
            path: path.into(),
            text,
        });
    }
    Arc::new(pack::load(files).expect("the pack is sound"))
}

/// Something somebody does on a day.
#[derive(Clone, Debug)]
enum Deed {
    /// Person, duties, unit; from a day, for some days; for whom they stand in.
    Appoint(usize, usize, usize, u8, Option<u8>, Option<usize>),
    /// Which of the posts, on which day.
    Dismiss(usize, u8),
    /// Who, typed how; which award, in whose name, by which duty; on which day.
    Set(usize, usize, usize, usize, usize, u8),
    /// Who, typed how; which of the words; on which day.
    TakeBack(usize, usize, usize, u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let (person, typed, unit) = (0..PEOPLE.len(), 0..3_usize, 0..UNITS.len());
    prop_oneof![
        3 => (person.clone(), 0..16_usize, unit.clone(), 0..20_u8, prop::option::of(1..15_u8), prop::option::of(person.clone()))
            .prop_map(|(p, d, u, from, days, instead)| Deed::Appoint(p, d, u, from, days, instead)),
        1 => (0..8_usize, 0..20_u8).prop_map(|(which, on)| Deed::Dismiss(which, on)),
        8 => (person.clone(), typed.clone(), 0..AWARDS, unit, 0..DUTIES.len(), 0..20_u8)
            .prop_map(|(p, t, a, u, d, on)| Deed::Set(p, t, a, u, d, on)),
        3 => (person, typed, 0..20_usize, 0..20_u8)
            .prop_map(|(p, t, which, on)| Deed::TakeBack(p, t, which, on)),
    ]
}

/// A post, as the model keeps it.
struct Held {
    person: usize,
    duties: usize,
    unit: usize,
    from: u8,
    until: Option<u8>,
    record: RecordId,
}

/// A word of an award.
struct Word {
    person: usize,
    award: usize,
    unit: usize,
    duty: usize,
    commit: i64,
    stands: bool,
}

#[derive(Default)]
struct Model {
    posts: Vec<Held>,
    words: Vec<Word>,
}

impl Model {
    /// Whether somebody holds a post over a unit on a day; with a duty, if one is asked for.
    fn holds(&self, person: usize, unit: usize, duty: Option<usize>, on: u8) -> bool {
        self.posts.iter().any(|post| {
            post.person == person
                && (post.unit == 0 || post.unit == unit)
                && post.from <= on
                && post.until.is_none_or(|until| on < until)
                && duty.is_none_or(|duty| post.duties & (1 << duty) != 0)
        })
    }

    /// Whether somebody had a duty on an award that excludes another.
    fn excluded(&self, person: usize, award: usize, duty: usize) -> bool {
        let excludes =
            |other: usize| APART.contains(&(duty, other)) || APART.contains(&(other, duty));
        let mut words = self.words.iter().filter(|word| word.stands);
        words.any(|word| word.person == person && word.award == award && excludes(word.duty))
    }
}

fn day(nth: u8) -> Date {
    date(2026, 3, 1).saturating_add(jiff::Span::new().days(i64::from(nth)))
}

fn unit(at: usize) -> UnitCode {
    UNITS[at].parse().unwrap()
}

struct Street {
    tables: Tables,
    awards: Vec<RecordId>,
    at: Timestamp,
    asked: u32,
}

impl Street {
    async fn new(pack: Arc<Pack>) -> Street {
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let at: Timestamp = "2026-03-01T01:00:00Z".parse().unwrap();
        let whole = Grant::whole("manager", unit(0), "test");
        for nth in 0..UNITS.len() {
            ledger.open_book(unit(nth), at, &whole).await.unwrap();
        }
        let tables = Tables::new(ledger, pack, None);
        let founded = intake::found(&tables, &whole, (unit(0), day(0)), at);
        founded.await.unwrap().unwrap();
        let mut street = Street {
            tables,
            awards: Vec::new(),
            at,
            asked: 0,
        };
        for nth in 0..AWARDS {
            let mut body = vec![None; 5];
            body[0] = Some(Value::Text(nth.to_string()));
            let draft = street.draft(Target::New(0), EntryKind::Open, Said::of(body));
            let opened = street.write("manager", 1, draft, 0).await.unwrap();
            street.awards.push(opened.opened[0]);
        }
        street
    }

    fn draft(&self, record: Target, kind: EntryKind, said: Said) -> Draft {
        Draft {
            book: unit(0),
            register: "award".into(),
            record,
            kind,
            say: 0,
            from: None,
            until: None,
            said,
            refs: Vec::new(),
            into: None,
            row: 0,
            seen: None,
        }
    }

    /// Somebody's grant on a day; none if they hold no post.
    async fn grant(&self, name: &str, on: u8) -> Option<Grant> {
        let root = unit(0);
        let who = Caller { name, root };
        self.tables.grant(&who, day(on), "test").await.ok()
    }

    async fn write(
        &mut self,
        name: &str,
        on: u8,
        draft: Draft,
        of: usize,
    ) -> Result<ledger::Receipt, Option<LedgerError>> {
        let grant = self.grant(name, on).await.ok_or(None)?;
        self.asked += 1;
        let commit = Commit {
            asked: Asking::to("test").with(self.asked.to_le_bytes()).done(),
            source: Source::Form {
                action: "test".into(),
            },
            recorded_at: self.at,
            grant,
            base: None,
            says: vec![SayDraft::New(Say {
                voice: Voice {
                    sender: "office".into(),
                    unit: unit(of),
                    roster: String::new(),
                },
                as_of: day(on),
                list: None,
            })],
            rolls: Vec::new(),
            entries: vec![draft],
        };
        self.tables.ledger().commit(commit).await.map_err(Some)
    }

    async fn appoint(&self, who: &str, deed: &Deed) -> Option<RecordId> {
        let Deed::Appoint(person, duties, of, from, days, instead) = *deed else {
            return None;
        };
        let appointment = Appointment {
            holder: PEOPLE[person][0].to_owned(),
            role: format!("r{duties}"),
            unit: unit(of),
            from: day(from),
            until: days.map(|days| day(from + days)),
            stands_in_for: instead.map(|person| PEOPLE[person][0].to_owned()),
        };
        let grant = self.grant(who, 1).await?;
        let made = intake::appoint(&self.tables, &grant, (unit(0), &appointment), self.at);
        made.await.ok()?.opened.first().copied()
    }
}

async fn agrees(pack: Arc<Pack>, deeds: Vec<Deed>) {
    let mut street = Street::new(pack).await;
    let mut model = Model::default();
    for deed in deeds {
        match deed {
            Deed::Appoint(person, duties, of, from, days, _) => {
                let twice = model
                    .posts
                    .iter()
                    .any(|p| (p.person, p.duties, p.unit) == (person, duties, of));
                if twice {
                    continue;
                }
                // Nobody but the manager has the duty.
                for other in PEOPLE {
                    assert_eq!(street.appoint(other[0], &deed).await, None);
                }
                let record = street.appoint("Manager ", &deed).await.unwrap();
                model.posts.push(Held {
                    person,
                    duties,
                    unit: of,
                    from,
                    until: days.map(|days| from + days),
                    record,
                });
            }
            Deed::Dismiss(which, on) => {
                let Some(post) = model.posts.get_mut(which) else {
                    continue;
                };
                if post.from > on || post.until.is_some_and(|until| until <= on) {
                    continue;
                }
                let grant = street.grant("manager", 1).await.unwrap();
                let ended = (unit(0), post.record, day(on));
                intake::dismiss(&street.tables, &grant, ended, street.at)
                    .await
                    .unwrap();
                post.until = Some(on);
            }
            Deed::Set(person, typed, award, of, duty, on) => {
                let mut body = vec![None; 5];
                body[1 + duty] = Some(Value::Int(i64::from(street.asked) + 1));
                let record = Target::Known(street.awards[award]);
                let draft = street.draft(record, EntryKind::Change, Said::of(body));
                let done = street.write(PEOPLE[person][typed], on, draft, of).await;
                let may =
                    model.holds(person, of, Some(duty), on) && !model.excluded(person, award, duty);
                assert_eq!(done.is_ok(), may, "{deed:?}: {done:?}");
                if let Ok(receipt) = done {
                    model.words.push(Word {
                        person,
                        award,
                        unit: of,
                        duty,
                        commit: receipt.commit,
                        stands: true,
                    });
                }
            }
            Deed::TakeBack(person, typed, which, on) => {
                let Some(word) = model.words.get(which) else {
                    continue;
                };
                let commit = word.commit;
                let may = word.stands && model.holds(person, word.unit, Some(word.duty), on);
                let grant = street.grant(PEOPLE[person][typed], on).await;
                let done = match &grant {
                    Some(grant) => {
                        let undone = street.tables.ledger().undo(commit, street.at, grant);
                        undone.await.map(drop).map_err(Some)
                    }
                    None => Err(None),
                };
                assert_eq!(done.is_ok(), may, "{deed:?}: {done:?}");
                if done.is_ok() {
                    model.words[which].stands = false;
                }
            }
        }
        never_both(&model);
    }
    let tell = &mut |_, _| {};
    let found = street.tables.ledger().verify(None, tell);
    assert_eq!(found.await.unwrap().faults, []);
}

/// Nobody had two duties that exclude each other on one award.
fn never_both(model: &Model) {
    for word in model.words.iter().filter(|word| word.stands) {
        assert!(!model.excluded(word.person, word.award, word.duty));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_lets_happen_what_posts_and_duties_do(
        deeds in prop::collection::vec(deed(), 1..60),
    ) {
        static PACK: std::sync::LazyLock<Arc<Pack>> = std::sync::LazyLock::new(pack);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(agrees(PACK.clone(), deeds));
    }
}
