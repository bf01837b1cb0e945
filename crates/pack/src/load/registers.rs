//! Reading `registers/`: one register per file, its fields, identity and checks.

use kernel::Sensitivity;

use super::contract::{KEEPS, Kept, Thing};
use super::{Load, SOURCE};
use crate::read::{FIELD, Ids, Node, REGISTER, Table, Word};
use crate::{
    Acyclic, Exists, Fault, Field, FieldType, FollowUp, Holds, Home, Look, MISSION, MOST_FIELDS,
    Place, Register, Tree, Unique,
};

/// Columns every register's table has before its fields, and keys that rows of cases use.
const TAKEN: [&str; 5] = ["id", "valid_from", "key", "from", "to"];

/// A table that the engine adds to the registers' own, and the other keys of cases, where rows stand under their register's id.
const TAKEN_TABLES: [&str; 13] = [
    "facts",
    "entitled",
    "name",
    "on",
    "programme",
    "subject",
    "answer",
    "missing",
    "period",
    "amount",
    "untold",
    "columns",
    "rows",
];

pub(super) const SENSITIVITIES: [(&str, Sensitivity); 7] = [
    ("open", Sensitivity::Open),
    ("name", Sensitivity::Name),
    ("id", Sensitivity::Id),
    ("phone", Sensitivity::Phone),
    ("address", Sensitivity::Address),
    ("account", Sensitivity::Account),
    ("health", Sensitivity::Health),
];

const HOLDS: [(&str, Holds); 4] = [
    ("since", Holds::Since),
    ("seen", Holds::Seen),
    ("back", Holds::Back),
    ("ever", Holds::Ever),
];

