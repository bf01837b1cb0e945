//! The police roster and the lists of the other departments, row by row.
//! Promises one row for each fact of the model; never decides what is true.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::frequencies::Frequencies;
use crate::model::{
    Departure, Hukou, Marital, Nationality, Person, Relation, Residence, Town, TownSex, Who,
};
use crate::write::pen::{Cell, Pen};
use crate::write::sheet::{Column, Headers, Paper, Rows};

/// What is written about one community, by its rows.
#[derive(Default, Debug)]
pub struct Share {
    pub people: Vec<u32>,
    pub marriages: Vec<u32>,
    pub children: Vec<u32>,
    pub jobs: Vec<u32>,
    pub disabilities: Vec<u32>,
    pub certificates: Vec<u32>,
    pub births: Vec<u32>,
    pub complications: Vec<u32>,
    pub confirmations: Vec<u32>,
    pub benefits: Vec<u32>,
}

impl Share {
    /// Divides a town's rows among its communities.
    pub fn of(town: &Town) -> Vec<Share> {
        let mut shares: Vec<Share> = town.communities.iter().map(|_| Share::default()).collect();
        let home = |who: Who| usize::from(town.people[who].community);
        for (who, _) in town.people.iter() {
            shares[home(who)].people.push(who.0);
        }
        macro_rules! divide {
            ($field:ident, $row:ident => $who:expr) => {
                for (at, $row) in (0u32..).zip(&town.$field) {
                    shares[home($who)].$field.push(at);
                }
            };
        }
        divide!(marriages, row => row.wife);
        divide!(children, row => row.child);
        divide!(jobs, row => row.who);
        divide!(disabilities, row => row.who);
        divide!(certificates, row => row.child);
        divide!(births, row => row.child);
        divide!(complications, row => row.who);
        divide!(confirmations, row => row.who);
        divide!(benefits, row => row.who);
        shares
    }
}

/// A sheet of the police roster: its name, whom it lists, what columns it has besides the common ones.
type PoliceSheet = (
    &'static str,
    fn(&Residence) -> bool,
    &'static [&'static str],
);

/// Everything a community's files are written from.
pub struct Desk<'a> {
    pub town: &'a Town,
    pub tables: &'a Frequencies,
    pub headers: &'a Headers,
    pub community: usize,
    pub share: &'a Share,
    /// Names that no row to be refused may have.
    pub spared: &'a Arc<BTreeSet<String>>,
}

impl<'a> Desk<'a> {
    pub fn pen(&self, roster: &str) -> Pen {
        let code = &self.town.communities[self.community].code;
        let seed = self.town.wish.seed ^ code.parse::<u64>().unwrap_or(0).rotate_left(20);
        let mut pen = Pen::new(seed, roster);
        pen.spared = self.spared.clone();
        pen
    }

