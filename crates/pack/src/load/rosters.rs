//! Reading `rosters/`: columns by their headers, and what a row writes. Whether a cell can become the field it is written to is
//! checked here, once, so that an import never finds out.

use std::collections::BTreeMap;

use kernel::Decimal;

use super::{Load, SOURCE};
use crate::model::folded;
use crate::read::{ALIAS, COLUMN, FIELD, Ids, Node, REGISTER, ROSTER, Table, Word};
use crate::{
    CodeList, Column, Each, Fault, FieldType, Place, Register, Roster, Storage, ValueSource,
    Vouches, Vouching, Whom, Write,
};

/// What `@…` means already.
pub(super) const TAKEN: [&str; 2] = ["today", "unit"];
/// What stands between a column and what is meant where its cell is blank.
const ELSE: &str = " else ";

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn roster(&mut self, top: &mut Table<'n, 'f>) {
        let (columns, writes) = (top.rows("column"), top.rows("write"));
        let checks = top.rows("check");
        let Some(mut table) = top.need("roster").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(ROSTER, "", Ids::Plain);
        let (name, sender) = (table.text("name"), table.text("sender"));
        let source = table.word_opt("source");
        if let Some(word) = &source {
            self.code_value(word, SOURCE);
        }
        let people = table.bool_or("people", false);
        let whole = table.bool_or("whole", false);
        for (key, rows) in [("column", &columns), ("write", &writes)] {
            if rows.is_empty() {
                table.missing(key);
            }
        }
        let vouching = table.table_opt("vouches");
        let scope = table.scope();
        table.done();
        let (vouching, divided) = vouching.map(|own| self.vouching(own)).unzip();
        let mut roster = Roster {
            id: id.as_ref().map(|w| w.text.clone()).unwrap_or_default(),
            name,
            sender,
            source: source.map(|word| word.text),
            people,
            whole,
            vouching: vouching.flatten(),
            columns: Vec::new(),
            writes: Vec::new(),
            checks: self.checks(checks, &scope, true),
            place: id.as_ref().map(|w| w.place.clone()).unwrap_or_default(),
        };
        let mut headers = BTreeMap::new();
        for row in columns {
            let column = self.column(row, &scope, &mut headers);
            roster.columns.extend(column);
        }
        if let Some(word) = divided.flatten() {
            self.known_column(&word, &roster);
        }
        let mut aliases = Vec::new();
        for row in writes {
            let write = self.write(row, &roster, &mut aliases);
            roster.writes.extend(write);
        }
        if id.is_some() {
            self.pack.rosters.push(roster);
        }
    }

    /// What its lists vouch for, and the column that divides their matter.
    fn vouching(&self, mut table: Table<'n, 'f>) -> (Option<Vouching>, Option<Word>) {
        let place = table.place();
        let how = table.choice("how", &[("roll", None), ("events", Some(()))]);
        let each = [
            ("month", Each::Month),
            ("quarter", Each::Quarter),
            ("year", Each::Year),
        ];
        let how = how.map(|events| match events {
            None => Vouches::Roll,
            Some(()) => Vouches::Events(table.choice("every", &each).unwrap_or(Each::Year)),
        });
        let whom = [
            ("registered", Whom::Registered),
            ("living", Whom::Living),
            ("either", Whom::Either),
        ];
        let whom = table.choice("whom", &whom);
        let lasts = table.months_opt("lasts");
        if lasts.is_none() {
            table.missing("lasts");
        }
        let past = table.bool_or("past", false);
        let by = table.word_opt("by");
        table.done();
        let vouching = how
            .zip(whom)
            .zip(lasts)
            .map(|((how, whom), (lasts, _))| Vouching {
                how,
                whom,
                lasts,
                past,
                by: by.as_ref().map(|word| word.text.clone()),
                place,
            });
        (vouching, by)
    }

    pub(super) fn column(
        &mut self,
        mut row: Table<'n, 'f>,
        scope: &str,
        headers: &mut BTreeMap<String, Place>,
    ) -> Option<Column> {
        let id = row.id(COLUMN, scope, Ids::Sql);
        let name = row.text("name");
        let kind = self.field_type(&mut row);
        let required = row.bool_or("required", false);
        let by_month = row.bool_or("by_month", false);
        if by_month && kind != FieldType::Date {
            let place = row.opt("by_month").map(|node| node.place());
            self.notes.fault(
                Fault::at(
                    place.unwrap_or_else(|| row.place()),
                    "type-mismatch",
                    "只有日期列才能按月（by_month）。",
                    "Only a column of dates goes by months (by_month).",
                )
                .hint(
                    "请删去 by_month，或改列的类型。",
                    "Remove by_month, or change the type.",
                ),
            );
        }
        let synonyms = row.words("synonyms");
        let group: Vec<String> = row.words("group").into_iter().map(|w| w.text).collect();
        let place = id
            .as_ref()
            .map_or_else(|| row.place(), |id| id.place.clone());
        row.done();
        let named = [&name.zh, &name.en].map(|text| Word {
            text: text.clone(),
            place: place.clone(),
        });
        self.claim_headers(headers, &group, named.iter().chain(&synonyms));
        let synonyms = synonyms.into_iter().map(|w| w.text).collect();
        Some(Column {
            id: id?.text,
            name,
            kind,
            required,
            by_month,
            synonyms,
            group,
            place,
        })
    }

    /// Notes words that are headers of a column already; the others are this column's from now on.
    pub(super) fn claim_headers<'w>(
        &self,
        headers: &mut BTreeMap<String, Place>,
        group: &[String],
        words: impl Iterator<Item = &'w Word>,
    ) {
        let mut own: Vec<String> = Vec::new();
        for word in words.filter(|w| !w.text.is_empty()) {
            let key = format!("{}\n{}", folded(&group.join("\t")), folded(&word.text));
            if own.contains(&key) {
                continue;
            }
            match headers.get(&key) {
                Some(first) => self.notes.fault(
                    Fault::at(
                        word.place.clone(),
                        "ambiguous-word",
                        format!("两列都可能以“{}”为表头。", word.text),
                        format!("Two columns may have the header “{}”.", word.text),
                    )
                    .related(first.clone(), "另一列在这里", "the other column is here")
                    .hint(
                        "请换一个同义词，或用 group 区分。",
                        "Choose another synonym, or tell them apart by `group`.",
                    ),
                ),
                None => {
                    headers.insert(key.clone(), word.place.clone());
                    own.push(key);
                }
            }
        }
    }

    pub(super) fn write(
        &self,
        mut row: Table<'n, 'f>,
        roster: &Roster,
        aliases: &mut Vec<(String, String)>,
    ) -> Option<Write> {
        let target = row.word("register");
        let register = self.pack.register(&target.text);
        if register.is_none() && !target.text.is_empty() {
            self.notes.unknown(
                REGISTER,
                &target,
                self.pack.registers.iter().map(|r| r.id.as_str()),
            );
        }
        if register.is_some_and(|register| !register.apart.is_empty()) {
            self.mismatch(
                &target,
                "职责须分离的册由人登记，名册不能写入。",
                "A register with duties kept apart is written by people; no roster writes it.",
            );
        }
        let alias = row.word_opt("as");
        let of = row
            .word_opt("of")
            .and_then(|word| self.written_before(word, &target, aliases));
        let only_if = row.word_opt("if");
        if let Some(word) = &only_if {
            self.known_column(word, roster);
        }
        let create = row.bool_or("create", alias.is_none()) || of.is_some();
        let new = row.bool_or("new", false);
        let since = row
            .need("since")
            .and_then(|n| self.source(&n, roster, aliases, Some(&FieldType::Date)));
        let until = row
            .opt("until")
            .and_then(|n| self.source(&n, roster, aliases, Some(&FieldType::Date)));
        let set = row
            .need("set")
            .and_then(|n| n.table())
            .map(|t| self.sources(t, register, roster, aliases))
            .unwrap_or_default();
        let check = row
            .table_opt("check")
            .map(|t| self.sources(t, register, roster, aliases))
            .unwrap_or_default();
        if let Some(register) = register.filter(|_| of.is_none()) {
            self.complete(&row, register, &set, create);
        }
        let place = target.place;
        if let Some(word) = &alias {
            row.check_id(word, Ids::Plain);
            row.not_reserved(word, &TAKEN);
            self.notes
                .declare(&format!("roster {}", roster.id), ALIAS, word);
            aliases.push((word.text.clone(), target.text.clone()));
        }
        row.done();
        let alias = alias.map(|w| w.text).unwrap_or_default();
        Some(Write {
            register: target.text,
            alias,
            of,
            only_if: only_if.map(|w| w.text),
            create,
            new,
            since: since?,
            until,
            set,
            check,
            place,
        })
    }

    /// The earlier write that a word such as `@person` names, which must be of the same register.
    fn written_before(
        &self,
        word: Word,
        target: &Word,
        aliases: &[(String, String)],
    ) -> Option<String> {
        let name = word.text.strip_prefix('@').unwrap_or(&word.text);
        let Some((alias, register)) = aliases.iter().find(|(alias, _)| alias == name) else {
            let known = aliases.iter().map(|(alias, _)| alias.as_str());
            self.notes.unknown(ALIAS, &word, known);
            return None;
        };
        if *register != target.text {
            self.mismatch(
                &word,
                format!("“{}”是“{register}”册的记录。", word.text),
                format!("“{}” is a record of “{register}”.", word.text),
            );
        }
        Some(alias.clone())
    }

    fn sources(
        &self,
        mut table: Table<'n, 'f>,
        register: Option<&Register>,
        roster: &Roster,
        aliases: &[(String, String)],
    ) -> Vec<(String, ValueSource)> {
        let mut sources = Vec::new();
        for key in table.keys() {
            let Some(node) = table.own(&key.text) else {
                continue;
            };
            let field = register.and_then(|r| r.field(&key.text)).map(|(_, f)| f);
            if let (Some(register), None) = (register, field) {
                self.notes
                    .unknown(FIELD, &key, register.fields.iter().map(|f| f.id.as_str()));
            }
            let kind = field.map(|f| &f.kind);
            if let Some(source) = self.source_or_else(&node, roster, aliases, kind) {
                sources.push((key.text, source));
            }
        }
        table.done();
        sources
    }

    /// A written record must be found again by its identity, and be whole when it is opened.
    fn complete(
        &self,
        row: &Table<'n, 'f>,
        register: &Register,
        set: &[(String, ValueSource)],
        create: bool,
    ) {
        for field in &register.fields {
            let identity = register.identity.contains(&field.id);
            if set.iter().any(|(id, _)| *id == field.id) || !(identity || create && field.required)
            {
                continue;
            }
            let (zh, en) = if identity {
                (
                    format!(
                        "没有写入“{}”，它是“{}”册的标识字段。",
                        field.id, register.id
                    ),
                    format!(
                        "“{}” isn't set, but identifies records of “{}”.",
                        field.id, register.id
                    ),
                )
            } else {
                (
                    format!("没有写入“{}”，它在“{}”册中必填。", field.id, register.id),
                    format!(
                        "“{}” isn't set, but is required in “{}”.",
                        field.id, register.id
                    ),
                )
            };
            let hint = format!("set = {{ {} = \"…\" }}", field.id);
            self.notes.fault(
                Fault::at(row.place(), "field-not-set", zh, en)
                    .hint(format!("请补上 {hint}"), format!("Add {hint}")),
            );
        }
    }

    fn known_column<'a>(&self, word: &Word, roster: &'a Roster) -> Option<&'a Column> {
        let found = roster.column(&word.text).map(|(_, c)| c);
        if found.is_none() {
            self.notes
                .unknown(COLUMN, word, roster.columns.iter().map(|c| c.id.as_str()));
        }
        found
    }

    /// Where a value comes from, and for a column perhaps what stands for a blank cell: `column else @unit`.
    fn source_or_else(
        &self,
        node: &Node<'n, 'f>,
        roster: &Roster,
        aliases: &[(String, String)],
        kind: Option<&FieldType>,
    ) -> Option<ValueSource> {
        let word = node.filled()?;
        let parts = word.text.split_once(ELSE);
        let Some((column, blank)) = parts.filter(|_| !word.text.starts_with('\'')) else {
            return self.source_of(word, roster, aliases, kind);
        };
        let part = |text: &str| Word {
            text: text.trim().to_owned(),
            place: word.place.clone(),
        };
        let source = self.source_of(part(column), roster, aliases, kind)?;
        let instead = self.source_of(part(blank), roster, aliases, kind)?;
        match (source, instead) {
            (
                ValueSource::Column(column),
                blank @ (ValueSource::Unit | ValueSource::Today | ValueSource::Literal(_)),
            ) => Some(ValueSource::Else(column, Box::new(blank))),
            _ => {
                self.mismatch(
                    &word,
                    "else 前面应为一列，后面应为 @unit、@today 或 '固定值'。",
                    "Before `else` stands a column, after it @unit, @today or 'words'.",
                );
                None
            }
        }
    }

    /// Where a value comes from; it must suit what it is written to.
    fn source(
        &self,
        node: &Node<'n, 'f>,
        roster: &Roster,
        aliases: &[(String, String)],
        kind: Option<&FieldType>,
    ) -> Option<ValueSource> {
        self.source_of(node.filled()?, roster, aliases, kind)
    }

    fn source_of(
        &self,
        word: Word,
        roster: &Roster,
        aliases: &[(String, String)],
        kind: Option<&FieldType>,
    ) -> Option<ValueSource> {
        if let Some(words) = word.text.strip_prefix('\'') {
            let Some(words) = words.strip_suffix('\'') else {
                self.notes.fault(Fault::at(
                    word.place.clone(),
                    "bad-value",
                    "固定值缺少右引号。",
                    "The fixed value lacks its closing quotation mark.",
                ));
                return None;
            };
            self.literal_suits(
                &Word {
                    text: words.to_owned(),
                    place: word.place.clone(),
                },
                kind,
            );
            return Some(ValueSource::Literal(words.to_owned()));
        }
        let (source, yields) = match word.text.strip_prefix('@') {
            Some("today") => (ValueSource::Today, Some(FieldType::Date)),
            Some("unit") => (ValueSource::Unit, Some(FieldType::Unit)),
            Some(alias) => {
                let Some((_, register)) = aliases.iter().find(|(name, _)| name == alias) else {
                    let known = aliases.iter().map(|(name, _)| name.as_str()).chain(TAKEN);
                    self.notes.unknown(
                        ALIAS,
                        &Word {
                            text: alias.to_owned(),
                            place: word.place.clone(),
                        },
                        known,
                    );
                    return None;
                };
                (
                    ValueSource::Alias(alias.to_owned()),
                    Some(FieldType::Ref(register.clone())),
                )
            }
            None => self.column_source(&word, roster)?,
        };
        if let (Some(yields), Some(kind)) = (yields, kind)
            && !self.suits(&yields, kind)
        {
            let (a, b) = (yields.words(), kind.words());
            let (zh, en) = (
                format!("“{}”是{}，这里需要{}。", word.text, a.0, b.0),
                format!("“{}” is {}, but {} is needed here.", word.text, a.1, b.1),
            );
            self.mismatch(&word, zh, en);
        }
        Some(source)
    }

    /// `column`, or a part of it such as `column.birth`, and the type it yields (none where any code list will do).
    fn column_source(
        &self,
        word: &Word,
        roster: &Roster,
    ) -> Option<(ValueSource, Option<FieldType>)> {
        let (name, part) = word
            .text
            .split_once('.')
            .map_or((word.text.as_str(), None), |(name, part)| {
                (name, Some(part))
            });
        let column = self.known_column(
            &Word {
                text: name.to_owned(),
                place: word.place.clone(),
            },
            roster,
        )?;
        let Some(part) = part else {
            return Some((
                ValueSource::Column(name.to_owned()),
                Some(column.kind.clone()),
            ));
        };
        let source = |make: fn(String) -> ValueSource| make(name.to_owned());
        let number = matches!(column.kind, FieldType::IdNumber | FieldType::Document);
        let document = column.kind == FieldType::Document;
        let partial = column.kind == FieldType::PartialDate;
        Some(match part {
            "birth" if number => (source(ValueSource::Birth), Some(FieldType::Date)),
            "sex" if number => (source(ValueSource::Sex), None),
            "number" if document => (source(ValueSource::Number), Some(FieldType::IdNumber)),
            "other" if document => (source(ValueSource::Other), Some(FieldType::Document)),
            "day" if partial => (source(ValueSource::Day), Some(FieldType::Date)),
            "about" if partial => (source(ValueSource::About), Some(FieldType::PartialDate)),
            _ => {
                let known: &[&str] = match column.kind {
                    FieldType::IdNumber => &["birth", "sex"],
                    FieldType::Document => &["number", "other", "birth", "sex"],
                    FieldType::PartialDate => &["day", "about"],
                    _ => &[],
                };
                if known.is_empty() {
                    let (zh, en) = (
                        format!(
                            "列“{name}”不是公民身份号码、证件或可只有年月的日期，取不出“{part}”。"
                        ),
                        format!(
                            "The column “{name}” is no ID number, document or partial date, so it has no “{part}”."
                        ),
                    );
                    self.mismatch(word, zh, en);
                    return None;
                }
                let part = Word {
                    text: part.to_owned(),
                    place: word.place.clone(),
                };
                self.notes.unknown(COLUMN, &part, known.iter().copied());
                return None;
            }
        })
    }

    /// Whether a fixed value can be read as the type.
    fn literal_suits(&self, word: &Word, kind: Option<&FieldType>) {
        let Some(kind) = kind else { return };
        let suits = match (kind, kind.storage()) {
            (FieldType::Code(list), _) => {
                self.code_value(word, list);
                true
            }
            (FieldType::Ref(_), _) => false,
            (_, Storage::Text) => true,
            (_, Storage::Int) => word.text.parse::<i64>().is_ok(),
            (_, Storage::Bool) => matches!(word.text.as_str(), "true" | "false"),
            (_, Storage::Date) => word.text.parse::<jiff::civil::Date>().is_ok(),
            (_, Storage::Moment) => word.text.parse::<jiff::Timestamp>().is_ok(),
            (_, Storage::Decimal(places)) => Decimal::parse(&word.text, places).is_some(),
        };
        if !suits {
            let (zh, en) = kind.words();
            self.mismatch(
                word,
                format!("“{}”不是{zh}。", word.text),
                format!("“{}” isn't {en}.", word.text),
            );
        }
    }

    /// Whether every value of one type is, or stands for, a value of the other.
    fn suits(&self, from: &FieldType, to: &FieldType) -> bool {
        let list = |id: &str| self.pack.code(id);
        let all = |list: Option<&CodeList>, good: &dyn Fn(&str) -> bool| {
            list.is_none_or(|l| l.members.iter().all(|m| good(&m.value)))
        };
        match (from, to) {
            (a, b) if a == b => true,
            (a, FieldType::Text) => a.storage() == Storage::Text,
            (FieldType::Code(a), FieldType::Code(b)) => {
                list(b).is_none_or(|b| all(list(a), &|value| b.member(value).is_some()))
            }
            (FieldType::Code(a), FieldType::Bool) => {
                all(list(a), &|value| matches!(value, "true" | "false"))
            }
            (FieldType::Code(a), FieldType::Int) => {
                all(list(a), &|value| value.parse::<i64>().is_ok())
            }
            _ => false,
        }
    }
}
