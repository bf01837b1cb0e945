//! Reading `roles/`: duties, and the roles that have them. Roles are a code list, too: `role`, so that a register can name one. What
//! a role reaches is looked up once the registers are known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::rights::Fields;
use kernel::{Reach, Rights};

use super::Load;
use super::registers::SENSITIVITIES;
use crate::read::{DUTY, FIELD, Ids, REGISTER, ROLE, Table, Word};
use crate::{CodeList, Duty, Fault, Member, Place, Role, Text};

/// The code list that the roles are.
pub(super) const ROLES: &str = "role";
/// Stands for everything.
const EVERYTHING: &str = "*";

/// What a role was said to reach, to be looked up.
pub(super) struct Reaching {
    role: usize,
    reads: Vec<Word>,
    writes: Vec<Word>,
    duties: Vec<Word>,
}

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn roles(&mut self, top: &mut Table<'n, 'f>) {
        for mut row in top.rows("duty") {
            let id = row.id(DUTY, "", Ids::Sql);
            let name = row.text("name");
            row.done();
            if let Some(Word { text: id, place }) = id {
                self.pack.duties.push(Duty { id, name, place });
            }
        }
        for row in top.rows("role") {
            self.role(row);
        }
    }

    fn role(&mut self, mut row: Table<'n, 'f>) {
        let id = row.id(ROLE, "", Ids::Plain);
        let name = row.text("name");
        let founds = row.bool_or("founds", false);
        let [reads, writes, duties] = ["reads", "writes", "duties"].map(|key| row.words(key));
        let clear = row.chosen_all("clear", &SENSITIVITIES);
        row.done();
        let Some(Word { text: id, place }) = id else {
            return;
        };
        self.reaching.push(Reaching {
            role: self.pack.roles.len(),
            reads,
            writes,
            duties,
        });
        let nothing = || Reach::Some(BTreeMap::new());
        self.pack.roles.push(Role {
            rights: Arc::new(Rights {
                role: id.clone(),
                reads: nothing(),
                withheld: BTreeSet::new(),
                writes: nothing(),
                clear: clear.into_iter().collect(),
                duties: Reach::Some(BTreeSet::new()),
            }),
            id,
            name,
            founds,
            place,
        });
    }

    /// The roles as a code list, once all of them are read.
    pub(super) fn list_roles(&mut self) {
        if let Some(own) = self.pack.code(ROLES) {
            self.notes.fault(
                Fault::at(
                    own.place.clone(),
                    "reserved",
                    "代码表“role”由 roles/ 中的角色得出，不能另写。",
                    "The code list “role” follows from the roles in roles/ and can't be written.",
                )
                .hint("请删去。", "Remove it."),
            );
            return;
        }
        let member = |role: &Role| Member {
            value: role.id.clone(),
            name: role.name.clone(),
            synonyms: Vec::new(),
            retired: None,
        };
        let Some(first) = self.pack.roles.first() else {
            return;
        };
        let place = first.place.clone();
        let members = self.pack.roles.iter().map(member).collect();
        let name = Text::new("角色", "Role");
        let list = CodeList::new(ROLES.to_owned(), name, members, place);
        self.pack.codes.push(list);
    }

    /// Looks up what the roles reach, and the duties that registers name.
    pub(super) fn reach(&mut self) {
        for reaching in std::mem::take(&mut self.reaching) {
            let (reads, writes) = (self.fields(&reaching.reads), self.fields(&reaching.writes));
            let duties = reaching.duties.iter().filter(|word| self.duty(word));
            let duties: BTreeSet<String> = duties.map(|word| word.text.clone()).collect();
            let kept_back = self.pack.registers.iter().filter(|register| {
                let duty = register.read_by.as_ref();
                duty.is_some_and(|duty| !duties.contains(duty))
            });
            let withheld = kept_back.map(|register| register.id.clone()).collect();
            let rights = &mut self.pack.roles[reaching.role].rights;
            *rights = Arc::new(Rights {
                reads,
                withheld,
                writes,
                duties: Reach::Some(duties),
                ..Rights::clone(rights)
            });
        }
        for word in std::mem::take(&mut self.duties) {
            self.duty(&word);
        }
        let founders: Vec<Place> = (self.pack.roles.iter())
            .filter(|role| role.founds)
            .map(|role| role.place.clone())
            .collect();
        if let [first, others @ ..] = founders.as_slice() {
            for other in others {
                let fault = Fault::at(
                    other.clone(),
                    "two-founders",
                    "建立台账的人只能有一个角色。",
                    "Whoever makes a ledger has one role only.",
                );
                self.notes
                    .fault(fault.related(first.clone(), "另一个在这里", "the other is here"));
            }
        }
    }

    /// Whether there is such a duty; it is noted if not.
    fn duty(&self, word: &Word) -> bool {
        let known = self.pack.duties.iter().any(|duty| duty.id == word.text);
        if !known {
            let duties = self.pack.duties.iter().map(|duty| duty.id.as_str());
            self.notes.unknown(DUTY, word, duties);
        }
        known
    }

    /// Registers and fields: `*`, `register` or `register.field`.
    fn fields(&self, words: &[Word]) -> Fields {
        let mut reached: BTreeMap<String, Reach<BTreeSet<String>>> = BTreeMap::new();
        let mut all = false;
        for word in words {
            let (id, field) = match word.text.split_once('.') {
                Some((register, field)) => (register, Some(field)),
                None => (word.text.as_str(), None),
            };
            if word.text == EVERYTHING {
                all = true;
                continue;
            }
            let Some(register) = self.pack.register(id) else {
                let registers = self.pack.registers.iter().map(|r| r.id.as_str());
                self.notes.unknown(REGISTER, word, registers);
                continue;
            };
            let Some(field) = field else {
                reached.insert(id.to_owned(), Reach::All);
                continue;
            };
            if register.field(field).is_none() {
                let fields = register.fields.iter().map(|field| field.id.as_str());
                self.notes.unknown(FIELD, word, fields);
                continue;
            }
            let some = reached.entry(id.to_owned());
            if let Reach::Some(some) = some.or_insert_with(|| Reach::Some(BTreeSet::new())) {
                some.insert(field.to_owned());
            }
        }
        match all {
            true => Reach::All,
            false => Reach::Some(reached),
        }
    }
}
