//! `taizhang pack list`: everything a pack declares, by kind, with its name and the file that declares it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use kernel::Lang;
use pack::{CheckLevel, FieldType, Items as ListOf, Pack, Place, Text};

use crate::arguments::{self, PackList};
use crate::failure::Failure;
use crate::packs;
use crate::say::Say;

/// A kind of thing that a pack declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the words")]
pub enum Kind {
    Layers,
    Codes,
    Registers,
    Fields,
    Rosters,
    Actions,
    Subjects,
    Facts,
    Programmes,
    Conditions,
    Parameters,
    Indicators,
    Reports,
    Checks,
    Functions,
    Dimensions,
    Dashboards,
    Duties,
    Roles,
    Calendar,
}

impl clap::ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Kind; KINDS.len()] = {
            let mut all = [Kind::Layers; KINDS.len()];
            let mut at = 0;
            while at < KINDS.len() {
                all[at] = KINDS[at].0;
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        let (_, id, zh, en) = KINDS.iter().find(|(kind, ..)| kind == self)?;
        Some(arguments::one_of(id, zh, en))
    }
}

impl Kind {
    /// What is typed for it.
    pub fn id(self) -> &'static str {
        let found = KINDS.iter().find(|(kind, ..)| *kind == self);
        found.map_or("", |(_, id, ..)| id)
    }
}

const KINDS: [(Kind, &str, &str, &str); 20] = [
    (Kind::Layers, "layers", "层", "Layers"),
    (Kind::Codes, "codes", "代码表", "Code lists"),
    (Kind::Registers, "registers", "登记册", "Registers"),
    (Kind::Fields, "fields", "字段", "Fields"),
    (Kind::Rosters, "rosters", "名册", "Rosters"),
    (Kind::Actions, "actions", "办理", "Actions"),
    (Kind::Subjects, "subjects", "对象", "Subjects"),
    (Kind::Facts, "facts", "事实", "Facts"),
    (Kind::Programmes, "programmes", "项目", "Programmes"),
    (Kind::Conditions, "conditions", "条件", "Conditions"),
    (Kind::Parameters, "parameters", "参数", "Parameters"),
    (Kind::Dimensions, "dimensions", "维度", "Dimensions"),
    (Kind::Indicators, "indicators", "指标", "Indicators"),
    (Kind::Dashboards, "dashboards", "看板", "Dashboards"),
    (Kind::Reports, "reports", "报告", "Reports"),
    (Kind::Duties, "duties", "职责", "Duties"),
    (Kind::Roles, "roles", "角色", "Roles"),
    (Kind::Checks, "checks", "核对项", "Checks"),
    (Kind::Calendar, "calendar", "节假日", "Calendar"),
    (Kind::Functions, "functions", "函数", "Functions"),
];

/// One thing of a pack.
#[derive(serde::Serialize)]
struct Item {
    kind: &'static str,
    id: String,
    name: String,
    /// What else is to be said in a word: the type of a field, the value of a parameter, from when something is retired.
    more: String,
    /// The layer.
    layer: Option<String>,
    /// `path:line`.
    from: Option<String>,
}

