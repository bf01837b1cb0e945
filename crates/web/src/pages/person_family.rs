//! A person's family, drawn: whoever is kin within two steps, a row for each generation, lines from parents to children and between
//! spouses. The tables below name everybody; the drawing shows how they belong together.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use office::Around;

use crate::pages::person_records::Held;
use crate::parts;
use crate::reader::Reader;
use crate::words;
use kernel::Lang;

/// Grandparents, parents, the person's own generation, children, grandchildren.
const GENERATIONS: usize = 5;
/// The person's own generation.
const OWN: usize = 2;
/// More people of one generation than a drawing holds.
const MOST: usize = 12;
/// How large somebody's box is, and how far apart boxes and generations are.
const WIDTH: usize = 124;
const HEIGHT: usize = 62;
const GAP: usize = 18;
const DESCENT: usize = 44;
const MARGIN: usize = 8;
/// The sexes that words are told apart by, as values of their code list (GB/T 2261.1).
const MAN: &str = "1";
const WOMAN: &str = "2";

/// What somebody is to the person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Own,
    Spouse { ended: bool },
    Sibling,
    Parent,
    Grandparent { mothers: bool },
    Child,
    ChildsSpouse,
    Grandchild { daughters: bool },
}

/// Somebody in a generation.
struct Member {
    id: i64,
    role: Role,
}

/// Everybody drawn.
struct Family {
    generations: [Vec<Member>; GENERATIONS],
    parents: BTreeMap<i64, BTreeSet<i64>>,
    /// Husband and wife, and whether that ended.
    couples: BTreeMap<(i64, i64), bool>,
    /// How many there was no room for.
    left_out: usize,
}

impl Family {
    fn of(held: &Held<'_>, person: i64) -> Family {
        let around = held.around;
        let kinship = &around.contract.kinship;
        let (mut parents, mut children) = (BTreeMap::new(), BTreeMap::new());
        let mut couples = BTreeMap::new();
        for row in around.of(&kinship.register.id) {
            let (one, other) = (
                row.reference(&kinship.person.id),
                row.reference(&kinship.relative.id),
            );
            let (Some(one), Some(other)) = (one, other) else {
                continue;
            };
            match row.get(&kinship.relation.id) {
                Some("child") => {
                    parents
                        .entry(other)
                        .or_insert_with(BTreeSet::new)
                        .insert(one);
                    children
                        .entry(one)
                        .or_insert_with(BTreeSet::new)
                        .insert(other);
                }
                Some("spouse") => {
                    let ended = row.get(&kinship.until.id).is_some();
                    let known = couples.entry((one, other)).or_insert(ended);
                    *known &= ended;
                }
                _ => {}
            }
        }
        let mut family = Family {
            generations: Default::default(),
            parents,
            couples,
            left_out: 0,
        };
        family.fill(around, &children, person);
        family
    }

    fn fill(&mut self, around: &Around, children: &BTreeMap<i64, BTreeSet<i64>>, person: i64) {
        let born = |id: &i64| {
            let people = &around.contract.people;
            let day = around
                .person(*id)
                .and_then(|own| own.get(&people.birth_date.id));
            (day.map_or("9999".to_owned(), ToOwned::to_owned), *id)
        };
        let by_birth = |ids: Option<&BTreeSet<i64>>| {
            let mut ids: Vec<i64> = ids.into_iter().flatten().copied().collect();
            ids.sort_by_key(born);
            ids
        };
        // Fathers stand before mothers.
        let by_sex = |ids: Option<&BTreeSet<i64>>| {
            let mut ids: Vec<i64> = ids.into_iter().flatten().copied().collect();
            ids.sort_by_key(|id| (sex(around, *id).map(ToOwned::to_owned), *id));
            ids
        };
        let parents = by_sex(self.parents.get(&person));
        for parent in &parents {
            let own = by_sex(self.parents.get(parent));
            let mothers = sex(around, *parent) == Some(WOMAN);
            self.add(0, own, Role::Grandparent { mothers });
        }
        let own = parents
            .iter()
            .flat_map(|parent| children.get(parent))
            .flatten();
        let own: BTreeSet<i64> = own.copied().chain([person]).collect();
        self.add(1, parents, Role::Parent);
        for one in by_birth(Some(&own)) {
            if one != person {
                self.add(OWN, vec![one], Role::Sibling);
                continue;
            }
            self.add(OWN, vec![person], Role::Own);
            for (spouse, ended) in self.spouses(person) {
                self.add(OWN, vec![spouse], Role::Spouse { ended });
            }
        }
        for child in by_birth(children.get(&person)) {
            self.add(3, vec![child], Role::Child);
            for (spouse, _) in self.spouses(child).into_iter().filter(|(_, ended)| !ended) {
                self.add(3, vec![spouse], Role::ChildsSpouse);
            }
            let daughters = sex(around, child) == Some(WOMAN);
            let own = by_birth(children.get(&child));
            self.add(4, own, Role::Grandchild { daughters });
        }
    }

