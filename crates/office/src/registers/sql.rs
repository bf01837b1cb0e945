//! The SQL of a list: which records are wanted, in what order, and what stands in them with what names those they refer to. A page asks
//! first for its records and then for what stands in these, so that it costs the same whatever its register refers to. Which rows and columns there are to be read
//! is the session's matter, never this one's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kernel::{RecordId, Sensitivity, UnitCode};
use pack::{Field, FieldType, Pack, Register, SortBy, Value};
use tables::{SPELLED, TablesError, literal, schema};

use super::query::{RecordQuery, Sought, references};

/// How many references lead from a record to what names it.
pub(super) const DEEPEST: u8 = 2;

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// How many come before it.
    pub skip: usize,
    /// How many it has at most.
    pub most: usize,
}

/// A query of a register, and how its rows are read.
pub(crate) struct Reading<'p> {
    pub register: &'p Register,
    /// What the references of shown fields lead to: of each field the place among the joined.
    pub references: BTreeMap<usize, usize>,
    pub joined: Vec<Joined<'p>>,
    /// What is joined to sort, and to look, by what names it.
    inner: Vec<Joined<'p>>,
    /// The keys of the order, and whether the largest comes first.
    keys: Vec<(String, bool)>,
    conditions: Vec<String>,
    /// The columns of the register's own table that are read.
    pub columns: OwnColumns,
}

/// Which columns of a register's own table are read, and where each stands among them.
pub(crate) struct OwnColumns {
    pub id: usize,
    pub since: usize,
    pub unit: usize,
    /// Of each field; none of those that aren't read.
    pub fields: Vec<Option<usize>>,
    pub count: usize,
}

impl OwnColumns {
    fn new(register: &Register, wanted: impl Fn(usize) -> bool) -> OwnColumns {
        let own_unit = schema::has_unit_column(register);
        let mut count = if own_unit { 3 } else { 2 };
        let mut unit = 2;
        let mut fields = Vec::with_capacity(register.fields.len());
        for (at, field) in register.fields.iter().enumerate() {
            let is_unit = !own_unit && field.id == schema::UNIT;
            let read = wanted(at) || is_unit;
            if is_unit {
                unit = count;
            }
            fields.push(read.then_some(count));
            count += usize::from(read);
        }
        OwnColumns {
            id: 0,
            since: 1,
            unit,
            fields,
            count,
        }
    }

    /// Their names, in order.
    fn names<'r>(&self, register: &'r Register) -> impl Iterator<Item = &'r str> {
        let unit = schema::has_unit_column(register).then_some(schema::UNIT);
        let read = register.fields.iter().zip(self.fields.clone());
        let read = read.filter_map(|(field, at)| at.map(|_| field.id.as_str()));
        let leading = [schema::ID, schema::VALID_FROM].into_iter().chain(unit);
        leading.chain(read)
    }
}

/// A record that another refers to, and what of it names it.
pub(crate) struct Joined<'p> {
    pub register: &'p Register,
    /// What refers to it: a field of a register, by place.
    pub from: (&'p Register, usize),
    /// The reference, as SQL.
    on: String,
    /// The fields that name it; of a reference, also what that leads to, if it goes so far.
    pub title: Vec<(usize, Option<usize>)>,
}

