//! `taizhang town generate`

use std::process::ExitCode;

use pack::DemoPlace;

use crate::arguments::Generate;
use crate::failure::Failure;
use crate::say::Say;

/// Writes a town's files.
pub fn run(generate: &Generate, say: &Say) -> Result<ExitCode, Failure> {
    let wish = wish(
        generate.place,
        (generate.people, generate.seed),
        generate.csv,
    );
    if generate.unnumbered {
        return unnumbered(&wish, generate, say);
    }
    let written = write(&wish, &generate.out, say)?;
    let rows: u32 = written.files.iter().map(|file| file.rows).sum();
    say.done(match say.lang {
        kernel::Lang::Zh => format!(
            "已写入 {} 个文件、{} 行，真值见 {}。",
            written.files.len(),
            rows,
            generate.out.join("truth.json").display()
        ),
        kernel::Lang::En => format!(
            "Wrote {} files with {} rows; the truth is in {}.",
            written.files.len(),
            rows,
            generate.out.join("truth.json").display()
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the lists without ID numbers, a folder for each level of noise.
fn unnumbered(wish: &town::Wish, generate: &Generate, say: &Say) -> Result<ExitCode, Failure> {
    wish.check()?;
    let working = say.working(say.pick("正在生成", "generating"));
    let town = town::generate(wish);
    for noise in town::Noise::ALL {
        town.write_unnumbered(&generate.out.join(noise.id()), noise)?;
    }
    working.finish_and_clear();
    say.done(match say.lang {
        kernel::Lang::Zh => format!(
            "已写入 {}：每个等级四份名册，“真值”列说明每行是谁。",
            generate.out.display()
        ),
        kernel::Lang::En => format!(
            "Wrote {}: four lists for each level; the column 真值 says who each row is.",
            generate.out.display()
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The place of so many people, or of as many as its kind has.
pub fn wish(place: DemoPlace, (people, seed): (Option<u32>, u64), csv: bool) -> town::Wish {
    let setting = match place {
        DemoPlace::Street => town::Setting::Street,
        DemoPlace::Township => town::Setting::Township,
        DemoPlace::District => town::Setting::District,
        DemoPlace::Town => town::Setting::Town,
    };
    let format = if csv {
        town::Format::Csv
    } else {
        town::Format::Departments
    };
    town::Wish {
        setting,
        people: people.unwrap_or(setting.people()),
        seed,
        format,
        ..town::Wish::default()
    }
}

/// Generates and writes, with a bar.
pub fn write(
    wish: &town::Wish,
    out: &std::path::Path,
    say: &Say,
) -> Result<town::Written, Failure> {
    let working = say.working(say.pick("正在生成", "generating"));
    let town = town::generate(wish);
    working.finish_and_clear();
    let bar = say.bar(0, say.pick("正在写文件", "writing files"));
    let written = town.write(out, &mut |done, total, _file| {
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    Ok(written)
}
