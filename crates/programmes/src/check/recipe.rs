//! What a recipe's query gives: columns of the list it fills, and no others.

use pack::{Fault, Recipe, Sql};
use tables::date_literal;

use super::Checker;

impl Checker {
    /// The query of a recipe, and that each of its columns is one of the list's, which are asked for if they are required.
    pub(super) async fn recipe(&mut self, recipe: &Recipe) {
        self.rows(&recipe.rows, &[]).await;
        let Some(columns) = self.columns(&recipe.rows).await else {
            // Told already.
            return;
        };
        let pack = self.pack.clone();
        let Some(list) = pack.roster(&recipe.roster) else {
            return;
        };
        let own = |name: &str| list.columns.iter().any(|column| column.id == name);
        let others = [Recipe::LIST_ON, Recipe::LIST_UNIT];
        let strange = columns
            .iter()
            .filter(|name| !own(name) && !others.contains(&name.as_str()));
        for name in strange {
            let fault = Fault::at(
                recipe.rows.place.clone(),
                "unknown-column",
                format!("名册“{}”没有“{name}”列。", list.id),
                format!("The list “{}” has no column “{name}”.", list.id),
            );
            let known: Vec<&str> = list.columns.iter().map(|column| &*column.id).collect();
            let known = known.join(", ");
            self.faults.push(fault.hint(
                format!("有：{known}，以及 list_on、list_unit。"),
                format!("There are: {known}; and list_on, list_unit."),
            ));
        }
        let lacks = |name: &str| !columns.iter().any(|column| column == name);
        let required = list.columns.iter().filter(|column| column.required);
        for column in required.filter(|column| lacks(&column.id)) {
            self.faults.push(Fault::at(
                recipe.rows.place.clone(),
                "missing-column",
                format!("缺少必填列“{}”。", column.id),
                format!("The required column “{}” is missing.", column.id),
            ));
        }
    }

    /// The columns that a query gives; none if it can't be planned.
    async fn columns(&self, sql: &Sql) -> Option<Vec<String>> {
        let day = |name: &str| (name == "on").then(|| date_literal(self.on));
        let bound = pack::bind(sql, &day);
        let frame = self.session.query(&bound.text).await.ok()?;
        let fields = frame.schema().fields().iter();
        Some(fields.map(|field| field.name().clone()).collect())
    }
}
