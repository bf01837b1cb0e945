//! The street of the reports comes out exactly, looks like one, and is the same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::date;
use kernel::IdNumber;
use town::day::Day;
use town::model::{Hukou, Marital, Town, TownProgramme, TownSex};
use town::{Format, Setting, TownFigures, TrueAnswer, Truth, Wish, generate};

static STREET: LazyLock<(Town, Truth)> = LazyLock::new(|| {
    let town = generate(&Wish::default());
    let truth = town.truth();
    (town, truth)
});

fn small(people: u32, seed: u64) -> Wish {
    Wish {
        people,
        seed,
        ..Wish::default()
    }
}

#[test]
fn the_figures_are_those_of_the_report() {
    let figures = &STREET.1.figures;
    let exact = [
        ("area_m2", 3_180_000),
        ("population", 45_651),
        ("population_before", 45_258),
        ("households", 15_166),
        ("women_15_49", 13_768),
        ("married_women_15_49", 9_324),
        ("migrants", 4_601),
        ("births", 185),
        ("deaths", 146),
        ("special_families", 21),
        ("double_unemployed_couples", 372),
        ("unemployed_retired", 595),
    ];
    for (figure, wanted) in exact {
        assert_eq!(figures[figure], wanted, "{figure}");
    }
    let empty = figures["empty_households"] * 1000 / figures["households"];
    assert!(
        (310..=333).contains(&empty),
        "{empty} per mille of the households stand empty"
    );
    assert_eq!(STREET.0.communities.len(), 6);
}

/// The other places: as many people as wished, each with the units it is said to have, and its own figures.
#[test]
fn each_place_has_its_units_and_figures() {
    let place = |setting: Setting, seed| {
        generate(&Wish {
            setting,
            people: setting.people(),
            seed,
            ..Wish::default()
        })
    };
    for (setting, villages, communities) in [
        (Setting::Township, 9, 1),
        (Setting::District, 7, 5),
        (Setting::Town, 12, 2),
    ] {
        for seed in [1, 2, 77] {
            let town = place(setting, seed);
            let own = town.communities.iter().filter(|own| own.village).count();
            assert_eq!(own, villages, "{setting:?}");
            assert_eq!(town.communities.len() - own, communities, "{setting:?}");
            let figures = town.truth().figures;
            let people = u64::from(setting.people());
            assert_eq!(figures["population"], people, "{setting:?} {seed}");
            if setting == Setting::District {
                assert_eq!(figures["rural_support_paid"], 173, "{seed}");
                assert_eq!(figures["special_support_paid"], 6, "{seed}");
            }
        }
    }
}

/// A village's people are farmers, most of them, and live in groups instead of streets.
#[test]
fn villages_are_no_communities() {
    let town = generate(&Wish {
        setting: Setting::Town,
        people: 6_000,
        ..Wish::default()
    });
    let here = town.people.iter().filter(|(_, person)| {
        person
            .residence
            .as_ref()
            .is_some_and(|home| home.registered)
            && town.communities[usize::from(person.community)].village
    });
    let (mut all, mut farmers) = (0, 0);
    for (_, person) in here {
        all += 1;
        farmers += usize::from(person.hukou == Some(Hukou::Agricultural));
    }
    assert!(farmers * 100 > all * 75, "{farmers} of {all}");
    let folder = tempfile::tempdir().unwrap();
    town.write(folder.path(), &mut |_, _, _| {}).unwrap();
    let units = std::fs::read_to_string(folder.path().join("units.csv")).unwrap();
    assert!(units.contains("210213108000,云湖镇,镇,\r\n"), "{units}");
    assert!(units.contains(",村,"), "{units}");
}

#[test]
fn the_figures_do_not_depend_on_the_seed() {
    // Who is paid support is the bureau's figure, not the street's.
    let of_street = |mut figures: TownFigures| {
        figures.retain(|name, _| !name.ends_with("_support_paid"));
        figures
    };
    let one = |seed| {
        let wish = Wish {
            seed,
            ..Wish::default()
        };
        of_street(generate(&wish).truth().figures)
    };
    assert_eq!(one(2), one(77));
    assert_eq!(one(2), of_street(STREET.1.figures.clone()));
}

