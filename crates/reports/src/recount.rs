//! Counts kept true through a change by counting again only the rows it concerns, as they stood before and as they stand after it: the
//! queries are planned once, over tables that hold nothing but the records of which these rows are made. What comes out is what
//! counting anew would give. It isn't done for indicators whose query doesn't tell how its rows hang together ([`tables::Links`]), nor
//! where a change concerns very many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::execution::TaskContext;
use jiff::civil::Date;
use kernel::{Grant, Rights};
use pack::Pack;
use tables::{AsOf, Concerned, DayRows, Links, Plan, Session, Slots, TablesError, Touched, schema};

use crate::cube::{AMOUNT, CountedRow, Counting, Cube, LINE, Lines};
use crate::indicator::Atom;

/// Of more records than this, all rows are counted sooner.
const MOST: usize = 20_000;

/// The queries of a period's indicators, planned as they are needed.
pub struct Recount {
    session: Session,
    slots: Slots,
    task: Arc<TaskContext>,
    planned: BTreeMap<Atom, Option<Planned>>,
}

struct Planned {
    links: Arc<Links>,
    plan: Plan,
    counting: Counting,
}

/// What was counted, and the rows if they are kept one by one.
pub struct CountedBefore<'a> {
    /// What it is.
    pub atom: &'a Atom,
    /// The counts.
    pub cube: &'a Cube,
    /// The rows.
    pub lines: Option<&'a Lines>,
}

/// The same after a change.
pub struct CountedAfter {
    /// The counts.
    pub cube: Cube,
    /// The rows.
    pub lines: Option<Lines>,
}

impl Recount {
    /// Nothing planned yet; `on` is the day of the period.
    ///
    /// # Errors
    /// None in practice; the registers of a checked pack are well formed.
    pub fn new(pack: &Arc<Pack>, on: Date) -> Result<Self, TablesError> {
        let grant = Grant::over("taizhang", &[], Rights::whole(), "figures");
        let (session, mut slots) = Slots::session(pack, grant, AsOf::on(on))?;
        slots.add(&session, schema::ENTITLED, schema::entitled())?;
        Ok(Self {
            task: session.context().task_ctx(),
            session,
            slots,
            planned: BTreeMap::new(),
        })
    }

    /// Plans an indicator's query, if it tells how its rows hang together; says whether it does.
    ///
    /// # Errors
    /// A query that can't be planned.
    pub async fn plan(&mut self, atom: &Atom, counting: Counting) -> Result<bool, TablesError> {
        if let Some(known) = self.planned.get(atom) {
            return Ok(known.is_some());
        }
        let sql = counting.numbered();
        let planned = match Links::of(&self.session, &sql, LINE).await? {
            Some(links) if self.adds_whole_numbers(&sql).await? => Some(Planned {
                links: Arc::new(links),
                plan: Plan::new(&self.session, &sql).await?,
                counting,
            }),
            _ => None,
        };
        let told = planned.is_some();
        self.planned.insert(atom.clone(), planned);
        Ok(told)
    }

    /// How the rows of an indicator's query hang together; only of what was planned, and tells it.
    #[must_use]
    pub fn links(&self, atom: &Atom) -> Option<Arc<Links>> {
        let planned = self.planned.get(atom)?.as_ref()?;
        Some(planned.links.clone())
    }

    /// Whether what rows add up to is the same added one by one.
    async fn adds_whole_numbers(&self, sql: &str) -> Result<bool, TablesError> {
        let frame = self.session.query(sql).await?;
        let amount = frame.schema().field_with_unqualified_name(AMOUNT)?;
        Ok(amount.data_type() == &DataType::Int64)
    }

    /// What was counted, after a change of some records, by how things stood before and stand after it; none where that has to be
    /// counted anew. Only of what was planned.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn again(
        &mut self,
        counted: &[CountedBefore<'_>],
        touched: &Touched,
        times: [&DayRows; 2],
    ) -> Result<Vec<Option<CountedAfter>>, TablesError> {
        let mut linked: Vec<(usize, &Links)> = Vec::new();
        for (at, own) in counted.iter().enumerate() {
            if let Some(Some(planned)) = self.planned.get(own.atom) {
                linked.push((at, &planned.links));
            }
        }
        let links: Vec<&Links> = linked.iter().map(|(_, links)| *links).collect();
        let concerned = Links::concerned(&links, touched, times)?;
        let mut after: Vec<Option<CountedAfter>> = counted.iter().map(|_| None).collect();
        if concerned.records.values().map(BTreeSet::len).sum::<usize>() > MOST {
            return Ok(after);
        }
        let linked: Vec<usize> = linked.iter().map(|(at, _)| *at).collect();
        let atoms = linked.iter().map(|at| counted[*at].atom);
        let of: Vec<(&Atom, &BTreeSet<i64>)> = atoms.zip(&concerned.roots).collect();
        let gone = self.rows(&of, &concerned, times[0]).await?;
        let come = self.rows(&of, &concerned, times[1]).await?;
        if times.iter().any(|rows| rows.gave_up()) {
            return Ok(after);
        }
        for (nth, at) in linked.into_iter().enumerate() {
            let own = &counted[at];
            let (gone, come) = (&gone[nth], &come[nth]);
            let lines = own
                .lines
                .map(|lines| lines.after(&concerned.roots[nth], come));
            after[at] = Some(CountedAfter {
                cube: own.cube.after(gone, come),
                lines,
            });
        }
        Ok(after)
    }

    /// The rows that are concerned, as they are at one time.
    async fn rows(
        &mut self,
        of: &[(&Atom, &BTreeSet<i64>)],
        concerned: &Concerned,
        time: &DayRows,
    ) -> Result<Vec<Vec<CountedRow>>, TablesError> {
        let mut tables: BTreeMap<String, RecordBatch> = BTreeMap::new();
        for (table, records) in &concerned.records {
            if let Some(rows) = time.rows(table, records)? {
                tables.insert(table.clone(), rows);
            }
        }
        self.slots.fill(tables)?;
        let mut running = Vec::with_capacity(of.len());
        for (atom, roots) in of {
            let planned = self.planned.get_mut(*atom).and_then(Option::as_mut);
            let planned =
                planned.filter(|own| !roots.is_empty() && !own.plan.comes_to_nothing(&self.slots));
            running.push(match planned {
                Some(planned) => Some(planned.plan.start(&self.task).await?),
                None => None,
            });
        }
        let mut all = Vec::with_capacity(of.len());
        for ((atom, roots), running) in of.iter().zip(running) {
            let planned = self.planned.get_mut(*atom).and_then(Option::as_mut);
            let (Some(planned), Some(running)) = (planned, running) else {
                all.push(Vec::new());
                continue;
            };
            let batches = planned.plan.finish(running).await?;
            let mut rows = planned.counting.counted_rows(&batches)?;
            rows.retain(|row| roots.contains(&row.id));
            all.push(rows);
        }
        Ok(all)
    }
}
