//! `taizhang town generate`

use std::process::ExitCode;

use crate::arguments::Generate;
use crate::failure::Failure;
use crate::say::Say;

/// Writes a town's files.
pub fn run(generate: &Generate, say: &Say) -> Result<ExitCode, Failure> {
    let wish = wish(generate.people, generate.seed, generate.csv);
    let written = write(&wish, &generate.out, say)?;
    let rows: u32 = written.files.iter().map(|file| file.rows).sum();
    say.line(match say.lang {
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
    });
    Ok(ExitCode::SUCCESS)
}

/// The town of so many people.
pub fn wish(people: u32, seed: u64, csv: bool) -> town::Wish {
    let format = if csv {
        town::Format::Csv
    } else {
        town::Format::Departments
    };
    town::Wish {
        people,
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
    let working = say.working(say.pick("正在生成街道", "generating the street"));
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
