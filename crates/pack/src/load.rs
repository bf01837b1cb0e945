//! The loader: from the texts of a pack's files to one checked [`Pack`], or to all their faults. Files are read kind by kind, so
//! that what a kind may refer to is known when its turn comes; only references among things of one kind wait until the end.

mod actions;
mod calendar;
mod cases;
mod checks;
mod code_file;
mod codes;
mod contract;
mod dashboards;
mod indicators;
mod layers;
mod look;
mod parameters;
mod programmes;
mod recipes;
mod refused;
mod registers;
mod reports;
mod roles;
mod rosters;
mod subjects;
mod values;

pub use reports::COMMON_PLACEHOLDERS;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use jiff::civil::Date;
use kernel::WorkingDays;
use toml::Spanned;
use toml::de::DeTable;

use crate::near::nearest;
use crate::read::{ACTION, Keys, LAYER, Notes, REGISTER, Table, Word, proposing};
use crate::{Fault, Faulty, Layer, Pack, Place, SourceFile, Sql, Text};

/// The parameters every SQL text may use, whatever it belongs to.
pub const COMMON_PARAMETERS: [&str; 3] = ["on", "start", "end"];

/// The code list of those who say something.
const SOURCE: &str = "source";

/// The kinds of file, in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Pack,
    Codes,
    Calendar,
    Roles,
    Registers,
    /// Read by who links records; here it only has its place.
    Linkage,
    Subjects,
    Programmes,
    Rosters,
    Actions,
    Indicators,
    Dashboards,
    Reports,
    Checks,
    Cases,
    Recipes,
}

/// The directories of a pack, and what stands in each.
const DIRECTORIES: [(&str, Kind); 15] = [
    ("codes", Kind::Codes),
    ("calendar", Kind::Calendar),
    ("roles", Kind::Roles),
    ("registers", Kind::Registers),
    ("linkage", Kind::Linkage),
    ("rosters", Kind::Rosters),
    ("actions", Kind::Actions),
    ("subjects", Kind::Subjects),
    ("programmes", Kind::Programmes),
    ("indicators", Kind::Indicators),
    ("dashboards", Kind::Dashboards),
    ("reports", Kind::Reports),
    ("checks", Kind::Checks),
    ("cases", Kind::Cases),
    ("recipes", Kind::Recipes),
];

/// Whether a file of a pack is read, by its path in it: declarations, and the values of code lists that stand in a file of their own.
/// All others are left alone, and belong to no pack.
pub fn is_read(path: &str) -> bool {
    path.ends_with(".toml") || path.starts_with("codes/") && path.ends_with(".csv")
}

/// Loads a pack of one layer from its files, or reports all their faults at once. Files that aren't read ([`is_read`]) are left alone.
///
/// # Errors
/// [`Faulty`] with every fault of every file.
pub fn load(files: Vec<SourceFile>) -> Result<Pack, Faulty> {
    load_layers(vec![files])
}

/// Loads a pack of several layers, the lowest first, each the files of one folder: what all of them say together, or all faults of
/// all files. In what comes out the path of a file begins with its layer's id, unless there is only one layer.
///
/// # Errors
/// [`Faulty`] with every fault of every file.
pub fn load_layers(layers: Vec<Vec<SourceFile>>) -> Result<Pack, Faulty> {
    loaded(layers, false).1
}

/// The keys that are asked for while a pack is loaded, each with the keys that lead to it (`programmes.condition.basis`, `clause`). A
/// key that is a name of the pack's own, such as a register's, is called `*`. For what checks that every key is described.
pub fn keys(layers: Vec<Vec<SourceFile>>) -> Keys {
    loaded(layers, true).0
}

