//! Checking the contract: that each thing the crates above know is kept by exactly one register, with the fields they read and
//! write. A pack that takes lists of people, or in which a register keeps any of these, keeps them all; another needs none.

use std::sync::Arc;

use super::Load;
use super::roles::ROLES;
use crate::read::Notes;
use crate::{
    AskedNone, Contract, Deaths, Enrolments, Fault, FieldAt, FieldType, FollowUps, Homes,
    Households, Kinship, Layouts, OwnLists, People, Place, Posts, Questions, Register, SAID, Units,
};

/// A thing that a register keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    People,
    Homes,
    Households,
    Kinship,
    Enrolments,
    Deaths,
    Questions,
    Layouts,
    Units,
    Posts,
    FollowUps,
    AskedNone,
    OwnLists,
}

/// What a pack that keeps people may do without.
const SPARE: [Thing; 3] = [Thing::FollowUps, Thing::AskedNone, Thing::OwnLists];

/// A thing, its names, and how a register says that it keeps it.
type Named = (Thing, &'static str, &'static str, &'static str);

/// Everything that is kept.
const THINGS: [Named; 13] = [
    (Thing::People, "人员", "people", "keeps = \"people\""),
    (Thing::Homes, "居住", "homes", "home = { … }"),
    (
        Thing::Households,
        "家庭户",
        "households",
        "keeps = \"households\"",
    ),
    (Thing::Kinship, "亲属关系", "kinship", "keeps = \"kinship\""),
    (
        Thing::Enrolments,
        "享受名册",
        "enrolments",
        "keeps = \"enrolments\"",
    ),
    (Thing::Deaths, "死亡", "deaths", "keeps = \"deaths\""),
    (
        Thing::Questions,
        "待核事项",
        "questions",
        "keeps = \"questions\"",
    ),
    (Thing::Layouts, "版式", "layouts", "keeps = \"layouts\""),
    (Thing::Units, "单位", "units", "tree = { … }"),
    (Thing::Posts, "岗位", "posts", "keeps = \"posts\""),
    (
        Thing::FollowUps,
        "跟办情况",
        "follow-ups",
        "follow_up = { … }",
    ),
    (
        Thing::AskedNone,
        "问询无此情况的记录",
        "what was asked of those no list names",
        "keeps = \"asked\"",
    ),
    (
        Thing::OwnLists,
        "自行登记的名册",
        "lists that units keep themselves",
        "keeps = \"own-lists\"",
    ),
];

/// The words under `keeps`. Homes, units and follow-ups are told by `home`, `tree` and `follow_up`.
pub(super) const KEEPS: [(&str, Thing); 10] = [
    ("people", Thing::People),
    ("households", Thing::Households),
    ("kinship", Thing::Kinship),
    ("enrolments", Thing::Enrolments),
    ("deaths", Thing::Deaths),
    ("questions", Thing::Questions),
    ("layouts", Thing::Layouts),
    ("posts", Thing::Posts),
    ("asked", Thing::AskedNone),
    ("own-lists", Thing::OwnLists),
];

/// That a register keeps a thing, and where it says so.
#[derive(Debug)]
pub(super) struct Kept {
    pub thing: Thing,
    /// The place of the register among those of the pack.
    pub register: usize,
    pub place: Place,
}

impl Load<'_, '_> {
    /// Checks the contract of the pack, and draws it up.
    pub(super) fn contract(&mut self) {
        self.one_keeper_each();
        let told =
            |kept: &&Kept| !matches!(kept.thing, Thing::Homes | Thing::Units | Thing::FollowUps);
        let told = self.kept.iter().find(told).map(|kept| &kept.place);
        let lists = self.pack.lists().find(|roster| roster.people);
        let Some(because) = told.or(lists.map(|roster| &roster.place)) else {
            return;
        };
        self.all_kept(because);
        self.pack.contract = self.drawn_up().map(Arc::new);
    }

    /// The register that keeps people, as far as is known before the contract is drawn up.
    pub(super) fn people(&self) -> Option<&str> {
        let kept = self.kept.iter().find(|kept| kept.thing == Thing::People)?;
        Some(&self.pack.registers.get(kept.register)?.id)
    }

    /// Notes what two registers keep.
    fn one_keeper_each(&self) {
        for (nth, kept) in self.kept.iter().enumerate() {
            let mut before = self.kept[..nth].iter();
            let Some(first) = before.find(|before| before.thing == kept.thing) else {
                continue;
            };
            let (zh, en) = kept.thing.names();
            let fault = Fault::at(
                kept.place.clone(),
                "two-keepers",
                format!("两册都登记{zh}。"),
                format!("Two registers keep {en}."),
            );
            self.notes.fault(
                fault
                    .related(first.place.clone(), "另一册在这里", "the other is here")
                    .hint("只留一册。", "Let one of them keep it."),
            );
        }
    }

    /// Notes what no register keeps.
    fn all_kept(&self, because: &Place) {
        let kept = |thing: Thing| self.kept.iter().any(|kept| kept.thing == thing);
        let lacks = |thing: Thing| !kept(thing) && !SPARE.contains(&thing);
        let missing: Vec<_> = THINGS.iter().filter(|(thing, ..)| lacks(*thing)).collect();
        if missing.is_empty() {
            return;
        }
        let list = |words: fn(&Named) -> &'static str, comma: &str| {
            let words: Vec<&str> = missing.iter().map(|thing| words(thing)).collect();
            words.join(comma)
        };
        let fault = Fault::at(
            because.clone(),
            "missing-keeper",
            format!("登记人员的规则包还须登记：{}。", list(|t| t.1, "、")),
            format!(
                "A pack that keeps people must also keep: {}.",
                list(|t| t.2, ", ")
            ),
        );
        self.notes.fault(fault.hint(
            format!("请在相应的册写明 {}", list(|t| t.3, "、")),
            format!("Say in the register of each: {}", list(|t| t.3, ", ")),
        ));
    }

    /// The contract; none if a thing isn't kept. Faults of fields are noted.
    fn drawn_up(&self) -> Option<Contract> {
        use FieldType::{Bool, Date, IdNumber, Int, Phone, Text, Unit};
        let code = || FieldType::Code(String::new());
        let keeper = |thing: Thing| {
            let kept = self.kept.iter().find(|kept| kept.thing == thing)?;
            Some(Keeper {
                load: self,
                notes: self.notes,
                thing,
                register: &self.pack.registers[kept.register],
                place: &kept.place,
            })
        };
        // A reference to records of a thing; to any, if nothing keeps it.
        let to = |thing: Thing| {
            let id = keeper(thing).map(|k| k.register.id.clone());
            FieldType::Ref(id.unwrap_or_default())
        };
        let person = || to(Thing::People);
        let people = keeper(Thing::People).map(|k| People {
            id_number: k.field("id_number", IdNumber),
            name: k.field("name", Text),
            sex: k.field("sex", code()),
            birth_date: k.field("birth_date", Date),
            register: k.identified(&["id_number"]),
        });
        let homes = keeper(Thing::Homes).and_then(|k| {
            let home = k.register.home.as_ref()?;
            Some(Homes {
                person: k.declared(&home.person, person()),
                unit: k.declared(&home.unit, Unit),
                registered: k.declared(&home.registered, Bool),
                living: k.declared(&home.living, Bool),
                household: k.field("household", to(Thing::Households)),
                origin: k.field("origin", Text),
                relation_to_head: k.field("relation_to_head", code()),
                register: k.register.clone(),
            })
        });
        let households = keeper(Thing::Households).map(|k| Households {
            number: k.field("number", Text),
            address: k.field("address", Text),
            register: k.register.clone(),
        });
        let kinship = keeper(Thing::Kinship).map(|k| Kinship {
            person: k.field("person", person()),
            relative: k.field("relative", person()),
            relation: k.field("relation", code()),
            adopted: k.field("adopted", Bool),
            child_status: k.field("child_status", code()),
            until: k.field("until", Date),
            register: k.register.clone(),
        });
        let enrolments = keeper(Thing::Enrolments).map(|k| Enrolments {
            person: k.field("person", person()),
            programme: k.field("programme", code()),
            unit: k.field("unit", Unit),
            register: k.register.clone(),
        });
        let deaths = keeper(Thing::Deaths).map(|k| Deaths {
            person: k.field("person", person()),
            died_on: k.field("died_on", Date),
            register: k.register.clone(),
        });
        let questions = keeper(Thing::Questions).map(|k| {
            let [name, number, sex, birth, phone, address] = SAID;
            Questions {
                roster: k.field("roster", Text),
                digest: k.field("digest", Text),
                kind: k.field("kind", code()),
                file: k.field("file", Text),
                row: k.field("row", Int),
                said: [
                    k.field(name, Text),
                    k.field(number, IdNumber),
                    k.field(sex, code()),
                    k.field(birth, Date),
                    k.field(phone, Phone),
                    k.field(address, Text),
                ],
                cells: k.field("cells", Text),
                candidates: k.field("candidates", Text),
                person: k.field("person", person()),
                other: k.field("other", Int),
                decision: k.field("decision", code()),
                decided_by: k.field("decided_by", Text),
                confirmed_by: k.field("confirmed_by", Text),
                register: k.identified(&["roster", "digest"]),
            }
        });
        let layouts = keeper(Thing::Layouts).map(|k| Layouts {
            roster: k.field("roster", Text),
            fingerprint: k.field("fingerprint", Text),
            columns: k.field("columns", Text),
            register: k.identified(&["roster", "fingerprint"]),
        });
        let units = keeper(Thing::Units).and_then(|k| {
            let tree = k.register.tree.as_ref()?;
            Some(Units {
                code: k.declared(&tree.code, Unit),
                name: k.field("name", Text),
                register: k.register.clone(),
            })
        });
        let posts = keeper(Thing::Posts).map(|k| Posts {
            holder: k.field("holder", Text),
            role: k.field("role", FieldType::Code(ROLES.to_owned())),
            unit: k.field("unit", Unit),
            stands_in_for: k.field("stands_in_for", Text),
            register: k.identified(&["holder", "role", "unit"]),
        });
        let follow_ups = keeper(Thing::FollowUps).and_then(|k| {
            let told = k.register.follow_up.as_ref()?;
            let of_programmes = enrolments.as_ref().map(|kept| kept.programme.kind.clone());
            Some(FollowUps {
                person: k.declared(&told.person, person()),
                programme: k.alike(&told.programme, of_programmes.unwrap_or_else(code)),
                status: k.declared(&told.status, code()),
                who: k.declared(&told.who, Text),
                due: k.declared(&told.due, Date),
                settled: told.settled.clone(),
                register: k.identified(&[&told.person, &told.programme]),
            })
        });
        let asked = keeper(Thing::AskedNone).map(|k| AskedNone {
            person: k.field("person", person()),
            list: k.field("list", code()),
            on: k.field("asked_on", Date),
            register: k.identified(&["person", "list"]),
        });
        let own_lists = keeper(Thing::OwnLists).map(|k| OwnLists {
            unit: k.field("unit", Unit),
            list: k.field("list", code()),
            since: k.field("since", Date),
            confirmed: k.field("confirmed_on", Date),
            register: k.identified(&["unit", "list"]),
        });
        Some(Contract {
            asked,
            own_lists,
            follow_ups,
            posts: posts?,
            people: people?,
            homes: homes?,
            households: households?,
            kinship: kinship?,
            enrolments: enrolments?,
            deaths: deaths?,
            questions: questions?,
            layouts: layouts?,
            units: units?,
        })
    }
}

