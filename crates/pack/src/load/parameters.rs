//! Reading what a parameter holds: a value as fields have it, a rate, or a table of brackets, which must ascend without a gap.

use kernel::{Lang, MOST_PLACES, Rate};

use super::Load;
use crate::read::{Node, Table};
use crate::{Brackets, Fault, FieldType, Gives, ParameterType, ParameterValue};

/// The most rows of a table of brackets.
const MOST_BRACKETS: usize = 100;

/// The columns of a table of brackets that it needs only one of.
const BOUNDS: [&str; 2] = ["over", "from"];
const GIVES: [&str; 2] = ["rate", "amount"];

/// One row of brackets as written.
struct Row {
    over: bool,
    bound: i64,
    gives: Gives,
    value: i64,
}

impl<'n, 'f> Load<'n, 'f> {
    /// The type under `type`: those of fields, `rate` and `brackets`.
    pub(super) fn parameter_type(&mut self, table: &mut Table<'n, 'f>) -> ParameterType {
        let own = table
            .opt("type")
            .and_then(|node| match node.value.get_ref().as_str() {
                Some("rate") => Some(ParameterType::Rate),
                Some("brackets") => Some(ParameterType::Brackets),
                _ => None,
            });
        own.unwrap_or_else(|| ParameterType::Field(self.field_type(table)))
    }

    /// The type of a fact: those of fields, and `rate`, which is a decimal number of [`MOST_PLACES`] places.
    pub(super) fn fact_type(&mut self, table: &mut Table<'n, 'f>) -> FieldType {
        let node = table.opt("type");
        if node.is_some_and(|node| node.value.get_ref().as_str() == Some("rate")) {
            return FieldType::Decimal {
                places: MOST_PLACES,
                unit: crate::Text::default(),
            };
        }
        self.field_type(table)
    }

    pub(super) fn parameter_value(
        &self,
        node: &Node<'n, 'f>,
        kind: &ParameterType,
    ) -> Option<ParameterValue> {
        match kind {
            ParameterType::Field(kind) => self.value(node, kind).map(ParameterValue::Field),
            ParameterType::Rate => self.rate(node).map(ParameterValue::Rate),
            ParameterType::Brackets => self.brackets(node).map(ParameterValue::Brackets),
        }
    }

    fn rate(&self, node: &Node<'n, 'f>) -> Option<Rate> {
        let word = node.word()?;
        word.text
            .parse::<Rate>()
            .map_err(|fault| {
                let (zh, en) = (fault.message(Lang::Zh), fault.message(Lang::En));
                self.notes.fault(node.bad(
                    format!("“{}”不能用：{zh}。", word.text),
                    format!("“{}” can't be used: {en}.", word.text),
                ));
            })
            .ok()
    }

    fn brackets(&self, node: &Node<'n, 'f>) -> Option<Brackets> {
        let list = node.list()?;
        if list.is_empty() || list.len() > MOST_BRACKETS {
            self.notes.fault(node.bad(
                format!("分档表应有 1 至 {MOST_BRACKETS} 行。"),
                format!("A table of brackets has 1 to {MOST_BRACKETS} rows."),
            ));
            return None;
        }
        let mut rows: Vec<Row> = Vec::new();
        // The upper bound of the row before, if it is written.
        let mut to: Option<i64> = None;
        let mut quick: Vec<(usize, i64, Node<'n, 'f>)> = Vec::new();
        let mut whole = true;
        for item in &list {
            let Some(mut table) = item.table() else {
                whole = false;
                continue;
            };
            let ends = table.opt("to").and_then(|node| Some((node.int()?, node)));
            if let Some(node) = table.opt("quick_deduction")
                && let Some(fen) = node.int()
            {
                quick.push((rows.len(), fen, node));
            }
            let row = self.bracket(&mut table);
            table.done();
            let Some(row) = row else {
                whole = false;
                continue;
            };
            // What follows a faulty row can't be compared with it.
            whole = whole && self.follows(item, rows.last(), to, &row);
            to = ends.as_ref().map(|(to, _)| *to);
            if let Some((to, node)) = ends
                && to <= row.bound
            {
                whole = false;
                self.notes.fault(node.bad(
                    format!("上限 {to} 不高于下限 {}。", row.bound),
                    format!(
                        "The upper bound {to} is not above the lower bound {}.",
                        row.bound
                    ),
                ));
            }
            rows.push(row);
        }
        if let (Some(to), true) = (to, whole) {
            whole = false;
            self.notes.fault(
                node.bad(
                    format!("最后一档止于 {to}，其上没有规定。"),
                    format!("The last bracket ends at {to}; nothing is said above it."),
                )
                .hint(
                    "请删去最后一档的 to，或再写一档。",
                    "Remove its `to`, or add another bracket.",
                ),
            );
        }
        let first = rows.first().filter(|_| whole)?;
        let brackets = Brackets {
            over: first.over,
            gives: first.gives,
            rows: rows.iter().map(|row| (row.bound, row.value)).collect(),
        };
        self.quick_deductions(&brackets, &quick);
        Some(brackets)
    }

