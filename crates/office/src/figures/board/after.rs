//! The figures of a period after a commit: what rests on nothing that stands otherwise is taken over, of the rest only those rows are
//! counted again that it concerns ([`reports::recount`]). What can't be told so is left out, and counted anew by whoever asks for it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use jiff::civil::Date;
use reports::indicator::{Atom, AtomCount};
use reports::known::{SaidByUnit, add_said};
use reports::reads::Reads;
use reports::recount::{CountedAfter, CountedBefore};
use tables::{Changed, DayRows, Snapshot, Touched, schema};
use tokio::sync::Mutex;

use super::{Board, DayKept, Entitled, KeptFigures, KeptLists, is_usual};
use crate::error::OfficeError;
use crate::office::Office;

/// What came to stand otherwise on a day.
struct DayChange<'a> {
    on: Date,
    differs: Changed,
    touched: &'a Touched,
    /// Every row as it stood before and as it stands; none of days of which nothing is kept.
    rows: Option<[DayRows; 2]>,
}

impl DayKept {
    /// Whether both rest on the same answers of programmes.
    fn same_answers(&self, other: &Self) -> bool {
        let answers = |day: &Self| day.entitled.as_ref()?.answers.clone();
        match (answers(self), answers(other)) {
            (Some(one), Some(other)) => other.answers.same_lists(&one.answers),
            _ => false,
        }
    }

    /// What of it stands after a change.
    async fn after(
        &self,
        office: &Office,
        (board, change): (&Board, &DayChange<'_>),
        reads: &BTreeMap<String, Reads>,
    ) -> Result<Self, OfficeError> {
        let mut after = Self::default();
        let mut trees = office.pack.registers.iter().filter(|r| r.tree.is_some());
        if trees.all(|tree| !change.differs.concerns(&tree.id)) {
            after.tree.clone_from(&self.tree);
        }
        let tested: BTreeSet<&(String, String)> =
            reads.values().flat_map(|reads| &reads.tested).collect();
        for (register, said) in &self.said {
            let fields = tested.iter().filter(|(of, _)| of == register);
            let fields: Vec<&str> = fields.map(|(_, field)| field.as_str()).collect();
            if let Some(said) = change.said(register, said, &fields)? {
                after.said.insert(register.clone(), said);
            }
        }
        if let Some(entitled) = &self.entitled
            && let Some(answers) = &entitled.answers
        {
            let now = office.day(change.on).await?;
            let rows = match now.answers.same_lists(&answers.answers) {
                true => entitled.rows.clone(),
                false => board.entitled_table(&now.answers.sweep)?,
            };
            after.entitled = Some(Entitled {
                rows,
                answers: Some(now),
            });
        }
        Ok(after)
    }
}

impl DayChange<'_> {
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
        let (Some(rows), Some(records)) = (&self.rows, self.touched.of(register)) else {
            return Ok(None);
        };
        for (rows, sign) in rows.iter().zip([-1, 1]) {
            if let Some(rows) = rows.rows(register, records)?
                && !add_said(&mut said, &rows, fields, sign)
            {
                return Ok(None);
            }
        }
        Ok(Some(said))
    }
}