    /// Somebody's spouses: who is one before who was.
    fn spouses(&self, of: i64) -> Vec<(i64, bool)> {
        let each = self.couples.iter().filter_map(|((one, other), ended)| {
            let spouse = match (*one == of, *other == of) {
                (true, _) => other,
                (_, true) => one,
                _ => return None,
            };
            Some((*spouse, *ended))
        });
        let mut spouses: Vec<(i64, bool)> = each.collect();
        spouses.sort_by_key(|(spouse, ended)| (*ended, *spouse));
        spouses
    }

    fn add(&mut self, generation: usize, ids: Vec<i64>, role: Role) {
        for id in ids {
            let mut known = self.generations.iter().flatten();
            if known.any(|member| member.id == id) {
                continue;
            }
            match self.generations[generation].len() < MOST || role == Role::Own {
                true => self.generations[generation].push(Member { id, role }),
                false => self.left_out += 1,
            }
        }
    }

    /// Where everybody's box is: its left and upper edge; and how large the drawing is.
    fn places(&self) -> (BTreeMap<i64, (usize, usize)>, (usize, usize)) {
        let there: Vec<&Vec<Member>> = self.generations.iter().filter(|g| !g.is_empty()).collect();
        let wide = |members: usize| members * (WIDTH + GAP) - GAP;
        let widest = there.iter().map(|members| wide(members.len())).max();
        let width = widest.unwrap_or(0) + 2 * MARGIN;
        let mut places = BTreeMap::new();
        for (row, members) in there.iter().enumerate() {
            let left = (width - wide(members.len())) / 2;
            for (nth, member) in members.iter().enumerate() {
                let at = (
                    left + nth * (WIDTH + GAP),
                    MARGIN + row * (HEIGHT + DESCENT),
                );
                places.insert(member.id, at);
            }
        }
        let height = there.len() * (HEIGHT + DESCENT) - DESCENT + 2 * MARGIN;
        (places, (width, height))
    }
}

/// A person's sex, as a value of its code list, if it is seen.
fn sex(around: &Around, id: i64) -> Option<&str> {
    around.person(id)?.get(&around.contract.people.sex.id)
}

/// The drawing; nothing where no kin is known.
pub(crate) fn drawn(reader: &Reader, held: &Held<'_>, person: i64) -> Markup {
    let family = Family::of(held, person);
    if family.generations.iter().map(Vec::len).sum::<usize>() < 2 {
        return html! {};
    }
    let (places, (width, height)) = family.places();
    let members = || family.generations.iter().flatten();
    let drawing = html! {
        svg.family role="group" aria-label=(reader.say(DRAWING)) width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) {
            g.lines aria-hidden="true" {
                @for (path, ended) in lines(&family, &places) { path.ended[ended] d=(path) {} }
            }
            @for member in members() { @if let Some(at) = places.get(&member.id) { (boxed(reader, held, member, *at)) } }
        }
    };
    html! {
        (parts::scrolling(reader.say(DRAWING), &drawing))
        @if family.left_out > 0 { p.note { (left_out(family.left_out, reader.lang)) } }
    }
}

