//! The lists that answers rest on, each with a place among the bits that say who is vouched for.

use crate::{FieldType, Pack, Roster, ValueSource};

/// How many lists, and parts of lists, answers may rest on.
pub const MOST_VOUCHERS: usize = 63;

impl Pack {
    /// The names of lists that answers rest on: rosters that facts name, in their own words or in their SQL, and those that tell who
    /// is paid, each part of a divided one by itself (`roster:part`). In the order of the pack's rosters.
    #[must_use]
    pub fn vouchers(&self) -> Vec<String> {
        let mut names = Vec::new();
        for roster in self.rosters.iter().filter(|own| own.vouching.is_some()) {
            if self.divides(roster) {
                names.extend(self.slices(roster).map(|slice| part(&roster.id, slice)));
            } else if self.is_voucher(roster) {
                names.push(roster.id.clone());
            }
        }
        names
    }

    /// The list that tells whether somebody is paid by a programme, by its name among [`Pack::vouchers`]; none if no list does.
    #[must_use]
    pub fn payment_vouchers(&self, programme: &str) -> Vec<String> {
        let paying = self
            .rosters
            .iter()
            .filter(|roster| self.pays(roster).is_some());
        let named = paying.filter_map(|roster| {
            let vouching = roster.vouching.as_ref()?;
            match (&vouching.by, self.pays(roster)?) {
                (Some(_), _) => Some(part(&roster.id, programme)),
                (None, ValueSource::Literal(value)) if value == programme => {
                    Some(roster.id.clone())
                }
                (None, _) => None,
            }
        });
        named.collect()
    }

    /// The roster of a name among [`Pack::vouchers`].
    #[must_use]
    pub fn voucher(&self, name: &str) -> Option<&Roster> {
        self.roster(name.split_once(':').map_or(name, |(roster, _)| roster))
    }

    /// Whether a roster's lists are divided into parts that answers rest on.
    #[must_use]
    pub fn divides(&self, roster: &Roster) -> bool {
        let by = roster.vouching.as_ref().and_then(|own| own.by.as_ref());
        by.is_some() && self.pays(roster).is_some()
    }

    fn slices<'p>(&'p self, roster: &Roster) -> impl Iterator<Item = &'p str> {
        let by = roster.vouching.as_ref().and_then(|own| own.by.as_deref());
        let column = roster.columns.iter().find(|column| Some(&*column.id) == by);
        let list = column.and_then(|column| match &column.kind {
            FieldType::Code(list) => self.code(list),
            _ => None,
        });
        list.into_iter()
            .flat_map(|list| list.members.iter().map(|member| &*member.value))
    }

    /// From where a roster's rows say by which programme somebody is paid.
    fn pays<'r>(&self, roster: &'r Roster) -> Option<&'r ValueSource> {
        let enrolments = &self.contract.as_ref()?.enrolments;
        let mut writes = roster.writes.iter();
        let write = writes.find(|write| write.register == enrolments.register.id)?;
        let set = write
            .set
            .iter()
            .find(|(field, _)| *field == enrolments.programme.id);
        set.map(|(_, source)| source)
    }

    fn is_voucher(&self, roster: &Roster) -> bool {
        let facts = self.subjects.iter().flat_map(|subject| subject.facts());
        let mut named = facts.flat_map(|fact| fact.closed.rosters());
        let in_sql = format!("'{}'", roster.id);
        let sqls = || {
            self.subjects.iter().flat_map(|subject| {
                let groups = subject.groups.iter().filter_map(|group| group.sql.as_ref());
                groups.chain([&subject.sql])
            })
        };
        named.any(|name| name == roster.id)
            || sqls().any(|sql| {
                let asks = sql.text.contains("vouched(") || sql.text.contains("absent(");
                asks && sql.text.contains(&in_sql)
            })
            || self.pays(roster).is_some()
    }
}

/// The name of a part of a list.
fn part(roster: &str, slice: &str) -> String {
    format!("{roster}:{slice}")
}
