//! What a list says, of whom, and since when: its rows as claims on records, as its roster declares. Cells are taken to be written as
//! they should be, but for telephones that nobody can read.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::histories::{List, Row, Sent, birth_of};

/// Who says something: the sender, the unit, the roster. The order of voices is the order of these.
pub type Voice = (&'static str, &'static str, &'static str);

/// A register and the key of a record in it, which means the same in any ledger.
pub type Which = (&'static str, String);

/// A telephone that nobody can read: kept beside the one that stands.
pub const UNREAD: &str = "phone as it was read";

/// What a list says of one record.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub fields: BTreeMap<&'static str, String>,
    /// Whether it names a number that isn't who they are any more.
    pub double: bool,
}

/// A list that stands: what it says of each record, and whether it names them all.
pub struct Said {
    pub voice: Voice,
    pub as_of: Date,
    pub whole: bool,
    pub claims: BTreeMap<Which, Claim>,
}

/// What a list says, where `one` gives the number that stands for somebody of a number.
pub fn hear(list: &List, one: &dyn Fn(&str) -> String) -> Said {
    let (sender, whole) = match list.roster {
        "police-households" => ("police", true),
        "residents-community" => ("community", true),
        "residents-insurance" => ("insurance", true),
        "marriages" => ("civil-affairs", false),
        "children" => ("community", false),
        "births" => ("health", false),
        "deaths" => ("funeral-office", false),
        "certificates" => ("family-office", false),
        "employment" => ("labour-bureau", false),
        "benefits" => ("treasury", false),
        _ => ("office", false),
    };
    let mut claims: BTreeMap<Which, Claim> = BTreeMap::new();
    for row in &list.rows {
        let mut hearing = Hearing {
            unit: list.unit,
            row,
            one,
            claims: Vec::new(),
        };
        hearing.row(list.roster);
        // The same row, of the numbers that it names.
        let mut named = Hearing {
            one: &|number| number.to_owned(),
            claims: Vec::new(),
            ..hearing
        };
        named.row(list.roster);
        let claims_of_row = hearing.claims.into_iter().zip(named.claims);
        for ((which, mut claim), (named, _)) in claims_of_row {
            claim.double = which != named;
            let Some(said) = claims.get_mut(&which) else {
                claims.insert(which, claim);
                continue;
            };
            // Who stays is believed before their double, and of one number the first row.
            if said.double && !claim.double {
                std::mem::swap(said, &mut claim);
            }
            for (field, value) in claim.fields {
                said.fields.entry(field).or_insert(value);
            }
        }
    }
    Said {
        voice: (sender, list.unit, list.roster),
        as_of: list.on,
        whole: whole && list.sent != Sent::Part,
        claims,
    }
}

/// A row that is heard.
struct Hearing<'a> {
    unit: &'static str,
    row: &'a Row,
    one: &'a dyn Fn(&str) -> String,
    claims: Vec<(Which, Claim)>,
}