#[test]
fn every_programme_has_all_its_lists_and_every_planted_gap() {
    let tally = STREET.1.tally();
    let gaps = [
        (
            TownProgramme::RuralFamily,
            &["hukou_nature", "spouse_hukou_nature", "births_confirmed"][..],
        ),
        (TownProgramme::Bereaved, &["children_living"]),
        (TownProgramme::DisabledChild, &["child_disability_grade"]),
        (TownProgramme::Complication, &["complication_grade"]),
        (TownProgramme::OneChildParent, &["certificate_status"]),
        (
            TownProgramme::DoubleUnemployed,
            &[
                "husband_employment",
                "wife_employment",
                "husband_certificate",
                "wife_certificate",
            ],
        ),
        (
            TownProgramme::UnemployedRetired,
            &[
                "employment_status",
                "unemployment_cause",
                "retired_on",
                "certificate_status",
            ],
        ),
        (TownProgramme::Childcare, &["nationality"]),
    ];
    for (programme, facts) in gaps {
        let counts = &tally[programme.id()];
        for list in ["missed", "no-longer", "ok", "to-find-out"] {
            assert!(
                counts.get(list).is_some_and(|&count| count > 0),
                "{list} of {programme:?}"
            );
        }
        for fact in facts {
            let planted = counts.get(&format!("missing {fact}")).copied().unwrap_or(0);
            assert!(
                (3..=30).contains(&planted),
                "{planted} lack {fact} in {programme:?}"
            );
        }
        let asked: Vec<_> = counts
            .keys()
            .filter(|key| key.starts_with("missing "))
            .collect();
        assert_eq!(asked.len(), facts.len(), "{asked:?} in {programme:?}");
    }
}

#[test]
fn a_person_and_programme_have_one_answer() {
    for truth in [&STREET.1, &generate(&small(3000, 9)).truth()] {
        let mut seen = BTreeSet::new();
        for line in &truth.lines {
            assert!(seen.insert((line.programme, line.who)), "{line:?}");
            assert!(line.enrolled || line.verdict != TrueAnswer::NotEntitled);
            if let TrueAnswer::CannotTell(facts, _) = &line.verdict {
                assert!(!facts.is_empty());
            }
        }
    }
}

#[test]
fn an_enrolled_spouse_belongs_to_one_couple_only() {
    let town = &STREET.0;
    let mut couples: BTreeMap<_, u32> = BTreeMap::new();
    for tie in &town.marriages {
        *couples.entry(tie.husband).or_default() += 1;
        *couples.entry(tie.wife).or_default() += 1;
    }
    let on_list = town
        .benefits
        .iter()
        .filter(|row| row.programme == TownProgramme::DoubleUnemployed);
    for row in on_list.filter(|row| row.until.is_none()) {
        assert_eq!(couples[&row.who], 1);
    }
}

