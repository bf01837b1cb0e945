//! What can go wrong when a town is written.

use std::path::PathBuf;

use jiff::civil::Date;
use kernel::Lang;

use crate::Wish;

/// Why a town could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum TownError {
    /// Too few or too many people.
    #[error("{}", self.message(Lang::En))]
    People(u32),
    /// A day too far from today's programmes.
    #[error("{}", self.message(Lang::En))]
    On(Date),
    /// A file or folder could not be written.
    #[error("{}", self.message(Lang::En))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A workbook could not be made.
    #[error("{}", self.message(Lang::En))]
    Workbook {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<rust_xlsxwriter::XlsxError>,
    },
}

impl TownError {
    /// For the user.
    pub fn message(&self, lang: Lang) -> String {
        let (fewest, most) = (Wish::FEWEST, Wish::MOST);
        match (self, lang) {
            (Self::People(people), Lang::Zh) => {
                format!("无法生成{people}人的街道；人数请填{fewest}至{most}。")
            }
            (Self::People(people), Lang::En) => {
                format!("cannot make a town of {people} people; ask for {fewest} to {most}")
            }
            (Self::On(on), Lang::Zh) => {
                format!("无法生成{on}的街道；日期请填2025-07-01至2029-12-31。")
            }
            (Self::On(on), Lang::En) => {
                format!("cannot make a town of {on}; ask for a day from 2025-07-01 to 2029-12-31")
            }
            (Self::Write { path, source }, Lang::Zh) => {
                format!(
                    "无法写入 {}：{source}。请检查目录权限和磁盘空间。",
                    path.display()
                )
            }
            (Self::Write { path, source }, Lang::En) => {
                format!(
                    "cannot write {}: {source}; check the folder's permissions and the space on the disk",
                    path.display()
                )
            }
            (Self::Workbook { path, source }, Lang::Zh) => {
                format!("无法生成工作簿 {}：{source}。", path.display())
            }
            (Self::Workbook { path, source }, Lang::En) => {
                format!("cannot make the workbook {}: {source}", path.display())
            }
        }
    }
}
