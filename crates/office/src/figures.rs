//! Figures of a period for every unit: each indicator counted once, by unit and dimension in one query, for all readers; and the rows
//! behind any of them. What is kept of a period shows nobody anything; a [`FigureSheet`] shows a reader the figures of a unit of which they
//! read everything, and reads rows anew under their grant.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::Date;
use kernel::{Grant, Lang, Period, UnitCode};
use ledger::{Access, Admitted};
use pack::{At, Each, Indicator, Register};
use reports::cube::{Counting, InGroup, Lines};
use reports::document::Docx;
use reports::indicator::{Atom, AtomCount, Figure, Made, atoms, declared};
use reports::known::{Knowledge, SaidFields, Tells};
use reports::reads::Reads;
use reports::series;
use reports::tree::UnitTree;
use reports::work_report::{self, Filling, Imprint};
use tables::{Changed, Page as Part, Session, Snapshot, schema, show};
use tokio::sync::Mutex;

use crate::error::OfficeError;
use crate::kept::AnswersOn;
use crate::office::Office;
use crate::view::View;

/// How many rows are kept of a period, over all its lists.
const MOST_LINES: usize = 4_000_000;

/// The figures of one period, of every unit, counted as they are asked for.
pub struct Board {
    period: Period,
    standing: Arc<Snapshot>,
    admitted: Admitted,
    books: Vec<UnitCode>,
    kept: Mutex<KeptFigures>,
}

/// What is kept of a period. Each count rests on the registers that [`Reads`] names for its indicator, and on nothing else.
#[derive(Default)]
struct KeptFigures {
    counted: BTreeMap<Atom, Arc<AtomCount>>,
    lists: Vec<(Atom, Arc<Lines>)>,
    /// Of the day before the period, and of its last.
    days: [DayKept; 2],
}

#[derive(Default)]
struct DayKept {
    tree: Option<Arc<UnitTree>>,
    said: SaidFields,
    entitled: Option<Entitled>,
}

/// Whom programmes entitle on a day, and the answers kept for all that say so.
#[derive(Clone)]
struct Entitled {
    rows: Vec<RecordBatch>,
    answers: Option<Arc<AnswersOn>>,
}

/// What a session needs to hold for some atoms of a day.
#[derive(Default)]
struct Needs {
    registers: BTreeSet<String>,
    entitled: bool,
    tested: BTreeMap<String, BTreeSet<String>>,
}

impl DayKept {
    /// What of it stands of a day on which something differs.
    async fn after(
        &self,
        office: &Office,
        (on, differs): (Date, &Changed),
        reads: &BTreeMap<String, Reads>,
    ) -> Result<Self, OfficeError> {
        let mut after = Self::default();
        let mut trees = office.pack.registers.iter().filter(|r| r.tree.is_some());
        if trees.all(|tree| !differs.concerns(&tree.id)) {
            after.tree.clone_from(&self.tree);
        }
        let tested: BTreeSet<&(String, String)> =
            reads.values().flat_map(|reads| &reads.tested).collect();
        for (register, said) in &self.said {
            let mut fields = tested.iter().filter(|(of, _)| of == register);
            let differs = fields.any(|(_, field)| differs.column(register, field))
                || differs.column(register, schema::UNIT)
                || differs.column(register, schema::ID);
            if !differs {
                after.said.insert(register.clone(), said.clone());
            }
        }
        if let Some(entitled) = &self.entitled
            && let Some(answers) = &entitled.answers
        {
            let now = office.day(on).await?;
            let same = now.answers.same_lists(&answers.answers);
            after.entitled = same.then(|| Entitled {
                rows: entitled.rows.clone(),
                answers: Some(now),
            });
        }
        Ok(after)
    }
}

impl Board {
    /// Nothing counted yet.
    pub(crate) async fn new(
        office: &Office,
        standing: Arc<Snapshot>,
        period: Period,
    ) -> Result<Self, OfficeError> {
        let ledger = office.tables.ledger();
        let books = ledger.books().await?.into_iter();
        let books: Vec<UnitCode> = books.map(|book| book.unit).collect();
        let grant = Grant::whole("taizhang", office.root, "figures for the pages");
        let what = Access::Evaluation { on: period.end() };
        let admitted = ledger.admit(grant, (office.clock)(), what).await?;
        Ok(Self {
            period,
            standing,
            admitted,
            books,
            kept: Mutex::default(),
        })
    }