impl<'p> Reading<'p> {
    /// What reads a query that was checked; `below` gives a unit with those below it whose codes don't say so.
    pub fn new(
        pack: &'p Pack,
        register: &'p Register,
        query: &RecordQuery,
        order: &[SortBy],
        below: impl Fn(UnitCode) -> Result<Vec<UnitCode>, TablesError>,
    ) -> Result<Reading<'p>, TablesError> {
        let mut reading = Reading {
            register,
            references: BTreeMap::new(),
            joined: Vec::new(),
            inner: Vec::new(),
            keys: Vec::new(),
            conditions: Vec::new(),
            columns: OwnColumns::new(register, |_| true),
        };
        if let Some(unit) = query.unit {
            reading.conditions.push(within("r.\"unit\"", &below(unit)?));
        }
        for filter in &query.filters {
            let field = &register.fields[filter.field];
            let mut any = Vec::with_capacity(filter.wanted.len());
            for wanted in &filter.wanted {
                any.push(match wanted {
                    Sought::Named(text) => reading.named(pack, filter.field, text),
                    wanted => condition(field, wanted, &below)?,
                });
            }
            reading.conditions.push(format!("({})", any.join(" or ")));
        }
        for words in &query.called {
            let called = reading.called(pack, words);
            reading.conditions.push(called);
        }
        for at in references(register, query) {
            let on = column("r", &register.fields[at]);
            let joined = join(pack, &mut reading.joined, "j", (register, at, on), 0);
            if let Some(joined) = joined {
                reading.references.insert(at, joined);
            }
        }
        for by in order {
            reading.sort(pack, *by);
        }
        Ok(reading)
    }

    /// Reads only what a list shows of a record, and what names it.
    #[must_use]
    pub fn only_shown(mut self, query: &RecordQuery) -> Self {
        let (shown, title) = (query.shown(self.register), &self.register.look.title);
        let wanted = |at: usize| shown.contains(&at) || title.contains(&at);
        self.columns = OwnColumns::new(self.register, wanted);
        self
    }

    /// The registers whose tables it needs to find records.
    pub fn needs(&self) -> BTreeSet<&'p str> {
        let inner = self.inner.iter().map(|inner| inner.register.id.as_str());
        inner.chain([self.register.id.as_str()]).collect()
    }

    /// The registers whose tables it needs to read them all.
    pub fn needs_whole(&self) -> BTreeSet<&'p str> {
        let joined = self.joined.iter().map(|joined| joined.register.id.as_str());
        joined.chain(self.needs()).collect()
    }

    /// Sorts by a field; by a reference, by what names the record it leads to.
    fn sort(&mut self, pack: &'p Pack, by: SortBy) {
        let field = &self.register.fields[by.field];
        match self.names_of(pack, by.field) {
            None => {
                let key = in_order(column("r", field), field);
                self.keys.push((key, by.descending));
            }
            Some(names) => {
                let keys = names.into_iter();
                let keys = keys.map(|(name, field)| (in_order(name, field), by.descending));
                self.keys.extend(keys);
            }
        }
    }

    /// That words are in what names the record a reference leads to.
    fn named(&mut self, pack: &'p Pack, at: usize, text: &str) -> String {
        let names = self.names_of(pack, at).unwrap_or_default().into_iter();
        let texts = names.filter(|(_, field)| field.kind == FieldType::Text);
        let any: Vec<String> = texts.map(|(name, _)| contains(&name, text)).collect();
        match any.is_empty() {
            true => "false".to_owned(),
            false => format!("({})", any.join(" or ")),
        }
    }

    /// That words are in what names a record itself, as it is shown: in a text, in the name of a code's value, in a number or a day.
    fn called(&mut self, pack: &'p Pack, words: &str) -> String {
        let register = self.register;
        let mut any = Vec::new();
        for at in &register.look.title {
            let field = &register.fields[*at];
            match self.names_of(pack, *at) {
                Some(names) => {
                    let names = names.into_iter();
                    any.extend(names.filter_map(|(own, field)| shows(pack, &own, field, words)));
                }
                None => any.extend(shows(pack, &column("r", field), field, words)),
            }
        }
        match any.is_empty() {
            true => "false".to_owned(),
            false => format!("({})", any.join(" or ")),
        }
    }

    /// What names the record a reference leads to, as SQL over what is joined for it; none of what is no reference.
    fn names_of(&mut self, pack: &'p Pack, at: usize) -> Option<Vec<(String, &'p Field)>> {
        let first = self.inner.len();
        let on = column("r", &self.register.fields[at]);
        join(pack, &mut self.inner, "s", (self.register, at, on), 0)?;
        let mut names = Vec::new();
        for (nth, joined) in self.inner.iter().enumerate().skip(first) {
            let register: &'p Register = joined.register;
            for (at, leads) in &joined.title {
                if leads.is_none() {
                    let field = &register.fields[*at];
                    names.push((column(&format!("s{nth}"), field), field));
                }
            }
        }
        Some(names)
    }

    /// The query whose rows are to be counted.
    pub fn counted(&self) -> String {
        format!(
            "select r.\"id\" from \"{}\" r{}",
            self.register.id,
            self.wanted()
        )
    }

    /// The query of the records of a part, in order: their numbers alone.
    pub fn part(&self, part: Part) -> String {
        let mut sql = String::from("select r.\"id\"");
        self.add_keys(&mut sql);
        let _infallible = write!(
            sql,
            " from \"{}\" r{}{} limit {} offset {}",
            self.register.id,
            self.wanted(),
            self.order(""),
            part.most,
            part.skip
        );
        sql
    }

    /// The query of all records, in order: the columns of the register's table, then of each joined record its number, its unit and what
    /// names it.
    pub fn whole(&self) -> String {
        let mut sql = self.select(self.keys.len());
        let own = self.columns.names(self.register);
        let own: Vec<String> = own.map(|name| format!("r.\"{name}\"")).collect();
        let _infallible = write!(sql, " from (select {}", own.join(", "));
        self.add_keys(&mut sql);
        let _infallible = write!(sql, " from \"{}\" r{}) r", self.register.id, self.wanted());
        joins(&mut sql, &self.joined, "j");
        sql += &self.order("r.");
        sql
    }

    /// The columns that are read, and behind them so many keys of the order.
    fn select(&self, keys: usize) -> String {
        let own = self.columns.names(self.register);
        let own = own.map(|name| format!("r.\"{name}\" as \"{name}\""));
        let mut columns: Vec<String> = own.collect();
        for (nth, joined) in self.joined.iter().enumerate() {
            let fields = joined.title.iter().map(|(at, _)| *at);
            let fields = fields.map(|at| joined.register.fields[at].id.as_str());
            // They are read by their place: a record may be named by its unit, too.
            let names = [schema::ID, schema::UNIT].into_iter().chain(fields);
            for (place, name) in names.enumerate() {
                columns.push(format!("j{nth}.\"{name}\" as \"j{nth}.{place}\""));
            }
        }
        columns.extend((0..keys).map(|nth| format!("r.\"#{nth}\" as \"#{nth}\"")));
        format!("select {}", columns.join(", "))
    }

    /// Adds the keys of the order to a list of columns.
    fn add_keys(&self, sql: &mut String) {
        for (nth, (key, _)) in self.keys.iter().enumerate() {
            let _infallible = write!(sql, ", {key} as \"#{nth}\"");
        }
    }

    /// What is joined and what holds, behind the register's own table.
    fn wanted(&self) -> String {
        let mut sql = String::new();
        joins(&mut sql, &self.inner, "s");
        if !self.conditions.is_empty() {
            let _infallible = write!(sql, " where {}", self.conditions.join(" and "));
        }
        sql
    }

    /// What isn't known comes last, and records that nothing else tells apart are in order of their numbers.
    fn order(&self, of: &str) -> String {
        let keys = self.keys.iter().enumerate().map(|(nth, (_, descending))| {
            let way = if *descending { "desc" } else { "asc" };
            format!("{of}\"#{nth}\" {way} nulls last")
        });
        let keys: Vec<String> = keys.chain(["r.\"id\"".to_owned()]).collect();
        format!(" order by {}", keys.join(", "))
    }
}

