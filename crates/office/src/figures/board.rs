//! The figures of one period, counted once for all readers: each indicator by unit and dimension in one query. It shows nobody anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::Date;
use kernel::{Grant, Period, UnitCode};
use ledger::{Access, Admitted};
use pack::{At, Programme, Register};
use programmes::{AllLists, Sweep};
use reports::cube::{Counting, Lines};
use reports::indicator::{Atom, AtomCount, atoms, declared};
use reports::known::{
    KeptList, Knowledge, SaidByUnit, SaidFields, SpokenFor, Tells, VouchingLists,
};
use reports::reads::Reads;
use reports::recount::Recount;
use tables::{Session, Snapshot, UnitTree, schema, show};
use tokio::sync::Mutex;

use crate::error::OfficeError;
use crate::kept::AnswersOn;
use crate::office::Office;

mod after;

use after::{Changes, Older, Past};

/// How many rows are kept of a period, over all its lists.
const MOST_LINES: usize = 24_000_000;

/// The figures of one period, of every unit, counted as they are asked for.
pub struct Board {
    pub(super) period: Period,
    standing: Arc<Snapshot>,
    admitted: Admitted,
    kept: Mutex<KeptFigures>,
    /// Rows one by one, those looked at last at the end. Whoever waits for rows holds up nobody who waits for figures. Of both, this is
    /// locked first.
    lists: Mutex<KeptLists>,
}

type KeptLists = Vec<(Atom, Arc<Lines>)>;

/// What is kept of a period.
#[derive(Default)]
struct KeptFigures {
    counted: BTreeMap<Atom, Arc<AtomCount>>,
    /// What was counted before something that it rests on was touched: who asks for it counts again what of it changed.
    older: BTreeMap<Atom, Older>,
    /// Rows of those that were counted again.
    lines: KeptLists,
    recount: Option<Arc<Mutex<Recount>>>,
    /// Of the day before the period, and of its last.
    days: [DayKept; 2],
    /// Likewise what came to stand otherwise since something was counted, as long as anything counted then is left.
    changes: [Changes; 2],
}

impl KeptFigures {
    /// The queries by which rows are counted again.
    fn recount(
        &mut self,
        office: &Office,
        period: Period,
    ) -> Result<Arc<Mutex<Recount>>, OfficeError> {
        let recount = match self.recount.take() {
            Some(recount) => recount,
            None => Arc::new(Mutex::new(Recount::new(&office.pack, period.end())?)),
        };
        self.recount = Some(recount.clone());
        Ok(recount)
    }
}

#[derive(Default)]
struct DayKept {
    tree: Option<Arc<UnitTree>>,
    /// What was said for which of its lowest units.
    spoken_for: Arc<SpokenFor>,
    /// What lists vouch for.
    lists: Option<Arc<VouchingLists>>,
    said: SaidFields,
    /// What was said of registers when something of them was touched.
    said_before: BTreeMap<String, (Arc<Past>, SaidByUnit)>,
    entitled: Option<Entitled>,
    /// Whom they entitled before.
    entitled_before: Option<Entitled>,
}

/// Whom programmes entitle on a day, by programme, and the lists that say so, if they are of the answers kept for all. Of these nothing
/// else is held on to, since this outlives them.
#[derive(Clone)]
struct Entitled {
    rows: BTreeMap<String, RecordBatch>,
    lists: Option<AllLists>,
}

impl Entitled {
    fn table(&self) -> Vec<RecordBatch> {
        self.rows.values().cloned().collect()
    }
}

/// What a session needs to hold for some atoms of a day.
#[derive(Default)]
struct Needs {
    registers: BTreeSet<String>,
    entitled: bool,
    tested: BTreeMap<String, BTreeSet<String>>,
}

impl Board {
    /// Nothing counted yet.
    pub(crate) async fn new(
        office: &Office,
        standing: Arc<Snapshot>,
        period: Period,
    ) -> Result<Self, OfficeError> {
        let ledger = office.tables.ledger();
        let grant = Grant::whole("taizhang", office.root, "figures for the pages");
        let what = Access::Evaluation { on: period.end() };
        let admitted = ledger.admit(grant, (office.clock)(), what).await?;
        Ok(Self {
            period,
            standing,
            admitted,
            kept: Mutex::default(),
            lists: Mutex::default(),
        })
    }

