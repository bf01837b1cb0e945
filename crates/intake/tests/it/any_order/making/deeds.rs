//! What is done with the lists: they are sent, some of them again; people are merged; any of it is taken back.

use std::collections::BTreeSet;

use super::Maker;
use crate::any_order::histories::{Deed, History, units};

impl Maker {
    /// The lists, and what else is done: sent again, merged, taken back.
    pub(super) fn into_history(mut self) -> History {
        let mut history = History::default();
        history.deeds.push(units());
        history.deeds.extend(self.lists.drain(..).map(Deed::List));
        let lists = history.deeds.len();
        if lists > 1 {
            self.again(&mut history, lists);
            let taken_back = self.taken_back(&mut history, lists);
            self.merged(&mut history, &taken_back);
        }
        for nth in 1..history.deeds.len() {
            history.after.insert((nth, 0));
        }
        history
    }

    /// Lists that come twice: the same file, or its rows in another order.
    fn again(&mut self, history: &mut History, lists: usize) {
        for _ in 0..self.dice.below(3) {
            let mut deed = history.deeds[1 + self.dice.below(lists - 1)].clone();
            if let Deed::List(list) = &mut deed
                && self.dice.percent(50)
            {
                self.dice.shuffle(&mut list.rows);
            }
            history.deeds.push(deed);
        }
    }

    fn taken_back(&mut self, history: &mut History, lists: usize) -> BTreeSet<usize> {
        let mut taken_back = BTreeSet::new();
        for _ in 0..self.dice.below(4) {
            let of = 1 + self.dice.below(lists - 1);
            if !taken_back.insert(of) {
                continue;
            }
            let undo = history.deeds.len();
            history.deeds.push(Deed::Undo(of));
            history.after.insert((undo, of));
            // The same file sent twice: what is sent after the undo stands.
            for again in lists..undo {
                if history.deeds[again].same(&history.deeds[of]) {
                    history.after.insert((again, undo));
                }
            }
            // A list that was withdrawn may come in another version.
            if self.dice.percent(40)
                && let Deed::List(list) = &history.deeds[of]
            {
                let mut list = list.clone();
                if list.rows.len() > 1 {
                    list.rows.remove(self.dice.below(list.rows.len()));
                    let same = |deed: &Deed| matches!(deed, Deed::List(other) if (other.roster, other.unit, other.on) == (list.roster, list.unit, list.on));
                    if history.deeds.iter().filter(|deed| same(deed)).count() == 1 {
                        history.deeds.push(Deed::List(list));
                    }
                }
            }
        }
        taken_back
    }

    fn merged(&mut self, history: &mut History, taken_back: &BTreeSet<usize>) {
        for nth in 0..self.people.len() {
            let Some((_, alias)) = self.people[nth].alias.clone() else {
                continue;
            };
            let number = self.people[nth].number.clone();
            let on = |number: &str, standing: bool| -> Vec<usize> {
                let deeds = history.deeds.iter().enumerate();
                let lists = deeds.filter(|(nth, deed)| {
                    matches!(deed, Deed::List(list) if list.names(number))
                        && !(standing && taken_back.contains(nth))
                });
                lists.map(|(nth, _)| nth).collect()
            };
            if on(&number, true).is_empty() || on(&alias, true).is_empty() || self.dice.percent(25)
            {
                continue;
            }
            // Lists that name them come before the merge, between it and its taking back, or after both.
            let undone = self.dice.percent(40);
            let before = match self.dice.percent(50) {
                true => [on(&number, false), on(&alias, false)].concat(),
                false => vec![on(&number, true)[0], on(&alias, true)[0]],
            };
            let (kept, double) = if self.dice.percent(50) {
                (number, alias)
            } else {
                (alias, number)
            };
            let merge = history.deeds.len();
            history
                .after
                .extend(before.into_iter().map(|before| (merge, before)));
            history.deeds.push(Deed::Merge { kept, double });
            if undone {
                history.after.insert((history.deeds.len(), merge));
                history.deeds.push(Deed::Undo(merge));
            }
        }
    }
}