/// How many records name a record, by field: the place of the field, and the number.
pub(super) fn counts(fields: &[(&Register, usize)], record: RecordId) -> String {
    let one = |(nth, (register, at)): (usize, &(&Register, usize))| {
        let field = column("r", &register.fields[*at]);
        format!(
            "select {nth}, count(*) from \"{}\" r where {field} = {}",
            register.id, record.0
        )
    };
    let each: Vec<String> = fields.iter().enumerate().map(one).collect();
    each.join(" union all ")
}

fn column(of: &str, field: &Field) -> String {
    format!("{of}.\"{}\"", field.id)
}

/// What a column is sorted by: a name by how it is read.
fn in_order(column: String, field: &Field) -> String {
    match (field.sensitivity, &field.kind) {
        (Sensitivity::Name, FieldType::Text) => format!("{SPELLED}({column})"),
        _ => column,
    }
}

/// Joins what a reference leads to, and what that leads to as far as it names it; where it stands, if the field is a reference.
fn join<'p>(
    pack: &'p Pack,
    into: &mut Vec<Joined<'p>>,
    alias: &str,
    (from, field, on): (&'p Register, usize, String),
    depth: u8,
) -> Option<usize> {
    let FieldType::Ref(target) = &from.fields[field].kind else {
        return None;
    };
    let register = pack.register(target)?;
    let nth = into.len();
    let title = Vec::new();
    into.push(Joined {
        register,
        from: (from, field),
        on,
        title,
    });
    let mut title = Vec::with_capacity(register.look.title.len());
    for at in &register.look.title {
        let on = column(&format!("{alias}{nth}"), &register.fields[*at]);
        let leads = match depth < DEEPEST {
            true => join(pack, into, alias, (register, *at, on), depth + 1),
            false => None,
        };
        title.push((*at, leads));
    }
    into[nth].title = title;
    Some(nth)
}