    /// Counts what some figures are made of.
    pub(crate) async fn prepare(&self, office: &Office, ids: &[String]) -> Result<(), OfficeError> {
        let mut all = Vec::new();
        for id in ids {
            all.extend(atoms(&office.pack, declared(&office.pack, id)?)?);
        }
        self.counted(office, &all).await.map(|_| ())
    }

    /// Counts again a few of those that were counted before something that they rest on was touched, the earliest first. False if there
    /// are none. What would have to be counted anew is forgotten until somebody asks for it.
    pub(crate) async fn catch_up(&self, office: &Office, most: usize) -> Result<bool, OfficeError> {
        let mut kept = self.kept.lock().await;
        let older = kept.older.iter();
        let behind = older.map(|(atom, older)| (older.since(), atom.clone()));
        let mut behind: Vec<(i64, Atom)> = behind.collect();
        behind.sort();
        behind.truncate(most);
        let some: Vec<Atom> = behind.into_iter().map(|(_, atom)| atom).collect();
        for before in [true, false] {
            self.renew(office, &mut kept, (before, &some)).await?;
        }
        Ok(!some.is_empty())
    }

    fn day(&self, before: bool) -> Date {
        match before {
            true => self.period.before(),
            false => self.period.end(),
        }
    }

    /// What was counted of some atoms, counting those that weren't yet: one query each.
    pub(super) async fn counted(
        &self,
        office: &Office,
        atoms: &[Atom],
    ) -> Result<BTreeMap<Atom, Arc<AtomCount>>, OfficeError> {
        let mut kept = self.kept.lock().await;
        for before in [true, false] {
            let begun = Instant::now();
            let told = kept.counted.len();
            self.renew(office, &mut kept, (before, atoms)).await?;
            let (period, renewed) = (self.period, kept.counted.len() - told);
            tracing::debug!(%period, before, renewed, took = ?begun.elapsed(), "figures after changes");
            let is_new = |atom: &&Atom| atom.1 == before && !kept.counted.contains_key(*atom);
            let new: Vec<&Atom> = atoms.iter().filter(is_new).collect();
            if new.is_empty() {
                continue;
            }
            let reads = office.reads().await?;
            let needs = needs(&new, reads);
            let day = &mut kept.days[usize::from(!before)];
            let session = self.session(office, before, &needs, day).await?;
            self.look_around(office, &session, &needs, day).await?;
            let day = &kept.days[usize::from(!before)];
            let tree = day.tree.clone().unwrap_or_default();
            let took = begun.elapsed();
            let mut found = Vec::with_capacity(new.len());
            for atom in new {
                let counted = self
                    .count(office, reads, &session, (atom, day, &tree))
                    .await?;
                found.push((atom.clone(), Arc::new(counted)));
            }
            let (anew, own) = (found.len(), begun.elapsed());
            tracing::debug!(%period, before, anew, first = ?found.first().map(|(atom, _)| &atom.0), before_counting = ?took, took = ?own, "figures anew");
            kept.counted.extend(found);
        }
        let wanted = atoms.iter().filter_map(|atom| {
            let counted = kept.counted.get(atom)?;
            Some((atom.clone(), counted.clone()))
        });
        Ok(wanted.collect())
    }

    /// A session of a day, with the registers needed, every unit and everything in clear.
    async fn session(
        &self,
        office: &Office,
        before: bool,
        needs: &Needs,
        day: &mut DayKept,
    ) -> Result<Session, OfficeError> {
        let on = self.day(before);
        let own_lists = office.contract.own_lists.as_ref();
        let wanted = |register: &Register| {
            let of_units = register.tree.is_some();
            let of_lists = own_lists.is_some_and(|own| own.register.id == register.id);
            of_units || of_lists || needs.registers.contains(&register.id)
        };
        let (tables, standing) = (&office.tables, &self.standing);
        let session = match is_usual(office, on) {
            true => tables.session_of(&self.admitted, standing, on, wanted)?,
            false => tables.passing_session_of(&self.admitted, standing, on, wanted)?,
        };
        if needs.entitled {
            let rows = self.entitled(office, day, on).await?.table();
            session.add_table(schema::ENTITLED, schema::entitled(), rows)?;
        }
        Ok(session)
    }