/// Fields and what is said of them, where something is.
type Fields = Vec<(&'static str, Option<String>)>;

impl Hearing<'_> {
    fn row(&mut self, roster: &str) {
        match roster {
            "police-households" => {
                let born = self.cell("id_number").map(|number| birth_of(&number));
                let who = self.resident(born);
                self.household(&who);
            }
            "residents-community" | "residents-insurance" => {
                let who = self.resident(self.day("birth_date"));
                let home = format!("{who}@{}", self.unit);
                let known = self.values(&["address"]);
                self.claim("residence", home, (None, None), known);
            }
            "marriages" => self.marriage(),
            "children" => self.child(),
            "births" => {
                let child = self.named("name", "id_number");
                self.named("mother_name", "mother_id");
                let mut known = self.values(&["born_on"]);
                known.push(("mother", self.number("mother_id")));
                self.claim("birth", child, (self.day("born_on"), None), known);
            }
            "certificates" => self.certificate(),
            "deaths" => {
                let who = self.named("name", "id_number");
                let known = self.values(&["died_on"]);
                self.claim("death", who, (None, None), known);
            }
            "employment" => {
                let who = self.named("name", "id_number");
                let known = self.values(&["status", "since", "cause", "retired_on"]);
                self.claim("employment", who, (self.day("since"), None), known);
            }
            "benefits" => {
                let who = self.named("name", "id_number");
                let programme = self.value("programme").unwrap_or_default();
                let paid = format!("{who} {programme} {}", self.unit);
                let fen = self.cell("monthly").map(|yuan| format!("{yuan}00"));
                let span = (self.day("since"), self.day("until"));
                self.claim("enrolment", paid, span, vec![("monthly", fen)]);
            }
            _ => {}
        }
    }

    /// Somebody of a list of people, with their telephone.
    fn resident(&mut self, born: Option<Date>) -> String {
        let who = self.number("id_number").unwrap_or_default();
        let mut known = self.values(&[
            "id_number",
            "name",
            "sex",
            "birth_date",
            "ethnicity",
            "nationality",
            "hukou_nature",
            "marriage",
        ]);
        known.retain(|(_, value)| value.is_some());
        self.claim("person", who.clone(), (born, None), known);
        if let Some(phone) = self.cell("phone") {
            let known = match phone.starts_with(|first: char| first.is_ascii_digit()) {
                true => vec![("phone", Some(phone))],
                false => vec![(UNREAD, Some(phone))],
            };
            self.claim("contact", who.clone(), (None, None), known);
        }
        who
    }

    fn household(&mut self, who: &str) {
        let household = format!(
            "{}/{}",
            self.unit,
            self.cell("household").unwrap_or_default()
        );
        let known = vec![
            ("address", self.value("address")),
            ("kind", self.value("household_kind")),
        ];
        self.claim("household", household.clone(), (None, None), known);
        let mut known = self.values(&["registered", "living", "origin", "relation_to_head"]);
        known.push(("household", Some(household)));
        let home = format!("{who}@{}", self.unit);
        let span = (self.day("moved_in"), self.day("left_on"));
        self.claim("residence", home, span, known);
    }

    fn marriage(&mut self) {
        let husband = self.named("husband_name", "husband_id");
        let wife = self.named("wife_name", "wife_id");
        let span = (self.day("married_on"), self.day("divorced_on"));
        let known = vec![("until", self.value("divorced_on"))];
        self.claim("kinship", format!("{husband}>{wife} spouse"), span, known);
    }

    fn child(&mut self) {
        let child = self.named("child_name", "child_id");
        let born = self.cell("child_id").map(|number| birth_of(&number));
        for (name, number) in [("father_name", "father_id"), ("mother_name", "mother_id")] {
            let parent = self.named(name, number);
            if !parent.is_empty() {
                let known = self.values(&["adopted", "child_status"]);
                let key = format!("{parent}>{child} child");
                self.claim("kinship", key, (born, None), known);
            }
        }
        if self.day("died_on").is_some() {
            let known = self.values(&["died_on"]);
            self.claim("death", child, (None, None), known);
        }
    }

    fn certificate(&mut self) {
        let child = self.named("child_name", "child_id");
        let mut known = self.values(&["issued", "status"]);
        known.push(("child", Some(child)));
        for (name, number, field) in [
            ("father_name", "father_id", "father"),
            ("mother_name", "mother_id", "mother"),
        ] {
            self.named(name, number);
            known.push((field, self.number(number)));
        }
        let number = self.cell("number").unwrap_or_default();
        self.claim("certificate", number, (self.day("issued"), None), known);
    }

    /// Somebody whom a list names: the number says sex and birth.
    fn named(&mut self, name: &str, number: &str) -> String {
        let Some(text) = self.cell(number) else {
            return String::new();
        };
        let odd = text.as_bytes()[16] % 2 == 1;
        let born = birth_of(&text);
        let known = vec![
            ("id_number", Some(text)),
            ("name", self.cell(name)),
            ("sex", Some(if odd { "1" } else { "2" }.to_owned())),
            ("birth_date", Some(born.to_string())),
        ];
        let who = self.number(number).unwrap_or_default();
        self.claim("person", who.clone(), (Some(born), None), known);
        who
    }

    fn claim(
        &mut self,
        register: &'static str,
        key: String,
        span: (Option<Date>, Option<Date>),
        known: Fields,
    ) {
        let fields = known
            .into_iter()
            .filter_map(|(id, value)| Some((id, value?)));
        let claim = Claim {
            from: span.0,
            until: span.1,
            fields: fields.collect(),
            double: false,
        };
        self.claims.push(((register, key), claim));
    }

    fn cell(&self, column: &str) -> Option<String> {
        self.row.get(column).cloned()
    }

    fn day(&self, column: &str) -> Option<Date> {
        self.cell(column)?.parse().ok()
    }

    fn number(&self, column: &str) -> Option<String> {
        self.cell(column).map(|number| (self.one)(&number))
    }

    fn value(&self, column: &str) -> Option<String> {
        self.cell(column).map(|cell| code(&cell).to_owned())
    }

    /// The values of columns that are called as the fields are.
    fn values(&self, columns: &[&'static str]) -> Fields {
        columns
            .iter()
            .map(|column| (*column, self.value(column)))
            .collect()
    }
}

/// What a cell comes to in the ledger: the value of a code, or its own words.
fn code(cell: &str) -> &str {
    match cell {
        "男" => "1",
        "女" => "2",
        "汉族" => "01",
        "满族" => "11",
        "未婚" => "10",
        "初婚" => "21",
        "再婚" => "22",
        "丧偶" => "30",
        "离婚" => "40",
        "中国" => "CHN",
        "农业" => "agricultural",
        "非农业" => "non_agricultural",
        "户主" => "02",
        "配偶" => "10",
        "子" => "20",
        "女儿" => "30",
        "本地户籍" | "在住" | "是" => "true",
        "外来流动" | "空挂" | "否" => "false",
        "家庭户" => "family",
        "健在" => "alive",
        "死亡" => "died",
        "有效" => "valid",
        "收回" => "withdrawn",
        "在业" => "employed",
        "失业" => "unemployed",
        "退休" => "retired",
        "企业破产" => "bankruptcy",
        "企业改制" => "restructuring",
        "奖励扶助" => "rural-family-support",
        "独生子女父母奖励" => "one-child-parent-award",
        words => words,
    }
}