impl Thing {
    fn names(self) -> (&'static str, &'static str) {
        let found = THINGS.iter().find(|(thing, ..)| *thing == self);
        found.map_or(("", ""), |(_, zh, en, _)| (zh, en))
    }
}

/// A register that keeps a thing.
struct Keeper<'a, 'n, 'f> {
    load: &'a Load<'n, 'f>,
    notes: &'a Notes<'f>,
    thing: Thing,
    register: &'a Register,
    /// Where it says so.
    place: &'a Place,
}

impl Keeper<'_, '_, '_> {
    /// A field the crates above know by this name.
    fn field(&self, id: &str, wanted: FieldType) -> FieldAt {
        if self.register.field(id).is_none() {
            let (zh, en) = self.thing.names();
            let (of_zh, of_en) = wanted.words();
            let fault = Fault::at(
                self.place.clone(),
                "missing-register-field",
                format!("登记{zh}的册缺少字段“{id}”（{of_zh}）。"),
                format!("The register that keeps {en} has no field “{id}” ({of_en})."),
            );
            self.notes.fault(fault.hint(
                format!("请补上 [[field]] id = \"{id}\"。"),
                format!("Add [[field]] id = \"{id}\"."),
            ));
        }
        self.declared(id, wanted)
    }

    /// A field the register itself names as one of those it keeps the thing in: whether it exists is known.
    fn declared(&self, id: &str, wanted: FieldType) -> FieldAt {
        let Some((at, field)) = self.register.field(id) else {
            return FieldAt {
                at: 0,
                id: id.to_owned(),
                kind: wanted,
            };
        };
        if !fits(&field.kind, &wanted) {
            let (zh, en) = self.thing.names();
            let (of_zh, of_en) = wanted.words();
            let (mut zh, mut en) = (
                format!("“{id}”应为{of_zh}：这一册登记{zh}。"),
                format!("“{id}” must be {of_en}: this register keeps {en}."),
            );
            if let FieldType::Ref(target) = &wanted {
                zh = format!("“{id}”应指向“{target}”册（type = \"ref\"）。");
                en = format!("“{id}” must be of type “ref”, to “{target}”.");
            }
            self.notes
                .fault(Fault::at(field.place.clone(), "type-mismatch", zh, en));
        }
        if field.retired.is_some() {
            self.load.needed(field);
        }
        FieldAt {
            at,
            id: field.id.clone(),
            kind: field.kind.clone(),
        }
    }

    /// The same, where the code list has to be this very one.
    fn alike(&self, id: &str, wanted: FieldType) -> FieldAt {
        let field = self.declared(id, wanted.clone());
        if let (FieldType::Code(own), FieldType::Code(list)) = (&field.kind, &wanted)
            && own != list
            && !list.is_empty()
            && let Some((_, declared)) = self.register.field(id)
        {
            let (zh, en) = (
                format!("“{id}”应取自代码表“{list}”。"),
                format!("“{id}” must be of the code list “{list}”."),
            );
            self.notes
                .fault(Fault::at(declared.place.clone(), "type-mismatch", zh, en));
        }
        field
    }

    /// The register, whose records are found by these fields.
    fn identified(&self, by: &[&str]) -> Register {
        if self.register.identity != by {
            let (zh, en) = self.thing.names();
            let list: Vec<String> = by.iter().map(|id| format!("\"{id}\"")).collect();
            let list = list.join(", ");
            let fault = Fault::at(
                self.place.clone(),
                "identity-mismatch",
                format!("{zh}应由 {} 标识。", by.join("、")),
                format!(
                    "The records of {en} must be identified by {}.",
                    by.join(", ")
                ),
            );
            self.notes.fault(fault.hint(
                format!("请写 identity = [{list}]"),
                format!("Say identity = [{list}]"),
            ));
        }
        self.register.clone()
    }
}

/// Whether a field holds what is wanted; a code list may be any, and so may a register that isn't known.
fn fits(kind: &FieldType, wanted: &FieldType) -> bool {
    match (kind, wanted) {
        (FieldType::Code(_), FieldType::Code(_)) => true,
        (FieldType::Ref(_), FieldType::Ref(target)) if target.is_empty() => true,
        (kind, wanted) => kind == wanted,
    }
}