    /// The same of what stands now: what rests on nothing that came to stand otherwise needn't be counted again. None where it can't be
    /// told what did.
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
        let mut board = Self {
            period: self.period,
            standing: standing.clone(),
            admitted: self.admitted.clone(),
            books: self.books.clone(),
            kept: Mutex::default(),
        };
        let before = self.kept.lock().await;
        let mut kept = KeptFigures::default();
        let mut changed = Vec::with_capacity(before.days.len());
        for (at, was) in before.days.iter().enumerate() {
            let on = self.day(at == 0);
            let differs = standing.changed_since(since, on);
            let differs = differs.unwrap_or_else(|| Changed::all_of(&touched));
            kept.days[at] = was.after(office, (on, &differs), reads).await?;
            changed.push(differs);
        }
        let at = |atom: &Atom| usize::from(!atom.1);
        let stands = |atom: &Atom| {
            let (own, counted) = (reads.get(&atom.0)?, before.counted.get(atom)?);
            let entitled = !own.entitled || kept.days[at(atom)].entitled.is_some();
            let stands = entitled && !counted.footprint.rests_on(&changed[at(atom)]);
            stands.then_some((own, counted))
        };
        let mut still = BTreeMap::new();
        for atom in before.counted.keys() {
            let Some((own, counted)) = stands(atom) else {
                continue;
            };
            let said = own
                .registers
                .iter()
                .any(|register| touched.of(register).is_some());
            let day = &kept.days[at(atom)];
            let mut tested = own.tested.iter();
            if !tested.all(|(register, _)| day.said.contains_key(register)) {
                continue;
            }
            let counted = match &day.tree {
                None => continue,
                Some(_) if !said => counted.clone(),
                Some(tree) => Arc::new(AtomCount {
                    tells: board.tells(office, own, (atom, day, tree))?,
                    tree: tree.clone(),
                    ..AtomCount::clone(counted)
                }),
            };
            still.insert(atom.clone(), counted);
        }
        let lists = before
            .lists
            .iter()
            .filter(|(atom, _)| stands(atom).is_some());
        kept.lists = lists.cloned().collect();
        kept.counted = still;
        *board.kept.get_mut() = kept;
        Ok(Some(board))
    }

    /// Counts what some figures are made of.
    pub(crate) async fn prepare(&self, office: &Office, ids: &[String]) -> Result<(), OfficeError> {
        let mut all = Vec::new();
        for id in ids {
            all.extend(atoms(&office.pack, declared(&office.pack, id)?)?);
        }
        self.counted(office, &all).await.map(|_| ())
    }

    fn day(&self, before: bool) -> Date {
        match before {
            true => self.period.before(),
            false => self.period.end(),
        }
    }

    /// What was counted of some atoms, counting those that weren't yet: one query each.
    async fn counted(
        &self,
        office: &Office,
        atoms: &[Atom],
    ) -> Result<BTreeMap<Atom, Arc<AtomCount>>, OfficeError> {
        let mut kept = self.kept.lock().await;
        for before in [true, false] {
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
            let mut found = Vec::with_capacity(new.len());
            for atom in new {
                let counted = self
                    .count(office, reads, &session, (atom, day, &tree))
                    .await?;
                found.push((atom.clone(), Arc::new(counted)));
            }
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
        let wanted =
            |register: &Register| register.tree.is_some() || needs.registers.contains(&register.id);
        let (tables, standing) = (&office.tables, &self.standing);
        let session = match is_usual(office, on) {
            true => tables.session_of(&self.admitted, standing, on, wanted)?,
            false => tables.passing_session_of(&self.admitted, standing, on, wanted)?,
        };
        if needs.entitled {
            let entitled = match day.entitled.take() {
                Some(kept) => kept,
                None => self.entitled(office, on).await?,
            };
            let rows = entitled.rows.clone();
            day.entitled = Some(entitled);
            session.add_table(schema::ENTITLED, schema::entitled(), rows)?;
        }
        Ok(session)
    }

    /// Whom programmes entitle on a day: from the answers kept for all, or if nobody else asks for them, asked in passing.
    async fn entitled(&self, office: &Office, on: Date) -> Result<Entitled, OfficeError> {
        let all = |unit: &str| unit.parse().is_ok_and(|unit| self.admitted.sees(&unit));
        if is_usual(office, on) {
            let day = office.day(on).await?;
            return Ok(Entitled {
                rows: programmes::entitled_table(&day.answers.sweep, all)?.1,
                answers: Some(day),
            });
        }
        let (tables, standing) = (&office.tables, &self.standing);
        let session = tables.passing_session_of(&self.admitted, standing, on, |_| true)?;
        let sweep = programmes::sweep(&session, None).await?;
        Ok(Entitled {
            rows: programmes::entitled_table(&sweep, all)?.1,
            answers: None,
        })
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
            let tree = UnitTree::read(session, &self.books).await?;
            day.tree = Some(Arc::new(tree));
        }
        for (register, fields) in &needs.tested {
            if day.said.contains_key(register) || office.pack.register(register).is_none() {
                continue;
            }
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
        Ok(AtomCount {
            cube: Arc::new(counting.cube(session).await?),
            tells: self.tells(office, &own, (atom, day, tree))?,
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
        let known = Knowledge {
            pack: &office.pack,
            reach: self.standing.reach(),
            tree,
            said: &day.said,
            today: office.on.max(office.today()),
        };
        let at = match (declared(&office.pack, &atom.0)?.rows(), atom.1) {
            (Some((_, At::Period)), _) => At::Period,
            (_, true) => At::Start,
            (_, false) => At::End,
        };
        let of = (self.period, self.day(atom.1));
        let leaves = tree.leaves(&office.root).into_iter();
        let tells = leaves.map(|leaf| (leaf, known.tells(reads, at, of, &leaf)));
        Ok(tells.collect())
    }

    /// The rows of an atom, one by one.
    async fn lines(&self, office: &Office, atom: &Atom) -> Result<Arc<Lines>, OfficeError> {
        let mut kept = self.kept.lock().await;
        if let Some(at) = kept.lists.iter().position(|(known, _)| known == atom) {
            let found = kept.lists.remove(at);
            let lines = found.1.clone();
            kept.lists.push(found);
            return Ok(lines);
        }
        let reads = office.reads().await?;
        let needs = needs(&[atom], reads);
        let day = &mut kept.days[usize::from(!atom.1)];
        let session = self.session(office, atom.1, &needs, day).await?;
        let lines = Arc::new(self.counting(office, atom).await?.lines(&session).await?);
        kept.lists.push((atom.clone(), lines.clone()));
        let sizes = kept.lists.iter().map(|(_, lines)| lines.len());
        let mut all: usize = sizes.sum();
        while all > MOST_LINES && kept.lists.len() > 1 {
            all -= kept.lists.remove(0).1.len();
        }
        Ok(lines)
    }

    async fn counting(&self, office: &Office, atom: &Atom) -> Result<Counting, OfficeError> {
        let indicator = declared(&office.pack, &atom.0)?;
        let reads = office.reads().await?.get(&atom.0);
        let by_unit = reads.is_some_and(|reads| reads.by_unit);
        let of = (self.period, atom.1);
        let counting = Counting::new((&office.pack, indicator), of, by_unit)?;
        counting.ok_or(OfficeError::Absent)
    }
}

/// Whether a day is one that pages ask for again and again: the one shown, those of the usual figures, and those of the year before.
fn is_usual(office: &Office, on: Date) -> bool {
    let before = office.period.year_before();
    let usual = [office.on, office.period.end(), office.period.before()];
    usual.contains(&on) || [before.end(), before.before()].contains(&on)
}

fn needs(atoms: &[&Atom], reads: &BTreeMap<String, Reads>) -> Needs {
    let mut needs = Needs::default();
    // What one of a register's fields is asked for is asked for all that any indicator tests, so that it is asked once.
    let mut tested: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (register, field) in reads.values().flat_map(|reads| &reads.tested) {
        tested
            .entry(register.clone())
            .or_default()
            .insert(field.clone());
    }
    for (id, _) in atoms {
        let Some(own) = reads.get(id) else { continue };
        needs.entitled |= own.entitled;
        needs.registers.extend(own.query.iter().cloned());
        for (register, _) in &own.tested {
            if let Some(fields) = tested.get(register) {
                needs.tested.insert(register.clone(), fields.clone());
            }
        }
    }
    needs
}

/// The figures of one unit and period, for a reader who reads everything of it.
#[derive(Clone)]
pub struct FigureSheet {
    office: Office,
    board: Arc<Board>,
    unit: UnitCode,
    /// Units below it whose rows aren't counted here.
    except: Vec<UnitCode>,
    grant: Admitted,
}

/// A list behind a figure: the rows of one of the indicators it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The indicator whose rows these are.
    pub indicator: String,
    /// Whether they are of the day before the period instead of its last.
    pub before: bool,
    /// What they come to: how many they are, or what they sum to.
    pub figure: Figure,
    /// How many there are.
    pub rows: usize,
}

/// Some of the rows behind a figure, as a reader may see them.
#[derive(Clone, Debug, Default)]
pub struct SeenRows {
    /// Column names in the query's order.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<SeenLine>,
    /// How many rows the whole list has.
    pub total: usize,
}

/// A row behind a figure.
#[derive(Clone, Debug)]
pub struct SeenLine {
    /// Whose it is.
    pub unit: Option<UnitCode>,
    /// One text per column, absent where nothing is known; none at all if the reader's rights don't show the row by which it
    /// is counted.
    pub cells: Option<Vec<Option<String>>>,
}

impl FigureSheet {
    /// The period.
    #[must_use]
    pub fn period(&self) -> Period {
        self.board.period
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> UnitCode {
        self.unit
    }

    /// Counts what some figures are made of, all at once.
    ///
    /// # Errors
    /// An indicator that isn't there; a query that can't be run.
    pub async fn prepare(&self, ids: &[String]) -> Result<(), OfficeError> {
        self.board.prepare(&self.office, ids).await
    }

    /// What figures of an indicator are made of.
    async fn parts(&self, id: &str) -> Result<Parts<'_>, OfficeError> {
        let pack = &self.office.pack;
        let indicator = declared(pack, id)?;
        let atoms = atoms(pack, indicator)?;
        let counted = self.board.counted(&self.office, &atoms).await?;
        Ok(Parts {
            office: &self.office,
            except: &self.except,
            indicator,
            atoms,
            counted,
        })
    }

    /// The units next below this one on the last day of the period, in order of code.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn units_below(&self, id: &str) -> Result<Vec<UnitCode>, OfficeError> {
        let parts = self.parts(id).await?;
        let mut trees = parts.counted.values().map(|counted| &counted.tree);
        let below = trees
            .next_back()
            .map(|tree| tree.children(&self.unit).to_vec());
        Ok(below.unwrap_or_default())
    }

    /// The same figures of what is the unit's own, and no unit's below it.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn own_level(&self, id: &str) -> Result<FigureSheet, OfficeError> {
        let mut own = self.clone();
        own.except = self.units_below(id).await?;
        Ok(own)
    }

    /// One figure.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn figure(&self, id: &str) -> Result<Figure, OfficeError> {
        Ok(self.parts(id).await?.of(self.unit).figure())
    }

    /// The figure of each of some units; none is told of a unit outside this one.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn by_unit(&self, id: &str, units: &[UnitCode]) -> Result<Vec<Figure>, OfficeError> {
        let unit = self.unit;
        if units
            .iter()
            .any(|part| !unit.contains(part) && !self.grant.reads_everything(part))
        {
            return Err(OfficeError::Absent);
        }
        let parts = self.parts(id).await?;
        Ok(units.iter().map(|unit| parts.of(*unit).figure()).collect())
    }

    /// The figure of each group that some dimensions tell apart, by the groups' keys, in their order; of groups without rows only where
    /// the groups are stretches of numbers, or whether something is so.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`]; a dimension that isn't the indicator's.
    pub async fn by(
        &self,
        id: &str,
        dimensions: &[String],
    ) -> Result<Vec<(Vec<String>, Figure)>, OfficeError> {
        let pack = &self.office.pack;
        let known = pack.breaks_down(declared(pack, id)?);
        if !dimensions.iter().all(|dimension| known.contains(dimension)) {
            return Err(OfficeError::Absent);
        }
        let dimensions = dimensions.iter().filter_map(|id| pack.dimension(id));
        let dimensions: Vec<&pack::Dimension> = dimensions.collect();
        Ok(self.parts(id).await?.of(self.unit).groups(&dimensions))
    }

    /// The figure of a group of rows, by the key of the group of each of some dimensions.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`]; a dimension that isn't the indicator's.
    pub async fn group(&self, id: &str, wanted: &[InGroup]) -> Result<Figure, OfficeError> {
        let pack = &self.office.pack;
        let known = pack.breaks_down(declared(pack, id)?);
        if !wanted
            .iter()
            .all(|(dimension, _)| known.contains(dimension))
        {
            return Err(OfficeError::Absent);
        }
        Ok(self.parts(id).await?.of(self.unit).group(wanted))
    }

    /// A report filled with the figures.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn report(
        &self,
        report: &pack::Report,
        about: &Imprint,
        lang: Lang,
    ) -> Result<Docx, OfficeError> {
        let pack = &self.office.pack;
        let (whole, parts) = work_report::needed(pack, report);
        self.prepare(&whole).await?;
        let mut filling = Filling::default();
        for id in whole {
            let figure = self.figure(&id).await?;
            filling.whole.insert(id, figure);
        }
        let units: Vec<UnitCode> = about.parts.iter().map(|(unit, _)| *unit).collect();
        for id in parts {
            let figures = self.by_unit(&id, &units).await?;
            filling.parts.insert(id, figures);
        }
        let about = (about, self.period());
        Ok(work_report::compose((pack, report), &filling, about, lang)?)
    }

    /// The lists behind a figure, or behind a group of its rows, in the order of its definition.
    ///
    /// # Errors
    /// As [`FigureSheet::by`].
    pub async fn behind(&self, id: &str, wanted: &[InGroup]) -> Result<Vec<Behind>, OfficeError> {
        let pack = &self.office.pack;
        let indicator = declared(pack, id)?;
        let known = pack.breaks_down(indicator);
        if !wanted
            .iter()
            .all(|(dimension, _)| known.contains(dimension))
        {
            return Err(OfficeError::Absent);
        }
        let atoms = atoms(pack, indicator)?;
        let mut lists = Vec::with_capacity(atoms.len());
        for atom in atoms {
            let (ids, figure) = self.listed(id, &atom, wanted).await?;
            lists.push(Behind {
                indicator: atom.0,
                before: atom.1,
                figure,
                rows: ids.len(),
            });
        }
        Ok(lists)
    }

    /// The rows of an atom that a figure of an indicator counts, and what they come to.
    async fn listed(
        &self,
        id: &str,
        atom: &Atom,
        wanted: &[InGroup],
    ) -> Result<(Vec<(i64, Option<UnitCode>)>, Figure), OfficeError> {
        let own = declared(&self.office.pack, &atom.0)?;
        // Units of which another part can't be told are left out of this one, too.
        let parts = self.parts(id).await?;
        let of = parts.counted.get(atom).ok_or(OfficeError::Absent)?;
        let whole = parts.of(self.unit);
        let figure = whole.part(own, atom, wanted);
        if figure.value.is_none() {
            return Ok((Vec::new(), figure));
        }
        let lines = self.board.lines(&self.office, atom).await?;
        let counts = |unit: Option<&UnitCode>| whole.counts(&of.tree, unit);
        Ok((lines.of(counts, wanted), figure))
    }

    /// A page of the rows that an atom gives to a figure of an indicator, as the reader may see them.
    ///
    /// # Errors
    /// As [`FigureSheet::by`].
    pub async fn rows(
        &self,
        id: &str,
        (indicator, before): (&str, bool),
        wanted: &[InGroup],
        part: Part,
    ) -> Result<SeenRows, OfficeError> {
        let atom = (indicator.to_owned(), before);
        let (listed, _) = self.listed(id, &atom, wanted).await?;
        let page = listed.iter().skip(part.offset).take(part.limit);
        let page: Vec<&(i64, Option<UnitCode>)> = page.collect();
        let ids: Vec<i64> = page.iter().map(|(id, _)| *id).collect();
        let (columns, mut seen) = self.seen(&atom, &ids).await?;
        let rows = page.into_iter().map(|(id, unit)| SeenLine {
            unit: *unit,
            cells: seen.get_mut(id).and_then(|rows| match rows.is_empty() {
                true => None,
                false => Some(rows.remove(0)),
            }),
        });
        Ok(SeenRows {
            columns,
            rows: rows.collect(),
            total: listed.len(),
        })
    }

    /// The rows with some numbers, read under the reader's grant at the commit the figures are of.
    async fn seen(&self, atom: &Atom, ids: &[i64]) -> Result<(Vec<String>, ById), OfficeError> {
        let (office, board) = (&self.office, &self.board);
        let reads = office.reads().await?;
        let needs = needs(&[atom], reads);
        let wanted = |register: &Register| needs.registers.contains(&register.id);
        let on = board.day(atom.1);
        let (tables, standing) = (&office.tables, &board.standing);
        let session = tables.session_of(&self.grant, standing, on, wanted)?;
        if needs.entitled {
            let kept = board.kept.lock().await;
            let entitled = kept.days[usize::from(!atom.1)].entitled.clone();
            let entitled = entitled.map_or_else(Vec::new, |entitled| entitled.rows);
            session.add_table(schema::ENTITLED, schema::entitled(), entitled)?;
        }
        let sql = board.counting(office, atom).await?.some(ids);
        let frame = session.query(&sql).await?;
        let names = frame.schema().fields().iter();
        let columns: Vec<String> = names.map(|field| field.name().clone()).collect();
        let at = columns.iter().position(|column| column == schema::ID);
        let mut rows = ById::new();
        let batches = frame.collect().await.map_err(tables::TablesError::from)?;
        for row in show(&batches)? {
            let id = at.and_then(|at| row.get(at)?.as_ref()?.parse().ok());
            rows.entry(id.unwrap_or(0)).or_default().push(row);
        }
        // Where one number has several rows, they come in the same order each time.
        rows.values_mut().for_each(|rows| rows.sort());
        Ok((columns, rows))
    }
}