fn loaded(layers: Vec<Vec<SourceFile>>, asked: bool) -> (Keys, Result<Pack, Faulty>) {
    let mut files: Vec<SourceFile> = Vec::new();
    let mut parts: Vec<Range<usize>> = Vec::new();
    for mut layer in layers {
        layer.retain(|file| is_read(&file.path));
        layer.sort_by(|a, b| a.path.cmp(&b.path));
        let start = files.len();
        files.extend(layer);
        parts.push(start..files.len());
    }
    let (keys, pack, faults) = {
        let notes = Notes::new(&files, parts.clone(), asked);
        let pack = read(&notes, &files, &parts);
        notes.drop_consequences();
        (notes.asked(), pack, notes.into_faults())
    };
    if let [_, _, ..] = &parts[..] {
        for (nth, part) in parts.into_iter().enumerate() {
            let layer = pack.layers.get(nth).map(|layer| layer.id.as_str());
            let name = layer
                .filter(|id| !id.is_empty())
                .map_or_else(|| nth.to_string(), str::to_owned);
            for file in &mut files[part] {
                file.path = format!("{name}/{}", file.path);
            }
        }
    }
    let result = if faults.is_empty() {
        Ok(Pack { files, ..pack })
    } else {
        Err(Faulty { files, faults })
    };
    (keys, result)
}

/// The file that says what a pack is.
const HEAD: &str = "pack.toml";

/// What the `pack.toml` among a layer's files says it stands on: the words under `extends`, if it can be read that far.
pub fn extends(files: &[SourceFile]) -> Option<String> {
    let file = files.iter().find(|file| file.path == HEAD)?;
    let (document, _) = DeTable::parse_recoverable(&file.text);
    let head = document.get_ref().get("pack")?.get_ref().as_table()?;
    Some(head.get("extends")?.get_ref().as_str()?.to_owned())
}

/// One file that was read.
struct Document<'f> {
    kind: Kind,
    file: usize,
    table: Spanned<DeTable<'f>>,
}

fn read(notes: &Notes<'_>, files: &[SourceFile], parts: &[Range<usize>]) -> Pack {
    let mut documents = Vec::new();
    for (file, source) in files.iter().enumerate() {
        let declares = source.path.ends_with(".toml");
        if declares
            && let Some(kind) = kind(notes, file, &source.path)
            && let Some(table) = notes.parse(file)
        {
            documents.push(Document { kind, file, table });
        }
    }
    documents.sort_by_key(|document| (document.kind, document.file));
    let documents = layers::together(notes, documents);
    for part in parts {
        if !files[part.clone()].iter().any(|file| file.path == HEAD) {
            let fault = Fault::new("missing-file", "缺少 pack.toml。", "There is no pack.toml.");
            notes.fault(fault.hint(
                "请在规则包目录下建立 pack.toml，写明 [pack] 的 id、name 和 version。",
                "Write a pack.toml with [pack] and its id, name and version.",
            ));
        }
    }
    let mut load = Load {
        notes,
        pack: empty(parts),
        references: Vec::new(),
        amounts: Vec::new(),
        told_by: Vec::new(),
        answers: Vec::new(),
        vouchers: Vec::new(),
        before: Vec::new(),
        figures: Vec::new(),
        broken_down: Vec::new(),
        kept: Vec::new(),
        reaching: Vec::new(),
        duties: Vec::new(),
        retired: Vec::new(),
        derived: Vec::new(),
    };
    let (mut holidays, mut made_up) = (BTreeSet::new(), BTreeSet::new());
    let mut listed = false;
    for document in &documents {
        if document.kind >= Kind::Registers && !listed {
            load.list_roles();
            listed = true;
        }
        if document.kind > Kind::Programmes {
            load.derive_members(codes::MembersAre::Programmes);
        }
        if document.kind > Kind::Rosters {
            load.derive_members(codes::MembersAre::Lists);
        }
        load.file(document, (&mut holidays, &mut made_up));
    }
    load.derive_members(codes::MembersAre::Programmes);
    load.derive_members(codes::MembersAre::Lists);
    load.pack.calendar = WorkingDays::new(holidays, made_up);
    load.finish();
    load.pack
}

