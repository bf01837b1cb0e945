//! What the checks of a pack find fault with in what stands. After a change they are asked again of the records it concerns, where joins
//! tell which these are ([`Links`]); what comes out is what asking of all would give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::execution::TaskContext;
use jiff::civil::Date;
use kernel::{Grant, RecordId, Rights, UnitCode};
use pack::{Pack, Register, Sql, Text};

use crate::changed::Changed;
use crate::error::TablesError;
use crate::footprint::Footprint;
use crate::household::FamilyRows;
use crate::links::{DayRows, Links};
use crate::plan::Plan;
use crate::schema;
use crate::session::{AsOf, Session, bind_day};
use crate::slots::Slots;
use crate::touched::Touched;
use crate::veil::Veil;

/// More records than this are asked sooner with all others.
const MOST: usize = 4_000;

/// How many records of one check are looked for.
pub const MOST_DOUBTS: usize = 100_000;

/// A check as it is asked of what stands.
#[derive(Debug, PartialEq, Eq)]
pub struct StandingCheck {
    /// Its id.
    pub id: String,
    /// What is said of a breach.
    pub name: Text,
    /// The register of the records.
    pub register: String,
    /// The fields it looks at, if it is of one record.
    pub fields: Vec<String>,
    /// The fields it looks at, by register.
    looks: Vec<(String, Vec<String>)>,
}

/// A record that a check finds fault with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The check.
    pub of: Arc<StandingCheck>,
    /// The record.
    pub record: RecordId,
    /// Whose it is.
    pub unit: Option<UnitCode>,
}

/// What the checks of a pack find in what stands.
#[derive(Clone, Debug, Default)]
pub struct Doubts {
    /// The records that a check finds fault with.
    pub found: Vec<Doubt>,
    /// Checks that couldn't be worked out, such as one that divides by 0 for some record: by them nothing is known.
    pub failed: Vec<Arc<StandingCheck>>,
    /// Checks that find fault with more records than the [`MOST_DOUBTS`] that stand among those found.
    pub cut: Vec<Arc<StandingCheck>>,
}

impl Doubts {
    /// Adds what one check found.
    fn of_check(&self, check: &Arc<StandingCheck>, into: &mut Self) {
        let own = |of: &&Arc<StandingCheck>| Arc::ptr_eq(of, check);
        let found = self.found.iter().filter(|doubt| own(&&doubt.of));
        into.found.extend(found.cloned());
        into.failed.extend(self.failed.iter().filter(own).cloned());
        into.cut.extend(self.cut.iter().filter(own).cloned());
    }

    /// Adds what one check found, as much of it as is kept.
    fn add(&mut self, of: &Arc<StandingCheck>, mut found: Vec<Doubt>) {
        if found.len() > MOST_DOUBTS {
            found.truncate(MOST_DOUBTS);
            self.cut.push(of.clone());
        }
        self.found.append(&mut found);
    }

    /// Whether one check was worked out, and found no more than is kept.
    fn is_whole(&self, check: &Arc<StandingCheck>) -> bool {
        let mut others = self.failed.iter().chain(&self.cut);
        !others.any(|of| Arc::ptr_eq(of, check))
    }

    /// Of the records found, some.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Doubt) -> bool) -> Self {
        let found = self.found.iter().filter(|doubt| wanted(doubt));
        Self {
            found: found.cloned().collect(),
            ..self.clone()
        }
    }

    /// Whether every check was worked out and none found anything.
    #[must_use]
    pub fn none(&self) -> bool {
        self.found.is_empty() && self.failed.is_empty()
    }
}

impl Doubt {
    /// Whether a grant shows every field that the check looks at, if only masked: of a masked one it is told that it differs. A check
    /// between records is for whoever reads everything of the unit.
    #[must_use]
    pub fn seen_by(&self, pack: &Pack, grant: &Grant) -> bool {
        let Some(unit) = &self.unit else { return false };
        let shown = |(register, fields): &(String, Vec<String>)| {
            let register = pack.register(register);
            let veil = register.and_then(|own| Some((own, Veil::of(own, grant, unit)?)));
            veil.is_some_and(|(register, veil)| {
                let mut fields = fields.iter().filter_map(|id| register.field(id));
                fields.all(|(at, _)| !veil.withheld.has(at))
            })
        };
        let between = self.of.fields.is_empty();
        self.of.looks.iter().all(shown) && (!between || grant.reads_everything(unit))
    }
}

/// The fields of registers that SQL names; of a check of one record only its own register's.
fn looks_at(sql: &Sql, pack: &Pack, own: Option<&Register>) -> Vec<(String, Vec<String>)> {
    let named: Vec<String> = (pack::mentions(&sql.text).into_iter())
        .map(|(name, _)| name)
        .collect();
    let registers = pack.registers.iter().filter(|register| match own {
        Some(own) => own.id == register.id,
        None => named.contains(&register.id),
    });
    let fields = |register: &Register| {
        let fields = register.fields.iter().map(|field| &field.id);
        let fields = fields.filter(|id| named.contains(id)).cloned();
        (register.id.clone(), fields.collect())
    };
    registers.map(fields).collect()
}

