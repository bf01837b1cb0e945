//! Figures of a unit and period, and the rows behind any of them, for one reader: a [`FigureSheet`] shows those of a unit of which they
//! read everything, out of what is counted for all ([`Board`]), and reads rows anew under their grant.

mod board;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};
use ledger::Admitted;
use pack::{Each, Indicator, Register};
use reports::cube::{Chosen, InGroup};
use reports::document::to_docx;
use reports::indicator::{Atom, AtomCount, Figure, Made, atoms, declared};
use reports::reads::Reads;
use reports::series;
use reports::work_report::{self, Filling, Imprint};
use tables::{Page as Part, Veil, schema, show};

use crate::error::OfficeError;
use crate::gaps::{self, Gaps, ReportGaps};
use crate::office::Office;
use crate::view::View;

pub use board::Board;
pub(crate) use board::kept_lists;

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
        let reads = self.office.reads().await?;
        let withheld = |atom: &Atom| {
            let registers = reads.get(&atom.0).map(|own| own.query.iter());
            let mut registers = registers.into_iter().flatten();
            !registers.all(|register| self.grant.reads(register, &self.unit))
        };
        let seen = |(atom, counted): (Atom, Arc<AtomCount>)| match withheld(&atom) {
            true => (atom, Arc::new(counted.withheld())),
            false => (atom, counted),
        };
        let counted = counted.into_iter().map(seen).collect();
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

    /// What an indicator comes to that another is made of, of the units of which the other can be told: figures that give the other.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`].
    pub async fn made_of(&self, id: &str, part: &str) -> Result<Figure, OfficeError> {
        let part = declared(&self.office.pack, part)?;
        Ok(self.parts(id).await?.of(self.unit).made_of(part))
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

    /// What a report is filled with.
    async fn filling(
        &self,
        report: &pack::Report,
        parts_of: &[(UnitCode, String)],
    ) -> Result<Filling, OfficeError> {
        let (whole, parts) = work_report::needed(&self.office.pack, report);
        self.prepare(&whole).await?;
        let mut filling = Filling::default();
        for id in whole {
            let figure = self.figure(&id).await?;
            filling.whole.insert(id, figure);
        }
        let units: Vec<UnitCode> = parts_of.iter().map(|(unit, _)| *unit).collect();
        for id in parts {
            let figures = self.by_unit(&id, &units).await?;
            filling.parts.insert(id, figures);
        }
        Ok(filling)
    }

    /// A report as a .docx, about the unit and those under it that the reader sees; `date` is the one it carries. With gaps marked, each
    /// figure that isn't wholly known says so where it stands, and the lists to get are told at the end.
    ///
    /// # Errors
    /// As [`FigureSheet::prepare`]; figures that aren't wholly known, unless they are to be marked; a document out of its bounds.
    pub async fn report_file(
        &self,
        report: &pack::Report,
        date: Date,
        (lang, gaps): (Lang, Gaps),
    ) -> Result<Vec<u8>, OfficeError> {
        let pack = &self.office.pack;
        let units = self.office.units(self.period().end()).await?;
        // What is next below: grids don't stand beside their communities.
        let below = units.under(&self.unit).into_iter();
        let below = below.filter(|other| self.grant.reads_everything(&other.code));
        let parts: Vec<(UnitCode, String)> =
            below.map(|unit| (unit.code, unit.name.clone())).collect();
        let filling = self.filling(report, &parts).await?;
        let figures = filling.whole.values().filter(|own| own.has_gaps(pack));
        let found = ReportGaps::of(pack, &units, figures.cloned().collect());
        if gaps == Gaps::Refuse && !found.figures.is_empty() {
            return Err(OfficeError::Gaps(Box::new(found)));
        }
        let left_out = filling.whole.values().flat_map(|figure| &figure.without);
        let called = left_out.map(|(unit, _)| (*unit, units.name(unit.as_str())));
        let about = Imprint {
            unit: self.unit,
            name: units.name(self.unit.as_str()),
            called: called.collect(),
            parts,
            date,
            warning: gaps::warning(&found, lang),
            notes: gaps::notes(pack, &found, filling.whole.values(), lang),
        };
        let of = (&about, self.period());
        let document = work_report::compose((pack, report), &filling, of, lang)?;
        to_docx(&document).map_err(|error| OfficeError::Broken(error.message(lang)))
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
            let (chosen, figure) = self.listed(id, &atom, wanted).await?;
            lists.push(Behind {
                indicator: atom.0,
                before: atom.1,
                figure,
                rows: chosen.count(),
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
    ) -> Result<(Chosen, Figure), OfficeError> {
        let own = declared(&self.office.pack, &atom.0)?;
        // Units of which another part can't be told are left out of this one, too.
        let parts = self.parts(id).await?;
        let of = parts.counted.get(atom).ok_or(OfficeError::Absent)?;
        let whole = parts.of(self.unit);
        let figure = whole.part(own, atom, wanted);
        if figure.value.is_none() {
            return Ok((Chosen::default(), figure));
        }
        let lines = self.board.lines(&self.office, atom).await?;
        let counts = |unit: Option<&UnitCode>| whole.counts(&of.tree, unit);
        Ok((lines.of(counts, wanted), figure))
    }

    /// A page of the rows that an atom gives to a figure of an indicator, as the reader may see them: by unit, and in each as they were
    /// opened.
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
        let (chosen, _) = self.listed(id, &atom, wanted).await?;
        let (total, page) = chosen.part(part.offset, part.limit);
        let ids: Vec<i64> = page.iter().map(|(id, _)| *id).collect();
        let (columns, mut seen) = self.seen(&atom, &ids).await?;
        let telling = self.telling(&atom, wanted).await?;
        let told = |unit: Option<UnitCode>| {
            let unit = unit.unwrap_or(self.unit);
            let clear = |(register, at, known): &(&Register, usize, bool)| {
                let veil = Veil::of(register, &self.grant, &unit);
                // Whether something is known is seen where it is masked.
                veil.is_some_and(|veil| {
                    (*known || !veil.masked.has(*at)) && !veil.withheld.has(*at)
                })
            };
            telling.iter().all(clear)
        };
        let rows = page.into_iter().map(|(id, unit)| SeenLine {
            unit,
            cells: (seen.get_mut(&id))
                .filter(|rows| !rows.is_empty())
                .map(|rows| rows.remove(0))
                .filter(|_| told(unit)),
        });
        Ok(SeenRows {
            columns,
            rows: rows.collect(),
            total,
        })
    }

    /// The fields that a row tells something of by being counted, or by being in a group; and whether no more than that they are known.
    async fn telling(
        &self,
        atom: &Atom,
        wanted: &[InGroup],
    ) -> Result<Vec<(&Register, usize, bool)>, OfficeError> {
        let reads = self.office.reads().await?.get(&atom.0);
        let groups = wanted.iter().filter_map(|(dimension, _)| {
            let own = reads?.told_apart.get(dimension)?;
            Some(own.iter())
        });
        let telling = reads.iter().flat_map(|reads| &reads.telling);
        let telling = telling.chain(groups.flatten()).map(|field| (field, false));
        let known = reads.iter().flat_map(|reads| &reads.telling_known);
        let fields = telling.chain(known.map(|field| (field, true)));
        let fields = fields.filter_map(|((register, field), known)| {
            let register = self.office.pack.register(register)?;
            Some((register, register.field(field)?.0, known))
        });
        Ok(fields.collect())
    }

    /// The rows with some numbers, read under the reader's grant at the commit the figures are of.
    async fn seen(&self, atom: &Atom, ids: &[i64]) -> Result<(Vec<String>, ById), OfficeError> {
        let (office, board) = (&self.office, &self.board);
        let session = board.seen_session(office, &self.grant, (atom, ids)).await?;
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

/// Whether an indicator can be told for units by themselves: all rows it rests on say whose they are. Known once figures were opened.
#[must_use]
pub fn splits(office: &Office, indicator: &Indicator) -> bool {
    let reads = office
        .reads
        .get()
        .and_then(|reads| reads.get(&indicator.id));
    reads.is_some_and(|reads| reads.by_unit)
}
