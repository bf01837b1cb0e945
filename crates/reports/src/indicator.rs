//! Figures of indicators: sums over counted rows, and what is made of them. A figure says of which units it can't be told, and is none
//! where nothing is known; it is never nought for that. Values are exact fractions of whole numbers; rounding happens once, when a
//! figure is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::{Lang, UnitCode};
use pack::{At, Dimension, Groups, Indicator, Measure, Pack};
use tables::{Footprint, TablesError, UnitTree};

use crate::cube::{Cube, UNSAID, groups};
pub use crate::exact::Exact;
use crate::known::{Tells, Unknown};

/// What can go wrong with a figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The tables could not be queried.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// No indicator has this id.
    #[error("there is no indicator “{asked}”; there are: {known}")]
    Unknown {
        /// The id asked for.
        asked: String,
        /// The ids there are.
        known: String,
    },
    /// Indicators that rest on each other in a circle.
    #[error("the indicator “{0}” rests on itself")]
    Circle(String),
}

impl FigureError {
    /// The message in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::Tables(error)) => error.message(lang),
            (Lang::Zh, Self::Unknown { asked, known }) => {
                format!("没有指标“{asked}”；现有指标：{known}")
            }
            (Lang::Zh, Self::Circle(id)) => format!("指标“{id}”引用了自身"),
        }
    }
}

/// A counted indicator, of the day before the period instead of its own day or days if the second says so.
pub type Atom = (String, bool);

/// What was counted of an atom, and of which of the lowest units it can be told.
#[derive(Clone, Debug)]
pub struct AtomCount {
    /// The counts.
    pub cube: Arc<Cube>,
    /// For each lowest unit of the ledger.
    pub tells: Arc<BTreeMap<UnitCode, Tells>>,
    /// The units, on the day.
    pub tree: Arc<UnitTree>,
    /// What the counts rest on.
    pub footprint: Footprint,
    /// The register whose records are counted over the period; none of what is counted on a day.
    pub happened: Option<String>,
}

impl AtomCount {
    /// What is told of it to somebody whose rights don't show what it counts.
    #[must_use]
    pub fn withheld(&self) -> Self {
        let not = |leaf: &UnitCode| (*leaf, Tells::Not(Unknown::Withheld));
        Self {
            cube: Arc::new(self.cube.without_rows()),
            tells: Arc::new(self.tells.keys().map(not).collect()),
            ..self.clone()
        }
    }
}

/// One indicator's value for a unit and period, or a group of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The indicator.
    pub id: String,
    /// The exact value, in the indicator's unit; none where it can't be told.
    pub value: Option<Exact>,
    /// Of the share of a sample, between what it lies with 95 % certainty.
    pub interval: Option<[Exact; 2]>,
    /// The decimals it is written with.
    pub decimals: u8,
    /// The lowest units that it leaves out because it can't be told of them, in order, and why. If it can be told of none, all.
    pub without: Vec<(UnitCode, Unknown)>,
    /// Of how many of the lowest units it is, with those left out; nought where that isn't told.
    pub units: usize,
    /// The day up to which something is known, if that is earlier than the period or day asked for.
    pub until: Option<Date>,
}

impl Figure {
    /// A figure that can't be told.
    #[must_use]
    pub fn unknown(indicator: &Indicator, without: Vec<(UnitCode, Unknown)>) -> Self {
        Self {
            id: indicator.id.clone(),
            value: None,
            interval: None,
            decimals: indicator.decimals,
            units: 0,
            without,
            until: None,
        }
    }

