//! A ledger on disk: `ledger.sqlite`, the pack it was made with, and a cache that may be deleted at any time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, Lang, RecordId, Sensitivity, UnitCode};
use ledger::{Access, Admitted, Algorithm, Ledger};
use office::{OfficeError, ValuePlace};
use pack::{NameFault, Named, Pack};
use tables::{Caller, Tables};

use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::packs;
use crate::private;
use crate::reading::office;
use crate::say::Say;

/// An open ledger.
pub struct Folder {
    /// Where it is.
    pub dir: PathBuf,
    /// Its declarations.
    pub pack: Arc<Pack>,
    /// The ledger.
    pub ledger: Ledger,
    /// The columns over it.
    pub tables: Tables,
    /// Who works with it.
    pub who: String,
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
        private::folder(dir).map_err(|error| Failure::io(dir, error))?;
        packs::store(&pack, &pack_folder(dir))?;
        let ledger = Ledger::create(dir, pack.clone(), algorithm).await?;
        Ok(Self::over(dir, pack, ledger, say))
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
        Ok(Self::over(dir, pack, ledger, say))
    }

    fn over(dir: &Path, pack: Arc<Pack>, ledger: Ledger, say: &Say) -> Self {
        let tables = Tables::new(ledger.clone(), pack.clone(), Some(dir.join("cache")));
        Self {
            dir: dir.to_owned(),
            pack,
            ledger,
            tables,
            who: say.who.clone(),
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

    /// What the person at this computer may do, by the posts they hold today: names in clear, and what was asked to be revealed.
    pub async fn grant(&self, reveal: &[Sensitivity], why: &str) -> Result<Grant, Failure> {
        let who = Caller {
            name: &self.who,
            root: self.root().await?,
        };
        let grant = self.tables.grant(&who, today(), why).await?;
        let kept = |kind: &&Sensitivity| !grant.clear().contains(kind);
        if let Some(kind) = reveal.iter().find(kept) {
            let (zh, en) = (kind.label(Lang::Zh), kind.label(Lang::En));
            return Err(Failure::new(
                format!("“{}”的岗位不显示明文的{zh}", grant.who),
                format!("no post of “{}” shows {en} in clear", grant.who),
            ));
        }
        let mut clear = vec![Sensitivity::Name];
        clear.extend_from_slice(reveal);
        Ok(grant.clear_only(&clear))
    }

    /// What the person at this computer may see; that a command looks stands in the access log when this returns.
    pub async fn admit(
        &self,
        reveal: &[Sensitivity],
        (command, why): (&str, &str),
        at: Timestamp,
    ) -> Result<Admitted, Failure> {
        let grant = self.grant(reveal, why).await?;
        let name = command.to_owned();
        Ok(self
            .ledger
            .admit(grant, at, Access::Command { name })
            .await?)
    }

    /// The same within a unit of which everything has to be readable: what answers and figures are made of.
    pub async fn admit_to_all(
        &self,
        unit: UnitCode,
        reveal: &[Sensitivity],
        (command, why): (&str, &str),
        at: Timestamp,
    ) -> Result<Admitted, Failure> {
        let admitted = self.admit(reveal, (command, why), at).await?;
        match admitted.reads_everything(&unit) {
            true => Ok(admitted.within(unit)),
            false => Err(Failure::new(
                format!(
                    "“{}”的岗位不能查看 {unit} 的全部登记，不能核算",
                    admitted.who
                ),
                format!(
                    "no post of “{}” reads everything of {unit}, which answers and figures are made of",
                    admitted.who
                ),
            )),
        }
    }

    /// What the person at this computer may import into a unit's book. Before there is any book they may open the first.
    pub async fn grant_for_import(&self, unit: UnitCode, why: &str) -> Result<Grant, Failure> {
        if self.ledger.books().await?.is_empty() {
            return Ok(Grant::whole(&self.who, unit, why));
        }
        let who = Caller {
            name: &self.who,
            root: self.root().await?,
        };
        Ok(self.tables.grant(&who, today(), why).await?.within(unit))
    }

    /// The one of some things of the pack that somebody means, by id, name or synonym. If nothing is called so, it is also told how
    /// all of the kind are listed.
    pub fn named<'p, T: Named>(
        &self,
        asked: &str,
        (all, kind): (&'p [T], Kind),
    ) -> Result<&'p T, Failure> {
        pack::named(asked, all).map_err(|fault| self.told(fault, kind))
    }

    /// A field of a record, written `REGISTER.RECORD.FIELD` by ids or names; none if it isn't written so.
    pub fn place(&self, text: &str) -> Result<Option<ValuePlace>, Failure> {
        let text = kernel::normal(text);
        let Some((register, rest)) = text.split_once('.') else {
            return Ok(None);
        };
        let Some((Ok(record), field)) =
            (rest.split_once('.')).map(|(record, field)| (record.parse().map(RecordId), field))
        else {
            return Ok(None);
        };
        let register = self.named(register, (&self.pack.registers, Kind::Registers))?;
        let field = pack::named(field, &register.fields);
        let field = field.map_err(|fault| self.told(fault, Kind::Fields))?;
        Ok(Some(ValuePlace {
            register: register.id.clone(),
            record,
            field: field.id.clone(),
        }))
    }

    /// Why a name leads to no one thing, and how all of a kind are listed if they aren't told.
    pub fn told(&self, fault: NameFault, kind: Kind) -> Failure {
        let more = matches!(&fault, NameFault::Unknown { there, .. } if there.is_empty());
        let (pack, kind) = (pack_folder(&self.dir), kind.id());
        let list = format!("taizhang pack list {} --kind {kind}", pack.display());
        match more {
            true => Failure::from(fault).and(
                &format!("\n全部列出：{list}"),
                &format!("\nAll of them: {list}"),
            ),
            false => fault.into(),
        }
    }

    /// The unit that somebody means, by its code, of which there may be no book yet, or by its name on a day.
    pub async fn unit(&self, asked: &str, on: Date) -> Result<UnitCode, Failure> {
        let typed = kernel::normal(asked);
        let code = match typed.parse() {
            Ok(code) => return Ok(code),
            Err(fault) => fault,
        };
        match office(self, on, now).await?.unit_called(asked, on).await {
            // Digits are a code that isn't written as it must be.
            Err(OfficeError::Name(_)) if typed.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(code.into())
            }
            found => Ok(found?),
        }
    }

    /// The unit that somebody means, by its code or its name on a day, which has books, or one below it has.
    pub async fn known(&self, asked: &str, on: Date) -> Result<UnitCode, Failure> {
        let unit = self.unit(asked, on).await?;
        let books = self.ledger.books().await?;
        if books.iter().any(|book| unit.contains(&book.unit)) {
            return Ok(unit);
        }
        office(self, on, now).await?.unit_called(asked, on).await?;
        Err(Failure::new(
            format!("单位 {asked} 还没有台账簿"),
            format!("the unit {asked} has no book yet"),
        ))
    }
}

/// Where the pack of a ledger lies.
pub fn pack_folder(dir: &Path) -> PathBuf {
    dir.join("pack")
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
