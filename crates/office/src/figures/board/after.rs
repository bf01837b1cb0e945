//! The figures of a period after a commit: what rests on nothing that was touched is taken over. The rest is kept as it was counted, and
//! whoever asks for it counts again only those rows that the commits since concern ([`reports::recount`]), or all, where that can't be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use programmes::AllLists;
use reports::cube::Lines;
use reports::indicator::{Atom, AtomCount};
use reports::known::{SaidByUnit, VouchingLists, add_said};
use reports::reads::Reads;
use reports::recount::{CountedAfter, CountedBefore};
use tables::{Changed, DayRows, Snapshot, Touched, schema};
use tokio::sync::Mutex;

use super::{Board, DayKept, Entitled, KeptFigures, KeptLists, is_usual, needs};
use crate::error::OfficeError;
use crate::office::Office;

/// How many earlier states are held on to, for what was counted then.
const MOST_PASTS: usize = 8;

/// How things stood when something was counted.
pub(super) struct Past {
    standing: Arc<Snapshot>,
    /// Of the day before the period, and of its last.
    entitled: [Option<Entitled>; 2],
    /// Likewise.
    lists: [Option<Arc<VouchingLists>>; 2],
}

/// What was counted of an atom then.
#[derive(Clone)]
pub(super) struct Older {
    past: Arc<Past>,
    counted: Arc<AtomCount>,
    lines: Option<Arc<Lines>>,
}

impl Older {
    /// The commit as of which it was counted.
    pub(super) fn since(&self) -> i64 {
        self.past.standing.commit()
    }
}

/// What came to stand otherwise on a day since then.
pub(super) struct DayChange {
    differs: Changed,
    touched: Touched,
    /// Every row as it stood then and as it stands.
    rows: [DayRows; 2],
}

/// What came to stand otherwise on a day, by the commit since when; none where that can't be told.
pub(super) type Changes = BTreeMap<i64, Option<Arc<DayChange>>>;

impl DayChange {
    /// Which records of a register say which fields; none where that has to be asked anew.
    fn said(
        &self,
        register: &str,
        before: &SaidByUnit,
        fields: &[&str],
    ) -> Result<Option<SaidByUnit>, OfficeError> {
        let mut said = before.clone();
        let own = [schema::UNIT, schema::ID];
        let mut columns = fields.iter().chain(&own);
        if !columns.any(|column| self.differs.column(register, column)) {
            return Ok(Some(said));
        }
        let Some(records) = self.touched.of(register) else {
            return Ok(None);
        };
        for (rows, sign) in self.rows.iter().zip([-1, 1]) {
            if let Some(rows) = rows.rows(register, records)?
                && !add_said(&mut said, &rows, fields, sign)
            {
                return Ok(None);
            }
        }
        let whole = !self.rows.iter().any(DayRows::gave_up);
        Ok(whole.then_some(said))
    }
}

impl KeptFigures {
    /// Lets go of the earliest states, and of what was counted then, if there are too many.
    fn hold_few(&mut self) {
        let of_said = self.days.iter().flat_map(|day| day.said_before.values());
        let pasts = self.older.values().map(|older| &older.past);
        let pasts = pasts.chain(of_said.map(|(past, _)| past));
        let commits: BTreeSet<i64> = pasts.map(|past| past.standing.commit()).collect();
        let Some(first) = commits.iter().rev().nth(MOST_PASTS - 1).copied() else {
            return;
        };
        let held = |past: &Past| past.standing.commit() >= first;
        self.older.retain(|_, older| held(&older.past));
        for day in &mut self.days {
            day.said_before.retain(|_, (past, _)| held(past));
        }
    }
}