    /// The value as written: where there is none, that there is no data.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> String {
        match (self.value, lang) {
            (Some(value), _) => value.shown(self.decimals),
            (None, Lang::Zh) => "无数据".to_owned(),
            (None, Lang::En) => "no data".to_owned(),
        }
    }

    /// Whether it can be told of every unit, up to the last day asked for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.value.is_some() && self.without.is_empty() && self.until.is_none()
    }

    /// Whether it would be wrong as it stands: it can't be told, leaves units out, or counts what happened up to an earlier day only.
    #[must_use]
    pub fn has_gaps(&self, pack: &Pack) -> bool {
        let cut_off = self.until.is_some() && counts_happenings(pack, &self.id);
        self.value.is_none() || !self.without.is_empty() || cut_off
    }

    /// Why it can't be told: what is the matter in the first of the units; that nothing was ever recorded only where that is so of all.
    #[must_use]
    pub fn why(&self) -> Option<&Unknown> {
        if self.value.is_some() {
            return None;
        }
        let mut all = self.without.iter().map(|(_, why)| why);
        let known = all
            .clone()
            .find(|why| !matches!(why, Unknown::Never { .. }));
        known.or_else(|| all.next())
    }
}

/// Whether an indicator is made of what happened in a period, of which some is missing if nothing is known of its end.
#[must_use]
pub fn counts_happenings(pack: &Pack, id: &str) -> bool {
    let parts = pack.indicator(id).map(|own| pack.counted_parts(own));
    let mut parts = parts.into_iter().flatten();
    parts.any(|part| matches!(part.rows(), Some((_, At::Period))))
}

/// The atoms an indicator is made of, each once, in the order of its definition.
///
/// # Errors
/// An indicator that isn't there, or that rests on itself.
pub fn atoms(pack: &Pack, indicator: &Indicator) -> Result<Vec<Atom>, FigureError> {
    let mut found = Vec::new();
    let mut open = vec![(indicator, None)];
    let mut steps = 0;
    while let Some((indicator, forced)) = open.pop() {
        steps += 1;
        if steps > MOST_STEPS {
            return Err(FigureError::Circle(indicator.id.clone()));
        }
        match &indicator.measure {
            Measure::Count { at, .. } | Measure::Sum { at, .. } => {
                let atom = (indicator.id.clone(), forced.unwrap_or(*at == At::Start));
                if !found.contains(&atom) {
                    found.push(atom);
                }
            }
            Measure::Average { of } => {
                let of = declared(pack, of)?;
                open.extend([(of, Some(false)), (of, Some(true))]);
            }
            Measure::Rate { .. } => {
                for id in indicator.measure.others().into_iter().rev() {
                    open.push((declared(pack, id)?, None));
                }
            }
        }
    }
    Ok(found)
}

/// More parts than any figure is made of.
const MOST_STEPS: usize = 64;

/// The declaration of an indicator.
///
/// # Errors
/// When there is none of that id, naming those there are.
pub fn declared<'p>(pack: &'p Pack, id: &str) -> Result<&'p Indicator, FigureError> {
    pack.indicator(id).ok_or_else(|| {
        let known = pack
            .indicators
            .iter()
            .map(|indicator| indicator.id.as_str());
        FigureError::Unknown {
            asked: id.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    })
}

/// What an indicator's figures of one unit are made of: its atoms as counted, and the units of which all of them can be told.
pub struct Made<'a> {
    pack: &'a Pack,
    indicator: &'a Indicator,
    atoms: Vec<(&'a Atom, &'a AtomCount)>,
    scope: UnitCode,
    /// Whether the scope is all there is.
    whole: bool,
    /// Units whose rows don't count here.
    except: Vec<UnitCode>,
    /// The lowest units, those left out among them.
    leaves: BTreeSet<UnitCode>,
    /// The lowest units left out, and why.
    without: BTreeMap<UnitCode, Unknown>,
    /// Whether there is any of which all atoms can be told.
    tells: bool,
    until: Option<Date>,
}

impl<'a> Made<'a> {
    /// What the figures of a unit are made of; `whole` if the unit is the ledger's.
    #[must_use]
    pub fn new(
        (pack, indicator): (&'a Pack, &'a Indicator),
        atoms: Vec<(&'a Atom, &'a AtomCount)>,
        (scope, whole): (UnitCode, bool),
    ) -> Self {
        let mut made = Self {
            pack,
            indicator,
            atoms,
            scope,
            whole,
            except: Vec::new(),
            leaves: BTreeSet::new(),
            without: BTreeMap::new(),
            tells: false,
            until: None,
        };
        made.look();
        made
    }