/// The lines between spouses, and from parents down to children; and whether a marriage ended.
fn lines(family: &Family, places: &BTreeMap<i64, (usize, usize)>) -> Vec<(String, bool)> {
    let mut drawn = Vec::new();
    let beside = |one: i64, other: i64| {
        let (one, other) = (places.get(&one)?, places.get(&other)?);
        let (left, right) = (one.min(other), one.max(other));
        (left.1 == right.1 && right.0 - left.0 == WIDTH + GAP).then_some((*left, *right))
    };
    for ((one, other), ended) in &family.couples {
        if let Some((left, right)) = beside(*one, *other) {
            let y = left.1 + HEIGHT / 2;
            drawn.push((format!("M{} {y}H{}", left.0 + WIDTH, right.0), *ended));
        }
    }
    let mut descents: BTreeMap<Vec<i64>, Vec<i64>> = BTreeMap::new();
    for (child, parents) in &family.parents {
        let there = parents.iter().filter(|parent| places.contains_key(parent));
        let there: Vec<i64> = there.copied().collect();
        if places.contains_key(child) && !there.is_empty() {
            descents.entry(there).or_default().push(*child);
        }
    }
    let mut levels: BTreeMap<usize, usize> = BTreeMap::new();
    for (parents, children) in descents {
        let tops: Vec<(usize, usize)> = parents.iter().map(|parent| places[parent]).collect();
        let bottom = tops
            .iter()
            .map(|(_, y)| y + HEIGHT)
            .max()
            .unwrap_or_default();
        // Lines of several families of one generation don't lie on each other.
        let level = levels.entry(bottom).or_default();
        let bus = bottom + 12 + (*level % 4) * 6;
        *level += 1;
        let together = match parents.as_slice() {
            [one, other] => beside(*one, *other),
            _ => None,
        };
        let mut path = String::new();
        let mut ends: Vec<usize> = Vec::new();
        match together {
            Some((left, right)) => {
                let x = (left.0 + WIDTH + right.0) / 2;
                path += &format!("M{x} {}V{bus}", left.1 + HEIGHT / 2);
                // Parents who aren't known to be married stand together, too.
                path += &format!(
                    "M{} {y}H{}",
                    left.0 + WIDTH,
                    right.0,
                    y = left.1 + HEIGHT / 2
                );
                ends.push(x);
            }
            None => {
                for (x, y) in &tops {
                    let x = x + WIDTH / 2;
                    path += &format!("M{x} {}V{bus}", y + HEIGHT);
                    ends.push(x);
                }
            }
        }
        for child in &children {
            let (x, y) = places[child];
            if y > bottom {
                path += &format!("M{} {bus}V{y}", x + WIDTH / 2);
                ends.push(x + WIDTH / 2);
            }
        }
        if let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) {
            path += &format!("M{first} {bus}H{last}");
        }
        drawn.push((path, false));
    }
    drawn
}

/// Somebody's box: who they are to the person, their name, and when they lived.
fn boxed(reader: &Reader, held: &Held<'_>, member: &Member, (x, y): (usize, usize)) -> Markup {
    let around = held.around;
    let people = &around.contract.people;
    let row = around.person(member.id);
    let dead = held.dead.contains(&member.id);
    let name = row.and_then(|row| row.get(&people.name.id));
    let name = name.unwrap_or(reader.say(words::NOT_HERE));
    let what = role(member.role, sex(around, member.id), reader.lang);
    let middle = x + WIDTH / 2;
    let inner = html! {
        title { (what) " " (name) }
        rect x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="4" {}
        text.role x=(middle) y=(y + 17) { (what) @if dead { (reader.say(DEAD)) } }
        text.name x=(middle) y=(y + 36) { (shortened(name)) }
        text.years x=(middle) y=(y + 53) { (years(around, member.id, reader.lang)) }
    };
    html! {
        @match row {
            Some(_) if member.role != Role::Own => {
                a.dead[dead] href=(reader.link(&format!("/people/{}", member.id), &[])) { (inner) }
            },
            _ => { g.own[member.role == Role::Own] { (inner) } },
        }
    }
}

