//! `taizhang verify`

use std::process::ExitCode;

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::say::Say;

/// Recomputes every hash of every book and tells the first altered entry of each.
pub async fn run(verify: &Verify, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&verify.dir, say).await?;
    let bar = say.bar(0, say.pick("正在核验", "verifying"));
    let result = folder
        .ledger
        .verify(&mut |done, total| {
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