    /// Finds out of which units all atoms can be told.
    fn look(&mut self) {
        let mut leaves: BTreeSet<UnitCode> = BTreeSet::new();
        for (_, counted) in &self.atoms {
            if !counted.cube.by_unit && !self.whole {
                self.without.insert(self.scope, Unknown::OnlyWhole);
                return;
            }
            leaves.extend(counted.tree.leaves(&self.scope));
        }
        self.leaves.clone_from(&leaves);
        for leaf in leaves {
            let mut until = None;
            let mut unknown = None;
            for (_, counted) in &self.atoms {
                match counted.tells.get(&leaf) {
                    Some(Tells::Whole) => {}
                    // Of the units above it they are told with the rest.
                    Some(Tells::Not(Unknown::Above)) if leaf != self.scope => {}
                    Some(Tells::Until(day)) => until = earlier(until, Some(*day)),
                    Some(Tells::Not(why)) => unknown = unknown.or(Some(why.clone())),
                    None => unknown = unknown.or(Some(Unknown::NoUnit)),
                }
            }
            match unknown.or_else(|| self.cut_short(&leaf)) {
                Some(why) => {
                    self.without.insert(leaf, why);
                }
                None => {
                    self.tells = true;
                    self.until = earlier(self.until, until);
                }
            }
        }
        // Rows that don't say whose they are can't be left out with a unit.
        let unsplit = self.atoms.iter().any(|(_, counted)| !counted.cube.by_unit);
        self.tells &= !unsplit || self.without.is_empty();
    }

    /// What happened up to some day isn't put beside what is told up to another one, nor divided by it.
    fn cut_short(&self, leaf: &UnitCode) -> Option<Unknown> {
        let until = |counted: &AtomCount| match counted.tells.get(leaf) {
            Some(Tells::Until(day)) => Some(*day),
            _ => None,
        };
        let happened = self
            .atoms
            .iter()
            .filter_map(|(_, counted)| Some((counted.happened.as_ref()?, until(counted)?)));
        let (register, day) = happened.min_by_key(|(_, day)| *day)?;
        let alike = self
            .atoms
            .iter()
            .all(|(_, counted)| until(counted) == Some(day));
        (!alike || self.mixes()).then(|| Unknown::After {
            register: register.clone(),
            until: day,
        })
    }

    /// Whether it is made of what happened over the period and of what is counted on a day.
    fn mixes(&self) -> bool {
        let happened = |counted: &AtomCount| counted.happened.is_some();
        let mut atoms = self.atoms.iter().map(|(_, counted)| happened(counted));
        let first = atoms.next();
        atoms.any(|own| Some(own) != first)
    }

    /// Whether the rows of a unit count: it lies in the scope, and in no unit that is left out.
    pub fn counts(&self, tree: &UnitTree, unit: Option<&UnitCode>) -> bool {
        let Some(unit) = unit else {
            return self.whole;
        };
        let within = tree.contains(&self.scope, unit);
        let mut left = self.except.iter().chain(self.without.keys());
        within && !left.any(|left| tree.contains(left, unit))
    }

