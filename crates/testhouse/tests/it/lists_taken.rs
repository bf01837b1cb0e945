//! What lists tell and don't: a street imported list by list, and each answer held against the town's own evaluator, which knows unknowns
//! and no engine, on every month's end, without a third of the lists, and in any order. And taking one list back changes nothing but to
//! *cannot tell*, unless that list outranked another word.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use intake::{Absence, Request};
use jiff::civil::Date;
use kernel::{Grant, Lang, UnitCode};
use ledger::{Algorithm, Ledger};
use programmes::Standing;
use tables::{AsOf, Tables, texts};
use town::{FileNote, Format, Setting, Town, TownProgramme, Wish, generate};

const COUPLES: &str = "double-unemployed-couple";

fn people() -> u32 {
    let asked = std::env::var("LISTS_PEOPLE").ok();
    asked
        .and_then(|people| people.parse().ok())
        .unwrap_or(3_000)
}

/// A street, or a town of villages, and its files.
struct Street {
    town: Town,
    files: Vec<FileNote>,
    folder: tempfile::TempDir,
}

fn street() -> Street {
    place(Setting::Street)
}

fn place(setting: Setting) -> Street {
    let town = generate(&Wish {
        setting,
        people: people(),
        format: Format::Csv,
        ..Wish::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let written = town.write(folder.path(), &mut |_, _, _| {}).unwrap();
    Street {
        town,
        files: written.files,
        folder,
    }
}

/// The lists of a street, some of them, imported in an order.
struct Office {
    tables: Tables,
    /// By place in the street's files: the commit of each list.
    commits: BTreeMap<usize, i64>,
}

fn now() -> jiff::Timestamp {
    "2026-01-05T01:00:00Z".parse().unwrap()
}

impl Street {
    fn root(&self) -> UnitCode {
        self.files[0].unit.parse().unwrap()
    }

    fn grant(&self) -> Grant {
        Grant::whole("主任", self.root(), "test")
    }

    fn on(&self) -> Date {
        self.town.wish.on
    }

    /// Opens an office in memory, or in a folder.
    async fn import(&self, order: &[usize], at: Option<&Path>) -> Office {
        let pack = testhouse::national();
        let ledger = match at {
            Some(at) => Ledger::create(at, pack.clone(), Algorithm::Sha256)
                .await
                .unwrap(),
            None => Ledger::in_memory(pack.clone(), Algorithm::Sha256),
        };
        let grant = self.grant();
        ledger.open_book(self.root(), now(), &grant).await.unwrap();
        let tables = Tables::new(ledger, pack, None);
        let mut commits = BTreeMap::new();
        for at in order {
            let commit = self.import_one(&tables, *at).await;
            commits.extend(commit.map(|commit| (*at, commit)));
        }
        Office { tables, commits }
    }

    async fn import_one(&self, tables: &Tables, at: usize) -> Option<i64> {
        let file = &self.files[at];
        let request = Request {
            roster: file.roster.to_owned(),
            // Of births a village has hardly one a year: the town keeps the list.
            unit: match (file.roster, self.town.wish.setting) {
                ("births", Setting::Street) => file.unit.parse().unwrap(),
                ("births", _) => self.root(),
                _ => file.unit.parse().unwrap(),
            },
            files: vec![self.folder.path().join(&file.path).into()],
            on: self.on(),
            recorded_at: now(),
            grant: self.grant(),
            dry_run: false,
            absence: match (file.rows, file.roster) {
                (0, _) | (_, "benefits") => Absence::Left,
                _ => Absence::default(),
            },
            told: BTreeMap::new(),
            lang: Lang::Zh,
        };
        let outcome = intake::import(tables, &request, &mut |_| ()).await.unwrap();
        assert_eq!(outcome.rejected(), file.rejected as usize, "{}", file.path);
        let receipt = outcome.files[0].receipt.as_ref();
        receipt.map(|receipt| receipt.commit)
    }
}

/// Answer, facts to ask for, facts of which lists have to tell, list.
type Answered = (&'static str, String, String, &'static str);
/// By programme and the ID number of the person, or the wife of a couple.
type Answers = BTreeMap<(&'static str, String), Answered>;

/// Answers, and of how many each programme was asked.
#[derive(Default)]
struct All {
    answers: Answers,
    subjects: BTreeMap<&'static str, usize>,
    /// Everybody asked, by the numbers of the people, with the answer.
    each: BTreeMap<(&'static str, String), kernel::Answer>,
}

async fn asked(tables: &Tables, on: Date) -> All {
    let session = tables
        .evaluation(AsOf::on(on), "sweep", now())
        .await
        .unwrap();
    let mut numbers: BTreeMap<i64, String> = BTreeMap::new();
    let sql = "select cast(id as varchar) as id, id_number from person";
    for batch in session.collect(sql).await.unwrap() {
        let [ids, own] = [0, 1].map(|nth| texts(batch.column(nth)));
        for (id, number) in ids.into_iter().zip(own) {
            numbers.insert(id.unwrap().parse().unwrap(), number.unwrap_or_default());
        }
    }
    let mut couples: BTreeMap<i64, i64> = BTreeMap::new();
    let sql = "select cast(id as varchar), cast(relative as varchar) from kinship where relation = 'spouse'";
    for batch in session.collect(sql).await.unwrap() {
        let [ids, own] = [0, 1].map(|nth| texts(batch.column(nth)));
        let numbers = ids
            .into_iter()
            .chain(own)
            .map(|id| id.unwrap().parse().unwrap());
        let numbers: Vec<i64> = numbers.collect();
        let (ids, wives) = numbers.split_at(numbers.len() / 2);
        couples.extend(ids.iter().copied().zip(wives.iter().copied()));
    }
    let only = TownProgramme::ALL.map(|own| own.id().to_owned());
    let sweep = programmes::sweep(&session, Some(&only)).await.unwrap();
    let lists = programmes::compare(&session, &sweep).await.unwrap();
    let mut all = All::default();
    for programme in TownProgramme::ALL.map(TownProgramme::id) {
        let counts = sweep.counts(programme);
        let asked = counts.entitled + counts.not_entitled + counts.cannot_tell;
        all.subjects.insert(programme, asked);
        sweep.each(programme, |subject, _, answer| {
            let number = match couples.get(&subject).filter(|_| programme == COUPLES) {
                Some(wife) => numbers.get(wife),
                None => numbers.get(&subject),
            };
            all.each
                .insert((programme, number.unwrap().clone()), answer);
        });
        for listed in lists.get(programme).iter().flat_map(|own| &own.all) {
            let Some(number) = listed.people.last().and_then(|who| numbers.get(who)) else {
                panic!("nobody is {listed:?}");
            };
            let (answer, list) = match listed.standing {
                Standing::Served => ("entitled", "ok"),
                Standing::Missed | Standing::Unlisted | Standing::Holds => {
                    ("entitled", listed.standing.as_str())
                }
                Standing::NoLonger | Standing::Fails => ("not-entitled", listed.standing.as_str()),
                Standing::ToFindOut | Standing::Waits => ("cannot-tell", listed.standing.as_str()),
            };
            let answered = (
                answer,
                listed.missing.join(" "),
                listed.waits.join(" "),
                list,
            );
            all.answers.insert((programme, number.clone()), answered);
        }
    }
    all
}

fn told(street: &Street, there: &[usize], on: Date) -> All {
    let lists: Vec<&FileNote> = there.iter().map(|at| &street.files[*at]).collect();
    let told = street.town.told_by(&lists, on);
    let answers = told.lines.iter().map(|line| {
        let number = street.town.people[line.who].id_text();
        let list = line.list().as_str();
        let answered = (
            line.answer(),
            line.missing().join(" "),
            line.waits().join(" "),
            list,
        );
        ((line.programme.id(), number), answered)
    });
    All {
        answers: answers.collect(),
        subjects: told
            .subjects
            .iter()
            .map(|(own, many)| (own.id(), *many))
            .collect(),
        each: BTreeMap::new(),
    }
}

/// In what the product and the town's own evaluator differ.
fn differences(found: &All, wanted: &All) -> Vec<String> {
    let mut differ = Vec::new();
    let keys: BTreeSet<_> = found.answers.keys().chain(wanted.answers.keys()).collect();
    for key in keys {
        let (found, wanted) = (found.answers.get(key), wanted.answers.get(key));
        if found != wanted {
            differ.push(format!("{key:?}: {found:?} instead of {wanted:?}"));
        }
    }
    for (programme, many) in &wanted.subjects {
        let found = found.subjects.get(programme);
        if found != Some(many) {
            differ.push(format!("{programme}: asked of {found:?} instead of {many}"));
        }
    }
    differ
}

/// The last days of the months of the year of the lists.
fn month_ends(on: Date) -> Vec<Date> {
    let months = (1..=12).map(|month| Date::new(on.year(), month, 1).unwrap());
    months.map(Date::last_of_month).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Small numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut own = self.0;
        own = (own ^ (own >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        own = (own ^ (own >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        own ^ (own >> 31)
    }

    fn shuffle(&mut self, all: &mut [usize]) {
        for at in (1..all.len()).rev() {
            let other = self.next() % (u64::try_from(at).unwrap() + 1);
            all.swap(at, usize::try_from(other).unwrap());
        }
    }
}

/// At most so many are shown.
fn shown(differ: &[String]) -> String {
    let mut text = format!("{} differ", differ.len());
    for one in differ.iter().take(40) {
        let _ = write!(text, "\n{one}");
    }
    text
}

#[test]
fn every_months_answers_are_what_the_lists_tell() {
    let street = street();
    let all: Vec<usize> = (0..street.files.len()).collect();
    runtime().block_on(async {
        let office = street.import(&all, None).await;
        for on in month_ends(street.on()) {
            let found = asked(&office.tables, on).await;
            let differ = differences(&found, &told(&street, &all, on));
            assert!(
                differ.is_empty() && !found.answers.is_empty(),
                "{on}: {}",
                shown(&differ)
            );
        }
    });
}

/// Without a third of the lists, in the order in which they would have come.
#[test]
fn without_a_third_of_the_lists_as_much_is_known_as_the_others_tell() {
    let street = place(Setting::Town);
    runtime().block_on(async {
        for seed in 1..=3 {
            let mut there: Vec<usize> = (1..street.files.len()).collect();
            Dice(seed).shuffle(&mut there);
            there.truncate(there.len() - there.len() / 3);
            there.push(0);
            there.sort_unstable();
            let office = street.import(&there, None).await;
            for on in month_ends(street.on()).into_iter().rev().take(1) {
                let found = asked(&office.tables, on).await;
                let differ = differences(&found, &told(&street, &there, on));
                assert!(
                    differ.is_empty() && !found.answers.is_empty(),
                    "{seed} {on}: {}",
                    shown(&differ)
                );
            }
        }
    });
}

/// In any order of arrival.
#[test]
fn the_order_of_arrival_changes_nothing() {
    let street = street();
    runtime().block_on(async {
        for seed in 4..=6 {
            let mut order: Vec<usize> = (1..street.files.len()).collect();
            Dice(seed).shuffle(&mut order);
            order.insert(0, 0);
            let office = street.import(&order, None).await;
            for on in month_ends(street.on()).into_iter().rev().take(1) {
                let found = asked(&office.tables, on).await;
                let differ = differences(&found, &told(&street, &order, on));
                assert!(
                    differ.is_empty() && !found.answers.is_empty(),
                    "{seed} {on}: {}",
                    shown(&differ)
                );
            }
        }
    });
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let own = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copied(&path, &own),
            false => drop(std::fs::copy(&path, &own).unwrap()),
        }
    }
}

/// A record: its register and number.
type Of = (String, i64);
/// What stands of each, field by field.
type Words = BTreeMap<Of, BTreeMap<String, String>>;

/// What stands in the registers that answers rest on.
async fn words(tables: &Tables, on: Date) -> Words {
    let session = tables
        .evaluation(AsOf::on(on), "sweep", now())
        .await
        .unwrap();
    let registers = [
        "person",
        "residence",
        "kinship",
        "death",
        "employment",
        "certificate",
        "disability",
        "complication",
        "confirmation",
        "enrolment",
    ];
    let mut words = Words::new();
    for register in registers {
        let declared = session.pack().register(register).unwrap();
        let fields: Vec<&str> = declared.fields.iter().map(|own| own.id.as_str()).collect();
        let columns = ["id"].into_iter().chain(fields.iter().copied());
        let columns: Vec<String> = columns
            .map(|own| format!("cast({own} as varchar)"))
            .collect();
        let sql = format!("select {} from {register}", columns.join(", "));
        for batch in session.collect(&sql).await.unwrap() {
            let columns: Vec<_> = batch.columns().iter().map(|own| texts(own)).collect();
            for row in 0..batch.num_rows() {
                let id = columns[0][row].as_ref().unwrap().parse().unwrap();
                let told = fields.iter().zip(&columns[1..]);
                let told =
                    told.filter_map(|(field, own)| Some(((*field).to_owned(), own[row].clone()?)));
                words.insert((register.to_owned(), id), told.collect());
            }
        }
    }
    words
}

/// The people of whom a list outranked another word, by number: without it, a record says something else; or it says that somebody
/// died whom another list calls alive, which concerns the parents.
fn outranked(before: &Words, after: &Words) -> BTreeSet<String> {
    let mut people: BTreeSet<&String> = BTreeSet::new();
    let named = |of: &Of, told: &BTreeMap<String, String>| -> Vec<String> {
        let refs = ["person", "relative", "father", "mother", "child"];
        let of_record = refs
            .into_iter()
            .filter_map(|field| told.get(field).cloned());
        match of.0.as_str() {
            "person" => vec![of.1.to_string()],
            _ => of_record.collect(),
        }
    };
    let mut concerned: BTreeSet<String> = BTreeSet::new();
    for (of, now) in after {
        let Some(then) = before.get(of) else { continue };
        let otherwise =
            |(field, value): (&String, &String)| then.get(field).is_some_and(|then| then != value);
        if now.iter().any(otherwise) {
            concerned.extend(named(of, now));
        }
    }
    let deaths = before
        .iter()
        .filter(|(of, _)| of.0 == "death" && !after.contains_key(*of));
    people.extend(deaths.filter_map(|(_, told)| told.get("person")));
    for (_, told) in after.iter().filter(|(of, _)| of.0 == "kinship") {
        let alive = told
            .get("child_status")
            .is_some_and(|status| status == "alive");
        if alive
            && told
                .get("relative")
                .is_some_and(|child| people.contains(child))
        {
            concerned.extend(told.get("person").cloned());
        }
    }
    let number = |id: &String| {
        let of = ("person".to_owned(), id.parse().ok()?);
        before.get(&of)?.get("id_number").cloned()
    };
    concerned.iter().filter_map(number).collect()
}

#[test]
fn taking_a_list_back_makes_answers_what_cant_be_told() {
    let street = street();
    let all: Vec<usize> = (0..street.files.len()).collect();
    let on = street.on();
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole");
        std::fs::create_dir(&whole).unwrap();
        let office = street.import(&all, Some(&whole)).await;
        let before = asked(&office.tables, on).await;
        let words_before = words(&office.tables, on).await;
        let commits = office.commits.clone();
        office.tables.ledger().close().await;
        drop(office);
        let mut refused = Vec::new();
        for (at, commit) in commits {
            let own = folder.path().join("own");
            copied(&whole, &own);
            let pack = testhouse::national();
            let ledger = Ledger::open(&own, pack.clone()).await.unwrap();
            let undone = ledger.undo(commit, now(), &street.grant()).await;
            let file = &street.files[at];
            let there: Vec<usize> = all.iter().copied().filter(|own| *own != at).collect();
            // What others rest on can't be taken back; then it never came.
            let tables = match &undone {
                Ok(_) => Tables::new(ledger, pack, None),
                Err(error) => {
                    assert!(error.to_string().contains("rest"), "{}: {error}", file.path);
                    street.import(&there, None).await.tables
                }
            };
            let after = asked(&tables, on).await;
            let differ = differences(&after, &told(&street, &there, on));
            assert!(differ.is_empty(), "{}: {}", file.path, shown(&differ));
            if undone.is_err() {
                // Its records have other numbers.
                refused.push(file.roster);
                std::fs::remove_dir_all(&own).unwrap();
                continue;
            }
            let changed = otherwise(&before, &after);
            let outranked = outranked(&words_before, &words(&tables, on).await);
            let others: Vec<&String> = changed
                .iter()
                .filter(|(of, _)| !outranked.contains(of))
                .map(|(_, told)| told)
                .collect();
            assert!(others.is_empty(), "{}: {others:#?}", file.path);
            tables.ledger().close().await;
            drop(tables);
            std::fs::remove_dir_all(&own).unwrap();
        }
        assert!(refused.len() < 3, "{refused:?}");
    });
}

/// What else became of answers than that they can't be told: of whom, and what.
fn otherwise(before: &All, after: &All) -> Vec<(String, String)> {
    let mut differ = Vec::new();
    for (key, answer) in &before.each {
        let (one, two) = (before.answers.get(key), after.answers.get(key));
        let now = after.each.get(key);
        let same = match now {
            None | Some(kernel::Answer::CannotTell) => true,
            Some(now) if now != answer => false,
            // Whether they are paid can't be told; whoever isn't entitled then stands on no list.
            Some(_) => one == two || two.is_none_or(|two| two.3 == "unlisted"),
        };
        if !same {
            let told = format!("{key:?}: {answer:?} {one:?} became {now:?} {two:?}");
            differ.push((key.1.clone(), told));
        }
    }
    let new = after
        .each
        .keys()
        .filter(|key| !before.each.contains_key(*key));
    differ.extend(new.map(|key| (key.1.clone(), format!("{key:?} is new"))));
    // Who is paid and belongs to no subject.
    for (key, now) in &after.answers {
        let is_subject = after.each.contains_key(key) || before.answers.get(key) == Some(now);
        if !is_subject && now.0 != "cannot-tell" {
            differ.push((key.1.clone(), format!("{key:?} became {now:?}")));
        }
    }
    differ
}