    pub fn person(&self, who: Who) -> &'a Person {
        &self.town.people[who]
    }

    /// The sender's headers for columns.
    pub fn plain_header(
        &self,
        pen: &mut Pen,
        roster: &str,
        columns: &[&'static str],
    ) -> Vec<Column> {
        columns
            .iter()
            .map(|&usual| Column {
                group: "",
                usual,
                title: self.headers.wording(pen, roster, usual),
            })
            .collect()
    }

    /// The address of a household.
    pub fn address(&self, household: u32) -> String {
        let community = &self.town.communities[self.community];
        let street = self
            .town
            .streets
            .iter()
            .find(|street| street.code == community.street);
        let roads = &self.tables.places[2];
        let mixed = household.wrapping_mul(2_654_435_761);
        let road = roads
            .get((self.community * 5 + (mixed >> 24) as usize % 5) % roads.len().max(1))
            .copied()
            .unwrap_or("");
        if community.village {
            let street = street.map_or("", |street| &street.name);
            let (group, house) = (1 + (mixed >> 24) % 8, 1 + (mixed >> 12) % 120);
            return format!("{street}{}{group}组{house}号", community.name);
        }
        let (house, unit) = (1 + (mixed >> 16) % 96, 1 + (mixed >> 12) % 4);
        let (floor, door) = (1 + (mixed >> 6) % 7, 1 + mixed % 3);
        let street = street.map_or("", |street| &street.name);
        format!(
            "{street}{}{road}{house}号{unit}单元{floor}0{door}室",
            community.name
        )
    }

    /// The police roster.
    pub fn police(&self) -> Paper {
        const COLUMNS: [&str; 16] = [
            "户号",
            "与户主关系",
            "姓名",
            "公民身份号码",
            "性别",
            "出生日期",
            "民族",
            "国籍",
            "户口性质",
            "婚姻状况",
            "住址",
            "联系电话",
            "户籍情况",
            "居住情况",
            "迁入日期",
            "户类别",
        ];
        let mut pen = self.pen("police-households");
        let mut paper = Paper::new("police-households");
        let mut people: Vec<(Who, &Residence)> = self
            .share
            .people
            .iter()
            .filter_map(|&who| Some((Who(who), self.person(Who(who)).residence.as_ref()?)))
            .collect();
        people.sort_by_key(|(who, home)| (home.household, home.relation != Relation::Head, *who));
        let sheets: [PoliceSheet; 3] = [
            (
                "常住户口",
                |home| home.registered && home.left.is_none(),
                &[],
            ),
            (
                "流动人口",
                |home| !home.registered && home.left.is_none(),
                &["户籍地"],
            ),
            (
                "本年减少",
                |home| home.left.is_some(),
                &["户籍地", "减少日期", "减少原因"],
            ),
        ];
        for (name, belongs, more) in sheets {
            let columns = [&COLUMNS[..], more].concat();
            let header = self.plain_header(&mut pen, "police-households", &columns);
            let mut rows = Rows::new(2, 3);
            for &(who, home) in people.iter().filter(|(_, home)| belongs(home)) {
                let mut row = self.police_row(&mut pen, who, home);
                if !more.is_empty() {
                    let origin = self
                        .tables
                        .regions
                        .get(usize::from(home.origin))
                        .map_or("", |region| region.name);
                    row.push(Cell::text(if home.registered { "" } else { origin }));
                }
                if let Some((day, why)) = home.left.filter(|_| more.len() > 1) {
                    row.push(pen.date(day));
                    row.push(Cell::text(if why == Departure::Died {
                        "死亡"
                    } else {
                        "迁出"
                    }));
                }
                rows.push(who, row);
            }
            paper.sheet(self.town, &mut pen, name, header, rows);
        }
        paper
    }

    fn police_row(&self, pen: &mut Pen, who: Who, home: &Residence) -> Vec<Cell> {
        let person = self.person(who);
        let household = &self.town.households[home.household as usize];
        let male = person.sex == TownSex::Male;
        let ethnicity = self
            .tables
            .ethnicities
            .get(usize::from(person.ethnicity))
            .copied()
            .unwrap_or("汉族");
        vec![
            Cell::text(format!("{}", 2_000_000 + household.number)),
            Cell::text(relation(pen, home.relation, male)),
            pen.name(person),
            pen.id(person),
            Cell::text(if male { "男" } else { "女" }),
            pen.date(person.birth),
            Cell::text(ethnicity),
            Cell::text(match person.nationality {
                Some(Nationality::Chinese) => "中国",
                Some(Nationality::Foreign) => "外国",
                None => "",
            }),
            Cell::text(match person.hukou {
                Some(Hukou::Agricultural) => pen.wording(&["农业", "农业户口"]),
                Some(Hukou::NonAgricultural) => pen.wording(&["非农业", "非农业户口"]),
                None => "",
            }),
            Cell::text(marriage(pen, person.marital)),
            Cell::text(self.address(home.household)),
            pen.phone(person.phone),
            Cell::text(if home.registered {
                "本地户籍"
            } else {
                "外来流动"
            }),
            Cell::text(match home.living {
                Some(true) => "在住",
                Some(false) => pen.wording(&["空挂", "空挂户", "人户分离"]),
                None => "",
            }),
            pen.date(home.moved_in),
            Cell::text(if household.collective {
                "集体户"
            } else {
                "家庭户"
            }),
        ]
    }

    /// The marriage list.
    pub fn marriages(&self) -> Paper {
        let mut pen = self.pen("marriages");
        let columns = [
            "男方姓名",
            "男方身份证号",
            "女方姓名",
            "女方身份证号",
            "登记日期",
            "离婚日期",
        ];
        let header = self.plain_header(&mut pen, "marriages", &columns);
        let mut rows = Rows::new(2, 3);
        for &at in &self.share.marriages {
            let tie = &self.town.marriages[at as usize];
            let (he, she) = (self.person(tie.husband), self.person(tie.wife));
            let row = vec![
                pen.name(he),
                pen.id(he),
                pen.name(she),
                pen.id(she),
                pen.date(tie.on),
                pen.maybe(tie.ended),
            ];
            rows.push(tie.wife, row);
        }
        let mut paper = Paper::new("marriages");
        paper.sheet(self.town, &mut pen, "婚姻登记", header, rows);
        paper
    }

    /// The list of deaths.
    pub fn deaths(&self) -> Paper {
        let mut pen = self.pen("deaths");
        let header = self.plain_header(&mut pen, "deaths", &["姓名", "身份证号", "死亡日期"]);
        let mut rows = Rows::new(0, 1);
        let mut dead: Vec<(crate::day::Day, Who)> = self
            .share
            .people
            .iter()
            .filter_map(|&who| Some((self.person(Who(who)).died?, Who(who))))
            .collect();
        dead.sort_unstable();
        for (day, who) in dead {
            let row = vec![
                pen.name(self.person(who)),
                pen.id(self.person(who)),
                pen.date(day),
            ];
            rows.push(who, row);
        }
        let mut paper = Paper::new("deaths");
        paper.sheet(self.town, &mut pen, "死亡名单", header, rows);
        paper
    }
}

fn relation(pen: &Pen, relation: Relation, male: bool) -> &'static str {
    match (relation, male) {
        (Relation::Head, _) => "户主",
        (Relation::Spouse, true) => pen.wording(&["配偶", "夫"]),
        (Relation::Spouse, false) => pen.wording(&["配偶", "妻"]),
        (Relation::Son, _) => pen.wording(&["子", "儿子"]),
        (Relation::Daughter, _) => pen.wording(&["女", "女儿"]),
        (Relation::Parent, true) => "父亲",
        (Relation::Parent, false) => "母亲",
        (Relation::InLaw, true) => "女婿",
        (Relation::InLaw, false) => "儿媳",
        (Relation::Grandchild, true) => "孙子",
        (Relation::Grandchild, false) => "孙女",
        (Relation::Other, _) => "其他",
    }
}

fn marriage(pen: &Pen, marital: Marital) -> &'static str {
    match marital {
        Marital::Single => "未婚",
        Marital::Married { again: false } => pen.wording(&["有配偶", "有配偶", "初婚"]),
        Marital::Married { again: true } => pen.wording(&["有配偶", "再婚", "再婚"]),
        Marital::Widowed => "丧偶",
        Marital::Divorced => "离婚",
    }
}