/// The checks of a pack on a day, as SQL.
fn asked_on(pack: &Pack, on: Date) -> Result<Vec<(Arc<StandingCheck>, String)>, TablesError> {
    let mut asked = Vec::new();
    for register in &pack.registers {
        for check in register.checks.iter().filter(|check| check.applies(on)) {
            let sql = format!(
                "select id, unit from {} where not (\n{}\n)",
                register.id,
                bind_day(&check.holds, on)?
            );
            let looks = looks_at(&check.holds, pack, Some(register));
            let fields = looks.iter().flat_map(|(_, fields)| fields.clone());
            let of = StandingCheck {
                id: check.id.clone(),
                name: check.name.clone(),
                register: register.id.clone(),
                fields: fields.collect(),
                looks,
            };
            asked.push((Arc::new(of), sql));
        }
    }
    for check in pack.checks.iter().filter(|check| check.applies(on)) {
        let sql = format!(
            "select distinct r.id, r.unit from {} r join (\n{}\n) b on b.id = r.id",
            check.register,
            bind_day(&check.rows, on)?
        );
        let of = StandingCheck {
            id: check.id.clone(),
            name: check.name.clone(),
            register: check.register.clone(),
            fields: Vec::new(),
            looks: looks_at(&check.rows, pack, None),
        };
        asked.push((Arc::new(of), sql));
    }
    Ok(asked)
}

/// The checks of a pack on a day, with what tells whom a change concerns.
pub struct StandingChecks {
    asked: Vec<Asked>,
    session: Session,
    slots: Slots,
    task: Arc<TaskContext>,
}

struct Asked {
    of: Arc<StandingCheck>,
    sql: String,
    /// What it reads; none if that can't be told.
    footprint: Option<Footprint>,
    /// How its rows hang together; none if that can't be told.
    links: Option<Links>,
    /// Planned when it is first asked again.
    plan: Option<Plan>,
}

impl StandingChecks {
    /// Those of a pack.
    ///
    /// # Errors
    /// None in practice; the registers and checks of a checked pack are well formed.
    pub async fn new(pack: &Arc<Pack>, on: Date) -> Result<Self, TablesError> {
        let grant = Grant::over("taizhang", &[], Rights::whole(), "checks");
        let (session, slots) = Slots::session(pack, grant, AsOf::on(on))?;
        let mut asked = Vec::new();
        for (of, sql) in asked_on(pack, on)? {
            asked.push(Asked {
                footprint: Footprint::of(&session, &sql).await.ok(),
                links: Links::of(&session, &sql, schema::ID).await.ok().flatten(),
                plan: None,
                of,
                sql,
            });
        }
        Ok(Self {
            asked,
            task: session.context().task_ctx(),
            session,
            slots,
        })
    }

    /// What they find. The session should be one of [`crate::Tables::evaluation`]: of what is hidden nothing can be said.
    ///
    /// # Errors
    /// None but for want of memory.
    pub async fn all(&self, session: &Session) -> Result<Doubts, TablesError> {
        let mut doubts = Doubts::default();
        for own in &self.asked {
            session.ask(&own.sql, &own.of, &mut doubts).await?;
        }
        Ok(doubts)
    }

    /// What they find after a change of some records, by what these checks found before it and by how things stood before and stand
    /// after it. The session is of what stands after.
    ///
    /// # Errors
    /// None but for want of memory.
    pub async fn after(
        &mut self,
        session: &Session,
        before: &Doubts,
        (changed, touched): (&Changed, &Touched),
        times: [&DayRows; 2],
    ) -> Result<Doubts, TablesError> {
        let same = |own: &Asked| {
            let rests = own.footprint.as_ref().map(|own| own.rests_on(changed));
            rests == Some(false)
        };
        let again = |own: &Asked| !same(own) && own.links.is_some() && before.is_whole(&own.of);
        let linked = self.asked.iter().enumerate().filter(|(_, own)| again(own));
        let linked: Vec<usize> = linked.map(|(at, _)| at).collect();
        let links = linked
            .iter()
            .filter_map(|at| self.asked[*at].links.as_ref());
        let links: Vec<&Links> = links.collect();
        let concerned = Links::concerned(&links, touched, times)?;
        let few = concerned.records.values().map(BTreeSet::len).sum::<usize>() <= MOST;
        let mut roots: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
        if few {
            roots.extend(linked.into_iter().zip(concerned.roots));
            let mut tables: BTreeMap<String, RecordBatch> = BTreeMap::new();
            for (table, records) in &concerned.records {
                if let Some(rows) = times[1].rows(table, records)? {
                    tables.insert(table.clone(), rows);
                }
            }
            self.slots.fill(tables)?;
        }
        let unchanged: Vec<bool> = self.asked.iter().map(same).collect();
        let mut doubts = Doubts::default();
        for (at, own) in self.asked.iter_mut().enumerate() {
            match roots.get(&at) {
                _ if unchanged[at] => before.of_check(&own.of, &mut doubts),
                Some(roots) if roots.is_empty() => before.of_check(&own.of, &mut doubts),
                Some(roots) => {
                    let found = own.again(&self.session, (&self.slots, &self.task)).await;
                    match found {
                        Ok(found) => own.put_together(before, (roots, found), &mut doubts),
                        Err(_) => session.ask(&own.sql, &own.of, &mut doubts).await?,
                    }
                }
                None => session.ask(&own.sql, &own.of, &mut doubts).await?,
            }
        }
        Ok(doubts)
    }

