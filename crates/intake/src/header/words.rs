//! The words a roster's columns are recognised by. A heading is compared without what only layout put there; what stands in
//! brackets behind it is dropped where that changes nothing, and is a unit where amounts stand below.

use std::collections::HashSet;

use pack::{CodeList, Column, FieldType, Roster};

/// Words by which a heading speaks of somebody else, or of another calendar. A column is never taken for one without that word.
const OTHERS: [&str; 22] = [
    "父",
    "母",
    "配偶",
    "丈夫",
    "妻",
    "夫",
    "男方",
    "女方",
    "户主",
    "监护",
    "代理",
    "代领",
    "联系人",
    "亲属",
    "子女",
    "家长",
    "担保",
    "介绍",
    "经办",
    "填表",
    "农历",
    "阴历",
];

/// Units of measure. Figures in one are never taken for figures in another.
const MEASURES: [&str; 25] = [
    "亩",
    "公亩",
    "公顷",
    "平方米",
    "平米",
    "㎡",
    "m²",
    "m2",
    "平方公里",
    "平方千米",
    "km²",
    "米",
    "千米",
    "公里",
    "千克",
    "公斤",
    "克",
    "吨",
    "斤",
    "万",
    "千",
    "百",
    "万人",
    "千人",
    "万平方米",
];

/// The words a roster's columns are recognised by, folded once.
pub(crate) struct Words<'r> {
    pub(super) roster: &'r Roster,
    codes: &'r [CodeList],
    names: Vec<Vec<String>>,
    groups: Vec<Vec<String>>,
    known: HashSet<String>,
}

/// What a heading is recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named<'h> {
    /// The roster's column.
    pub column: usize,
    /// What stands in brackets behind it.
    pub unit: Option<&'h str>,
}

impl<'r> Words<'r> {
    pub(crate) fn new(roster: &'r Roster, codes: &'r [CodeList]) -> Words<'r> {
        let fold_all = |words: &[String]| words.iter().map(|w| fold(w)).collect::<Vec<_>>();
        let names: Vec<Vec<String>> = roster
            .columns
            .iter()
            .map(|c| {
                let mut names = fold_all(&c.synonyms);
                names.extend([fold(&c.name.zh), fold(&c.name.en)]);
                names
            })
            .collect();
        Words {
            roster,
            codes,
            known: names.iter().flatten().cloned().collect(),
            names,
            groups: roster.columns.iter().map(|c| fold_all(&c.group)).collect(),
        }
    }

    pub(super) fn code(&self, id: &str) -> Option<&CodeList> {
        self.codes.iter().find(|list| list.id == id)
    }

    /// Whether merged areas matter for this roster.
    pub(crate) fn has_groups(&self) -> bool {
        self.groups.iter().any(|g| !g.is_empty())
    }

    /// Whether a cell says a column's name just as it is declared.
    pub(super) fn says_a_name(&self, text: &str) -> bool {
        self.known.contains(text)
    }

    /// The roster's column a heading names; what stands in brackets is dropped if nothing else is named by the whole.
    pub(super) fn recognise<'h>(&self, own: &'h str, upper: Option<&str>) -> Option<Named<'h>> {
        let bracket = in_brackets(own);
        if let Some(column) = self.named(own, upper) {
            let unit = bracket.map(|(_, unit)| unit);
            return Some(Named { column, unit });
        }
        let (bare, unit) = bracket?;
        let column = self.named(bare, upper)?;
        let declared = &self.roster.columns[column];
        let may = match declared.kind {
            FieldType::Fen => true,
            FieldType::Int => !MEASURES.contains(&unit) || self.says_unit(column, unit),
            _ => !speaks_of_others(unit, declared),
        };
        may.then_some(Named {
            column,
            unit: Some(unit),
        })
    }

    /// Whether a name or synonym of the column has this in brackets.
    fn says_unit(&self, column: usize, unit: &str) -> bool {
        self.names[column]
            .iter()
            .filter_map(|name| in_brackets(name))
            .any(|(_, declared)| declared == unit)
    }

    /// The roster's column of this name. Under a group's name, the group's columns come first; a column of a group is only
    /// recognised under it, or when its name says the group itself.
    fn named(&self, own: &str, upper: Option<&str>) -> Option<usize> {
        let named = |at: &usize| self.names[*at].iter().any(|n| n == own);
        let grouped = |at: &usize| upper.is_some_and(|u| self.groups[*at].iter().any(|g| g == u));
        let alone = |at: &usize| {
            self.groups[*at].is_empty()
                || self.groups[*at]
                    .iter()
                    .any(|g| own.len() > g.len() && own.starts_with(g.as_str()))
        };
        let all = || 0..self.names.len();
        all()
            .find(|at| named(at) && grouped(at))
            .or_else(|| {
                all().find(|at| {
                    self.groups[*at].iter().any(|g| {
                        grouped(at) && self.names[*at].iter().any(|n| *n == format!("{g}{own}"))
                    })
                })
            })
            .or_else(|| all().find(|at| named(at) && alone(at)))
            // `父亲身份证号` in one cell, where the roster names only `身份证号` under `父亲`.
            .or_else(|| {
                all().find(|at| {
                    self.groups[*at].iter().any(|g| {
                        own.strip_prefix(g.as_str())
                            .is_some_and(|rest| self.names[*at].iter().any(|n| n == rest))
                    })
                })
            })
            // A name that only one column has needs no group to be clear.
            .or_else(|| {
                let mut same = all().filter(|at| named(at));
                let only = same.next();
                only.filter(|_| same.next().is_none() && upper.is_none())
            })
    }
}

