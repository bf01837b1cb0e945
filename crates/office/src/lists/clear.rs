//! Columns of rows as a reader sees them in clear: what is masked or withheld counts as blank, row by row. Lists are put in order, and
//! statuses counted, by these.

use std::cell::RefCell;
use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{Date32Type, Int64Type};
use jiff::civil::Date;
use kernel::Grant;
use kernel::date::from_days;
use pack::Register;
use tables::{Veil, schema};

use super::AtHome;
use super::place::in_order;
use crate::view::View;

/// A column of a table's rows, with whose they are: what a reader sees of it in clear.
pub(super) struct Clear<'r> {
    register: &'r Register,
    grant: &'r Grant,
    pub(super) units: &'r StringViewArray,
    at: usize,
    column: &'r dyn Array,
    /// Whether it is seen so, by unit.
    shown: RefCell<BTreeMap<&'r str, bool>>,
}

impl<'r> Clear<'r> {
    pub(super) fn of(
        register: &'r Register,
        grant: &'r Grant,
        rows: &'r RecordBatch,
        at: usize,
    ) -> Option<Clear<'r>> {
        let column = rows.column_by_name(&register.fields.get(at)?.id)?;
        let units = rows.column_by_name(schema::UNIT)?.as_string_view_opt()?;
        Some(Clear {
            register,
            grant,
            units,
            at,
            column: column.as_ref(),
            shown: RefCell::default(),
        })
    }

    /// Whether there is a value, and the reader sees it in clear.
    pub(super) fn has(&self, row: usize) -> bool {
        if self.column.is_null(row) || self.units.is_null(row) {
            return false;
        }
        let sees = |unit: &str| {
            let veil = Veil::of(self.register, self.grant, &unit.parse().ok()?)?;
            Some(!veil.masked.has(self.at) && !veil.withheld.has(self.at))
        };
        let unit = self.units.value(row);
        let mut shown = self.shown.borrow_mut();
        *shown
            .entry(unit)
            .or_insert_with(|| sees(unit).unwrap_or(false))
    }

    pub(super) fn text(&self, row: usize) -> Option<&'r str> {
        let texts = self.column.as_string_view_opt()?;
        self.has(row).then(|| texts.value(row))
    }

    pub(super) fn day(&self, row: usize) -> Option<Date> {
        let days = self.column.as_primitive_opt::<Date32Type>()?;
        from_days(days.value(row)).filter(|_| self.has(row))
    }

    pub(super) fn number(&self, row: usize) -> Option<i64> {
        let numbers = self.column.as_primitive_opt::<Int64Type>()?;
        self.has(row).then(|| numbers.value(row))
    }
}

/// The columns of homes by which a list is put in order.
pub(super) struct HomeColumns<'r> {
    person: Clear<'r>,
    household: Clear<'r>,
    address: Option<Clear<'r>>,
    living: &'r BooleanArray,
    counted: &'r BooleanArray,
}

impl<'r> HomeColumns<'r> {
    pub(super) fn of(view: &'r View, rows: &'r RecordBatch) -> Option<HomeColumns<'r>> {
        let homes = &view.office.contract.homes;
        let clear = |at| Clear::of(&homes.register, &view.grant, rows, at);
        let flags = |id: &str| rows.column_by_name(id)?.as_boolean_opt();
        Some(HomeColumns {
            person: clear(homes.person.at)?,
            household: clear(homes.household.at)?,
            address: homes.address().and_then(|(at, _)| clear(at)),
            living: flags(&homes.living.id)?,
            counted: flags(schema::COUNTED)?,
        })
    }

    pub(super) fn home(&self, row: usize) -> Option<(i64, AtHome)> {
        let flag = |flags: &BooleanArray| flags.is_valid(row) && flags.value(row);
        let address = self.address.as_ref().and_then(|column| column.text(row));
        let home = AtHome {
            rank: (flag(self.living), flag(self.counted)),
            address: address.map(in_order),
            household: self.household.number(row),
        };
        Some((self.person.number(row)?, home))
    }
}
