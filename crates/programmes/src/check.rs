//! Checks every SQL of a pack against the real engine: that it parses, names what is there, and has the type it must have.
//! All faults of all files come in one run; nothing is evaluated.

mod closed;
mod figures;
mod recipe;
mod told;

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::datasource::MemTable;
use jiff::civil::Date;
use kernel::{Grant, Rights};
use pack::{
    Check, FactGroup, Fault, FieldType, Over, Pack, ParameterValue, Programme, Sql, Subject, Text,
};
use tables::schema::{self, column_type};
use tables::{AsOf, Session, TablesError, date_literal, parameter_literal};

use crate::error::ProgrammesError;
use crate::examine::{self, For};
use crate::question::{paid, questions};
use crate::sweep::in_force;
use told::{fault, span_in};

/// Every fault in the SQL of a pack; none when all is well.
///
/// # Errors
/// Only when the engine itself cannot be set up.
pub async fn check(pack: &Arc<Pack>, on: Date) -> Result<Vec<Fault>, ProgrammesError> {
    let session = blank(pack, on)?;
    session.add_table(schema::ENTITLED, schema::entitled(), Vec::new())?;
    let mut checker = Checker {
        pack: pack.clone(),
        session,
        on,
        faults: Vec::new(),
    };
    for subject in &pack.subjects {
        checker.subject(subject).await?;
    }
    for programme in &pack.programmes {
        if let Some(subject) = pack.subject(&programme.subject) {
            checker.programme(programme, subject).await?;
        }
    }
    for indicator in &pack.indicators {
        checker.indicator(indicator).await;
    }
    for register in &pack.registers {
        let fields = register.fields.iter();
        let columns: Vec<_> = fields.map(|field| (&*field.id, &field.kind)).collect();
        let of = format!("record of {}", register.id);
        checker.of_rows(&register.checks, &of, &columns).await?;
    }
    for roster in pack.lists() {
        let columns = roster.columns.iter();
        let columns: Vec<_> = columns.map(|column| (&*column.id, &column.kind)).collect();
        let of = format!("row of {}", roster.id);
        checker.of_rows(&roster.checks, &of, &columns).await?;
    }
    for check in &pack.checks {
        checker.rows(&check.rows, &[("id", Kind::Int)]).await;
    }
    for recipe in &pack.recipes {
        checker.recipe(recipe).await;
    }
    for programme in &pack.programmes {
        checker.valued(programme);
    }
    if checker.faults.is_empty() {
        checker.together(pack).await?;
    }
    Ok(checker.faults)
}

/// A session without rows, whose columns remember their code lists.
fn blank(pack: &Arc<Pack>, on: Date) -> Result<Session, ProgrammesError> {
    let grant = Grant::over("check", &[], Rights::whole(), "check");
    let session = Session::empty(pack.clone(), grant, AsOf::on(on));
    for register in &pack.registers {
        let shape = examine::shape(register, &schema::table(register));
        session.add_provider(
            register,
            Arc::new(MemTable::try_new(shape, vec![Vec::new()])?),
        )?;
    }
    Ok(session)
}

/// What a column must be, as the engine's types go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Date,
    Moment,
    Decimal,
    Text,
}

impl Kind {
    fn of(field: &FieldType) -> Self {
        match column_type(field) {
            DataType::Boolean => Self::Bool,
            DataType::Int64 => Self::Int,
            DataType::Date32 => Self::Date,
            DataType::Timestamp(..) => Self::Moment,
            DataType::Decimal128(..) => Self::Decimal,
            _ => Self::Text,
        }
    }

    fn admits(self, found: &DataType) -> bool {
        match self {
            Self::Bool => matches!(found, DataType::Boolean | DataType::Null),
            Self::Int => found.is_integer() || *found == DataType::Null,
            Self::Date => matches!(found, DataType::Date32 | DataType::Null),
            Self::Moment => matches!(found, DataType::Timestamp(..) | DataType::Null),
            Self::Decimal => {
                found.is_integer() || matches!(found, DataType::Decimal128(..) | DataType::Null)
            }
            Self::Text => matches!(
                found,
                DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null
            ),
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Bool => ("是非判断", "true or false"),
            Self::Int => ("整数", "a whole number"),
            Self::Date => ("日期", "a date"),
            Self::Moment => ("时刻", "a moment"),
            Self::Decimal => ("小数", "a decimal number"),
            Self::Text => ("文字", "text"),
        }
    }
}

struct Checker {
    pack: Arc<Pack>,
    session: Session,
    on: Date,
    faults: Vec<Fault>,
}