    /// The figure of the whole unit.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let sums = self.by(&[]);
        self.of(&sums, &[])
    }

    /// Leaves out the rows of some units, without saying that anything is missing.
    #[must_use]
    pub fn except(mut self, units: &[UnitCode]) -> Self {
        self.except = units.to_vec();
        let atoms = &self.atoms;
        let counts = |unit: &UnitCode| {
            let mut trees = atoms.iter().map(|(_, counted)| &counted.tree);
            trees.all(|tree| units.iter().all(|other| !tree.contains(other, unit)))
        };
        self.without.retain(|unit, _| counts(unit));
        self.leaves.retain(counts);
        self
    }

    /// The figures of the groups that some dimensions tell apart, by the keys of the groups, in their order. Groups without rows are
    /// there only of stretches of numbers, between others, and of what is or isn't so.
    #[must_use]
    pub fn groups(&self, dimensions: &[&Dimension]) -> Vec<(Vec<String>, Figure)> {
        let ids: Vec<String> = dimensions.iter().map(|of| of.id.clone()).collect();
        let sums = self.by(&ids);
        let occur: BTreeSet<&Vec<String>> = sums.iter().flat_map(BTreeMap::keys).collect();
        if occur.is_empty() {
            return Vec::new();
        }
        let mut keys: Vec<Vec<String>> = vec![Vec::new()];
        for (at, dimension) in dimensions.iter().enumerate() {
            let own: BTreeSet<&str> = occur.iter().map(|key| key[at].as_str()).collect();
            let shown = shown_groups(self.pack, dimension, &own);
            let longer = keys.iter().flat_map(|key| {
                shown
                    .iter()
                    .map(move |next| [&key[..], std::slice::from_ref(next)].concat())
            });
            keys = longer.collect();
        }
        keys.into_iter()
            .map(|key| (key.clone(), self.of(&sums, &key)))
            .collect()
    }

    /// The figure of one group.
    #[must_use]
    pub fn group(&self, wanted: &[(String, String)]) -> Figure {
        let dimensions: Vec<String> = wanted.iter().map(|(id, _)| id.clone()).collect();
        let key: Vec<String> = wanted.iter().map(|(_, key)| key.clone()).collect();
        self.of(&self.by(&dimensions), &key)
    }

    /// What another indicator that this one is made of comes to, of the units of which all of this one can be told.
    #[must_use]
    pub fn made_of(&self, part: &'a Indicator) -> Figure {
        let part = Made {
            pack: self.pack,
            indicator: part,
            atoms: self.atoms.clone(),
            scope: self.scope,
            whole: self.whole,
            except: self.except.clone(),
            leaves: self.leaves.clone(),
            without: self.without.clone(),
            tells: self.tells,
            until: self.until,
        };
        part.figure()
    }

    /// What one of the atoms comes to of a group of rows, of the units of which all can be told.
    #[must_use]
    pub fn part(&self, of: &Indicator, atom: &Atom, wanted: &[(String, String)]) -> Figure {
        let without = self.without.iter().map(|(unit, why)| (*unit, why.clone()));
        let mut figure = Figure::unknown(of, without.collect());
        let at = self.atoms.iter().position(|(known, _)| *known == atom);
        if let (true, Some(at)) = (self.tells, at) {
            let dimensions: Vec<String> = wanted.iter().map(|(id, _)| id.clone()).collect();
            let key: Vec<String> = wanted.iter().map(|(_, key)| key.clone()).collect();
            let sums = self.by(&dimensions);
            let amount = sums.get(at).and_then(|sums| sums.get(&key)).copied();
            let amount = amount.or((!of.needs_rows).then_some(0));
            figure.value = amount.map(|amount| Exact {
                numerator: i128::from(amount),
                denominator: i128::from(of.scale.max(1)),
            });
            figure.until = self.until;
            figure.units = self.leaves.len();
        }
        figure
    }

    /// What each atom comes to, by the keys of some dimensions' groups.
    fn by(&self, dimensions: &[String]) -> Vec<BTreeMap<Vec<String>, i64>> {
        let each = self.atoms.iter().map(|(_, counted)| {
            let places: Option<Vec<usize>> =
                dimensions.iter().map(|id| counted.cube.place(id)).collect();
            let mut sums = BTreeMap::new();
            let Some(places) = places else {
                return sums;
            };
            let mut last = None;
            for cell in &counted.cube.cells {
                let counts = match last {
                    Some((unit, counts)) if unit == cell.unit => counts,
                    _ => self.counts(&counted.tree, cell.unit.as_ref()),
                };
                last = Some((cell.unit, counts));
                if counts {
                    let key = places.iter();
                    let key = key.map(|at| counted.cube.key(cell, *at).to_owned());
                    let key = key.collect();
                    *sums.entry(key).or_insert(0) += cell.amount;
                }
            }
            sums
        });
        each.collect()
    }

    fn of(&self, sums: &[BTreeMap<Vec<String>, i64>], key: &[String]) -> Figure {
        let without = self.without.iter().map(|(unit, why)| (*unit, why.clone()));
        if !self.tells {
            return Figure::unknown(self.indicator, without.collect());
        }
        let amount = |id: &str, before: bool| {
            let at = self
                .atoms
                .iter()
                .position(|((atom, of), _)| atom == id && *of == before);
            at.and_then(|at| sums.get(at)?.get(key)).copied()
        };
        let value = value(self.pack, self.indicator, None, &amount);
        let unknown = value.is_none().then_some((self.scope, Unknown::NoRows));
        let without = without.chain(unknown);
        Figure {
            id: self.indicator.id.clone(),
            value,
            interval: match &self.indicator.measure {
                Measure::Rate {
                    per, sampled: true, ..
                } => value.and_then(|value| value.interval(*per)),
                _ => None,
            },
            decimals: self.indicator.decimals,
            units: self.leaves.len(),
            without: without.collect(),
            until: self.until,
        }
    }
}