fn joins(sql: &mut String, joined: &[Joined<'_>], alias: &str) {
    for (nth, Joined { register, on, .. }) in joined.iter().enumerate() {
        let _infallible = write!(
            sql,
            " left join \"{}\" {alias}{nth} on {on} = {alias}{nth}.\"id\"",
            register.id
        );
    }
}

/// What is asked for of a field, as SQL.
fn condition(
    field: &Field,
    wanted: &Sought,
    below: &impl Fn(UnitCode) -> Result<Vec<UnitCode>, TablesError>,
) -> Result<String, TablesError> {
    let own = column("r", field);
    Ok(match wanted {
        Sought::Unknown => format!("{own} is null"),
        Sought::Is(value) => format!("{own} = {}", literal(value)),
        Sought::Between(from, to) => between(field, &own, from.as_ref(), to.as_ref()),
        Sought::Contains(text) => contains(&own, text),
        // What names a record stands in other tables.
        Sought::Named(_) => "false".to_owned(),
        Sought::Within(unit) => within(&own, &below(*unit)?),
        Sought::Names(record) => format!("{own} = {}", record.0),
        Sought::Has(item) => format!("has({own}, {})", pack::literal(item)),
    })
}

/// That words are in a text, as they were typed or as they are usually written.
fn contains(own: &str, text: &str) -> String {
    let mut words = vec![text.to_lowercase(), kernel::normal(text).to_lowercase()];
    words.dedup();
    let has = |words: &String| format!("contains(lower({own}), {})", pack::literal(words));
    let any: Vec<String> = words.iter().map(has).collect();
    format!("({})", any.join(" or "))
}

/// That words are in what a field shows; nothing of what is shown by other names than its own, as units are.
fn shows(pack: &Pack, own: &str, field: &Field, words: &str) -> Option<String> {
    match &field.kind {
        FieldType::Text => Some(contains(own, words)),
        FieldType::Code(list) => {
            let members = pack.code(list)?.members.iter();
            let named = members.filter(|member| {
                let mut names = [&member.name.zh, &member.name.en].into_iter();
                names.any(|name| name.to_lowercase().contains(&words.to_lowercase()))
            });
            let values: Vec<String> = named.map(|member| pack::literal(&member.value)).collect();
            (!values.is_empty()).then(|| format!("{own} in ({})", values.join(", ")))
        }
        FieldType::Int | FieldType::Date => {
            let text = format!("cast({own} as varchar)");
            Some(contains(&text, words))
        }
        _ => None,
    }
}

/// Between two values; a partial date may be any day between its first and its last.
fn between(field: &Field, own: &str, from: Option<&Value>, to: Option<&Value>) -> String {
    let (first, last) = match field.kind {
        FieldType::PartialDate => (
            format!("r.\"{}_to\"", field.id),
            format!("r.\"{}_from\"", field.id),
        ),
        _ => (own.to_owned(), own.to_owned()),
    };
    let from = from.map(|from| format!("{first} >= {}", literal(from)));
    let to = to.map(|to| format!("{last} <= {}", literal(to)));
    let ends: Vec<String> = from.into_iter().chain(to).collect();
    match ends.is_empty() {
        true => format!("{own} is not null"),
        false => format!("({})", ends.join(" and ")),
    }
}

/// Within some units, by what codes begin with; a grid has nothing below it.
fn within(own: &str, units: &[UnitCode]) -> String {
    let one = |unit: &UnitCode| match unit.level() {
        kernel::UnitLevel::Grid => format!("{own} = {}", pack::literal(unit.as_str())),
        _ => format!("starts_with({own}, {})", pack::literal(unit.prefix())),
    };
    let any: Vec<String> = units.iter().map(one).collect();
    format!("({})", any.join(" or "))
}
