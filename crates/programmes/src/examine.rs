//! What is wrong with SQL that the engine would take: words that are in no code list, money divided or cut without saying how it is
//! rounded, a CASE that the engine believes never to be NULL, an aggregate over everyone where each subject needs a row of its own, and
//! queries past every bound. It looks at the engine's plan, not at the text, and evaluates nothing.

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator};
use kernel::{Lang, Rounding};
use pack::{Brackets, FieldType, Gives, Pack, Text};

/// The most characters of one SQL.
pub(crate) const LONGEST: usize = 20_000;
/// The deepest brackets in one SQL.
pub(crate) const DEEPEST: usize = 40;
/// The most joins in one SQL.
const MOST_JOINS: usize = 40;

/// The code list of a column.
const CODE: &str = "code";
/// The engine's conversions that are functions.
const CONVERT: [&str; 4] = [
    "arrow_cast",
    "arrow_try_cast",
    "cast_to_type",
    "try_cast_to_type",
];
/// The mark of a column that holds money.
const FEN: &str = "fen";

/// What the SQL is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// A row for each subject.
    Subjects,
    /// An amount of money.
    Money,
    /// A condition or fact over the facts of a subject.
    Facts,
    /// A check of each row by itself.
    Rows,
    /// A check of a list as a whole.
    List,
    /// Anything else.
    Other,
}

/// Something wrong, and the word of the SQL at which it shows.
pub(crate) struct Found {
    pub code: &'static str,
    pub at: String,
    pub message: Text,
    pub hint: Text,
}

/// A column type that remembers its code list.
pub(crate) fn remembered(field: &Field, kind: Option<&FieldType>) -> FieldRef {
    let metadata = match kind {
        Some(FieldType::Code(list)) => HashMap::from([(CODE.to_owned(), list.clone())]),
        Some(FieldType::Fen) => HashMap::from([(FEN.to_owned(), String::new())]),
        _ => HashMap::new(),
    };
    field.clone().with_metadata(metadata).into()
}

/// A register's table, whose columns remember their code lists.
pub(crate) fn shape(register: &pack::Register, plain: &SchemaRef) -> SchemaRef {
    let kind = |field: &FieldRef| Some(&register.field(field.name())?.1.kind);
    let fields = plain.fields().iter();
    let fields: Vec<FieldRef> = fields.map(|field| remembered(field, kind(field))).collect();
    Schema::new(fields).into()
}

/// Everything wrong with a plan.
pub(crate) fn examine(pack: &Pack, plan: &LogicalPlan, of: For) -> Vec<Found> {
    let mut found = Vec::new();
    let mut joins = 0;
    let _infallible = plan.apply_with_subqueries(|node| {
        joins += usize::from(matches!(node, LogicalPlan::Join(_)));
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        let looked = Looked { pack, schema, of };
        for expression in node.expressions() {
            expression.apply(|part| {
                looked.at(part, &mut found);
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    });
    if joins > MOST_JOINS {
        found.push(Found {
            code: "sql-bound",
            at: "join".to_owned(),
            message: Text::new(
                format!("共 {joins} 个 join，最多 {MOST_JOINS} 个"),
                format!("{joins} joins; at most {MOST_JOINS} are allowed"),
            ),
            hint: Text::new("请拆成几组事实", "split it into several groups of facts"),
        });
    }
    found.extend(reach(plan, of));
    if of == For::Subjects && makes_one_row(plan) {
        found.push(Found {
            code: "sql-aggregate",
            at: "select".to_owned(),
            message: Text::new(
                "这里把所有人合成一行，而每个对象应各有一行",
                "this makes one row of everybody, where each subject needs its own",
            ),
            hint: Text::new("请加上 group by", "add a group by"),
        });
    }
    found
}

/// Whether a query gives one row, made of all.
fn makes_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(sum) => sum.group_expr.is_empty(),
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::SubqueryAlias(_) => plan.inputs().into_iter().any(makes_one_row),
        _ => false,
    }
}

/// Whether a check looks further than it may: at other rows than its own, or not at the list as a whole.
fn reach(plan: &LogicalPlan, of: For) -> Option<Found> {
    let (mut own, mut whole) = (true, false);
    let _infallible = plan.apply_with_subqueries(|node| {
        whole |= matches!(node, LogicalPlan::Aggregate(_));
        own &= matches!(
            node,
            LogicalPlan::Projection(_) | LogicalPlan::TableScan(_) | LogicalPlan::SubqueryAlias(_)
        );
        Ok(TreeNodeRecursion::Continue)
    });
    let (zh, en, hint) = match of {
        For::Facts | For::Money if !own => (
            "这里只能用对象的事实，不能另查登记册",
            "this sees the facts of the subject, and no registers",
            Text::new(
                "请把查询写成一组事实（[[facts]]），这里用它的结果",
                "make the query a group of facts ([[facts]]), and use those here",
            ),
        ),
        For::Rows if !own => (
            "这项核对看了本行以外的内容",
            "this check looks at more than its own row",
            Text::new(
                "记录之间的核对写在 checks/ 里；整份名册的核对请写 over = \"list\"",
                "checks between records stand in checks/; those of a list as a whole say over = \"list\"",
            ),
        ),
        For::List if !whole => (
            "核对整份名册，应写成各列的合计",
            "a check of a list as a whole is made of aggregates of its columns",
            Text::new(
                "例如 count(*) filter (where …) = 0",
                "such as count(*) filter (where …) = 0",
            ),
        ),
        _ => return None,
    };
    Some(Found {
        code: "sql-check",
        at: String::new(),
        message: Text::new(zh, en),
        hint,
    })
}

/// Where an expression stands.
struct Looked<'a> {
    pack: &'a Pack,
    schema: DFSchema,
    of: For,
}

