//! What lists of a made-up place tell, for whoever holds a program against it (`bench/lists.py`): writes the place's files into a folder, then
//! for each line of the input, a day and the files that are there by their numbers, the answers into a file.
//!
//! `told DIR [PLACE] [PEOPLE] [SEED]`; a line is `2025-12-31 OUT.csv 0 3 4`.

#![allow(
    clippy::print_stdout,
    reason = "it answers the program that started it"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::io::BufRead as _;
use std::path::Path;

use town::{Format, Setting, Wish, generate};

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let at = |nth: usize| given.get(nth).map_or("", String::as_str);
    let setting = match at(1) {
        "town" => Setting::Town,
        "township" => Setting::Township,
        "district" => Setting::District,
        _ => Setting::Street,
    };
    let usual = Wish::default();
    let town = generate(&Wish {
        setting,
        people: at(2).parse().unwrap_or(setting.people()),
        seed: at(3).parse().unwrap_or(usual.seed),
        format: Format::Csv,
        ..usual
    });
    let files = town.write(Path::new(at(0)), &mut |_, _, _| {})?.files;
    for file in &files {
        println!(
            "{} {} {} {} {}",
            file.path, file.roster, file.unit, file.rows, file.rejected
        );
    }
    println!();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let (Some(on), Some(out)) = (words.next(), words.next()) else {
            continue;
        };
        let there = words.filter_map(|nth| files.get(nth.parse::<usize>().ok()?));
        let told = town.told_by(&there.collect::<Vec<_>>(), on.parse()?);
        let mut text = String::from("id_number,programme,answer,missing,waits,list\n");
        for own in &told.lines {
            let _infallible = writeln!(
                text,
                "{},{},{},{},{},{}",
                town.people[own.who].id_text(),
                own.programme.id(),
                own.answer(),
                own.missing().join(" "),
                own.waits().join(" "),
                own.list().as_str(),
            );
        }
        for (programme, many) in &told.subjects {
            let _infallible = writeln!(text, "*,{},{many},,,", programme.id());
        }
        std::fs::write(out, text)?;
        println!("{on} {out}");
    }
    Ok(())
}
