//! Reading `codes/`: code lists and the words their members are known by.

use std::collections::BTreeMap;

use super::Load;
use crate::model::folded;
use crate::read::{CODE, Ids, MEMBER, Table, Word};
use crate::{CodeList, Fault, Member, Place, Text};

/// Every word of a list, with the value it means and where it stands.
pub(super) type Meanings = BTreeMap<String, (String, Place)>;

/// What the members of a list may follow from.
const DERIVED: [(&str, MembersAre); 2] = [
    ("programmes", MembersAre::Programmes),
    ("vouching-lists", MembersAre::Lists),
];

/// What the members of a list follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MembersAre {
    /// The programmes.
    Programmes,
    /// The rosters whose lists vouch for something.
    Lists,
}

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn codes(&mut self, top: &mut Table<'n, 'f>) {
        for mut table in top.rows("code") {
            let id = table.id(CODE, "", Ids::Plain);
            let name = table.text("name");
            let scope = table.scope();
            let mut words = BTreeMap::new();
            let derived = table.choice_opt("members_are", &DERIVED);
            let of_numbers = table.bool_or("of_numbers", false);
            let file = table.word_opt("members");
            let rows = table.rows("member");
            if let Some(file) = &file {
                if derived.is_some() || !rows.is_empty() {
                    self.mismatch(
                        file,
                        "代码值写在文件里，就不再写 member 和 members_are。",
                        "A list whose values stand in a file has no `member` and no `members_are`.",
                    );
                }
                let spans = self.code_file(file);
                if let Some(id) = id {
                    let mut list = CodeList::over_time(id.text, name, spans, id.place);
                    list.of_numbers = of_numbers;
                    self.pack.codes.push(list);
                }
                table.done();
                continue;
            }
            if rows.is_empty() && derived.is_none() {
                table.missing("member");
            }
            let members: Vec<Member> = rows
                .into_iter()
                .filter_map(|row| self.member(row, &scope, &mut words))
                .collect();
            if let Some(id) = id {
                if let Some(derived) = derived {
                    self.derived.push((self.pack.codes.len(), derived, words));
                }
                let mut list = CodeList::new(id.text, name, members, id.place);
                list.of_numbers = of_numbers;
                self.pack.codes.push(list);
            }
            table.done();
        }
    }

    /// Adds the programmes to the lists whose members are the programmes, each with its name and synonyms; or the rosters.
    pub(super) fn derive_members(&mut self, from: MembersAre) {
        let derived = std::mem::take(&mut self.derived);
        let (now, later) = derived.into_iter().partition(|(_, are, _)| *are == from);
        self.derived = later;
        let member = |value: &str, name: &Text, synonyms: &[String]| Member {
            value: value.to_owned(),
            name: name.clone(),
            synonyms: synonyms.to_vec(),
            retired: None,
        };
        let pack = &self.pack;
        let added: Vec<(Member, Place)> = match from {
            MembersAre::Programmes => (pack.programmes.iter())
                .map(|own| (member(&own.id, &own.name, &own.synonyms), own.place.clone()))
                .collect(),
            MembersAre::Lists => (pack.rosters.iter())
                .filter(|own| own.vouching.is_some())
                .map(|own| (member(&own.id, &own.name, &[]), own.place.clone()))
                .collect(),
        };
        let now: Vec<(usize, MembersAre, Meanings)> = now;
        for (at, _, mut words) in now {
            let list = &self.pack.codes[at];
            let mut members = list.members.clone();
            for (member, place) in &added {
                let said = member.words().map(|text| Word {
                    text: text.to_owned(),
                    place: place.clone(),
                });
                said.for_each(|word| self.means_one(&word, &member.value, &mut words));
                members.push(member.clone());
            }
            let derived = CodeList::new(
                list.id.clone(),
                list.name.clone(),
                members,
                list.place.clone(),
            );
            self.pack.codes[at] = derived;
        }
    }

    /// One member; every word for it must mean it alone.
    fn member(&self, mut row: Table<'n, 'f>, scope: &str, words: &mut Meanings) -> Option<Member> {
        let value = row.word("value");
        if !value.text.is_empty() {
            self.notes.declare(scope, MEMBER, &value);
        }
        let Text { zh, en } = row.languages(false);
        let synonyms = row.words("synonyms");
        let retired = row.date_opt("retired");
        let place = row.place();
        row.done();
        let named = [zh.clone(), en.clone()].map(|text| Word {
            text,
            place: place.clone(),
        });
        for word in [value.clone()]
            .iter()
            .chain(&named)
            .chain(&synonyms)
            .filter(|w| !w.text.is_empty())
        {
            self.means_one(word, &value.text, words);
        }
        let synonyms = synonyms.into_iter().map(|w| w.text).collect();
        (!value.text.is_empty()).then_some(Member {
            value: value.text,
            name: Text { zh, en },
            synonyms,
            retired,
        })
    }

    /// Notes a word that means another value already.
    fn means_one(&self, word: &Word, value: &str, words: &mut Meanings) {
        let key = folded(&word.text);
        let (owner, first) = words
            .entry(key)
            .or_insert_with(|| (value.to_owned(), word.place.clone()));
        if *owner == value {
            return;
        }
        let (zh, en) = (
            format!("“{}”同时指“{owner}”和“{value}”。", word.text),
            format!("“{}” means both “{owner}” and “{value}”.", word.text),
        );
        self.notes.fault(
            Fault::at(word.place.clone(), "ambiguous-word", zh, en)
                .related(first.clone(), "已用在这里", "already used here")
                .hint(
                    "每个名称和同义词只能指一个值。",
                    "Each name or synonym may mean one value only.",
                ),
        );
    }
}
