//! Putting layers together, before anything is checked: what a layer above says of a declaration below (`changes = "…"`) is put into
//! that declaration's own table, so that one checker reads the whole and every value keeps the file it stands in. It knows what may
//! be changed, and how: rows added, words added, a parameter's values, the day of retirement, how a register looks. It replaces nothing
//! in silence but looks.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{DIRECTORIES, Document, Kind};
use crate::read::{
    CHECK, CODE, COLUMN, CONDITION, DASHBOARD, FIELD, INDICATOR, MEMBER, Node, Notes, Noun,
    PARAMETER, PROGRAMME, REGISTER, REPORT, ROLE, ROSTER, SUBJECT, WRITE, Word, proposing,
};
use crate::{Fault, Place};

/// The key that names what is changed.
const CHANGES: &str = "changes";
/// The key that says from which day on something is no more.
const RETIRED: &str = "retired";

/// How a declaration may be changed by a layer above.
struct Shape {
    noun: Noun,
    /// The keys by which it is named, the first that it has.
    named: &'static [&'static str],
    /// Keys that are set once.
    sets: &'static [&'static str],
    /// Lists that grow.
    grows: &'static [&'static str],
    /// Tables that take more keys.
    takes: &'static [&'static str],
    /// Tables beside it of which a layer above says keys anew: how something looks, which decides nothing.
    anew: &'static [&'static str],
    /// Arrays of tables whose rows are added, and how a row that is there is changed.
    parts: &'static [(&'static str, Option<&'static Shape>)],
}

const PLAIN: Shape = Shape {
    noun: REGISTER,
    named: &["id"],
    sets: &[],
    grows: &[],
    takes: &[],
    anew: &[],
    parts: &[],
};

const MEMBERS: Shape = Shape {
    noun: MEMBER,
    named: &["value"],
    sets: &[RETIRED],
    grows: &["synonyms"],
    ..PLAIN
};
const CODES: Shape = Shape {
    noun: CODE,
    parts: &[("member", Some(&MEMBERS))],
    ..PLAIN
};
const FIELDS: Shape = Shape {
    noun: FIELD,
    sets: &[RETIRED],
    ..PLAIN
};
const CHECKS: Shape = Shape {
    noun: CHECK,
    sets: &[RETIRED],
    ..PLAIN
};
const REGISTERS: Shape = Shape {
    noun: REGISTER,
    sets: &[RETIRED],
    grows: &["about"],
    anew: &["look"],
    parts: &[("field", Some(&FIELDS)), ("check", Some(&CHECKS))],
    ..PLAIN
};
const COLUMNS: Shape = Shape {
    noun: COLUMN,
    grows: &["synonyms"],
    ..PLAIN
};
const WRITES: Shape = Shape {
    noun: WRITE,
    named: &["as", "register"],
    takes: &["set", "check"],
    ..PLAIN
};
const ROSTERS: Shape = Shape {
    noun: ROSTER,
    parts: &[
        ("column", Some(&COLUMNS)),
        ("write", Some(&WRITES)),
        ("check", Some(&CHECKS)),
    ],
    ..PLAIN
};
const ACTIONS: Shape = Shape {
    noun: ROSTER,
    parts: &[
        ("input", Some(&COLUMNS)),
        ("write", Some(&WRITES)),
        ("check", Some(&CHECKS)),
    ],
    ..PLAIN
};
const SUBJECTS: Shape = Shape {
    noun: SUBJECT,
    parts: &[("facts", None), ("fact", None)],
    ..PLAIN
};
const PARAMETERS: Shape = Shape {
    noun: PARAMETER,
    grows: &["values"],
    ..PLAIN
};
const CONDITIONS: Shape = Shape {
    noun: CONDITION,
    sets: &[RETIRED],
    ..PLAIN
};
const PROGRAMMES: Shape = Shape {
    noun: PROGRAMME,
    sets: &[RETIRED],
    grows: &["synonyms", "basis"],
    parts: &[
        ("parameter", Some(&PARAMETERS)),
        ("condition", Some(&CONDITIONS)),
    ],
    ..PLAIN
};
const ROLES: Shape = Shape {
    noun: ROLE,
    grows: &["reads", "writes", "clear", "duties"],
    ..PLAIN
};
const INDICATORS: Shape = Shape {
    noun: INDICATOR,
    sets: &["note"],
    grows: &["by", "targets"],
    ..PLAIN
};
const DASHBOARDS: Shape = Shape {
    noun: DASHBOARD,
    parts: &[("section", None)],
    ..PLAIN
};
const REPORTS: Shape = Shape {
    noun: REPORT,
    parts: &[("block", None)],
    ..PLAIN
};

