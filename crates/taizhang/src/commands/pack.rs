//! `taizhang pack`: what is wrong in a pack, what its cases come to, what there is in it, a new one to begin with, and another for a
//! ledger.

mod change;
mod list;
mod new;

pub use change::change;
pub use list::{Kind, list};
pub use new::new;

use std::process::ExitCode;

use kernel::Lang;
use kernel::text::counted;
use pack::{Fault, Lack, Pack, RuleCase};

use crate::arguments::PackTest;
use crate::failure::Failure;
use crate::folder::today;
use crate::packs;
use crate::say::Say;

/// Reports every fault of a pack: of its files first, and of its SQL when the files hold.
pub async fn check(name: &str, say: &Say) -> Result<ExitCode, Failure> {
    let mut notes: Vec<Fault> = packs::misnamed(name).iter().map(|p| misnamed(p)).collect();
    let (files, faults) = match pack::load_layers(packs::layers(name)?) {
        Err(faulty) => (faulty.files, faulty.faults),
        Ok(pack) => {
            let pack = std::sync::Arc::new(pack);
            notes.extend(pack.unwritten().into_iter().map(unwritten));
            notes.extend(pack.unused().into_iter().map(unused));
            (pack.files.clone(), programmes::check(&pack, today()).await?)
        }
    };
    if faults.is_empty() {
        say.line(match say.lang {
            Lang::Zh => format!("规则包“{name}”：{} 个文件，没有错误。", files.len()),
            Lang::En => format!("The pack “{name}”: {} files, no faults.", files.len()),
        });
    } else {
        say.line(pack::render(&files, &faults, say.lang, false).trim_end());
    }
    for note in &notes {
        let (path, line) = located(note, &files);
        let at = path.map(|path| match line {
            Some(line) => format!("{path}:{line} "),
            None => format!("{path} "),
        });
        let hint = note.hint.as_ref().map_or("", |hint| hint.get(say.lang));
        let word = say.pick("注意：", "Note: ");
        let message = note.message(say.lang);
        say.line(format!("{word}{}{message} {hint}", at.unwrap_or_default()));
    }
    if say.json {
        let described = |note: bool| {
            let (files, lang) = (&files, say.lang);
            move |fault| described(fault, files, lang, note)
        };
        let all = faults.iter().map(described(false));
        say.value(
            &all.chain(notes.iter().map(described(true)))
                .collect::<Vec<_>>(),
        )?;
    }
    Ok(super::code(faults.is_empty()))
}

/// A note about a file that isn't read because of its name.
fn misnamed(path: &std::path::Path) -> Fault {
    let path = path.display();
    Fault::new(
        "misnamed-file",
        format!("{path} 不会读取。"),
        format!("{path} isn't read."),
    )
    .hint(
        "文件名应以 .toml 结尾，请去掉 .txt。",
        "The name of a file ends in .toml; take .txt off.",
    )
}

/// A note about a register that no role names.
fn unwritten(register: &pack::Register) -> Fault {
    Fault::at(
        register.place.clone(),
        "unwritten",
        format!(
            "没有角色的 writes 写明“{}”，只有可写一切的角色能登记。",
            register.id
        ),
        format!(
            "No role names “{}” under writes, so only those who write everything can write it.",
            register.id
        ),
    )
    .hint("请在 roles/ 中加上。", "Name it in roles/.")
}

/// A note about a sensitive field without a use.
fn unused((register, field, lack): (&pack::Register, &pack::Field, Lack)) -> Fault {
    let name = format!("{}.{}", register.id, field.id);
    let (zh, en) = match lack {
        Lack::Source => (
            format!("敏感字段“{name}”没有名册、也没有事项登记。"),
            format!("No roster and no action fills the sensitive field “{name}”."),
        ),
        Lack::Reader => (
            format!("敏感字段“{name}”没有用处：列表、检查、条件、指标都不用它。"),
            format!(
                "The sensitive field “{name}” has no use: no list, check, fact or figure has it."
            ),
        ),
    };
    Fault::at(field.place.clone(), "unused", zh, en).hint(
        "请删去，或用起来：个人信息限于实现目的的最小范围（个人信息保护法第六条）。",
        "Take it out or use it: what is kept of people is limited to what its purpose needs (Personal Information Protection Law, article 6).",
    )
}

