//! Makes a town (people and seed as arguments, the reported street without) and prints what it looks like: the figures,
//! the pyramid, households, names and the lists of each programme. With a third argument, writes the files there;
//! with "csv" as the fourth, as plain text.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::collections::BTreeMap;
use std::time::Instant;

use town::model::{Alive, Town, TownSex};
use town::{Wish, generate};

fn main() -> Result<(), town::TownError> {
    let mut arguments = std::env::args().skip(1);
    let mut wish = Wish::default();
    if let Some(people) = arguments.next().and_then(|text| text.parse().ok()) {
        wish.people = people;
    }
    if let Some(seed) = arguments.next().and_then(|text| text.parse().ok()) {
        wish.seed = seed;
    }
    let directory = arguments.next();
    if arguments.next().as_deref() == Some("csv") {
        wish.format = town::Format::Csv;
    }
    wish.check()?;
    let started = Instant::now();
    let town = generate(&wish);
    println!("generated in {:?}", started.elapsed());
    pyramid(&town);
    homes(&town);
    let truth = town.truth();
    println!("{:#?}", truth.figures);
    for (programme, counts) in truth.tally() {
        println!("{programme}: {counts:?}");
    }
    if let Some(dir) = directory {
        let started = Instant::now();
        let written = town.write(dir.as_ref(), &mut |_, _, _| {})?;
        println!("{} files in {:?}", written.files.len(), started.elapsed());
    }
    Ok(())
}

fn pyramid(town: &Town) {
    let on = town.day();
    let mut ages: BTreeMap<i32, [u32; 4]> = BTreeMap::new();
    for (_, person) in town
        .people
        .iter()
        .filter(|(_, person)| person.resident_on(on))
    {
        let counts = ages.entry(person.birth.age(on) / 5 * 5).or_default();
        counts[usize::from(person.sex == TownSex::Female)] += 1;
        let married = matches!(person.marital, town::model::Marital::Married { .. });
        counts[2 + usize::from(person.sex == TownSex::Female)] += u32::from(married);
    }
    let scale = town.wish.people / 800;
    println!("age     men (married)   women (married)");
    for (age, [men, women, wed_men, wed_women]) in ages {
        let bar = |count: u32| "█".repeat((count / scale.max(1)) as usize);
        println!(
            "{age:>3} {men:>6} {wed_men:>6} {:>40}|{:<40} {women:>6} {wed_women:>6}",
            bar(men),
            bar(women)
        );
    }
    let mut years: BTreeMap<i32, u32> = BTreeMap::new();
    for (_, person) in town
        .people
        .iter()
        .filter(|(_, person)| person.resident_on(on) && person.birth.age(on) < 18)
    {
        *years.entry(person.birth.year()).or_default() += 1;
    }
    println!("born: {years:?}");
}

fn homes(town: &Town) {
    let on = town.day();
    let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
    let mut collective = 0;
    let mut samples = Vec::new();
    for (_, person) in town
        .people
        .iter()
        .filter(|(_, person)| person.resident_on(on))
    {
        let Some(home) = &person.residence else {
            continue;
        };
        collective += u32::from(town.households[home.household as usize].collective);
        *sizes.entry(home.household).or_default() += 1;
        if (4000..4006).contains(&home.household) {
            samples.push((
                home.household,
                format!("{:?}", home.relation),
                person.full_name(),
                person.birth.dashed(),
                home.registered,
            ));
        }
    }
    let mut by_size: BTreeMap<u32, u32> = BTreeMap::new();
    for size in sizes.values() {
        *by_size.entry((*size).min(60)).or_default() += 1;
    }
    samples.sort();
    println!("people in collective households {collective}; households by size {by_size:?}");
    for sample in samples {
        println!("{sample:?}");
    }
    let dead = town
        .children
        .iter()
        .filter(|row| row.state == Some(Alive::No))
        .count();
    println!(
        "people {} marriages {} children {} (dead {dead}) certificates {} jobs {} disabled {} benefits {}",
        town.people.len(),
        town.marriages.len(),
        town.children.len(),
        town.certificates.len(),
        town.jobs.len(),
        town.disabilities.len(),
        town.benefits.len(),
    );
}
