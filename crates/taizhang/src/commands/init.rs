//! `taizhang init`

use std::process::ExitCode;

use kernel::Grant;

use crate::arguments::Init;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::say::Say;

/// Makes an empty ledger, and the book of its first unit when one is named.
pub async fn run(init: &Init, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::create(&init.dir, &init.pack, init.algorithm, say).await?;
    if let Some(unit) = init.unit {
        let grant = Grant::whole(&say.who, unit, "init");
        folder.ledger.open_book(unit, now(), &grant).await?;
        intake::found(&folder.tables, &grant, (unit, today()), now()).await?;
    }
    let dir = init.dir.display();
    say.done(match say.lang {
        kernel::Lang::Zh => format!("已在 {dir} 新建台账。下一步导入单位名录：taizhang import {dir} --register units --unit <街道代码> units.csv"),
        kernel::Lang::En => format!("Made a ledger in {dir}. Next, import the units: taizhang import {dir} --register units --unit <street code> units.csv"),
    })?;
    Ok(ExitCode::SUCCESS)
}
