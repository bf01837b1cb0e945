//! A ledger on disk: `ledger.sqlite`, the pack it was made with, and a cache that may be deleted at any time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use kernel::{Grant, Sensitivity, UnitCode};
use ledger::{Algorithm, Ledger};
use pack::Pack;
use tables::Tables;

use crate::failure::Failure;
use crate::packs;
use crate::say::Say;

/// An open ledger.
pub struct Folder {
    /// Its declarations.
    pub pack: Arc<Pack>,
    /// The ledger.
    pub ledger: Ledger,
    /// The columns over it.
    pub tables: Tables,
}

impl Folder {
    /// Makes a ledger in a folder that is new or empty.
    pub async fn create(
        dir: &Path,
        pack_name: &str,
        algorithm: Algorithm,
        say: &Say,
    ) -> Result<Self, Failure> {
        let used = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
        if used {
            return Err(Failure::new(
                format!("文件夹 {} 不是空的；请换一个新文件夹", dir.display()),
                format!(
                    "the folder {} is not empty; choose a new one",
                    dir.display()
                ),
            ));
        }
        let pack = packs::load(pack_name, say)?;
        packs::store(&pack, &pack_folder(dir))?;
        let ledger = Ledger::create(dir, pack.clone(), algorithm).await?;
        Ok(Self::over(dir, pack, ledger))
    }

    /// Opens a ledger.
    pub async fn open(dir: &Path, say: &Say) -> Result<Self, Failure> {
        let folder = pack_folder(dir);
        if !folder.is_dir() {
            return Err(Failure::new(
                format!(
                    "{} 里没有台账；请先运行 taizhang init {}",
                    dir.display(),
                    dir.display()
                ),
                format!(
                    "there is no ledger in {}; run taizhang init {} first",
                    dir.display(),
                    dir.display()
                ),
            ));
        }
        let name = folder.to_string_lossy().into_owned();
        let pack = packs::load(&name, say)?;
        let ledger = Ledger::open(dir, pack.clone()).await?;
        Ok(Self::over(dir, pack, ledger))
    }

    fn over(dir: &Path, pack: Arc<Pack>, ledger: Ledger) -> Self {
        let tables = Tables::new(ledger.clone(), pack.clone(), Some(dir.join("cache")));
        Self {
            pack,
            ledger,
            tables,
        }
    }

    /// The unit whose book was opened first: the one the ledger is for.
    pub async fn root(&self) -> Result<UnitCode, Failure> {
        let books = self.ledger.books().await?;
        books
            .iter()
            .min_by_key(|book| book.number)
            .map(|book| book.unit)
            .ok_or_else(|| {
                Failure::new(
                    "台账里还没有单位；请先导入单位名录（--register units）",
                    "the ledger has no unit yet; import the list of units first (--register units)",
                )
            })
    }

    /// The books under a unit, or a failure that names those there are.
    pub async fn known(&self, unit: UnitCode) -> Result<UnitCode, Failure> {
        let books = self.ledger.books().await?;
        if books.iter().any(|book| unit.contains(&book.unit)) {
            return Ok(unit);
        }
        let there = books
            .iter()
            .take(12)
            .map(|book| book.unit.to_string())
            .collect::<Vec<_>>()
            .join(" ");
        Err(Failure::new(
            format!("台账里没有单位 {unit}；现有：{there}"),
            format!("the ledger has no unit {unit}; there are: {there}"),
        ))
    }
}

fn pack_folder(dir: &Path) -> PathBuf {
    dir.join("pack")
}

/// What the person at this computer may see: names, and what was asked to be revealed.
pub fn grant(unit: UnitCode, reveal: &[Sensitivity], why: &str) -> Grant {
    let mut reveals = vec![Sensitivity::Name];
    reveals.extend_from_slice(reveal);
    Grant {
        who: user(),
        units: vec![unit],
        reveals,
        why: why.to_owned(),
    }
}

/// The name this computer knows its user by.
pub fn user() -> String {
    ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "local".into())
}

/// Now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Today, where this computer is.
pub fn today() -> jiff::civil::Date {
    // China has one time zone, eight hours east of UTC; the computer's own may be set wrong.
    jiff::tz::Offset::constant(8).to_datetime(now()).date()
}