/// Where a fault is: the file and the line.
fn located(fault: &Fault, files: &[pack::SourceFile]) -> (Option<String>, Option<usize>) {
    let at = fault
        .place
        .as_ref()
        .and_then(|place| files.get(place.file).map(|file| (file, place.span.start)));
    let line = at.map(|(file, start)| {
        file.text
            .as_bytes()
            .iter()
            .take(start)
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    });
    (at.map(|(file, _)| file.path.clone()), line)
}

fn described(
    fault: &Fault,
    files: &[pack::SourceFile],
    lang: Lang,
    note: bool,
) -> serde_json::Value {
    let (file, line) = located(fault, files);
    serde_json::json!({
        "file": file, "line": line, "code": fault.code, "fault": !note,
        "message": fault.message.get(lang), "hint": fault.hint.as_ref().map(|hint| hint.get(lang)),
    })
}

/// Runs the pack's cases, or those of a programme or layer, and tells which come out otherwise.
pub async fn test(asked: &PackTest, say: &Say) -> Result<ExitCode, Failure> {
    let pack = packs::load(&asked.pack, say)?;
    let only = asked.only.as_deref();
    if let Some(only) = only {
        known(&pack, only)?;
    }
    let wanted = |case: &RuleCase| {
        only.is_none_or(|only| {
            let origin = pack.origin(&case.place);
            case.programme == only || origin.is_some_and(|origin| origin.layer.id == only)
        })
    };
    let bar = say.bar(0, say.pick("正在运行算例", "running cases"));
    let outcomes = programmes::run_some_cases(&pack, &wanted, &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })
    .await?;
    bar.finish_and_clear();
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !outcome.differs.is_empty())
        .collect();
    let faults: Vec<Fault> = (failed.iter())
        .flat_map(|outcome| {
            outcome.differs.iter().map(|differs| {
                let (zh, en) = (
                    format!("算例“{}”：{}", outcome.name, differs.zh),
                    format!("the case “{}”: {}", outcome.name, differs.en),
                );
                Fault::at(outcome.place.clone(), "case", zh, en)
            })
        })
        .collect();
    if !faults.is_empty() {
        say.line(pack::render(&pack.files, &faults, say.lang, false).trim_end());
    }
    let (total, failed) = (outcomes.len(), failed.len());
    if say.json {
        say.value(&serde_json::json!({ "cases": total, "failed": failed }))?;
    }
    say.line(match say.lang {
        Lang::Zh => format!("{total} 个算例，{failed} 个不符。"),
        Lang::En => format!("{}, {failed} differ.", counted(total, "case", "cases")),
    });
    Ok(super::code(failed == 0))
}

/// Whether there is a programme or layer of this name.
fn known(pack: &Pack, only: &str) -> Result<(), Failure> {
    let programmes = pack.programmes.iter().map(|own| own.id.as_str());
    let layers = pack.layers.iter().map(|own| own.id.as_str());
    let all: Vec<&str> = programmes.chain(layers).collect();
    if all.contains(&only) {
        return Ok(());
    }
    Err(match pack::nearest(only, all.iter().copied()) {
        Some(near) => Failure::new(
            format!("没有项目或规则包“{only}”；是否想写“{near}”？"),
            format!("there is no programme or layer “{only}”; did you mean “{near}”?"),
        ),
        None => Failure::new(
            format!("没有项目或规则包“{only}”；有：{}", all.join("、")),
            format!(
                "there is no programme or layer “{only}”; there are: {}",
                all.join(", ")
            ),
        ),
    })
}
