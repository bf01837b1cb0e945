//! Reading `codes/`: code lists and the words their members are known by.

use std::collections::BTreeMap;

use super::Load;
use crate::model::folded;
use crate::read::{CODE, Ids, MEMBER, Table, Word};
use crate::{CodeList, Fault, Member, Place, Text};

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn codes(&mut self, top: &mut Table<'n, 'f>) {
        for mut table in top.rows("code") {
            let id = table.id(CODE, "", Ids::Plain);
            let name = table.text("name");
            let scope = table.scope();
            let mut words = BTreeMap::new();
            let rows = table.rows("member");
            if rows.is_empty() {
                table.missing("member");
            }
            let members: Vec<Member> = rows
                .into_iter()
                .filter_map(|row| self.member(row, &scope, &mut words))
                .collect();
            if let Some(id) = id {
                self.pack
                    .codes
                    .push(CodeList::new(id.text, name, members, id.place));
            }
            table.done();
        }
    }

    /// One member; every word for it must mean it alone.
    fn member(
        &self,
        mut row: Table<'n, 'f>,
        scope: &str,
        words: &mut BTreeMap<String, (String, Place)>,
    ) -> Option<Member> {
        let value = row.word("value");
        if !value.text.is_empty() {
            self.notes.declare(scope, MEMBER, &value);
        }
        let Text { zh, en } = row.languages(false);
        let synonyms = row.words("synonyms");
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
            let key = folded(&word.text);
            let (owner, first) = words
                .entry(key)
                .or_insert_with(|| (value.text.clone(), word.place.clone()));
            if *owner != value.text {
                let (zh, en) = (
                    format!("“{}”同时指“{owner}”和“{}”。", word.text, value.text),
                    format!("“{}” means both “{owner}” and “{}”.", word.text, value.text),
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
        let synonyms = synonyms.into_iter().map(|w| w.text).collect();
        (!value.text.is_empty()).then_some(Member {
            value: value.text,
            name: Text { zh, en },
            synonyms,
        })
    }
}