    /// What those find that look at one of some registers, in the rows about and around some people (see
    /// [`crate::Relatives::around_all`]). Of others who stand in these rows it may be wrong: not all about them is there.
    ///
    /// # Errors
    /// Rows that aren't those of the registers.
    pub async fn in_rows(
        &mut self,
        rows: FamilyRows,
        registers: &BTreeSet<&str>,
    ) -> Result<Vec<Doubt>, TablesError> {
        self.slots.fill(rows)?;
        let mut found = Vec::new();
        for own in &mut self.asked {
            let mut looks = own.of.looks.iter();
            if looks.any(|(register, _)| registers.contains(register.as_str())) {
                // A check that can't be worked out finds nothing.
                let own = own.again(&self.session, (&self.slots, &self.task));
                found.extend(own.await.unwrap_or_default());
            }
        }
        Ok(found)
    }
}

impl Asked {
    /// What it finds in the rows at hand.
    async fn again(
        &mut self,
        session: &Session,
        (slots, task): (&Slots, &Arc<TaskContext>),
    ) -> Result<Vec<Doubt>, TablesError> {
        let plan = match &mut self.plan {
            Some(plan) => plan,
            none => none.insert(Plan::new(session, &self.sql).await?),
        };
        if plan.comes_to_nothing(slots) {
            return Ok(Vec::new());
        }
        doubts_in(&plan.run(task).await?, &self.of)
    }

    /// What was found before of records that aren't concerned, and what is found of those that are.
    fn put_together(
        &self,
        before: &Doubts,
        (roots, found): (&BTreeSet<i64>, Vec<Doubt>),
        into: &mut Doubts,
    ) {
        let concerned = |doubt: &Doubt| roots.contains(&doubt.record.0);
        let kept = before.found.iter();
        let kept = kept.filter(|doubt| Arc::ptr_eq(&doubt.of, &self.of) && !concerned(doubt));
        let mut own: Vec<Doubt> = kept.cloned().collect();
        own.extend(found.into_iter().filter(concerned));
        own.sort_by_key(|doubt| doubt.record);
        into.add(&self.of, own);
    }
}

impl Session {
    /// What the checks of the pack find. The session should be one of [`crate::Tables::evaluation`]: of what is hidden nothing can be said.
    ///
    /// # Errors
    /// None but for want of memory.
    pub async fn doubts(&self) -> Result<Doubts, TablesError> {
        let mut doubts = Doubts::default();
        for (of, sql) in asked_on(self.pack(), self.as_of().on)? {
            self.ask(&sql, &of, &mut doubts).await?;
        }
        Ok(doubts)
    }

    async fn ask(
        &self,
        sql: &str,
        of: &Arc<StandingCheck>,
        into: &mut Doubts,
    ) -> Result<(), TablesError> {
        let sql = format!("{sql} order by 1 limit {}", MOST_DOUBTS + 1);
        let Ok(found) = self.collect(&sql).await else {
            // Why is not logged: the engine names the value it failed on.
            tracing::warn!("check {} can't be worked out", of.id);
            into.failed.push(of.clone());
            return Ok(());
        };
        into.add(of, doubts_in(&found, of)?);
        Ok(())
    }
}

/// The records that rows name, with whose they are.
fn doubts_in(rows: &[RecordBatch], of: &Arc<StandingCheck>) -> Result<Vec<Doubt>, TablesError> {
    let mut found = Vec::new();
    for batch in rows {
        let ids = batch.column(0).as_primitive::<Int64Type>();
        let units = cast(batch.column(1), &DataType::Utf8View)?;
        let units = units.as_string_view();
        found.extend((0..batch.num_rows()).map(|row| {
            let unit = units.is_valid(row).then(|| units.value(row).parse().ok());
            Doubt {
                of: of.clone(),
                record: RecordId(ids.value(row)),
                unit: unit.flatten(),
            }
        }));
    }
    Ok(found)
}