/// Under which key a file of a kind holds its declarations, how they are changed, and whether it holds a list of them or one, whose
/// parts stand beside it.
fn shape(kind: Kind) -> Option<(&'static str, &'static Shape, bool)> {
    Some(match kind {
        Kind::Codes => ("code", &CODES, true),
        Kind::Roles => ("role", &ROLES, true),
        Kind::Registers => ("register", &REGISTERS, false),
        Kind::Rosters => ("roster", &ROSTERS, false),
        Kind::Actions => ("action", &ACTIONS, false),
        Kind::Subjects => ("subject", &SUBJECTS, false),
        Kind::Programmes => ("programme", &PROGRAMMES, false),
        Kind::Indicators => ("indicator", &INDICATORS, true),
        Kind::Dashboards => ("dashboard", &DASHBOARDS, false),
        Kind::Reports => ("report", &REPORTS, false),
        Kind::Checks => ("check", &CHECKS, true),
        Kind::Pack | Kind::Calendar | Kind::Linkage | Kind::Cases | Kind::Recipes => return None,
    })
}

/// Puts every change into what it changes, layer by layer, and drops the documents of changes. Documents are ordered by kind, then
/// by file, so that those of a layer below come first.
pub(super) fn together<'f>(notes: &Notes<'f>, documents: Vec<Document<'f>>) -> Vec<Document<'f>> {
    if notes.collects() {
        for (directory, kind) in DIRECTORIES {
            collect(notes, directory, kind);
        }
    }
    let mut merged: Vec<Document<'f>> = Vec::with_capacity(documents.len());
    for mut document in documents {
        let Some((key, shape, list)) = shape(document.kind) else {
            merged.push(document);
            continue;
        };
        let own = notes.space().layer(&Place {
            file: document.file,
            span: 0..0,
        });
        let merge = Merge { notes, own };
        let top = document.table.get_mut();
        if list {
            for change in changing_rows(top, key) {
                merge.change_in_list(&mut merged, document.kind, key, shape, change);
            }
            merged.push(document);
        } else if head(top, key).is_some_and(|table| table.contains_key(CHANGES)) {
            let span = document.table.span();
            let change = flattened(document.table.into_inner(), key);
            merge.change_in_file(
                &mut merged,
                document.kind,
                key,
                shape,
                Spanned::new(span, change),
            );
        } else {
            merged.push(document);
        }
    }
    merged
}

/// Collects what may be changed as keys.
fn collect(notes: &Notes<'_>, directory: &str, kind: Kind) {
    let Some((key, shape, list)) = shape(kind) else {
        return;
    };
    let of = |trail: &str, shape: &Shape| {
        notes.ask(trail, CHANGES);
        let parts = shape.parts.iter().map(|(part, _)| part);
        let may = shape
            .sets
            .iter()
            .chain(shape.grows)
            .chain(shape.takes)
            .chain(shape.anew)
            .chain(parts);
        may.for_each(|key| notes.ask(&format!("changes {trail}"), key));
    };
    let own = format!("{directory}.{key}");
    of(&own, shape);
    // The parts of a file's one declaration stand beside its head.
    let beside = if list { own.as_str() } else { directory };
    for (part, shape) in shape.parts {
        if let Some(shape) = shape {
            of(&format!("{beside}.{part}"), shape);
        }
    }
}

