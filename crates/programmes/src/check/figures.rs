//! Checks of indicators: the columns of their rows, what is added up, and what the rows are told apart by.

use datafusion::arrow::datatypes::FieldRef;
use pack::{Dimension, Fault, Groups, Indicator, Measure, Sql};
use tables::{TablesError, date_literal};

use super::told::fault;
use super::{Checker, Kind};

/// What every row of an indicator says.
const COUNTED: [(&str, Kind); 2] = [("id", Kind::Int), ("unit", Kind::Text)];
/// What is a whole number among its columns, but no figure.
const RECORDS: [&str; 3] = ["id", Indicator::PERSON, Indicator::HOUSEHOLD];

impl Checker {
    pub(super) async fn indicator(&mut self, indicator: &Indicator) {
        match &indicator.measure {
            Measure::Count { rows, .. } => self.rows(rows, &COUNTED).await,
            Measure::Sum { rows, column, .. } => {
                self.rows(rows, &COUNTED).await;
                self.added_up(rows, column).await;
            }
            Measure::Average { .. } | Measure::Rate { .. } => {}
        }
        let pack = self.pack.clone();
        for dimension in indicator.by.iter().filter_map(|id| pack.dimension(id)) {
            self.dimension(indicator, dimension).await;
        }
    }

    /// What rows are told apart by: an expression over their columns, of the type that its groups are of.
    async fn dimension(&mut self, indicator: &Indicator, dimension: &Dimension) {
        let Some((rows, _)) = indicator.rows() else {
            let place = indicator.place.clone();
            let fault = Fault::at(
                place,
                "no-rows",
                format!("指标“{}”由别的指标算得，没有自己的行可分。", indicator.id),
                format!(
                    "“{}” is made of others and has no rows of its own.",
                    indicator.id
                ),
            );
            self.faults.push(fault.hint(
                "请把 by 写在它所依据的指标上。",
                "Write the by at the indicators it is made of.",
            ));
            return;
        };
        let (of, rows) = (self.on_day(&dimension.of), self.on_day(rows));
        if !of.unbound.is_empty() || !rows.unbound.is_empty() {
            // Reported where the pack was loaded.
            return;
        }
        // A query that can't be planned was told already.
        if self.session.query(&rows.text).await.is_err() {
            return;
        }
        let text = format!("select\n{}\nfrom ({}) as \"counted\"", of.text, rows.text);
        match self.session.query(&text).await {
            Err(TablesError::Query(error)) => {
                let hint = (
                    format!("按指标“{}”的列来算。", indicator.id),
                    format!("It is asked over the columns of “{}”.", indicator.id),
                );
                let place = dimension.of.place.clone();
                let fault = fault(&self.pack, place, &error);
                self.faults.push(fault.hint(hint.0, hint.1));
            }
            Err(_) => {}
            Ok(frame) => {
                let kind = match &dimension.groups {
                    Groups::Code(_) => Kind::Text,
                    Groups::Bands { .. } => Kind::Int,
                    Groups::YesNo { .. } => Kind::Bool,
                };
                let found = frame
                    .schema()
                    .fields()
                    .first()
                    .map(|field| field.data_type());
                self.compare(&dimension.of, "", kind, found);
            }
        }
    }

    /// A day of asking in the place of the days of a query.
    fn on_day(&self, sql: &Sql) -> pack::Bound {
        pack::bind(sql, &|name| {
            matches!(name, "on" | "start" | "end").then(|| date_literal(self.on))
        })
    }

    /// The column of a sum is one of whole numbers of its rows.
    async fn added_up(&mut self, rows: &Sql, column: &str) {
        let bound = self.on_day(rows);
        let Ok(frame) = self.session.query(&bound.text).await else {
            // Told of the query.
            return;
        };
        let fields = frame.schema().fields().iter();
        let whole = |field: &&FieldRef| field.data_type().is_integer();
        let found = frame.schema().field_with_unqualified_name(column);
        if found.is_ok_and(|field| Kind::Int.admits(field.data_type())) {
            return;
        }
        let known: Vec<&str> = (fields.filter(whole))
            .map(|field| field.name().as_str())
            .filter(|name| !RECORDS.contains(name))
            .collect();
        let (zh, en) = match frame.schema().field_with_unqualified_name(column) {
            Ok(_) => (
                format!("要合计的列“{column}”不是整数"),
                format!("the column to add up, “{column}”, holds no whole numbers"),
            ),
            Err(_) => (
                format!("查询没有要合计的列“{column}”"),
                format!("the query lacks the column to add up, “{column}”"),
            ),
        };
        let fault = Fault::at(rows.place.clone(), "sql-column", zh, en);
        self.faults.push(if known.is_empty() {
            fault.hint(
                "column 应是 select 中的一个整数列；请在 select 中加上",
                "`column` must be a column of whole numbers of the select; add one to it",
            )
        } else {
            fault.hint(
                format!("column 应是 select 中的一个整数列：{}", known.join("、")),
                format!(
                    "`column` must be one of the select's whole numbers: {}",
                    known.join(", ")
                ),
            )
        });
    }
}