impl Board {
    /// The same of what stands now. None where it can't be told what came to stand otherwise.
    pub(crate) async fn after(
        &self,
        office: &Office,
        standing: &Arc<Snapshot>,
        since: i64,
    ) -> Result<Option<Self>, OfficeError> {
        let Some(touched) = standing.touched_since(since) else {
            return Ok(None);
        };
        let reads = office.reads().await?;
        let lists = self.lists.lock().await;
        let before = self.kept.lock().await;
        let past = Arc::new(Past {
            standing: self.standing.clone(),
            entitled: [0, 1].map(|at| before.days[at].entitled.clone()),
            lists: [0, 1].map(|at| before.days[at].lists.clone()),
        });
        let is_touched = |register: &String| touched.of(register).is_some();
        let rests = |own: &Reads| own.entitled || own.registers.iter().any(is_touched);
        let mut kept = KeptFigures {
            recount: before.recount.clone(),
            older: before.older.clone(),
            ..KeptFigures::default()
        };
        let mut kept_lists = KeptLists::new();
        for (atom, counted) in &before.counted {
            let lines = lists.iter().chain(&before.lines);
            let lines = lines.clone().find(|(known, _)| known == atom);
            let lines = lines.map(|(_, lines)| lines.clone());
            if reads.get(&atom.0).is_some_and(rests) {
                let older = Older {
                    past: past.clone(),
                    counted: counted.clone(),
                    lines,
                };
                kept.older.insert(atom.clone(), older);
            } else {
                kept.counted.insert(atom.clone(), counted.clone());
                kept_lists.extend(lines.map(|lines| (atom.clone(), lines)));
            }
        }
        let mut trees = office.pack.registers.iter().filter(|r| r.tree.is_some());
        let same_units = trees.all(|tree| !is_touched(&tree.id));
        let own_lists = office.contract.own_lists.as_ref();
        let same_lists = own_lists.is_none_or(|own| !is_touched(&own.register.id));
        for (now, was) in kept.days.iter_mut().zip(&before.days) {
            if same_units {
                now.tree.clone_from(&was.tree);
                now.spoken_for = was.spoken_for.clone();
            }
            now.lists = was.lists.clone().filter(|_| same_lists);
            now.entitled_before = was.entitled.clone().or_else(|| was.entitled_before.clone());
            now.said_before.clone_from(&was.said_before);
            for (register, said) in &was.said {
                let (register, said) = (register.clone(), said.clone());
                match is_touched(&register) {
                    true => drop(now.said_before.insert(register, (past.clone(), said))),
                    false => drop(now.said.insert(register, said)),
                }
            }
        }
        kept.hold_few();
        Ok(Some(Self {
            period: self.period,
            standing: standing.clone(),
            admitted: self.admitted.clone(),
            kept: Mutex::new(kept),
            lists: Mutex::new(kept_lists),
        }))
    }

    /// What came to stand otherwise on a day since something was counted; what was told of other things counted then is told again.
    fn change_since(
        &self,
        office: &Office,
        (past, on): (&Past, Date),
        known: &mut Changes,
    ) -> Result<Option<Arc<DayChange>>, OfficeError> {
        let since = past.standing.commit();
        if let Some(known) = known.get(&since) {
            return Ok(known.clone());
        }
        let change = self.change(office, (past, on))?.map(Arc::new);
        known.insert(since, change.clone());
        Ok(change)
    }

    fn change(
        &self,
        office: &Office,
        (past, on): (&Past, Date),
    ) -> Result<Option<DayChange>, OfficeError> {
        let since = past.standing.commit();
        let Some(touched) = self.standing.touched_since(since) else {
            return Ok(None);
        };
        let usual = is_usual(office, on);
        let known = self.standing.changed_since(since, on).filter(|_| usual);
        let differs = match known {
            Some(differs) => differs,
            None => (self.standing).differs_from(&past.standing, &touched, on)?,
        };
        let rows = |standing: &Arc<Snapshot>| match usual {
            true => office.tables.rows_of(&self.admitted, standing, on),
            false => (office.tables).looked_up_rows_of(&self.admitted, standing, on),
        };
        let rows = [rows(&past.standing)?, rows(&self.standing)?];
        Ok(Some(DayChange {
            differs,
            touched,
            rows,
        }))
    }

    /// Counts again what changed of those among some atoms of a day that were counted before. What can't be told so is forgotten, and
    /// counted anew.
    pub(super) async fn renew(
        &self,
        office: &Office,
        kept: &mut KeptFigures,
        (before, atoms): (bool, &[Atom]),
    ) -> Result<(), OfficeError> {
        let of_day = atoms.iter().filter(|atom| atom.1 == before);
        let mut by_past: BTreeMap<i64, Vec<(Atom, Older)>> = BTreeMap::new();
        for atom in of_day {
            if let Some(older) = kept.older.remove(atom) {
                let own = by_past.entry(older.past.standing.commit()).or_default();
                own.push((atom.clone(), older));
            }
        }
        if by_past.is_empty() {
            return Ok(());
        }
        let reads = office.reads().await?;
        let wanted: Vec<&Atom> = by_past.values().flatten().map(|(atom, _)| atom).collect();
        let needs = needs(&wanted, reads);
        let (at, on) = (usize::from(!before), self.day(before));
        let day = &mut kept.days[at];
        let mut changes = std::mem::take(&mut kept.changes[at]);
        self.hear(office, day, (on, &needs.tested), &mut changes)?;
        let said = |register: &String| day.said.contains_key(register);
        let looked = day.tree.is_some() && day.lists.is_some();
        if !looked || !needs.tested.keys().all(said) {
            let session = self.session(office, before, &needs, day).await?;
            self.look_around(office, &session, &needs, day).await?;
        }
        for (_, counted) in by_past {
            let past = counted[0].1.past.clone();
            let Some(change) = self.change_since(office, (&past, on), &mut changes)? else {
                continue;
            };
            let own = &mut kept.days[at];
            let same = needs.entitled && self.entitles_the_same((&past, &change), on)?;
            if same {
                let known = past.entitled[at].as_ref();
                own.entitled = own.entitled.take().or_else(|| known.cloned());
            } else if needs.entitled && is_usual(office, on) {
                self.entitled(office, own, on).await?;
            }
            self.renew_since(office, (kept, at), (&past, &change, same), counted)
                .await?;
        }
        if kept.older.keys().any(|atom| atom.1 == before) {
            kept.changes[at] = changes;
        }
        Ok(())
    }