type Row<'f> = Spanned<DeTable<'f>>;

fn head<'a, 'f>(top: &'a DeTable<'f>, key: &str) -> Option<&'a DeTable<'f>> {
    top.get(key)?.get_ref().as_table()
}

/// The keys of a change's head and its parts, in one table.
fn flattened<'f>(mut top: DeTable<'f>, key: &str) -> DeTable<'f> {
    if let Some(head) = top.remove(key)
        && let DeValue::Table(head) = head.into_inner()
    {
        top.extend(head);
    }
    top
}

/// Takes the rows that change something out of an array.
fn changing_rows<'f>(top: &mut DeTable<'f>, key: &str) -> Vec<Row<'f>> {
    let Some(DeValue::Array(rows)) = top.get_mut(key).map(Spanned::get_mut) else {
        return Vec::new();
    };
    let mut changing = Vec::new();
    let mut kept = DeArray::new();
    for row in std::mem::replace(rows, DeArray::new()) {
        let span = row.span();
        match row.into_inner() {
            DeValue::Table(table) if table.contains_key(CHANGES) => {
                changing.push(Spanned::new(span, table));
            }
            other => kept.push(Spanned::new(span, other)),
        }
    }
    *rows = kept;
    changing
}

/// What one document of a layer changes.
struct Merge<'n, 'f> {
    notes: &'n Notes<'f>,
    /// The layer of the document.
    own: usize,
}