/// The groups of a dimension that are shown where some occur, in order: values that no list has stand before those not known.
fn shown_groups(pack: &Pack, dimension: &Dimension, occur: &BTreeSet<&str>) -> Vec<String> {
    let declared: Vec<String> = groups(pack, dimension)
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let at = |key: &String| occur.contains(key.as_str());
    let (first, last) = (
        declared.iter().position(at),
        declared.iter().rposition(|key| at(key) && key != UNSAID),
    );
    let between = |nth: usize| {
        first.is_some_and(|first| first <= nth) && last.is_some_and(|last| nth <= last)
    };
    let kept = declared.iter().enumerate().filter(|(nth, key)| {
        occur.contains(key.as_str())
            || match dimension.groups {
                Groups::Bands { .. } => between(*nth),
                Groups::YesNo { .. } => key.as_str() != UNSAID,
                Groups::Code(_) => false,
            }
    });
    let mut shown: Vec<String> = kept.map(|(_, key)| key.clone()).collect();
    let others = occur
        .iter()
        .filter(|key| !declared.iter().any(|known| known == *key));
    let place = shown
        .iter()
        .position(|key| key == UNSAID)
        .unwrap_or(shown.len());
    shown.splice(place..place, others.map(|key| (*key).to_owned()));
    shown
}

fn earlier(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What an indicator comes to, where its atoms come to what `amount` says, if they have rows; none if it is made of what isn't there, or
/// of rows of which there must be some.
fn value(
    pack: &Pack,
    indicator: &Indicator,
    forced: Option<bool>,
    amount: &dyn Fn(&str, bool) -> Option<i64>,
) -> Option<Exact> {
    match &indicator.measure {
        Measure::Count { at, .. } | Measure::Sum { at, .. } => {
            let number = amount(&indicator.id, forced.unwrap_or(*at == At::Start));
            let number = number.or((!indicator.needs_rows).then_some(0))?;
            Some(Exact {
                numerator: i128::from(number),
                denominator: i128::from(indicator.scale.max(1)),
            })
        }
        Measure::Average { of } => {
            let of = pack.indicator(of)?;
            let before = value(pack, of, Some(true), amount)?;
            let both = before.plus(value(pack, of, Some(false), amount)?);
            Some(Exact {
                denominator: both.denominator * 2,
                ..both
            })
        }
        Measure::Rate {
            plus,
            minus,
            over,
            per,
            ..
        } => {
            let mut total = Exact::whole(0);
            for (ids, sign) in [(plus, 1), (minus, -1)] {
                for id in ids {
                    let part = value(pack, pack.indicator(id)?, None, amount)?;
                    let signed = Exact {
                        numerator: part.numerator * sign,
                        ..part
                    };
                    total = total.plus(signed);
                }
            }
            let over = value(pack, pack.indicator(over)?, None, amount)?;
            Some(Exact {
                numerator: total.numerator * over.denominator * i128::from(*per),
                denominator: total.denominator * over.numerator,
            })
        }
    }
}