    /// Whether programmes entitle on a day whom they did: nothing of it stands otherwise, and lists vouch for the same people.
    fn entitles_the_same(
        &self,
        (past, change): (&Past, &DayChange),
        on: Date,
    ) -> Result<bool, OfficeError> {
        if !change.differs.is_nothing() || past.standing.covers() != self.standing.covers() {
            return Ok(false);
        }
        let (was, now) = (past.standing.vouched(on)?, self.standing.vouched(on)?);
        Ok(now.same_everywhere(&was) && now.otherwise(&was).is_empty())
    }

    /// Which records of some registers say which fields, by what changed since that was asked, where that can be told.
    fn hear(
        &self,
        office: &Office,
        day: &mut DayKept,
        (on, tested): (Date, &BTreeMap<String, BTreeSet<String>>),
        changes: &mut Changes,
    ) -> Result<(), OfficeError> {
        for (register, fields) in tested {
            let Some((past, said)) = day.said_before.remove(register) else {
                continue;
            };
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            if let Some(change) = self.change_since(office, (&past, on), changes)?
                && let Some(said) = change.said(register, &said, &fields)?
            {
                day.said.insert(register.clone(), said);
            }
        }
        Ok(())
    }

    /// The same of what was counted at one time; `same` if programmes are known to entitle whom they did.
    async fn renew_since(
        &self,
        office: &Office,
        (kept, at): (&mut KeptFigures, usize),
        (past, change, same): (&Past, &DayChange, bool),
        counted: Vec<(Atom, Older)>,
    ) -> Result<(), OfficeError> {
        let reads = office.reads().await?;
        let rests = |atom: &Atom| reads.get(&atom.0).is_some_and(|own| own.entitled);
        let lists = |own: &Option<Entitled>| own.as_ref()?.lists.clone();
        let lists = [&past.entitled[at], &kept.days[at].entitled].map(lists);
        let same_answers = same || matches!(&lists, [Some(was), Some(now)] if same_all(was, now));
        let (same, others): (Vec<_>, Vec<_>) = counted.into_iter().partition(|(atom, older)| {
            !older.counted.footprint.rests_on(&change.differs) && (!rests(atom) || same_answers)
        });
        let mut again = Vec::with_capacity(same.len() + others.len());
        for (atom, older) in same {
            again.push((
                atom,
                older.counted.clone(),
                older.counted.cube.clone(),
                older.lines,
            ));
        }
        let counts = self
            .recounted(office, kept, (past, at), change, &others)
            .await?;
        for ((atom, older), count) in others.into_iter().zip(counts) {
            if let Some(CountedAfter { cube, lines }) = count {
                again.push((atom, older.counted, Arc::new(cube), lines.map(Arc::new)));
            }
        }
        let Some(tree) = kept.days[at].tree.clone() else {
            return Ok(());
        };
        let said_otherwise = self.said_otherwise((past, at), &kept.days[at]);
        let nothing = Reads::default();
        for (atom, counted, cube, lines) in again {
            let own = reads.get(&atom.0).unwrap_or(&nothing);
            let tested = own.tested.iter();
            let tested = tested.map(|(register, field)| (register, field.as_str()));
            // Where people are at home tells which units have any of their own.
            let homes = Some((&office.contract.homes.register.id, schema::UNIT));
            let homes = homes.filter(|(homes, _)| own.query.contains(*homes));
            let mut columns = tested
                .chain(homes)
                .flat_map(|(of, column)| [column, schema::UNIT, schema::ID].map(|own| (of, own)));
            let said_the_same = said_otherwise.as_ref().is_some_and(|registers| {
                let mut registers = registers.iter();
                !registers.any(|register| own.registers.contains(*register))
            });
            let tells_the_same = said_the_same
                && Arc::ptr_eq(&counted.tree, &tree)
                && !columns.any(|(register, column)| change.differs.column(register, column));
            kept.lines.extend(lines.map(|lines| (atom.clone(), lines)));
            let counted = match tells_the_same {
                true if Arc::ptr_eq(&counted.cube, &cube) => counted,
                same => Arc::new(AtomCount {
                    cube,
                    tells: match same {
                        true => counted.tells.clone(),
                        false => {
                            Arc::new(self.tells(office, own, (&atom, &kept.days[at], &tree))?)
                        }
                    },
                    tree: tree.clone(),
                    footprint: counted.footprint.clone(),
                    happened: counted.happened.clone(),
                }),
            };
            kept.counted.insert(atom, counted);
        }
        Ok(())
    }