impl<'f> Merge<'_, 'f> {
    fn place(&self, span: std::ops::Range<usize>) -> Place {
        self.notes.space().place(span)
    }

    /// The word under `changes`; a fault if it is none.
    fn changes(&self, change: &DeTable<'f>) -> Option<Word> {
        let value = change.get(CHANGES)?;
        let node = Node {
            notes: self.notes,
            value,
            trail: std::rc::Rc::from(CHANGES),
        };
        node.filled()
    }

    /// Changes a row of the lists under a key.
    fn change_in_list(
        &self,
        merged: &mut [Document<'f>],
        kind: Kind,
        key: &str,
        shape: &Shape,
        change: Row<'f>,
    ) {
        let tops = merged.iter_mut().filter(|d| d.kind == kind);
        let lists = tops.filter_map(|d| d.table.get_mut().get_mut(key).map(Spanned::get_mut));
        let rows = lists.filter_map(|list| match list {
            DeValue::Array(rows) => Some(rows.iter_mut()),
            _ => None,
        });
        let declared = rows.flatten().filter_map(|row| match row.get_mut() {
            DeValue::Table(row) => Some((name_of(row, shape)?, row)),
            _ => None,
        });
        self.change(declared, &[], shape, change.into_inner());
    }

    /// Changes the declaration that a file is.
    fn change_in_file(
        &self,
        merged: &mut [Document<'f>],
        kind: Kind,
        key: &str,
        shape: &Shape,
        change: Row<'f>,
    ) {
        let files = merged.iter_mut().filter(|d| d.kind == kind);
        let declared = files.filter_map(|d| {
            let top = d.table.get_mut();
            let id = head(top, key).and_then(|head| name_of(head, shape))?;
            Some((id, top))
        });
        self.change(declared, &[key], shape, change.into_inner());
    }

    /// Puts a change into the declaration that it names.
    fn change<'d>(
        &self,
        declared: impl Iterator<Item = (Spanned<String>, &'d mut DeTable<'f>)>,
        under: &[&str],
        shape: &Shape,
        change: DeTable<'f>,
    ) where
        'f: 'd,
    {
        let Some(word) = self.changes(&change) else {
            return;
        };
        let mut known = Vec::new();
        for (id, table) in declared {
            if id.get_ref() == &word.text {
                self.not_of_this_layer(&id, &word);
                return self.apply(table, under, shape, change);
            }
            known.push(id);
        }
        self.not_there(shape, &word, &known);
    }

    /// Notes a change of what this layer itself declares.
    fn not_of_this_layer(&self, id: &Spanned<String>, word: &Word) {
        let place = self.place(id.span());
        if self.notes.space().layer(&place) == self.own {
            let (zh, en) = (
                format!("“{}”就在这一层，不必用 changes。", word.text),
                format!("“{}” belongs to this layer itself.", word.text),
            );
            self.notes.fault(
                Fault::at(word.place.clone(), "same-layer", zh, en)
                    .related(place, "声明在这里", "declared here")
                    .hint("请直接改那里。", "Write it there."),
            );
        }
    }

    fn not_there(&self, shape: &Shape, word: &Word, known: &[Spanned<String>]) {
        self.notes.unknown(
            shape.noun,
            word,
            known.iter().map(|id| id.get_ref().as_str()),
        );
    }

    /// Puts a change into a declaration: into its table, whose own keys stand under `head` if it is a file of one.
    fn apply(&self, into: &mut DeTable<'f>, head: &[&str], shape: &Shape, change: DeTable<'f>) {
        let mut change: Vec<_> = change.into_iter().collect();
        change.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in change {
            let name = key.get_ref().to_string();
            if let Some((_, of)) = shape.parts.iter().find(|(part, _)| *part == name) {
                self.part(into, key, value, *of);
                continue;
            }
            if shape.anew.contains(&name.as_str()) {
                Self::say_anew(into, key, value);
                continue;
            }
            let mut own = &mut *into;
            for head in head {
                let Some(DeValue::Table(table)) = own.get_mut(*head).map(Spanned::get_mut) else {
                    return;
                };
                own = table;
            }
            match name.as_str() {
                CHANGES => {}
                name if shape.sets.contains(&name) => self.set(own, key, value),
                name if shape.grows.contains(&name) => self.grow(own, key, value),
                name if shape.takes.contains(&name) => self.take(own, key, value),
                _ => self.refuse(shape, &key),
            }
        }
    }

    fn set(&self, own: &mut DeTable<'f>, key: Key<'f>, value: Held<'f>) {
        let Some((first, _)) = own.get_key_value(key.get_ref().as_ref()) else {
            own.insert(key, value);
            return;
        };
        let name = key.get_ref();
        let (code, zh, en) = if name == RETIRED {
            (
                "retired-twice",
                "已经停用了。".to_owned(),
                "This is retired already.".to_owned(),
            )
        } else {
            (
                "set-twice",
                format!("“{name}”已经写明。"),
                format!("“{name}” is set already."),
            )
        };
        let fault = Fault::at(self.place(key.span()), code, zh, en)
            .related(self.place(first.span()), "已写在这里", "it stands here")
            .hint("请删去这一处。", "Remove it here.");
        self.notes.fault(fault);
    }

    fn grow(&self, own: &mut DeTable<'f>, key: Key<'f>, value: Held<'f>) {
        let (at, span) = (self.place(value.span()), value.span());
        match own.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            None => drop(own.insert(key, value)),
            Some(DeValue::Array(there)) => match value.into_inner() {
                DeValue::Array(more) => more.into_iter().for_each(|item| there.push(item)),
                one @ DeValue::String(_) => there.push(Spanned::new(span, one)),
                _ => self.no_list(at),
            },
            Some(there) => {
                let one = std::mem::replace(there, DeValue::Array(DeArray::new()));
                if let DeValue::Array(list) = there {
                    list.push(Spanned::new(span.clone(), one));
                    match value.into_inner() {
                        DeValue::Array(more) => more.into_iter().for_each(|item| list.push(item)),
                        other => list.push(Spanned::new(span, other)),
                    }
                }
            }
        }
    }

    fn no_list(&self, place: Place) {
        let (zh, en) = ("这里应为列表（[ … ]）。", "This should be a list ([ … ]).");
        self.notes.fault(Fault::at(place, "wrong-type", zh, en));
    }

    fn take(&self, own: &mut DeTable<'f>, key: Key<'f>, value: Held<'f>) {
        match own.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            Some(DeValue::Table(there)) => {
                if let DeValue::Table(more) = value.into_inner() {
                    for (key, value) in more {
                        self.set(there, key, value);
                    }
                }
            }
            _ => drop(own.insert(key, value)),
        }
    }

    /// Puts the keys of a table in the place of those that are there.
    fn say_anew(into: &mut DeTable<'f>, key: Key<'f>, value: Held<'f>) {
        match into.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            Some(DeValue::Table(there)) if value.get_ref().is_table() => {
                if let DeValue::Table(more) = value.into_inner() {
                    for (key, value) in more {
                        there.remove(key.get_ref().as_ref());
                        there.insert(key, value);
                    }
                }
            }
            _ => {
                into.remove(key.get_ref().as_ref());
                into.insert(key, value);
            }
        }
    }

    /// Adds the rows of a part, and puts those that change one into it.
    fn part(&self, into: &mut DeTable<'f>, key: Key<'f>, value: Held<'f>, of: Option<&Shape>) {
        let at = self.place(value.span());
        let DeValue::Array(rows) = value.into_inner() else {
            return self.no_list(at);
        };
        if !into.contains_key(key.get_ref().as_ref()) {
            let none = DeValue::Array(DeArray::new());
            into.insert(key.clone(), Spanned::new(key.span(), none));
        }
        let Some(DeValue::Array(there)) =
            into.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut)
        else {
            return;
        };
        for row in rows {
            let span = row.span();
            match (row.into_inner(), of) {
                (DeValue::Table(change), Some(shape)) if change.contains_key(CHANGES) => {
                    self.row(there, shape, change);
                }
                (other, _) => there.push(Spanned::new(span, other)),
            }
        }
    }

    fn row(&self, there: &mut DeArray<'f>, shape: &Shape, change: DeTable<'f>) {
        let declared = there.iter_mut().filter_map(|row| match row.get_mut() {
            DeValue::Table(row) => Some((name_of(row, shape)?, row)),
            _ => None,
        });
        self.change(declared, &[], shape, change);
    }

    /// Notes that a key of a declaration below can't be changed.
    fn refuse(&self, shape: &Shape, key: &Key<'f>) {
        let (name, place) = (key.get_ref().to_string(), self.place(key.span()));
        let may: Vec<&str> = (shape.sets.iter())
            .chain(shape.grows)
            .chain(shape.takes)
            .chain(shape.anew)
            .copied()
            .chain(shape.parts.iter().map(|(part, _)| *part))
            .collect();
        let (zh, en) = (
            format!("下层{}的“{name}”不能改动。", shape.noun.zh),
            format!(
                "The “{name}” of a {} below can't be changed.",
                shape.noun.en
            ),
        );
        let fault = Fault::at(place, "not-changeable", zh, en);
        let near = crate::near::nearest(&name, may.iter().copied()).is_some();
        self.notes.fault(if near || may.is_empty() {
            proposing(fault, &name, &may)
        } else {
            fault.hint(
                format!("可以改动：{}。也可停用它，另行声明。", may.join("、")),
                format!(
                    "These can be: {}. Or retire it and declare another.",
                    may.join(", ")
                ),
            )
        });
    }
}

type Key<'f> = Spanned<std::borrow::Cow<'f, str>>;
type Held<'f> = Spanned<DeValue<'f>>;

/// By what a declaration is named.
fn name_of(row: &DeTable<'_>, shape: &Shape) -> Option<Spanned<String>> {
    let value = shape.named.iter().find_map(|key| row.get(*key))?;
    let text = value.get_ref().as_str()?;
    Some(Spanned::new(value.span(), text.to_owned()))
}
