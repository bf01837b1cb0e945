//! Reading `[look]`: how the records of a register look to people. Every field named is there, once, and may stand where it is named.

use kernel::Sensitivity;

use super::Load;
use crate::read::{Table, Word};
use crate::{Fault, Field, Look, LookSection, REGISTER_GROUP, SortBy};

/// The most columns of a list, and the most fields of a title.
const MOST_COLUMNS: usize = 24;
const MOST_NAMES: usize = 4;

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn look(&self, mut table: Table<'n, 'f>, fields: &[Field]) -> Look {
        let group = self.heading(table.word_opt("group"), REGISTER_GROUP);
        let help = table.text_opt("help");
        let title = table.words("title");
        let title = self.named(&title, fields, MOST_NAMES);
        for (at, word) in &title {
            self.may_name(&fields[*at], word);
        }
        let columns = table.words("columns");
        let columns = self.named(&columns, fields, MOST_COLUMNS);
        let order = self.order(&mut table, fields);
        let mut told: Vec<(usize, Word)> = Vec::new();
        let sections = table.rows("sections");
        let sections = sections
            .into_iter()
            .map(|row| self.section(row, fields, &mut told))
            .collect();
        let hidden = table.bool_or("hidden", false);
        table.done();
        let places = |named: Vec<(usize, Word)>| named.into_iter().map(|(at, _)| at).collect();
        Look {
            group,
            help,
            title: places(title),
            columns: places(columns),
            order,
            sections,
            hidden,
        }
    }

    /// The heading under which something stands: a value of a code list that there must be then.
    pub(super) fn heading(&self, word: Option<Word>, list: &str) -> Option<String> {
        let word = word?;
        self.known_list(&Word {
            text: list.to_owned(),
            place: word.place.clone(),
        });
        self.code_value(&word, list)
    }

    fn section(
        &self,
        mut row: Table<'n, 'f>,
        fields: &[Field],
        told: &mut Vec<(usize, Word)>,
    ) -> LookSection {
        let name = row.text("name");
        if row.need("fields").is_some() && row.words("fields").is_empty() {
            row.missing("fields");
        }
        let own = self.fields_named(&row.words("fields"), fields);
        row.done();
        for (at, word) in &own {
            self.once(*at, word, told);
            told.push((*at, word.clone()));
        }
        LookSection {
            name,
            fields: own.into_iter().map(|(at, _)| at).collect(),
        }
    }

    /// The fields by which a list is sorted; one that begins with a minus begins with the largest.
    fn order(&self, table: &mut Table<'n, 'f>, fields: &[Field]) -> Vec<SortBy> {
        let words = table.words("order").into_iter();
        let signed: Vec<(bool, Word)> = words
            .map(|word| match word.text.strip_prefix('-') {
                Some(rest) => {
                    let text = rest.to_owned();
                    (true, Word { text, ..word })
                }
                None => (false, word),
            })
            .collect();
        let words: Vec<Word> = signed.iter().map(|(_, word)| word.clone()).collect();
        let named = self.named(&words, fields, MOST_NAMES);
        for (at, word) in &named {
            let field = &fields[*at];
            if !matches!(field.sensitivity, Sensitivity::Open | Sensitivity::Name) {
                let (zh, en) = (
                    format!("“{}”是要遮盖的字段，不能用来排列名单。", field.id),
                    format!(
                        "A list can't be in order of “{}”, which is kept back from most.",
                        field.id
                    ),
                );
                self.secret(word, zh, en);
            }
        }
        let descending = |word: &Word| {
            let same = signed.iter().find(|(_, other)| other == word);
            same.is_some_and(|(descending, _)| *descending)
        };
        let each = named.iter().map(|(field, word)| SortBy {
            field: *field,
            descending: descending(word),
        });
        each.collect()
    }

    /// Some fields of a list, each once, none of them retired, and not too many.
    fn named(&self, words: &[Word], fields: &[Field], most: usize) -> Vec<(usize, Word)> {
        let named = self.fields_named(words, fields);
        for (nth, (at, word)) in named.iter().enumerate() {
            self.once(*at, word, &named[..nth]);
        }
        if let Some((_, word)) = named.get(most) {
            let (zh, en) = (
                format!("这里最多写 {most} 个字段。"),
                format!("At most {most} fields stand here."),
            );
            let fault = Fault::at(word.place.clone(), "too-many", zh, en);
            self.notes.fault(fault.hint("请删去几个。", "Remove some."));
        }
        let kept = |(at, word): &(usize, Word)| self.not_retired(&fields[*at], word);
        named.into_iter().filter(kept).collect()
    }

    fn fields_named(&self, words: &[Word], fields: &[Field]) -> Vec<(usize, Word)> {
        let find = |word: &Word| {
            self.own_field(fields, word)?;
            let at = fields.iter().position(|field| field.id == word.text)?;
            Some((at, word.clone()))
        };
        words.iter().filter_map(find).collect()
    }

    /// Notes a field that was named before.
    fn once(&self, at: usize, word: &Word, before: &[(usize, Word)]) {
        let Some((_, first)) = before.iter().find(|(other, _)| *other == at) else {
            return;
        };
        let (zh, en) = (
            format!("“{}”写了两次。", word.text),
            format!("“{}” stands here twice.", word.text),
        );
        let fault = Fault::at(word.place.clone(), "named-twice", zh, en)
            .related(first.place.clone(), "先写在这里", "it stands here first")
            .hint("请删去一个。", "Remove one of them.");
        self.notes.fault(fault);
    }

    /// Whether a field isn't retired. One that this layer itself, or one below, retires is a fault; one that a layer above retires is left
    /// out.
    fn not_retired(&self, field: &Field, word: &Word) -> bool {
        if field.retired.is_none() {
            return true;
        }
        let at = self.retired.iter().find(|(of, _)| *of == field.place);
        let at = at.map_or_else(|| field.place.clone(), |(_, at)| at.clone());
        let layer = |place| self.notes.space().layer(place);
        if layer(&at) <= layer(&word.place) {
            let (zh, en) = (
                format!("“{}”已停用。", field.id),
                format!("“{}” is retired.", field.id),
            );
            let fault = Fault::at(word.place.clone(), "retired-in-look", zh, en)
                .related(at, "停用写在这里", "it is retired here")
                .hint("请从这里删去。", "Remove it here.");
            self.notes.fault(fault);
        }
        false
    }

    /// Notes a field that can't be part of a title.
    fn may_name(&self, field: &Field, word: &Word) {
        if !field.may_name() {
            let (zh, en) = (
                format!(
                    "“{}”不能作标题：凡提到这条记录的地方都会显示标题。",
                    field.id
                ),
                format!(
                    "“{}” can't name a record: its title stands wherever the record is mentioned.",
                    field.id
                ),
            );
            self.secret(word, zh, en);
        }
    }

    fn secret(&self, word: &Word, zh: String, en: String) {
        let fault = Fault::at(word.place.clone(), "secret-in-look", zh, en);
        self.notes.fault(fault.hint(
            "请换一个公开的字段（证件号码、电话、账号、健康和长文字都不行）。",
            "Take one that is open: no number of a document, telephone, account, health fact or long text.",
        ));
    }
}