    /// The registers of which lists and desks tell otherwise than they did, whatever their rows say; none where that can be any.
    fn said_otherwise(&self, (past, at): (&Past, usize), day: &DayKept) -> Option<Vec<&str>> {
        match (&past.lists[at], &day.lists) {
            (Some(was), Some(now)) if Arc::ptr_eq(was, now) => {}
            _ => return None,
        }
        let (was, now) = (past.standing.reach(), self.standing.reach());
        if was.keys().any(|register| !now.contains_key(register)) {
            return None;
        }
        let same = |(register, now): &(&String, &Arc<_>)| {
            was.get(*register).is_some_and(|was| Arc::ptr_eq(was, now))
        };
        let others = now.iter().filter(|own| !same(own));
        let others: Vec<&str> = others.map(|(register, _)| register.as_str()).collect();
        // Whether a unit into which others went was there before is told by whatever was said of it.
        let merged = day
            .tree
            .as_ref()
            .is_none_or(|tree| tree.gone().next().is_some());
        Some(others).filter(|others| others.is_empty() || !merged)
    }

    /// What was counted, by the rows that a change concerns; none of what has to be counted anew.
    async fn recounted(
        &self,
        office: &Office,
        kept: &mut KeptFigures,
        (past, at): (&Past, usize),
        change: &DayChange,
        counted: &[(Atom, Older)],
    ) -> Result<Vec<Option<CountedAfter>>, OfficeError> {
        let [before, after] = &change.rows;
        let recount = kept.recount(office, self.period)?;
        let mut recount = recount.lock().await;
        for (atom, _) in counted {
            let counting = self.counting(office, atom).await?;
            recount.plan(atom, counting).await?;
        }
        let each = counted.iter().map(|(atom, older)| CountedBefore {
            atom,
            cube: &older.counted.cube,
            lines: older.lines.as_deref(),
        });
        let each: Vec<CountedBefore<'_>> = each.collect();
        let (Some(old), Some(new)) = (&past.entitled[at], &kept.days[at].entitled) else {
            let times = [before, after];
            let counts = recount.again(&each, &change.touched, times).await?;
            // Of whom programmes entitle nothing is kept of such a day, so what counts them can't be told from rows.
            let reads = office.reads().await?;
            let by_rows = |atom: &Atom| !reads.get(&atom.0).is_some_and(|own| own.entitled);
            let counts = counts.into_iter().zip(counted);
            return Ok(counts
                .map(|(count, (atom, _))| count.filter(|_| by_rows(atom)))
                .collect());
        };
        let touched = (change.touched.clone()).with(schema::ENTITLED, otherwise(old, new));
        let before = before.clone().with(schema::ENTITLED, old.table());
        let after = after.clone().with(schema::ENTITLED, new.table());
        Ok(recount.again(&each, &touched, [&before, &after]).await?)
    }
}

/// Whether everyone stands on the same lists, of which some may have been made of the others: then the same are entitled.
fn same_all(was: &AllLists, now: &AllLists) -> bool {
    let mut both = was.iter().zip(now);
    was.len() == now.len() && both.all(|(was, now)| was.0 == now.0 && Arc::ptr_eq(was.1, now.1))
}

/// Of whom programmes say something else.
fn otherwise(before: &Entitled, after: &Entitled) -> BTreeSet<i64> {
    let (Some(was), Some(now)) = (&before.lists, &after.lists) else {
        return BTreeSet::new();
    };
    let each = now.iter().filter_map(|(programme, now)| {
        let was = was.get(programme)?;
        (!Arc::ptr_eq(was, now)).then(|| now.otherwise(was))
    });
    each.flatten().collect()
}