    /// Whom programmes entitle on a day: from the answers kept for all, or if nobody else asks for them, asked in passing.
    async fn entitled<'d>(
        &self,
        office: &Office,
        day: &'d mut DayKept,
        on: Date,
    ) -> Result<&'d Entitled, OfficeError> {
        let entitled = match day.entitled.take() {
            Some(kept) => kept,
            None if is_usual(office, on) => {
                let answers = office.day(on).await?;
                let before = day.entitled_before.take();
                self.entitled_by(&answers, before.as_ref())?
            }
            None => {
                let (tables, standing) = (&office.tables, &self.standing);
                let session = tables.passing_session_of(&self.admitted, standing, on, |_| true)?;
                let session = session.vouching(standing.vouched(on)?);
                let sweep = programmes::sweep(&session, None).await?;
                let rows = sweep.programmes().map(|programme| {
                    let rows = self.entitled_rows(&sweep, programme)?;
                    Ok((programme.id.clone(), rows))
                });
                Entitled {
                    rows: rows.collect::<Result<_, OfficeError>>()?,
                    lists: None,
                }
            }
        };
        Ok(day.entitled.insert(entitled))
    }

    /// Whom programmes entitle by answers; where lists are those of earlier answers, their rows are, too.
    fn entitled_by(
        &self,
        answers: &AnswersOn,
        before: Option<&Entitled>,
    ) -> Result<Entitled, OfficeError> {
        let sweep = &answers.answers.sweep;
        let rows = sweep.programmes().map(|programme| {
            let id = &programme.id;
            let known = before.filter(|before| {
                let was = before.lists.as_ref().and_then(|was| was.get(id));
                let now = answers.answers.lists.get(id);
                (was.zip(now)).is_some_and(|(was, now)| Arc::ptr_eq(was, now))
            });
            let rows = match known.and_then(|before| before.rows.get(id)) {
                Some(rows) => rows.clone(),
                None => self.entitled_rows(sweep, programme)?,
            };
            Ok((id.clone(), rows))
        });
        Ok(Entitled {
            rows: rows.collect::<Result<_, OfficeError>>()?,
            lists: Some(answers.answers.lists.clone()),
        })
    }

    fn entitled_rows(
        &self,
        sweep: &Sweep,
        programme: &Programme,
    ) -> Result<RecordBatch, OfficeError> {
        let all = |unit: &str| unit.parse().is_ok_and(|unit| self.admitted.sees(&unit));
        Ok(programmes::entitled_rows(sweep, programme, all)?)
    }

    /// Finds out the units of a day, and which records say the fields that rows are tested by.
    async fn look_around(
        &self,
        office: &Office,
        session: &Session,
        needs: &Needs,
        day: &mut DayKept,
    ) -> Result<(), OfficeError> {
        if day.tree.is_none() {
            let tree = self.standing.units(session.as_of().on)?;
            day.tree = Some(Arc::new(tree));
            day.spoken_for = Arc::default();
        }
        if day.lists.is_none() {
            let kept = kept_lists(office, session).await?;
            let (covers, reach) = (self.standing.covers(), self.standing.reach());
            let lists = VouchingLists::new(&office.pack, covers, reach, &kept);
            day.lists = Some(Arc::new(lists));
        }
        for (register, fields) in &needs.tested {
            if day.said.contains_key(register) || office.pack.register(register).is_none() {
                continue;
            }
            day.said_before.remove(register);
            let counts = fields.iter().map(|field| format!(", count({field})"));
            let sql = format!(
                "select {unit}, count(*){} from {register} group by {unit}",
                counts.collect::<String>(),
                unit = schema::UNIT
            );
            let mut units = BTreeMap::new();
            for row in show(&session.collect(&sql).await?)? {
                let mut row = row.into_iter().map(Option::unwrap_or_default);
                let unit = row.next().and_then(|unit| unit.parse::<UnitCode>().ok());
                let mut counts = row.map(|count| count.parse::<i64>().unwrap_or(0));
                if let (Some(unit), Some(all)) = (unit, counts.next()) {
                    let fields = fields.iter().cloned().zip(counts).collect();
                    units.insert(unit, (all, fields));
                }
            }
            day.said.insert(register.clone(), units);
        }
        Ok(())
    }

    async fn count(
        &self,
        office: &Office,
        reads: &BTreeMap<String, Reads>,
        session: &Session,
        (atom, day, tree): (&Atom, &DayKept, &Arc<UnitTree>),
    ) -> Result<AtomCount, OfficeError> {
        let own = reads.get(&atom.0).cloned().unwrap_or_default();
        let counting = self.counting(office, atom).await?;
        let declared = office.pack.indicator(&atom.0);
        let at = declared.and_then(|own| own.rows()).map(|(_, at)| at);
        let happened = own.counted.first().filter(|_| at == Some(At::Period));
        Ok(AtomCount {
            happened: happened.cloned(),
            cube: Arc::new(counting.cube(session).await?),
            tells: Arc::new(self.tells(office, &own, (atom, day, tree))?),
            tree: tree.clone(),
            footprint: counting.footprint(session).await?,
        })
    }

    /// Of which of the lowest units an atom can be told.
    fn tells(
        &self,
        office: &Office,
        reads: &Reads,
        (atom, day, tree): (&Atom, &DayKept, &Arc<UnitTree>),
    ) -> Result<BTreeMap<UnitCode, Tells>, OfficeError> {
        let lists = day.lists.clone().unwrap_or_default();
        let known = Knowledge {
            pack: &office.pack,
            lists: &lists,
            reach: self.standing.reach(),
            tree,
            spoken_for: &day.spoken_for,
            said: &day.said,
            today: office.on.max(office.today()),
        };
        let at = match (declared(&office.pack, &atom.0)?.rows(), atom.1) {
            (Some((_, At::Period)), _) => At::Period,
            (_, true) => At::Start,
            (_, false) => At::End,
        };
        let of = (self.period, self.day(atom.1));
        Ok(known.tells(reads, at, of, tree.leaves(&office.root)))
    }

    /// The rows of an atom, one by one.
    pub(super) async fn lines(
        &self,
        office: &Office,
        atom: &Atom,
    ) -> Result<Arc<Lines>, OfficeError> {
        // Of what was counted before, the rows are counted again, too.
        self.counted(office, std::slice::from_ref(atom)).await?;
        let mut lists = self.lists.lock().await;
        lists.append(&mut self.kept.lock().await.lines);
        if let Some(at) = lists.iter().position(|(known, _)| known == atom) {
            let found = lists.remove(at);
            let lines = found.1.clone();
            lists.push(found);
            return Ok(lines);
        }
        let reads = office.reads().await?;
        let needs = needs(&[atom], reads);
        let session = {
            let mut kept = self.kept.lock().await;
            let day = &mut kept.days[usize::from(!atom.1)];
            self.session(office, atom.1, &needs, day).await?
        };
        let lines = Arc::new(self.counting(office, atom).await?.lines(&session).await?);
        lists.push((atom.clone(), lines.clone()));
        let mut all: usize = lists.iter().map(|(_, lines)| lines.len()).sum();
        while all > MOST_LINES && lists.len() > 1 {
            all -= lists.remove(0).1.len();
        }
        Ok(lines)
    }

    /// A session of what some of an atom's rows are made of, as a reader may see it, at the commit the figures are of; where its query
    /// doesn't tell how its rows hang together, of all that its rows are made of.
    pub(super) async fn seen_session(
        &self,
        office: &Office,
        grant: &Admitted,
        (atom, ids): (&Atom, &[i64]),
    ) -> Result<Session, OfficeError> {
        let needs = needs(&[atom], office.reads().await?);
        let on = self.day(atom.1);
        let (mut entitled, links) = {
            let mut kept = self.kept.lock().await;
            let day = &mut kept.days[usize::from(!atom.1)];
            let entitled = match needs.entitled {
                true => Some(self.entitled(office, day, on).await?.clone()),
                false => None,
            };
            let recount = kept.recount(office, self.period)?;
            drop(kept);
            let mut recount = recount.lock().await;
            let counting = self.counting(office, atom).await?;
            recount.plan(atom, counting).await?;
            let entitled = entitled.map_or_else(Vec::new, |entitled| entitled.table());
            (entitled, recount.links(atom))
        };
        let tables = &office.tables;
        let session = match links {
            Some(links) => {
                let rows = tables.rows_of(&self.admitted, &self.standing, on)?;
                let rows = rows.with(schema::ENTITLED, entitled);
                let records = links.made_of(&ids.iter().copied().collect(), &rows)?;
                let subjects = records.get(schema::ENTITLED);
                let own = subjects.map(|subjects| rows.rows(schema::ENTITLED, subjects));
                entitled = own.transpose()?.flatten().into_iter().collect();
                tables.session_of_records(grant, &self.standing, on, &records)?
            }
            None => {
                let wanted = |register: &Register| needs.registers.contains(&register.id);
                tables.session_of(grant, &self.standing, on, wanted)?
            }
        };
        if needs.entitled {
            session.add_table(schema::ENTITLED, schema::entitled(), entitled)?;
        }
        Ok(session)
    }

    pub(super) async fn counting(
        &self,
        office: &Office,
        atom: &Atom,
    ) -> Result<Counting, OfficeError> {
        let indicator = declared(&office.pack, &atom.0)?;
        let reads = office.reads().await?.get(&atom.0);
        let by_unit = reads.is_some_and(|reads| reads.by_unit);
        let of = (self.period, atom.1);
        let counting = Counting::new((&office.pack, indicator), of, by_unit)?;
        counting.ok_or(OfficeError::Absent)
    }
}

