//! Reading checks: those of a register and of a roster, and `checks/`, between records.

use super::Load;
use crate::read::{CHECK, Ids, Table};
use crate::{Check, CheckBetween, CheckLevel, Over};

const LEVELS: [(&str, CheckLevel); 2] =
    [("must", CheckLevel::Must), ("should", CheckLevel::Should)];

const OVER: [(&str, Over); 2] = [("row", Over::Row), ("list", Over::List)];

impl<'n, 'f> Load<'n, 'f> {
    /// The checks of a register or, if lists are checked, of a roster.
    pub(super) fn checks(
        &mut self,
        rows: Vec<Table<'n, 'f>>,
        scope: &str,
        of_lists: bool,
    ) -> Vec<Check> {
        let one = |mut row: Table<'n, 'f>| {
            let id = row.id(CHECK, scope, Ids::Plain);
            let name = row.text("name");
            let holds = row.sql("holds");
            self.check_day_only(&holds);
            let level = row.choice("level", &LEVELS);
            let over = match of_lists {
                true => row.choice_opt("over", &OVER).unwrap_or(Over::Row),
                false => Over::Record,
            };
            let retired = row.date_opt("retired");
            row.done();
            let id = id?;
            Some(Check {
                id: id.text,
                name,
                holds,
                level: level?,
                over,
                retired,
                place: id.place,
            })
        };
        rows.into_iter().filter_map(one).collect()
    }

    /// A file of `checks/`.
    pub(super) fn between(&mut self, top: &mut Table<'n, 'f>) {
        for mut row in top.rows("check") {
            let id = row.id(CHECK, "", Ids::Plain);
            let name = row.text("name");
            let register = row.word("register");
            let rows = row.sql("rows");
            self.check_day_only(&rows);
            let retired = row.date_opt("retired");
            row.done();
            let Some(id) = id else { continue };
            self.pack.checks.push(CheckBetween {
                id: id.text,
                name,
                register: register.text.clone(),
                rows,
                retired,
                place: id.place,
            });
            self.references.push(register);
        }
    }
}
