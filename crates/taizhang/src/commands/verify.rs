//! `taizhang verify` and `taizhang heads`

use std::process::ExitCode;

use kernel::Lang;
use ledger::Heads;

use crate::arguments;
use crate::arguments::Verify;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::say::Say;

/// Prints where the chains end, for whoever keeps it elsewhere.
pub async fn heads(asked: &arguments::Heads, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let heads = folder.ledger.heads().await?;
    let heads = heads.to_string();
    match say.json {
        true => say.value(&serde_json::json!({ "heads": heads.lines().collect::<Vec<_>>() }))?,
        false => say.line(heads.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The heads in a file.
fn kept(path: &std::path::Path) -> Result<Heads, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::io(path, error))?;
    text.parse().map_err(|_| {
        Failure::new(
            format!(
                "{} 不是链头文件；请用 taizhang heads 输出的内容",
                path.display()
            ),
            format!(
                "{} doesn't hold heads; use what `taizhang heads` printed",
                path.display()
            ),
        )
    })
}

/// How many files nobody refers to are named.
const MOST_NAMED: usize = 20;

/// That files lie there to which no word refers.
fn loose(files: &[String], lang: Lang) -> String {
    let named: Vec<&str> = files.iter().take(MOST_NAMED).map(String::as_str).collect();
    let (count, named) = (files.len(), named.join(" "));
    match lang {
        Lang::Zh => format!(
            "files 文件夹中有 {count} 个文件没有任何记录引用（未提交的表单，或依法删除时中断留下的）：{named}。无人办理时再核验一次，仍在其中的可以删去。"
        ),
        Lang::En => format!(
            "{count} files under `files` are referred to by no word (a form never sent, or an erasure that was cut short): {named}. Verify again while nobody writes; those still named may be deleted."
        ),
    }
}

/// Recomputes every hash and tells what was altered.
pub async fn run(verify: &Verify, say: &Say) -> Result<ExitCode, Failure> {
    let against = verify.against.as_deref().map(kept).transpose()?;
    let folder = Folder::open(&verify.dir, say).await?;
    let bar = say.bar(0, say.pick("正在核验", "verifying"));
    let result = folder
        .ledger
        .verify(against.as_ref(), &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
        .await?;
    bar.finish_and_clear();
    if say.json {
        say.value(&result)?;
    } else {
        for fault in &result.faults {
            say.line(fault.message(say.lang));
        }
        if !result.loose.is_empty() {
            say.line(loose(&result.loose, say.lang));
        }
        say.line(match say.lang {
            Lang::Zh => format!(
                "{} 本簿，{} 条记录，{} 处不符。",
                result.books,
                result.entries,
                result.faults.len()
            ),
            Lang::En => format!(
                "{} books, {} entries, {} altered.",
                result.books,
                result.entries,
                result.faults.len()
            ),
        });
    }
    Ok(super::code(result.faults.is_empty()))
}