/// What a file holds, by where it stands.
fn kind(notes: &Notes<'_>, file: usize, path: &str) -> Option<Kind> {
    if path == HEAD {
        return Some(Kind::Pack);
    }
    let directory = path.split_once('/').map_or("", |(first, _)| first);
    if let Some((_, kind)) = DIRECTORIES.iter().find(|(name, _)| *name == directory) {
        return Some(*kind);
    }
    let names: Vec<&str> = DIRECTORIES.iter().map(|(name, _)| *name).collect();
    // Read as what it was meant to be, so that nothing else seems to be missing.
    let meant = nearest(directory, names.iter().copied());
    let meant = DIRECTORIES.iter().find(|(name, _)| Some(*name) == meant);
    let (zh, en) = (
        format!("文件 {path} 不在规则包的目录中，不会读取。"),
        format!("The file {path} is in none of a pack's directories."),
    );
    notes.fault(proposing(
        Fault::at(Place { file, span: 0..0 }, "unknown-file", zh, en),
        directory,
        &names,
    ));
    meant.map(|(_, kind)| *kind)
}

fn empty(parts: &[Range<usize>]) -> Pack {
    let layer = |files: &Range<usize>| Layer {
        files: files.clone(),
        ..Layer::default()
    };
    Pack {
        layers: parts.iter().map(layer).collect(),
        id: String::new(),
        name: Text::default(),
        version: String::new(),
        files: Vec::new(),
        codes: Vec::new(),
        duties: Vec::new(),
        roles: Vec::new(),
        registers: Vec::new(),
        rosters: Vec::new(),
        actions: Vec::new(),
        subjects: Vec::new(),
        programmes: Vec::new(),
        dimensions: Vec::new(),
        indicators: Vec::new(),
        dashboards: Vec::new(),
        reports: Vec::new(),
        calendar: WorkingDays::default(),
        checks: Vec::new(),
        cases: Vec::new(),
        recipes: Vec::new(),
        contract: None,
        retires: false,
    }
}

/// The pack read so far, and what is still to be looked up.
struct Load<'n, 'f> {
    notes: &'n Notes<'f>,
    pack: Pack,
    /// Registers referred to by types of fields.
    references: Vec<Word>,
    /// Fields of the register being read that a number tells, by id.
    told_by: Vec<(String, Word)>,
    /// Facts that are amounts of programmes: the fact, and the programme as written.
    amounts: Vec<(String, Word)>,
    /// Actions by which facts are made known.
    answers: Vec<Word>,
    /// Rosters whose lists facts rest on.
    vouchers: Vec<Word>,
    /// Indicators referred to by other indicators.
    figures: Vec<Word>,
    /// Dimensions that indicators are broken down by.
    broken_down: Vec<Word>,
    /// Recipes that others wait for.
    before: Vec<Word>,
    /// Which registers keep what the crates above know.
    kept: Vec<contract::Kept>,
    /// What roles reach, in words.
    reaching: Vec<roles::Reaching>,
    /// Duties that registers name.
    duties: Vec<Word>,
    /// Where fields are declared, and where it is said that they are retired.
    retired: Vec<(Place, Place)>,
    /// Code lists whose members follow from something else, by place, with the words they have.
    derived: Vec<(usize, codes::MembersAre, codes::Meanings)>,
}

impl<'n, 'f> Load<'n, 'f> {
    fn file(
        &mut self,
        document: &'n Document<'f>,
        days: (&mut BTreeSet<Date>, &mut BTreeSet<Date>),
    ) {
        let Document { kind, file, table } = document;
        let (kind, file) = (*kind, *file);
        let directory = DIRECTORIES.iter().find(|(_, of)| *of == kind);
        let trail = directory.map_or(HEAD, |(name, _)| name);
        let place = Place { file, span: 0..0 };
        let mut top = Table::new(self.notes, place, table.get_ref(), Rc::from(trail));
        match kind {
            Kind::Pack => self.head(&mut top, file),
            Kind::Codes => self.codes(&mut top),
            Kind::Calendar => self.calendar(&mut top, days.0, days.1),
            Kind::Linkage => return,
            Kind::Roles => self.roles(&mut top),
            Kind::Registers => self.register(&mut top),
            Kind::Rosters => self.roster(&mut top),
            Kind::Actions => self.action(&mut top),
            Kind::Subjects => self.subject(&mut top),
            Kind::Programmes => self.programme(&mut top),
            Kind::Indicators => self.indicators(&mut top),
            Kind::Dashboards => self.dashboard(&mut top),
            Kind::Reports => self.report(&mut top),
            Kind::Checks => self.between(&mut top),
            Kind::Cases => self.cases(&mut top),
            Kind::Recipes => self.recipe(&mut top),
        }
        top.done();
    }