impl Looked<'_> {
    fn at(&self, part: &Expr, found: &mut Vec<Found>) {
        match part {
            Expr::BinaryExpr(both) => {
                for (column, word) in [(&both.left, &both.right), (&both.right, &both.left)] {
                    self.choice(column, word, found);
                }
                let whole = |side: &Expr| {
                    let kind = side.get_type(&self.schema);
                    kind.is_ok_and(|kind| kind.is_integer() || kind == DataType::Null)
                };
                let divides = matches!(both.op, Operator::Divide | Operator::Modulo);
                let money = self.of == For::Money || self.is_money(&both.left);
                if divides && money && whole(&both.left) && whole(&both.right) {
                    found.push(unstated("/"));
                }
            }
            Expr::InList(list) => {
                for word in &list.list {
                    self.choice(&list.expr, word, found);
                }
            }
            Expr::Case(case) => {
                for (word, _) in &case.when_then_expr {
                    if let Some(column) = &case.expr {
                        self.choice(column, word, found);
                    }
                }
                let mut given = (case.when_then_expr.iter())
                    .map(|(_, then)| then)
                    .chain(&case.else_expr);
                let bare =
                    given.any(|given| matches!(**given, Expr::Literal(ScalarValue::Null, _)));
                if bare && part.nullable(&self.schema).is_ok_and(|nullable| !nullable) {
                    found.push(Found {
                        code: "sql-null",
                        at: "null".to_owned(),
                        message: Text::new(
                            "引擎会以为这个 case 从不为 NULL",
                            "the engine takes this case for one that is never NULL",
                        ),
                        hint: Text::new(
                            "请写 cast(null as bigint)、nullif(0, 0) 之类",
                            "write cast(null as bigint), or nullif(0, 0)",
                        ),
                    });
                }
            }
            Expr::Cast(cast) => self.cut(part, &cast.expr, found),
            Expr::TryCast(cast) => self.cut(part, &cast.expr, found),
            Expr::ScalarFunction(call) => {
                self.call(call, found);
                if CONVERT.contains(&call.func.name())
                    && let Some(first) = call.args.first()
                {
                    self.cut(part, first, found);
                }
            }
            _ => {}
        }
        let computed = matches!(
            part,
            Expr::Cast(_) | Expr::TryCast(_) | Expr::ScalarFunction(_) | Expr::AggregateFunction(_)
        );
        if computed
            && part
                .get_type(&self.schema)
                .is_ok_and(|kind| kind.is_floating())
        {
            found.push(floating(part));
        }
    }

    /// Whether an amount of money loses its decimals without a rule.
    fn cut(&self, whole: &Expr, of: &Expr, found: &mut Vec<Found>) {
        let cut = |kind: DataType| matches!(kind, DataType::Decimal128(..)) || kind.is_floating();
        let to = whole.get_type(&self.schema);
        if self.of == For::Money
            && to.is_ok_and(|kind| kind.is_integer())
            && of.get_type(&self.schema).is_ok_and(cut)
        {
            found.push(unstated("cast"));
        }
    }

    /// Whether it is an amount of money, as declared.
    fn is_money(&self, part: &Expr) -> bool {
        let of = part.column_refs().into_iter();
        let fields = of.filter_map(|column| self.schema.field_from_column(column).ok());
        fields
            .into_iter()
            .any(|field| field.metadata().contains_key(FEN))
    }

    /// A column of codes is compared with a word that must be in its list.
    fn choice(&self, column: &Expr, word: &Expr, found: &mut Vec<Found>) {
        let (Expr::Column(column), Expr::Literal(word, _)) = (column, word) else {
            return;
        };
        let (Some(list), Some(word)) = (self.list(column), word.try_as_str().flatten()) else {
            return;
        };
        if list.member(word).is_some() {
            return;
        }
        let hint = match list.find(word) {
            Some(meant) => Text::new(
                format!("SQL 中写代码值：“{word}”写作 '{}'", meant.value),
                format!("SQL compares with the value: “{word}” is '{}'", meant.value),
            ),
            None => Text::new(
                format!("可用：{}", members(list, Lang::Zh)),
                format!("there are: {}", members(list, Lang::En)),
            ),
        };
        found.push(Found {
            code: "unknown-member",
            at: format!("'{word}'"),
            message: Text::new(
                format!("代码表“{}”中没有“{word}”", list.id),
                format!("the code list “{}” has no “{word}”", list.id),
            ),
            hint,
        });
    }

    fn list(&self, column: &Column) -> Option<&pack::CodeList> {
        let field = self.schema.field_from_column(column).ok()?;
        self.pack.code(field.metadata().get(CODE)?)
    }

    /// The functions of money are given brackets of their kind, and rules and units that there are.
    fn call(&self, call: &ScalarFunction, found: &mut Vec<Found>) {
        let word = |at: usize| match call.args.get(at) {
            Some(Expr::Literal(word, _)) => word.try_as_str().flatten(),
            _ => None,
        };
        let (gives, words) = match call.func.name() {
            "share" | "divide" => (None, Some((2, 3))),
            "round_to" => (None, Some((1, 2))),
            "progressive" => (Some(Gives::Rate), Some((2, 3))),
            "bracket" => (Some(Gives::Amount), None),
            "bracket_rate" => (Some(Gives::Rate), None),
            _ => return,
        };
        let mut fault = |zh: String, en: String, hint: Text| {
            found.push(Found {
                code: "sql-money",
                at: call.func.name().to_owned(),
                message: Text::new(zh, en),
                hint,
            });
        };
        if let Some(gives) = gives {
            let brackets = word(1).and_then(|text| text.parse::<Brackets>().ok());
            if brackets.is_none_or(|brackets| brackets.gives != gives) {
                let (zh, en) = match gives {
                    Gives::Rate => ("写 rate", "rates"),
                    Gives::Amount => ("写 amount", "amounts"),
                };
                fault(
                    format!("{} 需要各档{zh}的分档表参数", call.func.name()),
                    format!(
                        "{} needs a parameter of brackets with {en}",
                        call.func.name()
                    ),
                    Text::new(
                        "按税率用 progressive、bracket_rate，按金额用 bracket",
                        "progressive and bracket_rate read rates, bracket amounts",
                    ),
                );
            }
        }
        let Some((rule, unit)) = words else { return };
        if word(rule).is_none_or(|rule| rule.parse::<Rounding>().is_err()) {
            let rules = Rounding::ALL.map(|(word, _)| word).join(", ");
            fault(
                "没有这样的舍入规则".to_owned(),
                "there is no such rounding rule".to_owned(),
                Text::new(format!("可用：{rules}"), format!("there are: {rules}")),
            );
        }
        let units = ["fen", "jiao", "yuan"];
        if call.args.len() > unit && word(unit).is_none_or(|unit| !units.contains(&unit)) {
            fault(
                "没有这样的舍入单位".to_owned(),
                "there is no such unit of rounding".to_owned(),
                Text::new("可用：fen, jiao, yuan", "there are: fen, jiao, yuan"),
            );
        }
    }
}