const EXISTS: [(&str, Exists); 3] = [
    ("back", Exists::Back),
    ("ever", Exists::Ever),
    ("always", Exists::Always),
];

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn register(&mut self, top: &mut Table<'n, 'f>) {
        let (rows, checks) = (top.rows("field"), top.rows("check"));
        let look = top.table_opt("look");
        let Some(mut table) = top.need("register").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(REGISTER, "", Ids::Sql);
        if let Some(id) = &id {
            table.not_reserved(id, &TAKEN_TABLES);
        }
        let name = table.text("name");
        if rows.is_empty() {
            table.missing("field");
        }
        if rows.len() > MOST_FIELDS
            && let Some(id) = &id
        {
            self.mismatch(
                id,
                format!("一册最多 {MOST_FIELDS} 个字段。"),
                format!("A register has at most {MOST_FIELDS} fields."),
            );
        }
        let scope = table.scope();
        let fields: Vec<Field> = rows
            .into_iter()
            .filter_map(|row| self.field(row, &scope))
            .collect();
        let checks = self.checks(checks, &scope, false);
        if table.need("identity").is_some() && table.words("identity").is_empty() {
            table.missing("identity");
        }
        let identity = table.words("identity");
        for word in &identity {
            if let Some(field) = self.own_field(&fields, word)
                && matches!(
                    field.kind,
                    FieldType::LongText
                        | FieldType::List(_)
                        | FieldType::PartialDate
                        | FieldType::File
                )
            {
                let (zh, en) = field.kind.words();
                self.mismatch(
                    word,
                    format!("{zh}不能用来识别记录。"),
                    format!("Records can't be told apart by {en}."),
                );
            }
        }
        self.told_by_numbers(&fields);
        self.parts_are_free(&fields);
        let unique = table.choice(
            "unique",
            &[("book", Unique::Book), ("everywhere", Unique::Everywhere)],
        );
        let exists = table.choice_opt("exists", &EXISTS).unwrap_or_default();
        let once = table.words("once_per");
        for word in &once {
            self.own_field(&fields, word);
        }
        let kept_with = table.word_opt("kept_with");
        if let Some(word) = &kept_with
            && let Some(field) = self.own_field(&fields, word)
            && !matches!(field.kind, FieldType::Ref(_))
        {
            self.mismatch(
                word,
                "“kept_with”应为指向人员的字段（type = \"ref\"）。",
                "“kept_with” must name a field of type “ref”, to a person.",
            );
        }
        let keeps = table.opt("keeps").and_then(|node| {
            let place = node.word()?.place;
            Some((table.chosen(&node, &KEEPS)?, place))
        });
        let (home, tree) = (table.table_opt("home"), table.table_opt("tree"));
        let follow_up = table.table_opt("follow_up");
        let kept = (keeps.into_iter())
            .chain(home.iter().map(|t| (Thing::Homes, t.place())))
            .chain(tree.iter().map(|t| (Thing::Units, t.place())))
            .chain(follow_up.iter().map(|t| (Thing::FollowUps, t.place())));
        let kept: Vec<(Thing, Place)> = kept.collect();
        let home = home.map(|t| self.home(t, &fields));
        let tree = tree.map(|t| self.tree(t, &fields));
        let follow_up = follow_up.map(|t| self.follow_up(t, &fields));
        let opens_book = table.word_opt("opens_book");
        if let Some(word) = &opens_book
            && let Some(field) = self.own_field(&fields, word)
            && field.kind != FieldType::Unit
        {
            self.mismatch(
                word,
                "只有单位代码（type = \"unit\"）类型的字段才能建簿。",
                "Only a field of type “unit” opens a book.",
            );
        }
        let set_by = self.duty_of(&mut table, "set_by");
        let read_by = self.duty_of(&mut table, "read_by");
        let apart = table.rows("apart");
        let apart = apart
            .into_iter()
            .filter_map(|row| self.apart(row))
            .collect();
        let acyclic = table
            .table_opt("acyclic")
            .and_then(|t| self.acyclic(t, &fields));
        let kin = self.kin(&mut table, &fields);
        let about = self.about(&mut table, &fields, &kin, id.as_ref());
        let retired = table.date_opt("retired");
        let serves = table.words("serves").into_iter();
        let serves = serves
            .filter_map(|row| self.heading(Some(row), MISSION))
            .collect();
        table.done();
        let needed = (identity.iter().map(|word| &word.text))
            .chain(once.iter().map(|word| &word.text))
            .chain(kept_with.iter().chain(&opens_book).map(|word| &word.text))
            .chain(home.iter().flat_map(Home::fields))
            .chain(tree.iter().flat_map(Tree::fields))
            .chain(follow_up.iter().flat_map(FollowUp::fields));
        self.still_needed(&fields, needed);
        let look = look.map(|table| self.look(table, &fields));
        let Some(id) = id else { return };
        let register = self.pack.registers.len();
        self.kept
            .extend(kept.into_iter().map(|(thing, place)| Kept {
                thing,
                register,
                place,
            }));
        let register = Register {
            id: id.text,
            name,
            fields,
            identity: identity.into_iter().map(|w| w.text).collect(),
            unique: unique.unwrap_or(Unique::Book),
            exists,
            once: once.into_iter().map(|w| w.text).collect(),
            kept_with: kept_with.map(|w| w.text),
            about,
            kin,
            serves,
            retired,
            home,
            tree,
            follow_up,
            opens_book: opens_book.map(|w| w.text),
            set_by,
            read_by,
            apart,
            acyclic,
            checks,
            look: Look::default(),
            place: id.place,
        };
        let register = register.with_look(look.unwrap_or_default());
        self.pack.registers.push(register);
    }

    /// The duty of those who set or read something.
    fn duty_of(&mut self, table: &mut Table<'n, 'f>, key: &str) -> Option<String> {
        let duty = table.word_opt(key)?;
        self.duties.push(duty.clone());
        Some(duty.text)
    }

    /// Two duties that one person may not both have on one record.
    fn apart(&mut self, mut row: Table<'n, 'f>) -> Option<[String; 2]> {
        let two = ["one", "other"].map(|key| row.word(key));
        row.done();
        if two[0].text == two[1].text {
            self.mismatch(
                &two[1],
                "应是两项不同的职责。",
                "These should be two different duties.",
            );
            return None;
        }
        self.duties.extend(two.iter().cloned());
        Some(two.map(|word| word.text))
    }

    fn field(&mut self, mut row: Table<'n, 'f>, scope: &str) -> Option<Field> {
        let id = row.id(FIELD, scope, Ids::Sql);
        if let Some(id) = &id {
            row.not_reserved(id, &TAKEN);
        }
        let name = row.text("name");
        let synonyms = row.words("synonyms");
        let kind = self.field_type(&mut row);
        let required = row.bool_or("required", false);
        let sensitivity = row
            .choice_opt("sensitivity", &SENSITIVITIES)
            .unwrap_or(Sensitivity::Open);
        let authority = row.words("authority");
        for word in &authority {
            self.code_value(word, SOURCE);
        }
        let set_by = self.duty_of(&mut row, "set_by");
        let stale = row.months_opt("stale");
        if let Some((_, place)) = stale.as_ref().filter(|_| authority.is_empty()) {
            self.notes.fault(Fault::at(
                place.clone(),
                "stale",
                "没有“authority”，谁说的都一样算数，“stale”没有意义。",
                "Without “authority” everybody's word counts alike, so nothing gets “stale”.",
            ));
        }
        let holds = row.choice_opt("holds", &HOLDS).unwrap_or_default();
        let told_by = row.word_opt("told_by");
        let retired = row.day_opt("retired");
        row.done();
        let id = id?;
        if let Some(word) = &told_by {
            self.told_by.push((id.text.clone(), word.clone()));
        }
        let retired = retired.map(|(day, place)| {
            self.retired.push((id.place.clone(), place));
            day
        });
        Some(Field {
            stale: stale.map(|(months, _)| months),
            retired,
            holds,
            told_by: told_by.map(|word| word.text),
            id: id.text,
            name,
            synonyms: synonyms.into_iter().map(|word| word.text).collect(),
            kind,
            // Nobody can say any more what was required.
            required: required && retired.is_none(),
            sensitivity,
            authority: authority.into_iter().map(|word| word.text).collect(),
            set_by,
            place: id.place,
        })
    }

    /// What an ID number tells is a birth or a sex, and the number is one.
    fn told_by_numbers(&mut self, fields: &[Field]) {
        for (own, word) in std::mem::take(&mut self.told_by) {
            let Some(number) = self.own_field(fields, &word) else {
                continue;
            };
            let own = fields.iter().find(|field| field.id == own);
            let suits = |kind: &FieldType| match kind {
                FieldType::Date => true,
                FieldType::Code(list) => self
                    .pack
                    .code(list)
                    .is_none_or(|list| ["1", "2"].iter().all(|sex| list.member(sex).is_some())),
                _ => false,
            };
            if number.kind != FieldType::IdNumber || own.is_some_and(|own| !suits(&own.kind)) {
                self.mismatch(
                    &word,
                    "公民身份号码（type = \"id_number\"）只能说明出生日期（date）或性别（有 1、2 两个代码）。",
                    "Only a field of type “id_number” tells something: a date of birth, or a sex coded 1 and 2.",
                );
            }
        }
    }

    /// The columns that SQL has beside a field's own are no other field's.
    fn parts_are_free(&self, fields: &[Field]) {
        for field in fields {
            for part in field.kind.parts() {
                let column = format!("{}{part}", field.id);
                let Some(other) = fields.iter().find(|other| other.id == column) else {
                    continue;
                };
                self.notes.fault(
                    Fault::at(
                        other.place.clone(),
                        "duplicate-id",
                        format!("“{column}”已是字段“{}”在 SQL 中的列。", field.id),
                        format!(
                            "“{column}” is a column that SQL has of the field “{}”.",
                            field.id
                        ),
                    )
                    .related(field.place.clone(), "字段在这里", "the field is here")
                    .hint("请改名。", "Rename one of them."),
                );
            }
        }
    }

    /// The fields that name two who are kin: references to one register.
    fn kin(&self, table: &mut Table<'n, 'f>, fields: &[Field]) -> Option<[String; 2]> {
        let node = table.opt("kin")?;
        let words: Vec<Word> = node.list()?.iter().filter_map(Node::filled).collect();
        let kinds: Vec<_> = (words.iter())
            .filter_map(|word| Some(&self.own_field(fields, word)?.kind))
            .collect();
        let [one, other] = &words[..] else {
            let (zh, en) = ("“kin”应写两个字段。", "“kin” must name two fields.");
            self.notes.fault(node.bad(zh, en));
            return None;
        };
        if let [a, b] = &kinds[..]
            && (a != b || !matches!(a, FieldType::Ref(_)))
        {
            self.mismatch(
                other,
                "两个字段都应指向同一册（type = \"ref\"）。",
                "Both fields must be of type “ref”, to the same register.",
            );
        }
        Some([one.text.clone(), other.text.clone()])
    }

    /// The references whose records a record is about. Whoever has a reference must say; kin are always what it is about.
    fn about(
        &self,
        table: &mut Table<'n, 'f>,
        fields: &[Field],
        kin: &Option<[String; 2]>,
        id: Option<&Word>,
    ) -> Vec<String> {
        let said = table.word_or_words("about");
        let refers = |field: &&Field| matches!(field.kind, FieldType::Ref(_));
        let told = said.is_some() || table.opt("kin").is_some();
        if !told && fields.iter().any(|field| refers(&field)) {
            let refs: Vec<String> = (fields.iter().filter(refers))
                .map(|field| format!("\"{}\"", field.id))
                .collect();
            let place = id.map_or_else(|| table.place(), |id| id.place.clone());
            let (zh, en) = (
                "没有写明这一册的记录是关于谁的（about）。",
                "It isn't said what a record of this register is about.",
            );
            self.notes
                .fault(Fault::at(place, "missing-about", zh, en).hint(
                format!(
                    "请写 about = [{}] 中有关的；都无关时写 about = []。",
                    refs.join(", ")
                ),
                format!(
                    "Say about = [{}], of these only what it is about; about = [] if it is none.",
                    refs.join(", ")
                ),
            ));
        }
        let mut about: Vec<String> = kin.iter().flatten().cloned().collect();
        for word in said.unwrap_or_default() {
            let Some(field) = self.own_field(fields, &word) else {
                continue;
            };
            if !matches!(field.kind, FieldType::Ref(_) | FieldType::Unit) {
                self.mismatch(
                    &word,
                    "“about”应为引用（ref）或单位（unit）类型的字段。",
                    "“about” must name fields of type “ref” or “unit”.",
                );
            }
            if !about.contains(&word.text) {
                about.push(word.text);
            }
        }
        about
    }

    /// Notes retired fields that the register can't do without.
    fn still_needed<'a>(&self, fields: &[Field], needed: impl Iterator<Item = &'a String>) {
        let mut told: Vec<&str> = Vec::new();
        for id in needed {
            let found = fields.iter().find(|field| field.id == *id);
            let Some(field) = found.filter(|field| field.retired.is_some()) else {
                continue;
            };
            if !told.contains(&field.id.as_str()) {
                self.needed(field);
                told.push(&field.id);
            }
        }
    }

    /// Notes that a field can't be retired.
    pub(super) fn needed(&self, field: &Field) {
        let (zh, en) = (
            format!("“{}”不能停用：这一册离不开它。", field.id),
            format!("“{}” can't be retired: the register rests on it.", field.id),
        );
        let at = self.retired.iter().find(|(of, _)| *of == field.place);
        let place = at.map_or_else(|| field.place.clone(), |(_, at)| at.clone());
        self.notes.fault(
            Fault::at(place, "retired-needed", zh, en)
                .related(field.place.clone(), "字段在这里", "the field is here")
                .hint("请删去 retired。", "Remove `retired`."),
        );
    }

    fn home(&self, mut table: Table<'n, 'f>, fields: &[Field]) -> Home {
        let is_bool = |kind: &FieldType| *kind == FieldType::Bool;
        let home = Home {
            person: self.fitting(&mut table, fields, "person", |kind| {
                matches!(kind, FieldType::Ref(_))
            }),
            unit: self.fitting(&mut table, fields, "unit", |kind| *kind == FieldType::Unit),
            registered: self.fitting(&mut table, fields, "registered", is_bool),
            living: self.fitting(&mut table, fields, "living", is_bool),
        };
        table.done();
        home
    }

    fn tree(&self, mut table: Table<'n, 'f>, fields: &[Field]) -> Tree {
        let is_unit = |kind: &FieldType| *kind == FieldType::Unit;
        let tree = Tree {
            code: self.fitting(&mut table, fields, "code", is_unit),
            parent: self.fitting(&mut table, fields, "parent", is_unit),
            successor: self.fitting(&mut table, fields, "successor", is_unit),
            ended: self.fitting(&mut table, fields, "ended", |kind| *kind == FieldType::Date),
        };
        table.done();
        tree
    }

    fn follow_up(&self, mut table: Table<'n, 'f>, fields: &[Field]) -> FollowUp {
        let is_code = |kind: &FieldType| matches!(kind, FieldType::Code(_));
        let status = self.fitting(&mut table, fields, "status", is_code);
        let settled = table.words("settled");
        let list = fields.iter().find(|field| field.id == status);
        if let Some(FieldType::Code(list)) = list.map(|field| &field.kind) {
            for word in &settled {
                self.code_value(word, list);
            }
        }
        let told = FollowUp {
            person: self.fitting(&mut table, fields, "person", |kind| {
                matches!(kind, FieldType::Ref(_))
            }),
            programme: self.fitting(&mut table, fields, "programme", is_code),
            who: self.fitting(&mut table, fields, "who", |kind| *kind == FieldType::Text),
            due: self.fitting(&mut table, fields, "due", |kind| *kind == FieldType::Date),
            settled: settled.into_iter().map(|word| word.text).collect(),
            status,
        };
        table.done();
        told
    }

    /// The field a key names, which must be of a type that fits.
    fn fitting(
        &self,
        table: &mut Table<'n, 'f>,
        fields: &[Field],
        key: &str,
        fits: fn(&FieldType) -> bool,
    ) -> String {
        let word = table.word(key);
        if !word.text.is_empty()
            && let Some(field) = self.own_field(fields, &word)
            && !fits(&field.kind)
        {
            self.mismatch(
                &word,
                format!("“{}”的字段类型不符。", key),
                format!("The field for “{key}” has another type."),
            );
        }
        word.text
    }

    fn acyclic(&self, mut table: Table<'n, 'f>, fields: &[Field]) -> Option<Acyclic> {
        let (from, to) = (table.word("from"), table.word("to"));
        let mut when = None;
        if let Some(mut only) = table.table_opt("when") {
            for key in only.keys() {
                let value = only
                    .own(&key.text)
                    .and_then(|n| n.filled())
                    .unwrap_or_default();
                if let Some(field) = self.own_field(fields, &key)
                    && let FieldType::Code(list) = &field.kind
                {
                    self.code_value(&value, list);
                }
                when = Some((key.text, value.text));
            }
            only.done();
        }
        table.done();
        let kinds = [&from, &to].map(|w| {
            (!w.text.is_empty())
                .then(|| self.own_field(fields, w))
                .flatten()
                .map(|f| &f.kind)
        });
        if let [Some(a), Some(b)] = kinds
            && (a != b || !matches!(a, FieldType::Ref(_)))
        {
            self.mismatch(
                &to,
                "两个字段都应指向同一册（type = \"ref\"）。",
                "Both fields must be of type “ref”, to the same register.",
            );
        }
        Some(Acyclic {
            from: from.text,
            to: to.text,
            when,
        })
    }

    /// A field of the register being read; a fault when it has none so named.
    pub(super) fn own_field<'a>(&self, fields: &'a [Field], word: &Word) -> Option<&'a Field> {
        let found = fields.iter().find(|f| f.id == word.text);
        if found.is_none() {
            self.notes
                .unknown(FIELD, word, fields.iter().map(|f| f.id.as_str()));
        }
        found
    }

    /// Notes that types don't go together.
    pub(super) fn mismatch(&self, word: &Word, zh: impl Into<String>, en: impl Into<String>) {
        self.notes
            .fault(Fault::at(word.place.clone(), "type-mismatch", zh, en));
    }
}
