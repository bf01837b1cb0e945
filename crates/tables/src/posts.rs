//! Who holds which post on a day, and the grant that follows from it. Posts are records like others; nothing but them gives a right, as
//! soon as the ledger has one. Before that its maker has every right, so that there can be a first.

use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{Grant, Post, RecordId, UnitCode};
use pack::Posts;

use crate::error::TablesError;
use crate::snapshot::Snapshot;
use crate::{Caller, Tables};

/// A post somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPost {
    /// Its record.
    pub record: RecordId,
    /// Who holds it.
    pub holder: String,
    /// The role.
    pub role: String,
    /// In which unit.
    pub unit: UnitCode,
    /// For whom, if somebody stands in.
    pub stands_in_for: Option<String>,
}

impl Snapshot {
    /// The posts held on a day, by holder.
    #[must_use]
    pub fn posts(&self, on: Date) -> Vec<HeldPost> {
        let Ok(contract) = self.pack.contract() else {
            return Vec::new();
        };
        let kept = &contract.posts;
        let Some(shelf) = self.shelf(&kept.register.id) else {
            return Vec::new();
        };
        // Of one register, without working out all others on the day.
        let records = self.records(&kept.register.id).into_iter();
        let mut posts: Vec<HeldPost> = records
            .filter_map(|record| {
                let stands = shelf.record(record, on)?;
                let text = |at: usize| stands.text(at).map(str::to_owned);
                Some(HeldPost {
                    record,
                    holder: text(kept.holder.at)?,
                    role: text(kept.role.at)?,
                    unit: stands.text(kept.unit.at)?.parse().ok()?,
                    stands_in_for: text(kept.stands_in_for.at),
                })
            })
            .collect();
        posts.sort_by(|one, other| {
            (&one.holder, &one.role, one.unit).cmp(&(&other.holder, &other.role, other.unit))
        });
        posts
    }

    /// Whether anybody ever held a post.
    #[must_use]
    pub fn is_founded(&self) -> bool {
        let kept: Option<&Posts> = self.pack.contract().ok().map(|contract| &contract.posts);
        kept.is_some_and(|kept| !self.records(&kept.register.id).is_empty())
    }
}

impl Tables {
    /// What somebody may read and write on a day, by the posts they hold. In a ledger that has no post yet: everything.
    ///
    /// # Errors
    /// They hold no post on the day; and whatever reading the ledger gives.
    pub async fn grant(&self, who: &Caller<'_>, on: Date, why: &str) -> Result<Grant, TablesError> {
        let standing = self.snapshot().await?;
        if !standing.is_founded() {
            return Ok(Grant::whole(who.name, who.root, why));
        }
        let own = holder(who.name);
        let posts = standing.posts(on).into_iter();
        let posts: Vec<HeldPost> = posts.filter(|post| holder(&post.holder) == own).collect();
        let Some(first) = posts.first() else {
            let holders = standing.posts(on).into_iter().map(|post| post.holder);
            let mut holders: Vec<String> = holders.collect();
            holders.dedup();
            return Err(TablesError::NoPost {
                who: who.name.to_owned(),
                holders,
            });
        };
        // One person is one name in the log, however it was typed this time.
        let name = first.holder.clone();
        let post = |held: HeldPost| {
            let role = self.pack().role(&held.role)?;
            Some(Post {
                unit: held.unit,
                rights: role.rights.clone(),
            })
        };
        Ok(Grant {
            who: name,
            why: why.to_owned(),
            posts: posts.into_iter().filter_map(post).collect(),
        })
    }
}