impl Board {
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
        let mut board = Self {
            period: self.period,
            standing: standing.clone(),
            admitted: self.admitted.clone(),
            books: self.books.clone(),
            kept: Mutex::default(),
            lists: Mutex::default(),
        };
        let lists = self.lists.lock().await;
        let before = self.kept.lock().await;
        let mut kept_lists = KeptLists::new();
        let mut kept = KeptFigures {
            recount: before.recount.clone(),
            ..KeptFigures::default()
        };
        for at in 0..before.days.len() {
            let on = self.day(at == 0);
            let differs = standing.changed_since(since, on);
            let rows = |standing: &Snapshot| office.tables.rows_of(&self.admitted, standing, on);
            let change = DayChange {
                on,
                differs: differs.unwrap_or_else(|| Changed::all_of(&touched)),
                touched: &touched,
                rows: match is_usual(office, on) {
                    true => Some([rows(&self.standing)?, rows(standing)?]),
                    false => None,
                },
            };
            let both = (&*before, &mut kept);
            let lists = (&*lists, &mut kept_lists);
            board.day_after(office, both, lists, (at, &change)).await?;
        }
        *board.kept.get_mut() = kept;
        *board.lists.get_mut() = kept_lists;
        Ok(Some(board))
    }

    /// Takes over what was counted of a day, as it is after a change; what has to be counted anew is left out.
    async fn day_after(
        &self,
        office: &Office,
        (before, kept): (&KeptFigures, &mut KeptFigures),
        (lists, kept_lists): (&KeptLists, &mut KeptLists),
        (at, change): (usize, &DayChange<'_>),
    ) -> Result<(), OfficeError> {
        if !before.counted.keys().any(|atom| usize::from(!atom.1) == at) {
            return Ok(());
        }
        let reads = office.reads().await?;
        let was = &before.days[at];
        let now = was.after(office, (self, change), reads).await?;
        let same_answers = was.same_answers(&now);
        kept.days[at] = now;
        let lines = |atom: &Atom| {
            let known = lists.iter().find(|(known, _)| known == atom);
            known.map(|(_, lines)| lines)
        };
        let (mut after, mut others) = (Vec::new(), Vec::new());
        for (atom, counted) in &before.counted {
            if usize::from(!atom.1) != at {
                continue;
            }
            let entitled = reads.get(&atom.0).is_some_and(|own| own.entitled);
            if counted.footprint.rests_on(&change.differs) || entitled && !same_answers {
                others.push((atom, counted));
            } else {
                after.push((
                    (atom, counted),
                    (counted.cube.clone(), lines(atom).cloned()),
                ));
            }
        }
        if let Some(rows) = &change.rows {
            let mut counted = Vec::with_capacity(others.len());
            for (atom, own) in &others {
                counted.push(CountedBefore {
                    atom,
                    cube: &own.cube,
                    lines: lines(atom).map(|lines| &**lines),
                });
            }
            let answers = (was, at);
            let again = self
                .recounted(office, kept, answers, (change.touched, rows), &counted)
                .await?;
            for (of, again) in others.into_iter().zip(again) {
                if let Some(again) = again {
                    after.push((of, (Arc::new(again.cube), again.lines.map(Arc::new))));
                }
            }
        }
        let touched = |own: &Reads| {
            let mut registers = own.registers.iter();
            registers.any(|register| change.touched.of(register).is_some())
        };
        let day = &kept.days[at];
        for ((atom, counted), (cube, lines)) in after {
            kept_lists.extend(lines.map(|lines| (atom.clone(), lines)));
            let (Some(own), Some(tree)) = (reads.get(&atom.0), &day.tree) else {
                continue;
            };
            let mut tested = own.tested.iter();
            if !tested.all(|(register, _)| day.said.contains_key(register)) {
                continue;
            }
            let counted = match touched(own) {
                false => counted.clone(),
                true => Arc::new(AtomCount {
                    cube,
                    tells: self.tells(office, own, (atom, day, tree))?,
                    tree: tree.clone(),
                    footprint: counted.footprint.clone(),
                }),
            };
            kept.counted.insert(atom.clone(), counted);
        }
        Ok(())
    }

    /// What was counted, by the rows that a change concerns; none of what has to be counted anew.
    async fn recounted(
        &self,
        office: &Office,
        kept: &mut KeptFigures,
        (was, at): (&DayKept, usize),
        (touched, rows): (&Touched, &[DayRows; 2]),
        counted: &[CountedBefore<'_>],
    ) -> Result<Vec<Option<CountedAfter>>, OfficeError> {
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        let recount = kept.recount(office, self.period)?;
        let mut recount = recount.lock().await;
        for own in counted {
            let counting = self.counting(office, own.atom).await?;
            recount.plan(own.atom, counting).await?;
        }
        let [before, after] = rows;
        let (Some(old), Some(new)) = (&was.entitled, &kept.days[at].entitled) else {
            return Ok(recount.again(counted, touched, [before, after]).await?);
        };
        let subjects = otherwise(&old.rows, &new.rows);
        let touched = touched.clone().with(schema::ENTITLED, subjects);
        let before = before.clone().with(schema::ENTITLED, old.rows.clone());
        let after = after.clone().with(schema::ENTITLED, new.rows.clone());
        Ok(recount.again(counted, &touched, [&before, &after]).await?)
    }
}

/// Whose rows are in one of two tables of those entitled and not in the other.
fn otherwise(before: &[RecordBatch], after: &[RecordBatch]) -> BTreeSet<i64> {
    fn rows(batches: &[RecordBatch]) -> HashSet<(&str, i64, [&str; 2])> {
        let rows = batches.iter().flat_map(|batch| {
            let text = |at: usize| batch.column(at).as_string_view();
            let subjects = batch.column(1).as_primitive::<Int64Type>();
            let (programmes, units, answers) = (text(0), text(2), text(3));
            let row = move |at| {
                let rest = [units.value(at), answers.value(at)];
                (programmes.value(at), subjects.value(at), rest)
            };
            (0..batch.num_rows()).map(row)
        });
        rows.collect()
    }
    let (before, after) = (rows(before), rows(after));
    let differ = before.symmetric_difference(&after);
    differ.map(|(_, subject, _)| *subject).collect()
}