/// What units record themselves on a session's day instead of taking lists of it.
pub(crate) async fn kept_lists(
    office: &Office,
    session: &Session,
) -> Result<Vec<KeptList>, OfficeError> {
    let Some(own) = &office.contract.own_lists else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "select {}, {}, {}, {} from {}",
        own.unit.id, own.list.id, own.since.id, own.confirmed.id, own.register.id
    );
    let rows = show(&session.collect(&sql).await?)?;
    let each = rows.into_iter().filter_map(|row| {
        let mut row = row.into_iter();
        let mut next = || row.next().flatten();
        let (unit, list, since, confirmed) = (next(), next(), next(), next());
        let day = |text: Option<String>| text.and_then(|text| text.parse::<Date>().ok());
        let since = day(since)?;
        Some(KeptList {
            unit: unit?.parse().ok()?,
            list: list?,
            since,
            confirmed: day(confirmed).unwrap_or(since),
        })
    });
    Ok(each.collect())
}

/// Whether a day is one that pages of an office that keeps anything ask for again and again: the one shown, those of the usual figures, and those of the year before.
fn is_usual(office: &Office, on: Date) -> bool {
    let before = office.period.year_before();
    let usual = [office.on, office.period.end(), office.period.before()];
    office.keeps && (usual.contains(&on) || [before.end(), before.before()].contains(&on))
}

fn needs(atoms: &[&Atom], reads: &BTreeMap<String, Reads>) -> Needs {
    let mut needs = Needs::default();
    let mut tested: BTreeSet<&str> = BTreeSet::new();
    for (id, _) in atoms {
        let Some(own) = reads.get(id) else { continue };
        needs.entitled |= own.entitled;
        needs.registers.extend(own.query.iter().cloned());
        tested.extend(own.tested.iter().map(|(register, _)| register.as_str()));
    }
    // What one of a register's fields is asked for is asked for all that any indicator tests, so that it is asked once.
    let all = reads.values().flat_map(|reads| &reads.tested);
    for (register, field) in all.filter(|(register, _)| tested.contains(register.as_str())) {
        let fields = match needs.tested.get_mut(register) {
            Some(fields) => fields,
            None => needs.tested.entry(register.clone()).or_default(),
        };
        if !fields.contains(field) {
            fields.insert(field.clone());
        }
    }
    needs
}
