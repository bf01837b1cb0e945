//! The smaller lists: children, work, disabilities, certificates, births, complications, confirmations, benefits.
//! Promises one row for each fact of the model; never decides what is true.

use crate::model::{Alive, Cause, Person, TownProgramme, Who, Work};
use crate::write::lists::Desk;
use crate::write::pen::{Cell, Pen};
use crate::write::sheet::{Column, Paper, Rows};

const KINDS: [&str; 7] = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"];

/// The name of a programme on a list, and that of its sheet.
fn programme(pen: &Pen, programme: TownProgramme) -> (&'static str, &'static str) {
    match programme {
        TownProgramme::RuralFamily => (pen.wording(&["奖励扶助", "奖励扶助", "奖扶"]), "奖励扶助"),
        TownProgramme::Bereaved => (
            pen.wording(&["特别扶助（死亡）", "特扶（死亡）"]),
            "特扶死亡",
        ),
        TownProgramme::DisabledChild => (
            pen.wording(&["特别扶助（伤残）", "特扶（伤残）"]),
            "特扶伤残",
        ),
        TownProgramme::Complication => ("并发症扶助", "并发症"),
        TownProgramme::OneChildParent => (
            pen.wording(&["独生子女父母奖励", "独生子女父母奖励金"]),
            "独生子女父母奖励",
        ),
        TownProgramme::DoubleUnemployed => (
            pen.wording(&["双失业独生子女家庭奖励", "双失业家庭"]),
            "双失业家庭",
        ),
        TownProgramme::UnemployedRetired => (
            pen.wording(&["失业转退休人员补助", "失业转退休"]),
            "失业转退休",
        ),
        TownProgramme::Childcare => ("育儿补贴", "育儿补贴"),
    }
}

fn grade(pen: &Pen, grade: Option<u8>) -> Cell {
    let Some(grade) = grade else {
        return Cell::Blank;
    };
    if pen.habit.is_multiple_of(3) {
        return Cell::Number(u32::from(grade));
    }
    Cell::text(
        ["一级", "二级", "三级", "四级"]
            .get(usize::from(grade) - 1)
            .copied()
            .unwrap_or(""),
    )
}

fn named(pen: &mut Pen, person: Option<&Person>) -> [Cell; 2] {
    person.map_or([Cell::Blank, Cell::Blank], |person| {
        [pen.name(person), pen.id(person)]
    })
}