/// A header word without what only layout put there: width, spaces, case, a mark for required columns.
pub(crate) fn fold(word: &str) -> String {
    let word = kernel::normal(word).to_lowercase();
    word.trim_matches(['*', ':', '※', '★']).to_owned()
}

/// The name of a column as a person would say it, with the group it stands under.
pub(super) fn label(column: &Column) -> String {
    match column.group.first() {
        Some(group) if !column.name.zh.starts_with(group.as_str()) => {
            format!("{group}{}", column.name.zh)
        }
        _ => column.name.zh.clone(),
    }
}

/// Whether a heading speaks of somebody else than the column does.
pub(super) fn speaks_of_others(heading: &str, column: &Column) -> bool {
    let own = |word: &str| {
        let said = [&column.name.zh].into_iter().chain(&column.synonyms);
        said.chain(&column.group).any(|name| name.contains(word))
    };
    OTHERS
        .iter()
        .any(|word| heading.contains(word) && !own(word))
}

/// A folded heading and what stands in brackets at its end: `金额(万元)`, `面积[亩]`.
pub(super) fn in_brackets(heading: &str) -> Option<(&str, &str)> {
    [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕')]
        .into_iter()
        .find_map(|(open, close)| heading.strip_suffix(close)?.rsplit_once(open))
        .map(|(name, unit)| (name.trim_matches(['*', ':']), unit))
        .filter(|(name, unit)| !name.is_empty() && !unit.is_empty())
}

/// By how many decimal places figures of this unit are more than yuan: 4 for `万元`. None if it is no unit of money we can be
/// sure of, or speaks of another time than the column does.
pub(super) fn places(unit: &str, column: &Column) -> Option<u32> {
    let unit = ["单位:", "单位", "人民币:", "人民币"]
        .into_iter()
        .fold(unit, |unit, word| unit.strip_prefix(word).unwrap_or(unit));
    let (money, per) = match unit.split_once(['/', '每']) {
        Some((money, per)) => (money, Some(per)),
        None => (unit, None),
    };
    let said = |word| {
        let names = [&column.name.zh].into_iter().chain(&column.synonyms);
        names.into_iter().any(|name| name.contains(word))
    };
    let fits = per.is_none_or(|per| {
        let times = per.contains(['年', '季', '天', '日', '周']);
        let one = per.chars().all(|c| "人户月次·./、".contains(c));
        match (one, times) {
            (true, _) => !per.contains('月') || !said('年'),
            (false, true) => per.chars().count() == 1 && per.chars().all(said),
            _ => false,
        }
    });
    let places = match money {
        "" | "元" | "圆" | "rmb" | "cny" | "yuan" => 0,
        "百元" => 2,
        "千元" => 3,
        "万元" | "万" => 4,
        _ => return None,
    };
    fits.then_some(places)
}
