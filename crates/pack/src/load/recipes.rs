//! Reading `recipes/`: how a made-up place fills its lists, and which figures must come out.

use kernel::{Decimal, UnitCode};

use super::Load;
use crate::read::{Ids, RECIPE, ROSTER, Table};
use crate::{DemoPlace, Expected, Fault, Recipe};

/// The places under `of`: one, or a list of some.
fn places(table: &mut Table<'_, '_>) -> Vec<DemoPlace> {
    let Some(node) = table.opt("of") else {
        return Vec::new();
    };
    let nodes = match node.value.get_ref().is_str() {
        true => vec![node],
        false => node.list().unwrap_or_default(),
    };
    let chosen = nodes
        .iter()
        .filter_map(|node| table.chosen(node, &DemoPlace::ALL));
    chosen.collect()
}

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn recipe(&mut self, top: &mut Table<'n, 'f>) {
        let expects = top.rows("expect");
        let Some(mut table) = top.need("recipe").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(RECIPE, "", Ids::Plain);
        let of = places(&mut table);
        if of.is_empty() && table.opt("of").is_none() {
            table.need("of");
        }
        let roster = table.word("roster");
        if !roster.text.is_empty() && self.pack.roster(&roster.text).is_none() {
            let known = self.pack.lists().map(|list| list.id.as_str());
            self.notes.unknown(ROSTER, &roster, known);
        }
        let after = table.words("after");
        let rows = table.sql("rows");
        self.check_day_only(&rows);
        table.done();
        let expects = expects.into_iter();
        let expects = expects.filter_map(|row| self.expected(row, &of)).collect();
        let Some(id) = id else {
            return;
        };
        self.before.extend(after.iter().cloned());
        self.pack.recipes.push(Recipe {
            id: id.text,
            of,
            roster: roster.text,
            after: after.into_iter().map(|word| word.text).collect(),
            rows,
            expects,
            place: id.place,
        });
    }

    fn expected(&self, mut row: Table<'n, 'f>, of_recipe: &[DemoPlace]) -> Option<Expected> {
        let place = row.place();
        let mut of = places(&mut row);
        if let Some(other) = of.iter().find(|own| !of_recipe.contains(own)) {
            let known = of_recipe.iter().map(|place| place.id());
            let known = known.collect::<Vec<_>>().join(", ");
            self.notes.fault(Fault::at(
                place.clone(),
                "bad-value",
                format!("配方不属于“{}”，只属于：{known}。", other.id()),
                format!("The recipe isn't of “{}”, only of: {known}.", other.id()),
            ));
        }
        if of.is_empty() {
            of = of_recipe.to_vec();
        }
        let indicator = row.word("indicator");
        self.known_indicator(&indicator);
        let unit = row.word_opt("unit").and_then(|word| {
            let code = word.text.parse::<UnitCode>();
            if code.is_err() {
                let (zh, en) = ("单位代码应为12位数字。", "A unit code has 12 digits.");
                let fault = Fault::at(word.place, "unit-code", zh, en);
                self.notes.fault(fault);
            }
            code.ok()
        });
        let period = row.word("period");
        let value = row.word("value");
        row.done();
        let during = period.text.parse();
        if during.is_err() && !period.text.is_empty() {
            self.notes.fault(Fault::at(
                period.place,
                "period",
                format!("“{}”不是期间。", period.text),
                format!("“{}” isn't a period.", period.text),
            ));
        }
        let behind = value
            .text
            .split_once('.')
            .map_or(0, |(_, behind)| behind.len());
        let number = Decimal::read(&value.text, u8::try_from(behind).unwrap_or(u8::MAX));
        if let (Err(fault), false) = (&number, value.text.is_empty()) {
            self.notes.fault(Fault::at(
                value.place,
                "decimal",
                format!("数值{}。", fault.message(kernel::Lang::Zh)),
                format!("The figure {}.", fault.message(kernel::Lang::En)),
            ));
        }
        Some(Expected {
            indicator: indicator.text,
            of,
            unit,
            period: during.ok()?,
            value: number.ok()?,
            place,
        })
    }

    /// Looks up the recipes that come before others, and puts all of them in their order.
    pub(super) fn order_recipes(&mut self) {
        for word in &self.before {
            if self.pack.recipes.iter().all(|own| own.id != word.text) {
                let known = self.pack.recipes.iter().map(|own| own.id.as_str());
                self.notes.unknown(RECIPE, word, known);
            }
        }
        let mut open = std::mem::take(&mut self.pack.recipes);
        while !open.is_empty() {
            let waits = |recipe: &Recipe| {
                let mut after = recipe.after.iter();
                after.any(|id| open.iter().any(|other| other.id == *id))
            };
            let Some(next) = open.iter().position(|recipe| !waits(recipe)) else {
                let first = open[0].place.clone();
                let (zh, en) = ("这些配方互相等待。", "These recipes wait for one another.");
                self.notes.fault(Fault::at(first, "ring", zh, en));
                self.pack.recipes.append(&mut open);
                return;
            };
            let next = open.remove(next);
            self.pack.recipes.push(next);
        }
    }
}