#[test]
fn id_numbers_are_valid_their_own_and_tell_birth_and_sex() {
    let town = &STREET.0;
    let mut seen = BTreeSet::new();
    for (_, person) in town.people.iter() {
        let text = person.id_text();
        let id = IdNumber::parse(&text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(Day::from(id.birth()), person.birth);
        assert_eq!(
            id.sex() == kernel::Sex::Female,
            person.sex == TownSex::Female
        );
        assert!(seen.insert(person.id), "{text} twice");
        assert!((2..=4).contains(&person.full_name().chars().count()));
    }
    assert!(
        town.people
            .iter()
            .any(|(_, person)| person.birth.dashed().ends_with("02-29"))
    );
}

#[test]
fn parents_are_old_enough_and_kin_agree() {
    let town = &STREET.0;
    let mut named = BTreeSet::new();
    for row in &town.children {
        let born = town.people[row.child].birth;
        assert!(named.insert(row.child), "a child in two rows");
        for parent in [row.father, row.mother].into_iter().flatten() {
            let age = town.people[parent].birth.age(born);
            assert!((15..=75).contains(&age), "a parent of {age}");
        }
        let mother = row
            .mother
            .map_or(30, |mother| town.people[mother].birth.age(born));
        assert!(mother < 50, "a mother of {mother}");
    }
    for tie in &town.marriages {
        let (he, she) = (&town.people[tie.husband], &town.people[tie.wife]);
        assert!(he.birth.age(tie.on) >= 19 && she.birth.age(tie.on) >= 17);
        assert!(tie.on <= town.day() && tie.ended.is_none_or(|ended| ended > tie.on));
        assert!((he.sex, she.sex) == (TownSex::Male, TownSex::Female));
    }
}

#[test]
fn marital_status_agrees_with_the_marriage_list() {
    let town = &STREET.0;
    let mut current = BTreeMap::new();
    let mut ever = BTreeSet::new();
    for tie in &town.marriages {
        ever.extend([tie.husband, tie.wife]);
        if tie.ended.is_none() {
            assert!(current.insert(tie.husband, tie.wife).is_none(), "two wives");
            assert!(
                current.insert(tie.wife, tie.husband).is_none(),
                "two husbands"
            );
        }
    }
    for (who, person) in town
        .people
        .iter()
        .filter(|(_, person)| person.residence.is_some())
    {
        let spouse = current.get(&who).map(|&spouse| &town.people[spouse]);
        let matches = match person.marital {
            Marital::Single => !ever.contains(&who),
            Marital::Married { .. } => {
                spouse.is_some_and(|spouse| spouse.died.is_none() || person.died.is_some())
            }
            Marital::Widowed => spouse.is_some_and(|spouse| spouse.died.is_some()),
            Marital::Divorced => spouse.is_none() && ever.contains(&who),
        };
        assert!(matches, "{} is {:?}", person.full_name(), person.marital);
    }
}

#[test]
fn residence_begins_at_birth_or_later_and_ends_this_year() {
    let town = &STREET.0;
    let first = Day::new(2025, 1, 1);
    for (_, person) in town.people.iter() {
        let Some(home) = &person.residence else {
            continue;
        };
        assert!(home.moved_in >= person.birth && home.moved_in <= town.day());
        if let Some((left, _)) = home.left {
            assert!(left > first && left < town.day() && left > home.moved_in);
        }
        assert_eq!(
            town.households[home.household as usize].community,
            person.community
        );
    }
    for birth in &town.births {
        let child = &town.people[birth.child];
        assert_eq!(child.residence.as_ref().unwrap().moved_in, child.birth);
    }
}

#[test]
fn somebody_stands_exactly_on_each_threshold() {
    let town = &STREET.0;
    for age in [3, 15, 18, 49, 50, 60] {
        for day in [
            town.day().anniversary(-age),
            town.day().anniversary(-age).plus(1),
        ] {
            assert!(
                town.people.iter().any(|(_, person)| person.birth == day),
                "nobody born {day:?}"
            );
        }
    }
}

#[test]
fn other_sizes_and_days_keep_their_proportions() {
    for (people, on) in [
        (1_000, date(2025, 12, 31)),
        (20_000, date(2026, 6, 30)),
        (90_000, date(2025, 12, 31)),
    ] {
        let town = generate(&Wish {
            people,
            on,
            ..small(people, 5)
        });
        let truth = town.truth();
        let part = |figure: u64| figure * u64::from(people) / 45_651;
        assert_eq!(truth.figures["population"], u64::from(people));
        let near = |figure: &str, reported: u64| {
            let (have, want) = (truth.figures[figure], part(reported));
            assert!(
                have.abs_diff(want) * 20 <= want + 60,
                "{figure}: {have}, not about {want}, of {people}"
            );
        };
        near("women_15_49", 13_768);
        near("married_women_15_49", 9_324);
        near("households", 15_166);
        near("double_unemployed_couples", 372);
        near("unemployed_retired", 595);
        assert!(truth.figures["special_families"] > 0);
    }
}

#[test]
fn what_cannot_be_wished_for_is_said() {
    assert!(small(999, 1).check().is_err());
    assert!(
        Wish {
            on: date(1999, 1, 1),
            ..Wish::default()
        }
        .check()
        .is_err()
    );
    assert!(Wish::default().check().is_ok());
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(dir)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_wish_gives_the_same_bytes() {
    let write = |wish: &Wish| {
        let dir = tempfile::tempdir().unwrap();
        generate(wish).write(dir.path(), &mut |_, _, _| {}).unwrap();
        files(dir.path())
    };
    let (one, two) = (write(&small(2500, 4)), write(&small(2500, 4)));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs");
    }
    assert!(one != write(&small(2500, 5)));
}

#[test]
fn notes_count_the_rows_of_each_file() {
    let dir = tempfile::tempdir().unwrap();
    let town = generate(&Wish {
        format: Format::Csv,
        ..small(2500, 4)
    });
    let written = town.write(dir.path(), &mut |_, _, _| {}).unwrap();
    for file in &written.files {
        let text = std::fs::read_to_string(dir.path().join(&file.path)).unwrap();
        let rows = text
            .lines()
            .skip(1)
            .filter(|line| line.chars().any(|letter| letter != ','))
            .count();
        assert_eq!(u32::try_from(rows).unwrap(), file.rows, "{}", file.path);
        assert!(file.rows == 0 || file.rejected + file.repeated < file.rows);
    }
    let benefits = dir.path().join("210203001001/benefits.csv");
    let header = std::fs::read_to_string(benefits).unwrap();
    assert_eq!(
        header.lines().next().unwrap(),
        "姓名,身份证号,项目,起始日期,停发日期,月标准"
    );
    let police = written
        .files
        .iter()
        .find(|file| file.roster == "police-households")
        .unwrap();
    let gone = town
        .people
        .iter()
        .filter(|(_, person)| person.residence.is_some())
        .count();
    assert_eq!(
        police.rows - police.rejected - police.repeated,
        u32::try_from(gone).unwrap()
    );
    assert!(police.rejected > 0);
}
