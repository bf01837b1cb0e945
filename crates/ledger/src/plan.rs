//! The registers as the rules of writing need them, worked out once from the pack: which fields are references, where identities
//! are unique, which records open a book, which links may not form a circle. It reads words; it decides nothing.

use kernel::UnitCode;
use pack::{FieldSet, FieldType, FileRef, Pack, Record, Register, Said, Text, Unique, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One register, as the rules see it.
pub(crate) struct Plan {
    pub(crate) name: Arc<str>,
    /// Index into `Pack::registers`.
    pub(crate) index: usize,
    /// Fields that are references, with the index of the register they lead to.
    pub(crate) refs: Vec<(usize, usize)>,
    /// Whether identities are unique everywhere rather than in a book.
    pub(crate) everywhere: bool,
    /// Whether a record keeps the identity of its opening word for ever.
    pub(crate) fixed: bool,
    /// The fields of the identity.
    pub(crate) identity: FieldSet,
    /// The fields every record must have.
    pub(crate) required: FieldSet,
    /// The fields that refer to files.
    files: FieldSet,
    /// The field that names whom its records are kept with.
    pub(crate) kept_with: Option<usize>,
    /// Who may set what.
    pub(crate) guards: Guards,
    opens: Option<usize>,
    link: Option<Link>,
}

/// Which duty sets which fields of a register, and which of them one person may not both have on one record.
#[derive(Default)]
pub(crate) struct Guards {
    whole: Option<String>,
    duties: BTreeMap<String, FieldSet>,
    apart: Vec<[String; 2]>,
}

impl Guards {
    fn new(register: &Register) -> Self {
        let mut duties: BTreeMap<String, FieldSet> = BTreeMap::new();
        for (at, field) in register.fields.iter().enumerate() {
            if let Some(duty) = &field.set_by {
                duties.entry(duty.clone()).or_default().add(at);
            }
        }
        Self {
            whole: register.set_by.clone(),
            duties,
            apart: register.apart.clone(),
        }
    }

    /// Whether anything is guarded.
    pub(crate) fn any(&self) -> bool {
        self.whole.is_some() || !self.duties.is_empty()
    }

    /// Whether one person may not have two duties on one record.
    pub(crate) fn is_apart(&self) -> bool {
        !self.apart.is_empty()
    }

    /// The duties that a word of these fields takes.
    pub(crate) fn needed(&self, fields: FieldSet) -> impl Iterator<Item = &str> {
        let set = self.duties.iter();
        let set = set.filter(move |(_, set)| !set.and(fields).is_empty());
        let set = set.map(|(duty, _)| duty.as_str());
        self.whole.as_deref().into_iter().chain(set)
    }

    /// The fields that a duty sets.
    pub(crate) fn fields(&self, duty: &str) -> FieldSet {
        self.duties.get(duty).copied().unwrap_or_default()
    }

    /// The duties that a word of these fields takes, each with one that its writer may not have had on the record.
    pub(crate) fn apart(&self, fields: FieldSet) -> impl Iterator<Item = (&str, &str)> {
        let both = self.apart.iter().flat_map(|[one, other]| {
            [
                (one.as_str(), other.as_str()),
                (other.as_str(), one.as_str()),
            ]
        });
        both.filter(move |(one, _)| !self.fields(one).and(fields).is_empty())
    }
}

struct Link {
    from: usize,
    to: usize,
    when: Option<(usize, String)>,
}

/// All registers of a pack.
pub(crate) struct Plans {
    pub(crate) pack: Arc<Pack>,
    /// The digest of the pack, and what it is called.
    pub(crate) digest: [u8; 32],
    pub(crate) pack_name: String,
    /// In the order of the pack's registers.
    plans: Vec<Plan>,
    places: BTreeMap<String, usize>,
}

impl Plans {
    pub(crate) fn new(pack: Arc<Pack>) -> Self {
        let ids = pack.registers.iter().map(|register| register.id.clone());
        let places: BTreeMap<String, usize> = ids.enumerate().map(|(at, id)| (id, at)).collect();
        let plan = |(index, register)| Plan::new(index, register, &places);
        Self {
            plans: pack.registers.iter().enumerate().map(plan).collect(),
            places,
            digest: pack.digest(),
            pack_name: format!("{} {}", pack.id, pack.version),
            pack,
        }
    }

    pub(crate) fn get(&self, register: &str) -> Option<&Plan> {
        self.plans.get(*self.places.get(register)?)
    }

    /// The registers of which not everybody who may write them may write everything.
    pub(crate) fn guarded(&self) -> Vec<Arc<str>> {
        let guarded = self.plans.iter().filter(|plan| plan.guards.any());
        guarded.map(|plan| plan.name.clone()).collect()
    }

    /// The plan of the register at this place.
    pub(crate) fn at(&self, index: usize) -> Option<&Plan> {
        self.plans.get(index)
    }

    pub(crate) fn register(&self, plan: &Plan) -> &Register {
        &self.pack.registers[plan.index]
    }

    /// The register's name, or its id if the pack has no such register.
    pub(crate) fn name(&self, register: &str) -> Text {
        self.pack
            .register(register)
            .map_or_else(|| Text::new(register, register), |found| found.name.clone())
    }

    /// What a body says, if it can be read.
    pub(crate) fn read(&self, plan: &Plan, body: &str) -> Option<Said> {
        self.register(plan).decode_said(body).ok()
    }

    /// The identity key that a word gives by itself, if it does.
    pub(crate) fn key(&self, plan: &Plan, said: &Said) -> Option<String> {
        self.register(plan).identity_key(&said.values)
    }
}

impl Plan {
    fn new(index: usize, register: &Register, registers: &BTreeMap<String, usize>) -> Self {
        let place = |id: &str| register.field(id).map(|(at, _)| at);
        let mut refs = Vec::new();
        let (mut identity, mut required) = (FieldSet::NONE, FieldSet::NONE);
        let mut files = FieldSet::NONE;
        for (at, field) in register.fields.iter().enumerate() {
            if let FieldType::Ref(target) = &field.kind
                && let Some(target) = registers.get(target)
            {
                refs.push((at, *target));
            }
            if field.kind == FieldType::File {
                files.add(at);
            }
            if register.identity.contains(&field.id) {
                identity.add(at);
            }
            if field.required {
                required.add(at);
            }
        }
        let link = register.acyclic.as_ref().and_then(|rule| {
            let when = match &rule.when {
                None => None,
                Some((field, value)) => Some((place(field)?, value.clone())),
            };
            let (from, to) = (place(&rule.from)?, place(&rule.to)?);
            Some(Link { from, to, when })
        });
        Self {
            name: Arc::from(register.id.as_str()),
            index,
            refs,
            everywhere: register.unique == Unique::Everywhere,
            fixed: !register.proposes(),
            identity,
            required,
            files,
            kept_with: register.kept_with.as_deref().and_then(place),
            guards: Guards::new(register),
            opens: register.opens_book.as_deref().and_then(place),
            link,
        }
    }

    /// The scope in which a key of this register is unique, for a record in this book.
    pub(crate) fn scope(&self, book: i64) -> i64 {
        if self.everywhere { 0 } else { book }
    }

    /// Whether records of this register refer to files.
    pub(crate) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The files that a word refers to.
    pub(crate) fn files_of<'s>(&self, said: &'s Said) -> impl Iterator<Item = FileRef> + 's {
        let values = self
            .files
            .iter()
            .filter_map(|at| said.values.get(at)?.as_ref());
        let texts: Vec<&str> = values.filter_map(Value::as_text).collect();
        texts.into_iter().filter_map(|text| text.parse().ok())
    }

    /// Whether a word says all that a record must have.
    pub(crate) fn suffices(&self, said: &Said) -> bool {
        let there = |at: usize| said.values.get(at).is_some_and(Option::is_some);
        self.required.within(said.spoken) && self.required.iter().all(there)
    }

    /// The unit for which a word of this register opens a book.
    pub(crate) fn opens(&self, record: &Record) -> Option<UnitCode> {
        record.get(self.opens?)?.as_ref()?.as_text()?.parse().ok()
    }

    /// The link a word states, if it does.
    pub(crate) fn link(&self, record: &Record) -> Option<(i64, i64)> {
        let link = self.link.as_ref()?;
        let value = |at: usize| record.get(at).and_then(Option::as_ref);
        if let Some((field, wanted)) = &link.when
            && value(*field).is_none_or(|found| found.to_string() != *wanted)
        {
            return None;
        }
        Some((value(link.from)?.as_int()?, value(link.to)?.as_int()?))
    }

    /// The register a field refers to, if it is a reference.
    pub(crate) fn target(&self, field: usize) -> Option<usize> {
        let found = self.refs.iter().find(|(at, _)| *at == field);
        found.map(|(_, register)| *register)
    }

    /// The references of a word: the field, the register, the record named.
    pub(crate) fn targets<'a>(
        &'a self,
        record: &'a Record,
    ) -> impl Iterator<Item = (usize, usize, i64)> {
        let named = |(at, register): &(usize, usize)| match record.get(*at)? {
            Some(Value::Int(id)) => Some((*at, *register, *id)),
            _ => None,
        };
        self.refs.iter().filter_map(named)
    }
}