/// What figures of an indicator are made of.
struct Parts<'a> {
    office: &'a Office,
    except: &'a [UnitCode],
    indicator: &'a Indicator,
    atoms: Vec<Atom>,
    counted: BTreeMap<Atom, Arc<AtomCount>>,
}

impl Parts<'_> {
    /// Of a unit.
    fn of(&self, unit: UnitCode) -> Made<'_> {
        let parts = self.atoms.iter();
        let parts = parts.filter_map(|atom| Some((atom, &**self.counted.get(atom)?)));
        let scope = (unit, unit == self.office.root);
        let of = (&*self.office.pack, self.indicator);
        Made::new(of, parts.collect(), scope).except(self.except)
    }
}

/// Rows by the number they have in the column `id`.
type ById = HashMap<i64, Vec<Vec<Option<String>>>>;

impl View {
    /// The figures of a unit and period.
    ///
    /// # Errors
    /// Somebody who doesn't read all that figures are made of; the figures can't be opened.
    pub async fn board(&self, period: Period, unit: UnitCode) -> Result<FigureSheet, OfficeError> {
        if !self.grant.reads_everything(&unit) {
            return Err(OfficeError::Absent);
        }
        self.office.reads().await?;
        let board = self.office.board(period).await?;
        Ok(FigureSheet {
            office: self.office.clone(),
            board,
            unit,
            except: Vec::new(),
            grant: self.grant.clone(),
        })
    }