impl Checker {
    async fn subject(&mut self, subject: &Subject) -> Result<(), ProgrammesError> {
        let mut columns = vec![("subject", Kind::Int), ("unit", Kind::Text)];
        columns.extend(
            subject
                .members
                .iter()
                .map(|member| (member.as_str(), Kind::Int)),
        );
        for group in &subject.groups {
            let facts = (group.facts.iter()).map(|fact| (fact.id.as_str(), Kind::of(&fact.kind)));
            match &group.sql {
                None => columns.extend(facts),
                Some(sql) => {
                    let own = [("subject", Kind::Int)].into_iter();
                    self.rows(sql, &own.chain(facts).collect::<Vec<_>>()).await;
                    self.closed(sql, group).await;
                }
            }
        }
        self.rows(&subject.sql, &columns).await;
        let facts = self.facts(subject)?;
        for fact in subject.groups.iter().flat_map(|group| &group.facts) {
            if let Some(absent) = &fact.absent {
                self.expression(absent, &facts, Kind::of(&fact.kind), &|_| None)
                    .await;
            }
        }
        for fact in &subject.computed {
            if let Some(sql) = &fact.sql {
                let of = match fact.kind {
                    FieldType::Fen => For::Money,
                    _ => For::Facts,
                };
                let column = [("", Kind::of(&fact.kind))];
                self.planned(sql, Some(&facts), &column, &|_| None, of)
                    .await;
            }
        }
        if let Some(sql) = &subject.member_rows {
            let columns = [("subject", Kind::Int), ("person", Kind::Int)];
            self.planned(sql, None, &columns, &|_| None, For::Other)
                .await;
        }
        Ok(())
    }

    /// Facts that take it that there is nothing because nothing is on record, of registers that lists fill, without saying which list would
    /// tell: with that list missing they would be told all the same, and wrong.
    async fn closed(&mut self, sql: &Sql, group: &FactGroup) {
        let bound = pack::bind(sql, &|name| (name == "on").then(|| date_literal(self.on)));
        let Ok(frame) = self.session.query(&bound.text).await else {
            return;
        };
        let rosters = self.pack.rosters.iter();
        let fed: BTreeSet<&str> = rosters
            .flat_map(|roster| roster.writes.iter().map(|write| write.register.as_str()))
            .collect();
        let closes = closed::closes(frame.logical_plan(), &fed);
        for fact in &group.facts {
            let declared = fact.closed.is_asked() || fact.closed.recorded;
            let assumes = closes.whole || closes.reads && fact.absent.is_some();
            if declared || !assumes {
                continue;
            }
            let fault = Fault::at(
                fact.place.clone(),
                "closed-world",
                format!("“{}”把册上没有当作没有，却没有说哪份名册能证明。", fact.id),
                format!(
                    "“{}” takes it that what isn't on record isn't so, and doesn't say which list would tell.",
                    fact.id
                ),
            );
            self.faults.push(fault.hint(
                "请写 vouched = [名册]；计数写 whole = [名册]；只是统计在册情况的写 recorded = true",
                "say vouched = [rosters], of a count whole = [rosters], or recorded = true if it is about what is on record",
            ));
        }
    }

    /// A table without rows that has every fact of the subject; its name.
    fn facts(&self, subject: &Subject) -> Result<String, ProgrammesError> {
        let name = format!("facts of {}", subject.id);
        if self
            .session
            .context()
            .table_exist(format!("\"{name}\""))
            .unwrap_or(false)
        {
            return Ok(name);
        }
        let columns = vec![Field::new("subject", DataType::Int64, false)];
        let mut columns: Vec<FieldRef> = columns.into_iter().map(Arc::new).collect();
        columns.extend(subject.facts().map(|fact| {
            let field = Field::new(&fact.id, column_type(&fact.kind), true);
            examine::remembered(&field, Some(&fact.kind))
        }));
        self.session.add_table(
            &format!("\"{name}\""),
            Arc::new(Schema::new(columns)),
            Vec::new(),
        )?;
        Ok(name)
    }

    async fn programme(
        &mut self,
        programme: &Programme,
        subject: &Subject,
    ) -> Result<(), ProgrammesError> {
        let facts = self.facts(subject)?;
        let value = |name: &str| {
            programme
                .parameter(name)
                .and_then(|parameter| parameter.values.last())
                .map(|dated| dated.value.clone())
        };
        for condition in &programme.conditions {
            self.expression(&condition.holds, &facts, Kind::Bool, &value)
                .await;
        }
        if let Some(pays) = &programme.pays {
            self.expression(&pays.due, &facts, Kind::Bool, &value).await;
            let amount = [("", Kind::Int)];
            self.planned(&pays.amount, Some(&facts), &amount, &value, For::Money)
                .await;
        }
        Ok(())
    }