    /// One row: its lower bound, and its rate or amount.
    fn bracket(&self, table: &mut Table<'n, 'f>) -> Option<Row> {
        let bounds = BOUNDS.map(|key| table.opt(key));
        let gives = GIVES.map(|key| table.opt(key));
        let (over, bound) = match bounds {
            [Some(node), None] => (true, node.int()?),
            [None, Some(node)] => (false, node.int()?),
            _ => {
                self.either(table, BOUNDS);
                return None;
            }
        };
        let (gives, value) = match gives {
            [Some(node), None] => (Gives::Rate, self.rate(&node)?.decimal().units),
            [None, Some(node)] => (Gives::Amount, node.fen()?),
            _ => {
                self.either(table, GIVES);
                return None;
            }
        };
        Some(Row {
            over,
            bound,
            gives,
            value,
        })
    }

    fn either(&self, table: &Table<'n, 'f>, keys: [&str; 2]) {
        let [one, other] = keys;
        self.notes.fault(Fault::at(
            table.place(),
            "brackets",
            format!("每档写 {one} 或 {other}，且只写一个。"),
            format!("A bracket has either `{one}` or `{other}`."),
        ));
    }

    /// Whether a row goes on where the one before it ends.
    fn follows(
        &self,
        item: &Node<'n, 'f>,
        before: Option<&Row>,
        to: Option<i64>,
        row: &Row,
    ) -> bool {
        let fault = |zh: String, en: String| {
            self.notes
                .fault(Fault::at(item.place(), "brackets", zh, en));
            false
        };
        let Some(before) = before else {
            return row.bound == 0
                || fault(
                    format!("第一档应从 0 起，实际从 {} 起。", row.bound),
                    format!("The first bracket begins at 0, not at {}.", row.bound),
                );
        };
        if row.over != before.over || row.gives != before.gives {
            return fault(
                "各档的写法应一致：都用 over 或都用 from，都用 rate 或都用 amount。".to_owned(),
                "All brackets are written alike: with `over` or `from`, with `rate` or `amount`."
                    .to_owned(),
            );
        }
        if row.bound <= before.bound {
            return fault(
                format!(
                    "下限 {} 不高于前一档的 {}；请由低到高排列。",
                    row.bound, before.bound
                ),
                format!(
                    "The bound {} is not above {} of the bracket before; write them in ascending order.",
                    row.bound, before.bound
                ),
            );
        }
        match to {
            Some(to) if to != row.bound => fault(
                format!(
                    "前一档止于 {to}，这一档从 {} 起，中间有空缺或重叠。",
                    row.bound
                ),
                format!(
                    "The bracket before ends at {to}, this one begins at {}: a gap or an overlap.",
                    row.bound
                ),
            ),
            _ => true,
        }
    }

    /// A quick deduction that is written must be what the rates make of it.
    fn quick_deductions(&self, brackets: &Brackets, written: &[(usize, i64, Node<'n, 'f>)]) {
        let computed = brackets.quick_deductions();
        for (row, fen, node) in written {
            let exact = i128::from(*fen) * 10_i128.pow(u32::from(MOST_PLACES));
            let Some(found) = computed.get(*row).filter(|found| **found != exact) else {
                continue;
            };
            let found = found / 10_i128.pow(u32::from(MOST_PLACES));
            self.notes.fault(node.bad(
                format!("速算扣除数写作 {fen}，按各档税率应为 {found}。"),
                format!("The quick deduction is written {fen}; the rates make it {found}."),
            ));
        }
    }
}
