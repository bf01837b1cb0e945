//! `taizhang pack`: what is wrong in a pack, what its cases come to, what there is in it, and a new one to begin with.

mod list;
mod new;

pub use list::{Kind, list};
pub use new::new;

use std::process::ExitCode;

use kernel::Lang;
use pack::Fault;

use crate::failure::Failure;
use crate::folder::today;
use crate::packs;
use crate::say::Say;

/// Reports every fault of a pack: of its files first, and of its SQL when the files hold.
pub async fn check(name: &str, say: &Say) -> Result<ExitCode, Failure> {
    let (files, faults) = match pack::load_layers(packs::layers(name)?) {
        Err(faulty) => (faulty.files, faulty.faults),
        Ok(pack) => {
            let pack = std::sync::Arc::new(pack);
            (pack.files.clone(), programmes::check(&pack, today()).await?)
        }
    };
    if faults.is_empty() {
        say.line(match say.lang {
            Lang::Zh => format!("规则包 {name}：{} 个文件，没有错误。", files.len()),
            Lang::En => format!("The pack {name}: {} files, no faults.", files.len()),
        });
    } else {
        say.line(pack::render(&files, &faults, say.lang, false).trim_end());
    }
    if say.json {
        say.value(
            &faults
                .iter()
                .map(|fault| described(fault, &files, say.lang))
                .collect::<Vec<_>>(),
        )?;
    }
    Ok(super::code(faults.is_empty()))
}

fn described(fault: &Fault, files: &[pack::SourceFile], lang: Lang) -> serde_json::Value {
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
    serde_json::json!({
        "file": at.map(|(file, _)| file.path.clone()), "line": line, "code": fault.code,
        "message": fault.message.get(lang), "hint": fault.hint.as_ref().map(|hint| hint.get(lang)),
    })
}

/// Runs the pack's cases and tells those that come out otherwise.
pub async fn test(name: &str, say: &Say) -> Result<ExitCode, Failure> {
    let pack = packs::load(name, say)?;
    let bar = say.bar(0, say.pick("正在运行算例", "running cases"));
    let outcomes = programmes::run_cases(&pack, &mut |done, total| {
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
        Lang::En => format!("{total} cases, {failed} differ."),
    });
    Ok(super::code(failed == 0))
}
