//! Answers and lists of a day, kept true by asking again those whom a change concerns, and nobody else: the same plans over the rows
//! around them ([`Desk`]). What comes out is what the whole sweep would give.

use std::collections::BTreeSet;

use tables::{Relatives, Touched};

use crate::compare::{AllLists, compare_again};
use crate::error::ProgrammesError;
use crate::explain::Desk;
use crate::sweep::Sweep;

/// More people than this are asked sooner with all others.
const MOST: usize = 600;

/// The answers of a day and the lists made of them.
#[derive(Clone)]
pub struct Answers {
    /// Every answer.
    pub sweep: Sweep,
    /// The lists of each programme.
    pub lists: AllLists,
}

/// What a change does to the answers of a day.
pub enum Again {
    /// Nothing: it concerns nobody's.
    Same,
    /// Some people were asked again.
    Some(Answers),
    /// It concerns too many: everybody has to be asked.
    All,
}

impl Answers {
    /// The answers after some records came to stand otherwise; `before` and `after` are the rows around each person then and now.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn again(
        &self,
        desk: &mut Desk,
        (before, after): (&Relatives, &Relatives),
        touched: &Touched,
    ) -> Result<Again, ProgrammesError> {
        if !before.vouched().same_everywhere(after.vouched()) {
            return Ok(Again::All);
        }
        let changed = desk.reads().changed((before, after), touched)?;
        let otherwise = after.vouched().otherwise(before.vouched());
        if changed.iter().next().is_none() && otherwise.is_empty() {
            return Ok(Again::Same);
        }
        let mut concerned: BTreeSet<i64> = before.concerned(&changed);
        concerned.append(&mut after.concerned(&changed));
        // Who is vouched for otherwise concerns whoever is around them, too.
        for rows in [before, after] {
            concerned.extend(otherwise.iter().flat_map(|person| rows.beside(*person)));
        }
        if concerned.len() > MOST {
            return Ok(Again::All);
        }
        let rows = after.around_all(&concerned)?;
        let asked = desk.ask(rows.clone()).await?;
        let (sweep, own) = self.sweep.after(&asked, &concerned)?;
        let lists = compare_again(&self.lists, &own, &concerned, &rows)?;
        Ok(Again::Some(Self { sweep, lists }))
    }
}
