//! `taizhang verify` and `taizhang heads`

use std::process::ExitCode;

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
        say.line(match say.lang {
            kernel::Lang::Zh => format!(
                "{} 本簿，{} 条记录，{} 处不符。",
                result.books,
                result.entries,
                result.faults.len()
            ),
            kernel::Lang::En => format!(
                "{} books, {} entries, {} altered.",
                result.books,
                result.entries,
                result.faults.len()
            ),
        });
    }
    Ok(super::code(result.faults.is_empty()))
}