    /// What a layer is. The pack as a whole is called as its highest layer.
    fn head(&mut self, top: &mut Table<'n, 'f>, file: usize) {
        let Some(mut head) = top.need("pack").and_then(|n| n.table()) else {
            return;
        };
        let id = head.word("id");
        if !id.text.is_empty() {
            head.check_id(&id, crate::read::Ids::Plain);
            self.notes.declare("", LAYER, &id);
        }
        let name = head.text("name");
        let version = head.word("version").text;
        let extends = head.word_opt("extends");
        let Some(nth) = self
            .pack
            .layers
            .iter()
            .position(|l| l.files.contains(&file))
        else {
            return;
        };
        match (nth, extends) {
            (0, Some(word)) => self.notes.fault(Fault::at(
                word.place,
                "missing-layer",
                format!("没有一并装载“{}”。", word.text),
                format!(
                    "“{}”, on which this stands, wasn't loaded with it.",
                    word.text
                ),
            )),
            (0, None) | (1.., Some(_)) => {}
            (1.., None) => head.missing("extends"),
        }
        head.done();
        self.pack.id.clone_from(&id.text);
        self.pack.name.clone_from(&name);
        self.pack.version.clone_from(&version);
        let layer = &mut self.pack.layers[nth];
        (layer.id, layer.name, layer.version) = (id.text, name, version);
    }

    /// What could only be checked when everything was read.
    fn finish(&mut self) {
        for word in &self.references {
            if self.pack.register(&word.text).is_none() {
                self.notes.unknown(
                    REGISTER,
                    word,
                    self.pack.registers.iter().map(|r| r.id.as_str()),
                );
            }
        }
        for word in &self.answers {
            if self.pack.action(&word.text).is_none() {
                let known = self.pack.actions.iter().map(|action| action.id());
                self.notes.unknown(ACTION, word, known);
            }
        }
        self.known_vouchers();
        self.order_actions();
        self.reach();
        let pack = &mut self.pack;
        let fields = pack.registers.iter().flat_map(|register| &register.fields);
        let members = pack.codes.iter().flat_map(|list| &list.members);
        let days = (pack.registers.iter().map(|register| register.retired))
            .chain(fields.map(|field| field.retired))
            .chain(members.map(|member| member.retired));
        pack.retires = days.flatten().next().is_some();
        self.amounts_of_programmes();
        self.fact_rings();
        self.indicator_rings();
        self.known_dimensions();
        self.order_recipes();
        self.refused();
        self.contract();
    }

    /// Checks that every `$name` in the SQL is a parameter.
    fn check_parameters(&self, sql: &Sql, own: &[&str]) {
        let known: Vec<&str> = COMMON_PARAMETERS.iter().chain(own).copied().collect();
        self.check_names(sql, &known);
    }

    /// Checks that the SQL uses no `$name` but the day asked of.
    fn check_day_only(&self, sql: &Sql) {
        self.check_names(sql, &["on"]);
    }

    fn check_names(&self, sql: &Sql, known: &[&str]) {
        for (name, span) in crate::parameters(&sql.text) {
            if known.contains(&name.as_str()) {
                continue;
            }
            let word = Word {
                text: name,
                place: sql.at(span),
            };
            self.notes
                .unknown(crate::read::PARAMETER, &word, known.iter().copied());
        }
    }
}
