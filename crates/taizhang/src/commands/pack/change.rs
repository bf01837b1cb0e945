//! `taizhang pack use`: another pack for a ledger that is there. It is taken only without faults, and only if everything that the
//! ledger's pack records is still recorded in the same way: what isn't wanted any more is retired.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kernel::Lang;
use pack::Pack;

use crate::arguments::PackUse;
use crate::failure::Failure;
use crate::folder::{Folder, today};
use crate::packs;
use crate::say::Say;

/// Puts a pack in the place of a ledger's.
pub async fn change(wish: &PackUse, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&wish.dir, say).await?;
    let new = packs::load(&wish.pack, say)?;
    let faults = programmes::check(&new, today()).await?;
    if !faults.is_empty() {
        say.aside(&pack::render(&new.files, &faults, say.lang, false));
        return Err(Failure::new(
            format!("规则包“{}”请先改好；台账未改动", wish.pack),
            format!(
                "mend the pack “{}” first; the ledger is as it was",
                wish.pack
            ),
        ));
    }
    let old = folder.pack.clone();
    let gone = gone(&old, &new);
    if !gone.is_empty() {
        return Err(Failure::new(
            format!(
                "新规则包里没有了，或类型变了：{}。登记过的要留着，不再用的写 retired；台账未改动",
                gone.join("、")
            ),
            format!(
                "the new pack lacks these, or they are of another type: {}. What was recorded stays; retire what isn't used any more. The ledger is as it was",
                gone.join(", ")
            ),
        ));
    }
    drop(folder);
    let dir = wish.dir.join("pack");
    let (next, before) = (wish.dir.join("pack.new"), wish.dir.join("pack.before"));
    for left_over in [&next, &before] {
        remove(left_over)?;
    }
    packs::store(&new, &next)?;
    rename(&dir, &before)?;
    if let Err(failure) = rename(&next, &dir) {
        rename(&before, &dir)?;
        return Err(failure);
    }
    // It is opened with the new pack before the old one goes.
    if let Err(failure) = Folder::open(&wish.dir, say).await {
        remove(&dir)?;
        rename(&before, &dir)?;
        return Err(failure);
    }
    remove(&before)?;
    for (zh, en, ids) in [
        ("新增登记册", "new registers", added(&old, &new, registers)),
        ("新增名册", "new rosters", added(&old, &new, rosters)),
        (
            "新增项目",
            "new programmes",
            added(&old, &new, programmes_of),
        ),
        ("新增指标", "new indicators", added(&old, &new, indicators)),
    ] {
        if !ids.is_empty() {
            say.line(match say.lang {
                Lang::Zh => format!("{zh}：{}", ids.join("、")),
                Lang::En => format!("{en}: {}", ids.join(", ")),
            });
        }
    }
    let (from, to) = (called(&old), called(&new));
    say.done(match say.lang {
        Lang::Zh => {
            format!("台账的规则包由 {from} 换成 {to}。正在运行的 taizhang serve 请重新启动")
        }
        Lang::En => format!(
            "The ledger had the pack {from} and now has {to}. Restart taizhang serve where it runs"
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn called(pack: &Pack) -> String {
    format!("{} {}", pack.id, pack.version)
}

/// Registers and fields of a pack that another lacks or has of another type.
fn gone(old: &Pack, new: &Pack) -> Vec<String> {
    let mut gone = Vec::new();
    for register in &old.registers {
        let Some(other) = new.register(&register.id) else {
            gone.push(register.id.clone());
            continue;
        };
        for field in &register.fields {
            let same = other.field(&field.id);
            if same.is_none_or(|(_, same)| same.kind != field.kind) {
                gone.push(format!("{}.{}", register.id, field.id));
            }
        }
    }
    gone
}

type Ids = for<'p> fn(&'p Pack) -> Vec<&'p str>;

fn registers(pack: &Pack) -> Vec<&str> {
    pack.registers.iter().map(|own| own.id.as_str()).collect()
}

fn rosters(pack: &Pack) -> Vec<&str> {
    pack.rosters.iter().map(|own| own.id.as_str()).collect()
}

fn programmes_of(pack: &Pack) -> Vec<&str> {
    pack.programmes.iter().map(|own| own.id.as_str()).collect()
}

fn indicators(pack: &Pack) -> Vec<&str> {
    pack.indicators.iter().map(|own| own.id.as_str()).collect()
}

/// What a pack has and another hasn't.
fn added<'p>(old: &Pack, new: &'p Pack, ids: Ids) -> Vec<&'p str> {
    let known: BTreeSet<&str> = ids(old).into_iter().collect();
    let all = ids(new).into_iter();
    all.filter(|id| !known.contains(id)).collect()
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| Failure::io(from, error))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match folder.exists() {
        true => fs::remove_dir_all(folder).map_err(|error| Failure::io(folder, error)),
        false => Ok(()),
    }
}
