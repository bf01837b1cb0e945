//! Reading `subjects/`: one subject per file, its groups of facts and its computed facts, and finding rings among the latter.

use super::Load;
use crate::cycle::rings;
use crate::read::{FACT, GROUP, Ids, PROGRAMME, REGISTER, SUBJECT, Table, VOUCHER};
use crate::{Closed, Fact, FactGroup, Fault, FieldType, Place, Sql, Subject};

/// Columns of every subject's query.
const TAKEN: [&str; 2] = ["subject", "unit"];

/// Where a fact comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The subject's own query.
    Subject,
    /// The query of its group.
    Query,
    /// Other facts.
    Facts,
}

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn subject(&mut self, top: &mut Table<'n, 'f>) {
        let (groups, facts) = (top.rows("facts"), top.rows("fact"));
        let Some(mut table) = top.need("subject").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(SUBJECT, "", Ids::Sql);
        let name = table.text("name");
        let of = table.word_opt("of");
        if let Some(of) = of
            .as_ref()
            .filter(|of| self.pack.register(&of.text).is_none())
        {
            let known = self.pack.registers.iter().map(|own| own.id.as_str());
            self.notes.unknown(REGISTER, of, known);
        }
        let sql = table.sql("sql");
        self.check_day_only(&sql);
        let (members, member_rows) = match of {
            Some(_) => (vec![String::from("subject")], None),
            None => self.members(&mut table),
        };
        let scope = table.scope();
        table.done();

        let taken: Vec<&str> = TAKEN
            .into_iter()
            .chain(members.iter().map(String::as_str))
            .collect();
        let groups: Vec<FactGroup> = groups
            .into_iter()
            .filter_map(|row| self.group(row, &scope, &taken))
            .collect();
        let computed: Vec<Fact> = facts
            .into_iter()
            .filter_map(|row| self.fact(row, &scope, &taken, Origin::Facts))
            .collect();
        let Some(id) = id else { return };
        self.pack.subjects.push(Subject {
            id: id.text,
            name,
            of: of.map(|of| of.text),
            sql,
            members,
            member_rows,
            groups,
            computed,
            place: id.place,
        });
    }

    /// The people a subject consists of: columns of its own query, or a query of their own.
    fn members(&self, table: &mut Table<'n, 'f>) -> (Vec<String>, Option<Sql>) {
        let Some(node) = table.need("members") else {
            return (Vec::new(), None);
        };
        if matches!(node.value.get_ref(), toml::de::DeValue::Table(_)) {
            let Some(mut own) = node.table() else {
                return (Vec::new(), None);
            };
            let sql = own.sql("sql");
            self.check_day_only(&sql);
            own.done();
            return (Vec::new(), Some(sql));
        }
        let words = table.words("members");
        if words.is_empty() {
            table.missing("members");
        }
        (words.into_iter().map(|word| word.text).collect(), None)
    }

    /// Looks up the programmes whose amounts are facts, and what those rest on.
    pub(super) fn amounts_of_programmes(&mut self) {
        for (fact, word) in std::mem::take(&mut self.amounts) {
            let Some(programme) = self.pack.programme(&word.text) else {
                let known = self.pack.programmes.iter().map(|p| p.id.as_str());
                self.notes.unknown(PROGRAMME, &word, known);
                continue;
            };
            let fault = |zh: &str, en: &str| {
                self.notes
                    .fault(Fault::at(word.place.clone(), "amount-of", zh, en));
            };
            if programme.pays.is_none() {
                fault(
                    "这个项目没有 [pays]，不发钱。",
                    "This programme has no [pays].",
                );
            }
            let named: Vec<String> = (programme.conditions_sql().chain(programme.pays_sql()))
                .flat_map(|sql| crate::mentions(&sql.text))
                .map(|(name, _)| name)
                .collect();
            let of = programme.subject.clone();
            // One person is the whole subject of a programme whose amounts can be summed over people.
            let single = self
                .pack
                .subject(&of)
                .is_none_or(|of| of.member_rows.is_none() && of.members == ["subject"]);
            let place = |own: &&mut Fact| own.amount_of.is_some() && own.id == fact;
            let mut summed = false;
            for subject in &mut self.pack.subjects {
                let same = subject.id == of;
                let many = subject.member_rows.is_some() || subject.members != ["subject"];
                let facts: Vec<String> = subject.facts().map(|fact| fact.id.clone()).collect();
                for own in subject.computed.iter_mut().filter(place) {
                    if own.amount_of.as_deref() != Some(word.text.as_str()) {
                        continue;
                    }
                    if same {
                        own.rests = (named.iter().filter(|name| facts.contains(name)))
                            .cloned()
                            .collect();
                    } else if !single || !many {
                        summed = true;
                    }
                }
            }
            if summed {
                fault(
                    "金额只能取自同一类对象的项目，或由成员个人的项目相加而成。",
                    "An amount is that of a programme about the same subject, or the sum over the people of a subject of programmes about a person.",
                );
            }
        }
    }

    fn group(&mut self, mut row: Table<'n, 'f>, scope: &str, taken: &[&str]) -> Option<FactGroup> {
        let id = row.id(GROUP, scope, Ids::Plain);
        let sql = row.sql_opt("sql");
        if let Some(sql) = &sql {
            self.check_day_only(sql);
        }
        let origin = if sql.is_some() {
            Origin::Query
        } else {
            Origin::Subject
        };
        let rows = row.rows("fact");
        if rows.is_empty() {
            row.missing("fact");
        }
        let facts = rows
            .into_iter()
            .filter_map(|fact| self.fact(fact, scope, taken, origin))
            .collect();
        row.done();
        let id = id?;
        Some(FactGroup {
            id: id.text,
            sql,
            facts,
            place: id.place,
        })
    }

    fn fact(
        &mut self,
        mut row: Table<'n, 'f>,
        scope: &str,
        taken: &[&str],
        origin: Origin,
    ) -> Option<Fact> {
        let id = row.id(FACT, scope, Ids::Sql);
        if let Some(id) = &id {
            row.not_reserved(id, taken);
        }
        let name = row.text("name");
        let ask = row.text_opt("ask");
        let answered_by = row.word_opt("answered_by");
        let kind = self.fact_type(&mut row);
        let amount_of = match origin {
            Origin::Facts => row.word_opt("amount_of"),
            Origin::Subject | Origin::Query => None,
        };
        let computed = origin == Origin::Facts && amount_of.is_none();
        let sql = computed.then(|| row.sql("sql"));
        // Only a query of its own can be without a row for the subject.
        let absent = match origin {
            Origin::Query => row.sql_opt("absent"),
            Origin::Subject | Origin::Facts => None,
        };
        for sql in sql.iter().chain(&absent) {
            self.check_day_only(sql);
        }
        let closed = match origin {
            Origin::Facts => Closed::default(),
            Origin::Query | Origin::Subject => self.closed(&mut row),
        };
        row.done();
        let id = id?;
        self.answers.extend(answered_by.clone());
        if let Some(word) = amount_of.as_ref().filter(|_| kind != FieldType::Fen) {
            self.mismatch(word, "金额应为 fen 类型。", "An amount is of type `fen`.");
        }
        if let Some(word) = &amount_of {
            self.amounts.push((id.text.clone(), word.clone()));
        }
        Some(Fact {
            id: id.text,
            name,
            ask,
            answered_by: answered_by.map(|word| word.text),
            kind,
            absent,
            closed,
            sql,
            amount_of: amount_of.map(|word| word.text),
            rests: Vec::new(),
            place: id.place,
        })
    }

    /// Where nothing on record means that there is nothing.
    fn closed(&mut self, row: &mut Table<'n, 'f>) -> Closed {
        let whole = row.word_or_words("whole");
        let words = |words: Vec<crate::read::Word>, load: &mut Self| -> Vec<String> {
            let texts = words.iter().map(|word| word.text.clone()).collect();
            load.vouchers.extend(words);
            texts
        };
        let is_whole = whole.is_some();
        let vouched = whole.or_else(|| row.word_or_words("vouched"));
        let vouched = words(vouched.unwrap_or_default(), self);
        let everywhere = row.word_or_words("everywhere").unwrap_or_default();
        let of = row.word_or_words("of").unwrap_or_default();
        Closed {
            vouched,
            everywhere: words(everywhere, self),
            whole: is_whole,
            recorded: row.bool_or("recorded", false),
            of: of.into_iter().map(|word| word.text).collect(),
        }
    }

    /// Looks up the rosters whose lists facts rest on.
    pub(super) fn known_vouchers(&self) {
        for word in &self.vouchers {
            let vouching = self
                .pack
                .rosters
                .iter()
                .filter(|own| own.vouching.is_some());
            if !vouching.clone().any(|own| own.id == word.text) {
                self.notes
                    .unknown(VOUCHER, word, vouching.map(|own| own.id.as_str()));
            }
        }
    }

    /// Reports computed facts that lead back to themselves.
    pub(super) fn fact_rings(&self) {
        for subject in &self.pack.subjects {
            for ring in rings(&subject.computed_mentions()) {
                let facts: Vec<&Fact> = ring.iter().map(|&i| &subject.computed[i]).collect();
                self.fact_ring(&facts);
            }
        }
    }

    fn fact_ring(&self, facts: &[&Fact]) {
        let names = ring_of(facts.iter().map(|f| f.id.as_str()));
        let next = |i: usize| &facts[(i + 1) % facts.len()].id;
        let mut fault = Fault::at(
            mention(facts[0], next(0)),
            "fact-cycle",
            format!("事实互相依赖，成了环：{names}。"),
            format!("Facts depend on each other in a ring: {names}."),
        );
        for (i, fact) in facts.iter().enumerate().skip(1) {
            let (zh, en) = (
                format!("“{}”用到“{}”", fact.id, next(i)),
                format!("“{}” uses “{}”", fact.id, next(i)),
            );
            fault = fault.related(mention(fact, next(i)), zh, en);
        }
        let (zh, en) = if facts.len() == 1 {
            ("事实不能用到自己。", "A fact can't use itself.")
        } else {
            (
                "请让其中一个直接从册中取数。",
                "Let one of them be read from the registers instead.",
            )
        };
        self.notes.fault(fault.hint(zh, en));
    }
}

/// "a → b → a".
pub(super) fn ring_of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> String {
    let names: Vec<&str> = names.clone().chain(names.take(1)).collect();
    names.join(" → ")
}

/// Where a fact's SQL mentions a name.
fn mention(fact: &Fact, name: &str) -> Place {
    let found = fact.sql.iter().find_map(|sql| {
        let (_, span) = crate::mentions(&sql.text)
            .into_iter()
            .find(|(found, _)| found == name)?;
        Some(sql.at(span))
    });
    found.unwrap_or_else(|| fact.place.clone())
}