impl Desk<'_> {
    fn one_sheet(
        &self,
        mut pen: Pen,
        roster: &'static str,
        sheet: &str,
        header: Vec<Column>,
        rows: Rows,
    ) -> Paper {
        let mut paper = Paper::new(roster);
        paper.sheet(self.town, &mut pen, sheet, header, rows);
        paper
    }

    fn maybe_person(&self, who: Option<Who>) -> Option<&Person> {
        who.map(|who| self.person(who))
    }

    /// The children's list, with a header of two levels.
    pub fn children(&self) -> Paper {
        let columns = [
            ("父亲", "姓名"),
            ("父亲", "身份证号"),
            ("母亲", "姓名"),
            ("母亲", "身份证号"),
            ("子女", "姓名"),
            ("子女", "身份证号"),
            ("子女", "现状"),
            ("子女", "死亡日期"),
            ("", "收养"),
        ];
        let mut pen = self.pen("children");
        let header = columns
            .iter()
            .map(|&(group, usual)| Column {
                group,
                usual,
                title: match usual {
                    "姓名" => usual.to_owned(),
                    _ => self.headers.wording(&mut pen, "children", usual),
                },
            })
            .collect();
        let mut rows = Rows::new(4, 5);
        for &at in &self.share.children {
            let child = &self.town.children[at as usize];
            let [father, father_id] = named(&mut pen, self.maybe_person(child.father));
            let [mother, mother_id] = named(&mut pen, self.maybe_person(child.mother));
            let [name, id] = named(&mut pen, Some(self.person(child.child)));
            let state = match child.state {
                Some(Alive::Yes) => pen.wording(&["健在", "健在", "在世"]),
                Some(Alive::No) => pen.wording(&["死亡", "已故"]),
                None => "",
            };
            let adopted = if child.adopted {
                "是"
            } else {
                pen.wording(&["否", "否", ""])
            };
            let died = pen.maybe(child.died);
            let row = vec![
                father,
                father_id,
                mother,
                mother_id,
                name,
                id,
                Cell::text(state),
                died,
                Cell::text(adopted),
            ];
            rows.push(child.child, row);
        }
        self.one_sheet(pen, "children", "子女登记", header, rows)
    }

    /// The employment list.
    pub fn employment(&self) -> Paper {
        let mut pen = self.pen("employment");
        let columns = [
            "姓名",
            "身份证号",
            "就业状态",
            "失业日期",
            "失业原因",
            "退休日期",
        ];
        let header = self.plain_header(&mut pen, "employment", &columns);
        let mut rows = Rows::new(0, 1);
        for &at in &self.share.jobs {
            let job = &self.town.jobs[at as usize];
            let [name, id] = named(&mut pen, Some(self.person(job.who)));
            let status = match job.status {
                Some(Work::Employed) => pen.wording(&["在业", "就业"]),
                Some(Work::Unemployed) => pen.wording(&["失业", "登记失业"]),
                Some(Work::Retired) => pen.wording(&["退休", "已退休"]),
                None => "",
            };
            let cause = match job.cause {
                Some(Cause::Bankruptcy) => pen.wording(&["企业破产", "破产"]),
                Some(Cause::Restructuring) => pen.wording(&["企业改制", "改制"]),
                Some(Cause::Cancellation) => pen.wording(&["企业撤销", "撤销"]),
                Some(Cause::Diversion) => pen.wording(&["企业分流", "分流"]),
                Some(Cause::Other) => "其他",
                None => "",
            };
            let (since, retired) = (pen.maybe(job.since), pen.maybe(job.retired));
            rows.push(
                job.who,
                vec![
                    name,
                    id,
                    Cell::text(status),
                    since,
                    Cell::text(cause),
                    retired,
                ],
            );
        }
        self.one_sheet(pen, "employment", "失业退休人员", header, rows)
    }

    /// The disability list.
    pub fn disability(&self) -> Paper {
        let mut pen = self.pen("disability");
        let columns = [
            "姓名",
            "身份证号",
            "残疾类别",
            "残疾等级",
            "残疾证号",
            "发证日期",
        ];
        let header = self.plain_header(&mut pen, "disability", &columns);
        let mut rows = Rows::new(0, 1);
        for &at in &self.share.disabilities {
            let row = &self.town.disabilities[at as usize];
            let person = self.person(row.who);
            let [name, id] = named(&mut pen, Some(person));
            let kind = KINDS.get(usize::from(row.kind)).copied().unwrap_or("");
            let degree = row.grade.map_or(String::new(), |grade| grade.to_string());
            let number = format!("{}{}{degree}", person.id_text(), row.kind + 1);
            let kind = if pen.habit.is_multiple_of(2) {
                kind.to_owned()
            } else {
                format!("{kind}残疾")
            };
            let grade = grade(&pen, row.grade);
            rows.push(
                row.who,
                vec![
                    name,
                    id,
                    Cell::text(kind),
                    grade,
                    Cell::text(number),
                    pen.date(row.issued),
                ],
            );
        }
        self.one_sheet(pen, "disability", "持证残疾人", header, rows)
    }

    /// The certificates.
    pub fn certificates(&self) -> Paper {
        let mut pen = self.pen("certificates");
        let columns = [
            "证号",
            "父亲姓名",
            "父亲身份证号",
            "母亲姓名",
            "母亲身份证号",
            "子女姓名",
            "子女身份证号",
            "发证日期",
            "证件状态",
        ];
        let header = self.plain_header(&mut pen, "certificates", &columns);
        let mut rows = Rows::new(5, 6);
        for &at in &self.share.certificates {
            let paper = &self.town.certificates[at as usize];
            let mut row = vec![Cell::text(format!("独证字第{:07}号", paper.number))];
            row.extend(named(&mut pen, self.maybe_person(paper.father)));
            row.extend(named(&mut pen, self.maybe_person(paper.mother)));
            row.extend(named(&mut pen, Some(self.person(paper.child))));
            row.push(pen.date(paper.issued));
            row.push(Cell::text(match paper.valid {
                Some(true) => pen.wording(&["有效", "有效", "正常"]),
                Some(false) => pen.wording(&["收回", "已收回", "注销"]),
                None => "",
            }));
            rows.push(paper.child, row);
        }
        self.one_sheet(pen, "certificates", "光荣证", header, rows)
    }

    /// The births of the year.
    pub fn births(&self) -> Paper {
        let mut pen = self.pen("births");
        let columns = ["姓名", "身份证号", "出生日期", "母亲姓名", "母亲身份证号"];
        let header = self.plain_header(&mut pen, "births", &columns);
        let mut rows = Rows::new(0, 1);
        for &at in &self.share.births {
            let birth = &self.town.births[at as usize];
            let child = self.person(birth.child);
            let [name, id] = named(&mut pen, Some(child));
            let [mother, mother_id] = named(&mut pen, Some(self.person(birth.mother)));
            rows.push(
                birth.child,
                vec![name, id, pen.date(child.birth), mother, mother_id],
            );
        }
        self.one_sheet(pen, "births", "出生名单", header, rows)
    }

    /// Certified complications.
    pub fn complications(&self) -> Paper {
        let mut pen = self.pen("complications");
        let header = self.plain_header(
            &mut pen,
            "complications",
            &["姓名", "身份证号", "并发症等级", "同意登记日期"],
        );
        let mut rows = Rows::new(0, 1);
        for &at in &self.share.complications {
            let row = &self.town.complications[at as usize];
            let [name, id] = named(&mut pen, Some(self.person(row.who)));
            let grade = grade(&pen, row.grade);
            rows.push(row.who, vec![name, id, grade, pen.date(row.consent)]);
        }
        self.one_sheet(pen, "complications", "并发症", header, rows)
    }

    /// Written confirmations.
    pub fn confirmations(&self) -> Paper {
        let mut pen = self.pen("confirmations");
        let columns = [
            "姓名",
            "身份证号",
            "1973至2001年生育符合当时规定",
            "文号",
            "确认日期",
        ];
        let header = self.plain_header(&mut pen, "confirmations", &columns);
        let mut rows = Rows::new(0, 1);
        for &at in &self.share.confirmations {
            let row = &self.town.confirmations[at as usize];
            let [name, id] = named(&mut pen, Some(self.person(row.who)));
            let holds = row
                .holds
                .map_or("", |holds| if holds { "是" } else { "否" });
            let document = format!("西卫奖扶〔{}〕{}号", row.on.year(), row.number);
            rows.push(
                row.who,
                vec![
                    name,
                    id,
                    Cell::text(holds),
                    Cell::text(document),
                    pen.date(row.on),
                ],
            );
        }
        self.one_sheet(pen, "confirmations", "资格确认", header, rows)
    }

    /// The benefit lists, a sheet for each programme.
    pub fn benefits(&self) -> Paper {
        let mut pen = self.pen("benefits");
        let mut paper = Paper::new("benefits");
        let columns = ["姓名", "身份证号", "项目", "起始日期", "停发日期", "月标准"];
        for one in TownProgramme::ALL {
            let header = self.plain_header(&mut pen, "benefits", &columns);
            let mut rows = Rows::new(0, 1);
            let (title, sheet) = programme(&pen, one);
            for &at in &self.share.benefits {
                let row = &self.town.benefits[at as usize];
                if row.programme != one {
                    continue;
                }
                let [name, id] = named(&mut pen, Some(self.person(row.who)));
                let (since, until) = (pen.date(row.since), pen.maybe(row.until));
                rows.push(
                    row.who,
                    vec![
                        name,
                        id,
                        Cell::text(title),
                        since,
                        until,
                        pen.money(row.monthly),
                    ],
                );
            }
            paper.sheet(self.town, &mut pen, sheet, header, rows);
        }
        paper
    }
}