/// The values of a code list with their names, as many as can be read.
fn members(list: &pack::CodeList, lang: Lang) -> String {
    const MOST: usize = 24;
    let each = list.members.iter().take(MOST).map(|member| {
        let name = member.name.get(lang);
        if name == member.value {
            name.to_owned()
        } else {
            format!("{} {name}", member.value)
        }
    });
    let all: Vec<String> = each.collect();
    let more = if list.members.len() > MOST {
        " …"
    } else {
        ""
    };
    let between = match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    };
    format!("{}{more}", all.join(between))
}

/// A number of floating point, which is never exact.
fn floating(part: &Expr) -> Found {
    let at = match part {
        Expr::ScalarFunction(call) => call.func.name().to_owned(),
        Expr::AggregateFunction(call) => call.func.name().to_owned(),
        _ => "cast".to_owned(),
    };
    Found {
        code: "sql-float",
        at,
        message: Text::new(
            "这里得出浮点数，算不准",
            "this makes a floating-point number, which isn't exact",
        ),
        hint: Text::new(
            "金额用整数分，比率用小数；平均数请写 divide(sum(…), count(…), 'half_up')",
            "keep whole fen and exact decimals; write an average as divide(sum(…), count(…), 'half_up')",
        ),
    }
}

/// Money that is divided or cut without a rule.
fn unstated(at: &str) -> Found {
    Found {
        code: "sql-rounding",
        at: at.to_owned(),
        message: Text::new(
            "金额在这里舍入，却没有写明怎样舍入",
            "an amount is rounded here without saying how",
        ),
        hint: Text::new(
            "请写 divide(金额, 数, 'half_up')、share(金额, 比率, 'half_up')：half_up 四舍五入，down 舍去，up 进一",
            "write divide(fen, number, 'half_up') or share(fen, rate, 'half_up'); 'down' cuts off, 'up' goes to the next",
        ),
    }
}

/// How deep brackets stand in one another.
pub(crate) fn depth(sql: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for mark in sql.bytes() {
        match mark {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}