/// Tells what there is in a pack, and where it comes from.
pub fn list(asked: &PackList, say: &Say) -> Result<ExitCode, Failure> {
    let pack = packs::load(&asked.pack, say)?;
    let mut all = Vec::new();
    for (kind, id, zh, en) in KINDS {
        if asked.kind.is_some_and(|only| only != kind) {
            continue;
        }
        let items = Items {
            pack: &pack,
            say,
            kind: id,
        }
        .of(kind);
        say.line(format!("{} ({})", say.pick(zh, en), items.len()));
        for item in &items {
            let parts = [&item.name, &item.more]
                .into_iter()
                .filter(|part| !part.is_empty());
            let words: Vec<&str> = parts.map(String::as_str).collect();
            let from = item.from.as_ref().map(|from| format!("  [{from}]"));
            say.line(format!(
                "  {}  {}{}",
                item.id,
                words.join("  "),
                from.unwrap_or_default()
            ));
        }
        all.extend(items);
    }
    if say.json {
        say.value(&all)?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Items<'a> {
    pack: &'a Pack,
    say: &'a Say,
    kind: &'static str,
}

impl Items<'_> {
    fn item(
        &self,
        id: impl Into<String>,
        name: &Text,
        more: String,
        place: Option<&Place>,
    ) -> Item {
        let origin = place.and_then(|place| self.pack.origin(place));
        Item {
            kind: self.kind,
            id: id.into(),
            name: name.get(self.say.lang).to_owned(),
            more,
            layer: origin.as_ref().map(|origin| origin.layer.id.clone()),
            from: origin.map(|origin| origin.to_string()),
        }
    }

    fn retired(&self, since: Option<jiff::civil::Date>) -> String {
        since.map_or_else(String::new, |since| match self.say.lang {
            Lang::Zh => format!("自 {since} 起停用"),
            Lang::En => format!("retired since {since}"),
        })
    }

    fn of(&self, kind: Kind) -> Vec<Item> {
        let pack = self.pack;
        match kind {
            Kind::Layers => self.each(&pack.layers, |layer| {
                let first = Place {
                    file: layer.files.start,
                    span: 0..0,
                };
                let item = self.item(&layer.id, &layer.name, layer.version.clone(), Some(&first));
                Item { from: None, ..item }
            }),
            Kind::Codes => self.each(&pack.codes, |list| {
                let values: Vec<&str> = list.members.iter().map(|m| m.value.as_str()).collect();
                let values = match list.comes_and_goes() {
                    true => values.len().to_string(),
                    false => values.join(" "),
                };
                self.item(&list.id, &list.name, values, Some(&list.place))
            }),
            Kind::Registers => self.each(&pack.registers, |register| {
                let more = self.retired(register.retired);
                self.item(&register.id, &register.name, more, Some(&register.place))
            }),
            Kind::Fields => self.fields(),
            Kind::Rosters => self.each(&pack.rosters, |roster| {
                let sender = roster.sender.get(self.say.lang).to_owned();
                self.item(&roster.id, &roster.name, sender, Some(&roster.place))
            }),
            Kind::Actions => self.each(&pack.actions, |action| {
                let sender = action.roster.sender.get(self.say.lang).to_owned();
                self.item(action.id(), action.name(), sender, Some(&action.place))
            }),
            Kind::Subjects => self.each(&pack.subjects, |subject| {
                self.item(
                    &subject.id,
                    &subject.name,
                    String::new(),
                    Some(&subject.place),
                )
            }),
            Kind::Facts => self.facts(),
            Kind::Programmes => self.each(&pack.programmes, |programme| {
                let more = self.retired(programme.retired);
                self.item(&programme.id, &programme.name, more, Some(&programme.place))
            }),
            Kind::Conditions => self.conditions(),
            Kind::Parameters => self.parameters(),
            Kind::Indicators => self.each(&pack.indicators, |indicator| {
                let unit = indicator.unit.get(self.say.lang).to_owned();
                self.item(&indicator.id, &indicator.name, unit, Some(&indicator.place))
            }),
            Kind::Reports => self.each(&pack.reports, |report| {
                self.item(&report.id, &report.name, String::new(), Some(&report.place))
            }),
            Kind::Dashboards => self.each(&pack.dashboards, |own| {
                let figures = own.sections.iter().flat_map(|section| &section.figures);
                let figures: BTreeSet<&str> = figures.map(String::as_str).collect();
                let figures: Vec<&str> = figures.into_iter().collect();
                self.item(&own.id, &own.name, figures.join(" "), Some(&own.place))
            }),
            Kind::Duties => self.each(&pack.duties, |own| {
                self.item(&own.id, &own.name, String::new(), Some(&own.place))
            }),
            Kind::Calendar => self.years(),
            Kind::Dimensions => self.each(&pack.dimensions, |own| {
                self.item(&own.id, &own.name, String::new(), Some(&own.place))
            }),
            Kind::Roles => self.each(&pack.roles, |own| {
                self.item(&own.id, &own.name, String::new(), Some(&own.place))
            }),
            Kind::Checks => self.checks(),
            Kind::Functions => self.each(&tables::signatures(), |signature| {
                self.item(signature, &Text::default(), String::new(), None)
            }),
        }
    }

    fn each<T>(&self, all: &[T], one: impl Fn(&T) -> Item) -> Vec<Item> {
        all.iter().map(one).collect()
    }

    fn fields(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for register in &self.pack.registers {
            for field in &register.fields {
                let id = format!("{}.{}", register.id, field.id);
                let kind = typed(&field.kind);
                let more = format!("{kind} {}", self.retired(field.retired));
                items.push(self.item(id, &field.name, more.trim().to_owned(), Some(&field.place)));
            }
        }
        items
    }

    fn facts(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for subject in &self.pack.subjects {
            for fact in subject.facts() {
                let id = format!("{}.{}", subject.id, fact.id);
                items.push(self.item(id, &fact.name, typed(&fact.kind), Some(&fact.place)));
            }
        }
        items
    }

    /// The years of which the days off are known.
    fn years(&self) -> Vec<Item> {
        let calendar = &self.pack.calendar;
        let mut years: BTreeMap<i16, [usize; 2]> = BTreeMap::new();
        for (nth, days) in [calendar.holidays(), calendar.made_up()]
            .into_iter()
            .enumerate()
        {
            for day in days {
                years.entry(day.year()).or_default()[nth] += 1;
            }
        }
        let item = |(year, [off, worked]): (i16, [usize; 2])| {
            let more = match self.say.lang {
                Lang::Zh => format!("放假 {off} 天，调休上班 {worked} 天"),
                Lang::En => format!("days off: {off}, made up: {worked}"),
            };
            self.item(year.to_string(), &Text::default(), more, None)
        };
        years.into_iter().map(item).collect()
    }

    fn conditions(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for programme in &self.pack.programmes {
            for condition in &programme.conditions {
                let id = format!("{}.{}", programme.id, condition.id);
                let more = self.retired(condition.retired);
                items.push(self.item(id, &condition.name, more, Some(&condition.place)));
            }
        }
        items
    }

    fn checks(&self) -> Vec<Item> {
        let pack = self.pack;
        let of_registers = pack.registers.iter().map(|own| (&own.id, &own.checks));
        let of_rosters = pack.rosters.iter().map(|own| (&own.id, &own.checks));
        let actions = pack.actions.iter().map(|own| &own.roster);
        let of_actions = actions.map(|own| (&own.id, &own.checks));
        let mut items = Vec::new();
        for (of, checks) in of_registers.chain(of_rosters).chain(of_actions) {
            for check in checks {
                let level = match check.level {
                    CheckLevel::Must => self.say.pick("必须", "must"),
                    CheckLevel::Should => self.say.pick("应当", "should"),
                };
                let id = format!("{of}.{}", check.id);
                let more = format!("{level} {}", self.retired(check.retired));
                items.push(self.item(id, &check.name, more.trim().to_owned(), Some(&check.place)));
            }
        }
        for check in &pack.checks {
            let more = self.retired(check.retired);
            items.push(self.item(&check.id, &check.name, more, Some(&check.place)));
        }
        items
    }

    /// Each value with the layer it comes from.
    fn parameters(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for programme in &self.pack.programmes {
            for parameter in &programme.parameters {
                for dated in &parameter.values {
                    let id = format!("{}.{}", programme.id, parameter.id);
                    let more = format!("{} {}", dated.from, dated.value);
                    items.push(self.item(id, &parameter.name, more, Some(&dated.place)));
                }
            }
        }
        items
    }
}

/// A type, with the code list or the register that it is of.
fn typed(kind: &FieldType) -> String {
    let of = match kind {
        FieldType::Code(list) | FieldType::List(ListOf::Codes(list)) => Some(list),
        FieldType::Ref(register) => Some(register),
        _ => None,
    };
    match of {
        Some(of) => format!("{} {of}", kind.as_str()),
        None => kind.as_str().to_owned(),
    }
}