    /// Checks of rows, over a table of their columns and no others: expressions, and of a list as a whole aggregates.
    async fn of_rows(
        &mut self,
        checks: &[Check],
        table: &str,
        columns: &[(&str, &FieldType)],
    ) -> Result<(), ProgrammesError> {
        if checks.is_empty() {
            return Ok(());
        }
        let columns = columns.iter().map(|(id, kind)| {
            let field = Field::new(*id, column_type(kind), true);
            examine::remembered(&field, Some(kind))
        });
        let shape = Schema::new(columns.collect::<Vec<FieldRef>>());
        self.session
            .add_table(&format!("\"{table}\""), Arc::new(shape), Vec::new())?;
        for check in checks {
            let of = match check.over {
                Over::Record | Over::Row => For::Rows,
                Over::List => For::List,
            };
            let boolean = [("", Kind::Bool)];
            self.planned(&check.holds, Some(table), &boolean, &|_| None, of)
                .await;
        }
        Ok(())
    }

    async fn expression(
        &mut self,
        sql: &Sql,
        facts: &str,
        kind: Kind,
        value: &dyn Fn(&str) -> Option<ParameterValue>,
    ) {
        let of = For::Facts;
        self.planned(sql, Some(facts), &[("", kind)], value, of)
            .await;
    }

    async fn rows(&mut self, sql: &Sql, columns: &[(&str, Kind)]) {
        let of = match columns.first() {
            Some(("subject", _)) => For::Subjects,
            _ => For::Other,
        };
        self.planned(sql, None, columns, &|_| None, of).await;
    }

    /// Plans the SQL, on lines of its own when it is an expression over facts, and compares the columns it gives.
    async fn planned(
        &mut self,
        sql: &Sql,
        facts: Option<&str>,
        columns: &[(&str, Kind)],
        value: &dyn Fn(&str) -> Option<ParameterValue>,
        of: For,
    ) {
        if !self.bounded(sql) {
            return;
        }
        let bound = pack::bind(sql, &|name| match name {
            "on" | "start" | "end" => Some(date_literal(self.on)),
            _ => value(name).map(|value| parameter_literal(&value)),
        });
        if !bound.unbound.is_empty() {
            // Reported where the pack was loaded.
            return;
        }
        let (text, before) = match facts {
            Some(facts) => (
                format!("select\n{}\nfrom \"{facts}\"", bound.text),
                "select\n".len(),
            ),
            None => (bound.text.clone(), 0),
        };
        match self.session.query(&text).await {
            Err(TablesError::Query(error)) => {
                let span = span_in(&text, &error).and_then(|span| {
                    Some(span.start.checked_sub(before)?..span.end.checked_sub(before)?)
                });
                let place = match span {
                    Some(span) if span.end <= bound.text.len() => bound.place(span),
                    // The expression ended before the engine had what it needs.
                    Some(_) if facts.is_some() => {
                        self.faults.push(told::too_short(sql.place.clone(), &error));
                        return;
                    }
                    _ => sql.place.clone(),
                };
                self.faults.push(fault(&self.pack, place, &error));
            }
            Err(_) => {}
            Ok(frame) => {
                for found in examine::examine(&self.pack, frame.logical_plan(), of) {
                    let at = bound.text.to_lowercase().find(&found.at.to_lowercase());
                    let place = match at {
                        Some(at) if !found.at.is_empty() && bound.text.is_char_boundary(at) => {
                            bound.place(at..at + found.at.len())
                        }
                        _ => sql.place.clone(),
                    };
                    let Text { zh, en } = found.message;
                    let fault = Fault::at(place, found.code, zh, en);
                    self.faults.push(fault.hint(found.hint.zh, found.hint.en));
                }
                let shape = frame.schema();
                for (nth, (name, kind)) in columns.iter().enumerate() {
                    let found = if name.is_empty() {
                        shape.fields().get(nth).map(|field| field.data_type())
                    } else {
                        shape
                            .field_with_unqualified_name(name)
                            .ok()
                            .map(|field| field.data_type())
                    };
                    self.compare(sql, name, *kind, found);
                }
            }
        }
    }

    /// Whether the SQL keeps within its bounds.
    fn bounded(&mut self, sql: &Sql) -> bool {
        let (length, depth) = (sql.text.chars().count(), examine::depth(&sql.text));
        let (zh, en) = if length > examine::LONGEST {
            (
                format!("SQL 长 {length} 字，最多 {} 字", examine::LONGEST),
                format!(
                    "the SQL has {length} characters; at most {} are allowed",
                    examine::LONGEST
                ),
            )
        } else if depth > examine::DEEPEST {
            (
                format!("括号套了 {depth} 层，最多 {} 层", examine::DEEPEST),
                format!(
                    "brackets stand {depth} deep; at most {} are allowed",
                    examine::DEEPEST
                ),
            )
        } else {
            return true;
        };
        let fault = Fault::at(sql.place.clone(), "sql-bound", zh, en);
        self.faults
            .push(fault.hint("请拆成几个事实", "split it into several facts"));
        false
    }

