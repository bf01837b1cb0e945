//! Sensitive fields without a use. What is kept of people is limited to what its purpose needs (个人信息保护法 第六条 第二款), so a field that
//! nothing fills, or that is read nowhere but on its own record's page, is told to whoever wrote the pack.

use std::collections::BTreeSet;

use kernel::Sensitivity;

use crate::{Field, Pack, Register, Sql, identifiers};

/// What a sensitive field lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// No roster and no action says it.
    Source,
    /// No list shows it or is sorted by it, and no check, fact or figure reads it.
    Reader,
}

impl Pack {
    /// The sensitive fields without a use, each with what it lacks; retired ones are left out.
    pub fn unused(&self) -> Vec<(&Register, &Field, Lack)> {
        let queries = self.names_in_queries();
        let mut unused = Vec::new();
        for register in self.registers.iter().filter(|own| !own.look.hidden) {
            let own = register.checks.iter().map(|check| names(&check.holds));
            let own: Vec<BTreeSet<String>> = own.collect();
            let of_register = queries.iter().filter(|names| names.contains(&register.id));
            let read = |field: &Field| {
                let mut all = of_register.clone().chain(&own);
                all.any(|names| names.contains(&field.id))
            };
            for (at, field) in register.fields.iter().enumerate() {
                if field.sensitivity == Sensitivity::Open || field.retired.is_some() {
                    continue;
                }
                let shown = register.look.columns.contains(&at)
                    || register.look.title.contains(&at)
                    || register.look.order.iter().any(|by| by.field == at);
                let tells = register.identity.contains(&field.id);
                let lack = match (self.says(register, field), shown || tells) {
                    (false, _) => Some(Lack::Source),
                    (true, false) if !read(field) => Some(Lack::Reader),
                    _ => None,
                };
                unused.extend(lack.map(|lack| (register, field, lack)));
            }
        }
        unused
    }

    /// Whether a list or an action says a field.
    fn says(&self, register: &Register, field: &Field) -> bool {
        let actions = self.actions.iter().map(|action| &action.roster);
        let mut writes = self
            .rosters
            .iter()
            .chain(actions)
            .flat_map(|own| &own.writes);
        writes.any(|write| {
            write.register == register.id && write.set.iter().any(|(id, _)| *id == field.id)
        })
    }

    /// The names in each query of the pack.
    fn names_in_queries(&self) -> Vec<BTreeSet<String>> {
        let mut all: Vec<&Sql> = Vec::new();
        for subject in &self.subjects {
            all.push(&subject.sql);
            all.extend(&subject.member_rows);
            all.extend(subject.groups.iter().filter_map(|group| group.sql.as_ref()));
        }
        all.extend(self.indicators.iter().filter_map(|own| Some(own.rows()?.0)));
        all.extend(self.checks.iter().map(|check| &check.rows));
        all.into_iter().map(names).collect()
    }
}

/// The names in some SQL.
fn names(sql: &Sql) -> BTreeSet<String> {
    let names = identifiers(&sql.text).into_iter();
    names.map(|(name, _)| name).collect()
}