/// A name as far as a box holds it.
fn shortened(name: &str) -> String {
    const MOST_WIDTH: usize = 16;
    let mut width = 0;
    let mut short = String::new();
    for letter in name.chars() {
        width += if letter.is_ascii() { 1 } else { 2 };
        if width > MOST_WIDTH {
            short.push('…');
            break;
        }
        short.push(letter);
    }
    short
}

/// The years of birth and death, as far as they are seen.
fn years(around: &Around, id: i64, lang: Lang) -> String {
    let contract = &around.contract;
    let year = |day: Option<&str>| day.and_then(|day| day.get(..4)).map(ToOwned::to_owned);
    let born = year(
        around
            .person(id)
            .and_then(|row| row.get(&contract.people.birth_date.id)),
    );
    let deaths = around.of(&contract.deaths.register.id).iter();
    let mut deaths = deaths.filter(|row| row.reference(&contract.deaths.person.id) == Some(id));
    let died = deaths.find_map(|row| year(row.get(&contract.deaths.died_on.id)));
    match (born, died, lang) {
        (None, None, _) => String::new(),
        (Some(born), None, Lang::Zh) => format!("{born}年生"),
        (Some(born), None, Lang::En) => format!("born {born}"),
        (born, Some(died), Lang::Zh) => format!("{}—{died}", born.unwrap_or_default()),
        (born, Some(died), Lang::En) => format!("{}–{died}", born.unwrap_or_default()),
    }
}

/// What somebody is to the person, by their sex where it is seen.
fn role(role: Role, sex: Option<&str>, lang: Lang) -> &'static str {
    let [man, woman, either] = match role {
        Role::Own => [("本人", "this person"); 3],
        Role::Spouse { ended: false } => {
            [("丈夫", "husband"), ("妻子", "wife"), ("配偶", "spouse")]
        }
        Role::Spouse { ended: true } => [
            ("前夫", "former husband"),
            ("前妻", "former wife"),
            ("前配偶", "former spouse"),
        ],
        Role::Sibling => [
            ("兄弟", "brother"),
            ("姐妹", "sister"),
            ("兄弟姐妹", "sibling"),
        ],
        Role::Parent => [("父亲", "father"), ("母亲", "mother"), ("父母", "parent")],
        Role::Grandparent { mothers: false } => [
            ("祖父", "grandfather"),
            ("祖母", "grandmother"),
            ("祖父母", "grandparent"),
        ],
        Role::Grandparent { mothers: true } => [
            ("外祖父", "grandfather"),
            ("外祖母", "grandmother"),
            ("外祖父母", "grandparent"),
        ],
        Role::Child => [("儿子", "son"), ("女儿", "daughter"), ("子女", "child")],
        Role::ChildsSpouse => [
            ("女婿", "son-in-law"),
            ("儿媳", "daughter-in-law"),
            ("子女配偶", "child’s spouse"),
        ],
        Role::Grandchild { daughters: false } => [
            ("孙子", "grandson"),
            ("孙女", "granddaughter"),
            ("孙子女", "grandchild"),
        ],
        Role::Grandchild { daughters: true } => [
            ("外孙", "grandson"),
            ("外孙女", "granddaughter"),
            ("外孙子女", "grandchild"),
        ],
    };
    let (zh, en) = match sex {
        Some(MAN) => man,
        Some(WOMAN) => woman,
        _ => either,
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn left_out(count: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("图上放不下的还有{count}人，亲属列在下面的表里。"),
        Lang::En => {
            format!("{count} more found no room in the drawing; kin are in the table below.")
        }
    }
}

words! {
    DRAWING: "家族图", "Family";
    DEAD: "（已故）", " (dead)";
}