    /// A programme in force on the day needs a value of every parameter of what it pays.
    fn valued(&mut self, programme: &Programme) {
        if programme.not_in_force(self.on).is_some() {
            return;
        }
        for parameter in programme.named_in(programme.pays_sql()) {
            let Some(first) = parameter
                .values
                .first()
                .filter(|_| parameter.on(self.on).is_none())
            else {
                continue;
            };
            let (on, from) = (self.on, first.from);
            let fault = Fault::at(
                parameter.place.clone(),
                "no-value",
                format!(
                    "项目在 {on} 已经施行，参数“{}”却从 {from} 起才有值",
                    parameter.id
                ),
                format!(
                    "the programme is in force on {on}, but “{}” has no value before {from}",
                    parameter.id
                ),
            );
            self.faults.push(fault.hint(
                "请补上更早日期起的值，否则金额无法判断",
                "add a value from an earlier day; until then the amount can't be told",
            ));
        }
    }

    /// Plans what a sweep, an explanation and the amounts of a step ask, as a whole.
    async fn together(&mut self, pack: &Arc<Pack>) -> Result<(), ProgrammesError> {
        let (programmes, _) = in_force(pack, None, self.on)?;
        for question in questions(pack, &programmes, self.on)? {
            let mut asked = vec![question.sweep_sql(), question.explain_sql()];
            asked.extend(question.member_rows.clone());
            for programme in programmes
                .iter()
                .filter(|own| own.subject == question.subject)
            {
                if let Some((due, amount)) = paid(programme, self.on)? {
                    asked.push(question.over_facts(&[amount], &due));
                }
            }
            for sql in asked {
                let planned = match self.session.query(&sql).await {
                    Ok(frame) => frame
                        .create_physical_plan()
                        .await
                        .map(drop)
                        .map_err(TablesError::from),
                    Err(error) => Err(error),
                };
                let (Err(TablesError::Query(error)), Some(subject)) =
                    (planned, pack.subject(&question.subject))
                else {
                    continue;
                };
                self.faults.push(fault(pack, subject.place.clone(), &error));
                break;
            }
        }
        Ok(())
    }

    fn compare(&mut self, sql: &Sql, name: &str, kind: Kind, found: Option<&DataType>) {
        let (zh, en) = kind.words();
        match found {
            Some(found) if kind.admits(found) => {}
            Some(DataType::Decimal128(..)) if name.is_empty() && kind == Kind::Int => {
                let fault = Fault::at(
                    sql.place.clone(),
                    "sql-rounding",
                    "结果带小数，没有写明怎样舍入",
                    "the result has decimals, and it isn't said how it is rounded",
                );
                self.faults.push(fault.hint(
                    "请写 share(金额, 比率, 'half_up')：half_up 四舍五入，down 舍去，up 进一",
                    "write share(fen, rate, 'half_up'); 'down' cuts off, 'up' goes to the next",
                ));
            }
            Some(found) if name.is_empty() => self.faults.push(
                Fault::at(
                    sql.place.clone(),
                    "sql-type",
                    format!("结果应为{zh}，实际为 {found}"),
                    format!("the result must be {en}, but is {found}"),
                )
                .hint(
                    "检查表达式，或用 cast(… as …) 转换",
                    "check the expression, or convert it with cast(… as …)",
                ),
            ),
            Some(found) => self.faults.push(Fault::at(
                sql.place.clone(),
                "sql-type",
                format!("列“{name}”应为{zh}，实际为 {found}"),
                format!("the column “{name}” must be {en}, but is {found}"),
            )),
            None => {
                let fault = Fault::at(
                    sql.place.clone(),
                    "sql-column",
                    format!("查询缺少列“{name}”"),
                    format!("the query lacks the column “{name}”"),
                );
                self.faults.push(if name == schema::UNIT {
                    fault.hint(
                        "由它定每一行属于哪个单位，没有它哪个单位都没有数；请在 select 中加上登记册的 unit",
                        "it says whose each row is, and without it no unit has any; add the register's unit to the select",
                    )
                } else {
                    fault.hint(
                        format!("在 select 中加上 … as {name}"),
                        format!("add … as {name} to the select"),
                    )
                });
            }
        }
    }
}
