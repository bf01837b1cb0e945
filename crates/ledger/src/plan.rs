//! What the rules need to know of each register, worked out once from the pack: which fields are references, where identities
//! are unique, which records open a book, which links may not form a circle. It reads records; it decides nothing.

use kernel::UnitCode;
use pack::{FieldType, Pack, Record, Register, Text, Unique, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One register, as the rules see it.
pub(crate) struct Plan {
    pub(crate) name: Arc<str>,
    /// Index into `Pack::registers`.
    index: usize,
    /// Fields that are references, with the register they lead to.
    pub(crate) refs: Vec<(usize, String)>,
    /// Whether identities are unique everywhere rather than in a book.
    pub(crate) everywhere: bool,
    /// The first field of the identity.
    pub(crate) leading: Option<String>,
    opens: Option<usize>,
    link: Option<Link>,
}

struct Link {
    from: usize,
    to: usize,
    when: Option<(usize, String)>,
}

/// All registers of a pack.
pub(crate) struct Plans {
    pub(crate) pack: Arc<Pack>,
    plans: BTreeMap<String, Plan>,
}

impl Plans {
    pub(crate) fn new(pack: Arc<Pack>) -> Self {
        let plans = pack.registers.iter().enumerate();
        let plans = plans
            .map(|(index, register)| (register.id.clone(), Plan::new(index, register)))
            .collect();
        Self { pack, plans }
    }

    pub(crate) fn get(&self, register: &str) -> Option<&Plan> {
        self.plans.get(register)
    }

    /// The registers with references to any of these.
    pub(crate) fn referring(&self, to: &BTreeSet<Arc<str>>) -> Vec<&Plan> {
        let refers = |plan: &&Plan| plan.refs.iter().any(|(_, target)| to.contains(&**target));
        self.plans.values().filter(refers).collect()
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

    /// The identity key of a body, if it can be read and has one.
    pub(crate) fn key(&self, plan: &Plan, body: &str) -> Option<String> {
        let register = self.register(plan);
        register.identity_key(&register.decode(body).ok()?)
    }

    /// Whether two bodies are the same record; a pack may have moved fields since one was written.
    pub(crate) fn same(&self, plan: &Plan, one: &str, other: &str) -> bool {
        let register = self.register(plan);
        one == other
            || matches!((register.decode(one), register.decode(other)), (Ok(one), Ok(other)) if one == other)
    }

    /// The identity of a record as it may be shown to anyone.
    pub(crate) fn shown_identity(&self, plan: &Plan, record: &Record) -> String {
        let register = self.register(plan);
        let shown = register.identity.iter().filter_map(|id| {
            let (at, field) = register.field(id)?;
            let value = record.get(at)?.as_ref()?;
            Some(kernel::mask::apply(field.sensitivity, &value.to_string()))
        });
        shown.collect::<Vec<_>>().join(" · ")
    }
}

impl Plan {
    fn new(index: usize, register: &Register) -> Self {
        let place = |id: &str| register.field(id).map(|(at, _)| at);
        let refs = register
            .fields
            .iter()
            .enumerate()
            .filter_map(|(at, field)| match &field.kind {
                FieldType::Ref(target) => Some((at, target.clone())),
                _ => None,
            });
        let link = register.acyclic.as_ref().and_then(|rule| {
            let when = match &rule.when {
                None => None,
                Some((field, value)) => Some((place(field)?, value.clone())),
            };
            Some(Link {
                from: place(&rule.from)?,
                to: place(&rule.to)?,
                when,
            })
        });
        Self {
            name: Arc::from(register.id.as_str()),
            index,
            refs: refs.collect(),
            everywhere: register.unique == Unique::Everywhere,
            leading: register.identity.first().cloned(),
            opens: register.opens_book.as_deref().and_then(place),
            link,
        }
    }

    /// The scope in which a key of this register is unique, for a record in this book.
    pub(crate) fn scope(&self, book: i64) -> i64 {
        if self.everywhere { 0 } else { book }
    }

    /// The unit for which a record of this register opens a book.
    pub(crate) fn opens(&self, record: &Record) -> Option<UnitCode> {
        record.get(self.opens?)?.as_ref()?.as_text()?.parse().ok()
    }

    /// The link the record states, if it counts as one.
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

    /// The references of a record: the field, the register, the record named.
    pub(crate) fn targets<'a>(
        &'a self,
        record: &'a Record,
    ) -> impl Iterator<Item = (usize, &'a str, i64)> {
        self.refs
            .iter()
            .filter_map(|(at, target)| match record.get(*at)? {
                Some(Value::Int(id)) => Some((*at, target.as_str(), *id)),
                _ => None,
            })
    }
}