    /// The figures of some indicators over the last periods of a kind, by period: the last is the one in which a day lies, as far as it
    /// has gone by then.
    ///
    /// # Errors
    /// As [`View::board`], and an indicator that isn't there.
    pub async fn series(
        &self,
        ids: &[String],
        unit: UnitCode,
        (each, count, day): (Each, usize, Date),
    ) -> Result<Vec<(Period, Vec<Figure>)>, OfficeError> {
        let mut found = Vec::new();
        for period in series::last(each, count, day) {
            let sheet = self.board(period, unit).await?;
            sheet.prepare(ids).await?;
            let mut figures = Vec::with_capacity(ids.len());
            for id in ids {
                figures.push(sheet.figure(id).await?);
            }
            found.push((period, figures));
        }
        Ok(found)
    }
}

impl Office {
    /// What each indicator of the pack rests on.
    ///
    /// # Errors
    /// A query that can't be planned.
    pub async fn reads(&self) -> Result<&BTreeMap<String, Reads>, OfficeError> {
        let planned = self.reads.get_or_try_init(|| async {
            reports::reads::reads(&self.pack)
                .await
                .map_err(OfficeError::from)
        });
        planned.await
    }
}

/// Whether an indicator counts from the answers of programmes.
#[must_use]
pub fn counts_entitled(indicator: &Indicator) -> bool {
    indicator.rows().is_some_and(|(rows, _)| {
        pack::identifiers(&rows.text)
            .iter()
            .any(|(found, _)| found == schema::ENTITLED)
    })
}

/// Whether an indicator stands on its own on a page, rather than serving another: not a figure of the day before the
/// period, not an average.
#[must_use]
pub fn stands_alone(indicator: &Indicator) -> bool {
    match &indicator.measure {
        pack::Measure::Count { at, .. } | pack::Measure::Sum { at, .. } => *at != At::Start,
        pack::Measure::Average { .. } => false,
        pack::Measure::Rate { .. } => true,
    }
}

/// Whether an indicator can be told for units by themselves: all rows it rests on say whose they are. Known once figures were opened.
#[must_use]
pub fn splits(office: &Office, indicator: &Indicator) -> bool {
    let reads = office
        .reads
        .get()
        .and_then(|reads| reads.get(&indicator.id));
    reads.is_some_and(|reads| reads.by_unit)
}
