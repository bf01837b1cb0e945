//! Whose word counts. A field may name the senders whose word is authoritative; what such a one says stands before what others
//! say, and among equals the later word. Nothing here decides that, the tables do; it is told what will come of it.

use std::cmp::Reverse;

use jiff::civil::Date;
use kernel::date::to_days;
use kernel::{RecordId, Sensitivity};
use ledger::fold::is_stale;
use linkage::{Comparator, Likeness, level};
use pack::{Field, Text, Value};

use super::{RowPlan, alike};
use crate::claims::Claim;
use crate::finding::Finding;
use crate::script::Step;

/// What becomes of a value that differs from the one that stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody whose word counts as much says otherwise.
    Free,
    /// It has been said before and didn't stand then, or it is only spelt otherwise.
    Repeated,
    /// This sender's word counts more.
    Yields(Text),
    /// This sender says otherwise, but its word counts less.
    Outranks(Text),
    /// This sender's word counted more, but it is of this day and stale by now.
    Stale(Text, Date),
    /// This sender's word counts as much, and is of the same day.
    Contested {
        /// Who says otherwise.
        source: Text,
        /// Whether this list's value stands until somebody decides.
        stands: bool,
    },
}

impl RowPlan<'_> {
    /// What becomes of a value that is said of a field of a record, beside what is said of it on a day.
    pub(super) fn hear(
        &self,
        step: &Step<'_>,
        (record, day): (RecordId, Date),
        at: usize,
        given: &Value,
    ) -> Heard {
        let (field, own, on) = (
            &step.register.fields[at],
            self.setting.voice,
            self.setting.on,
        );
        let Some(shelf) = self.shelf(step.register_at) else {
            return Heard::Free;
        };
        let heard = shelf.ranked(record, at, day);
        let Some((best, value)) = heard.first() else {
            return Heard::Free;
        };
        let stale = |as_of: Date| {
            (field.stale).is_some_and(|months| is_stale(to_days(as_of), months, to_days(on)))
        };
        let order = |sender: &str, as_of| {
            let rank = rank(field, sender);
            let counts = if stale(as_of) { usize::MAX } else { rank };
            (counts, Reverse(as_of), rank)
        };
        let ours = order(&own.sender, on);
        let theirs = order(&best.voice.sender, best.as_of);
        let same = |value: &Option<Value>| {
            alike(field, value.as_ref(), given) || same_door(field, value.as_ref(), given)
        };
        let repeats = heard
            .iter()
            .any(|(say, value)| say.voice == *own && same(value));
        // What this list has said as of this day was corrected since by another of the same sender.
        let corrected = theirs == ours && best.voice != *own && best.voice.speaks_as(own);
        let mut own_before = heard
            .iter()
            .filter(|(say, _)| say.voice == *own && say.as_of == on);
        let corrected = corrected && own_before.any(|(_, value)| same(value));
        if theirs < ours && (repeats || best.voice == *own) || corrected || same(value) {
            return Heard::Repeated;
        }
        if theirs < ours {
            return Heard::Yields(self.name(&best.voice.sender));
        }
        let equal = (heard.iter()).filter(|(say, _)| {
            !say.voice.speaks_as(own) && order(&say.voice.sender, say.as_of) == ours
        });
        if let Some((say, _)) = equal.clone().find(|(_, value)| !same(value)) {
            return Heard::Contested {
                source: self.name(&say.voice.sender),
                stands: equal.map(|(say, _)| &say.voice).min() > Some(own),
            };
        }
        let source = || self.name(&best.voice.sender);
        match theirs.0 > ours.0 && best.voice != *own {
            true if theirs.2 < ours.2 => Heard::Stale(source(), best.as_of),
            true if theirs.2 > ours.2 => Heard::Outranks(source()),
            _ => Heard::Free,
        }
    }

    /// Whether a value that is said of a record will stand in a field where another stands now.
    pub(crate) fn will_stand(
        &self,
        register: &str,
        record: RecordId,
        at: usize,
        given: &Value,
    ) -> bool {
        let mut steps = self.setting.script.writes.iter();
        let step = steps.find(|step| step.register.id == register);
        step.is_none_or(
            |step| match self.hear(step, (record, self.setting.on), at, given) {
                Heard::Free | Heard::Outranks(_) | Heard::Stale(..) => true,
                Heard::Contested { stands, .. } => stands,
                Heard::Repeated | Heard::Yields(_) => false,
            },
        )
    }

    /// Of a field that has the value a claim says: who said otherwise since this list last did, though their word counts less.
    pub(crate) fn outranked(&self, claim: &Claim, at: usize) -> Option<Finding> {
        let record = self.slots.get(claim.slot).found?;
        let register = self.register_of(claim.slot);
        let field = &register.fields[at];
        let body = self.claims.body(claim);
        let given = self.resolved(field, body[at].as_ref()?);
        let own = self.setting.voice;
        let shelf = self.shelf(usize::from(self.slots.get(claim.slot).register_at))?;
        let heard = shelf.ranked(record, at, self.setting.on);
        let same = |value: &Option<Value>| {
            alike(field, value.as_ref(), &given) || same_door(field, value.as_ref(), &given)
        };
        let last = heard.iter().find(|(say, _)| say.voice == *own);
        let since = last.map(|(say, _)| say.as_of);
        let (_, stands) = heard.first()?;
        let (say, _) = heard.iter().filter(|_| same(stands)).find(|(say, value)| {
            !same(value)
                && rank(field, &say.voice.sender) > rank(field, &own.sender)
                && since.is_none_or(|since| say.as_of > since)
        })?;
        Some(Finding::Outranks {
            field: Box::new(field.name.clone()),
            source: Box::new(self.name(&say.voice.sender)),
        })
    }

    /// The name of a sender.
    fn name(&self, sender: &str) -> Text {
        let senders = self.setting.script.pack.code("source");
        let member = senders.and_then(|list| list.member(sender));
        member.map_or_else(|| Text::new(sender, sender), |member| member.name.clone())
    }
}

/// Whether what one sender says of a field as of a day counts more than what another said, on a day; of equals the later.
pub(crate) fn counts_more(
    field: &Field,
    (sender, as_of): (&str, Date),
    (other, other_as_of): (&str, Date),
    on: Date,
) -> bool {
    let counts = |sender: &str, as_of: Date| {
        let is_stale = |months| is_stale(to_days(as_of), months, to_days(on));
        match field.stale.is_some_and(is_stale) {
            true => usize::MAX,
            false => rank(field, sender),
        }
    };
    (counts(sender, as_of), Reverse(as_of)) <= (counts(other, other_as_of), Reverse(other_as_of))
}

/// Where a sender stands among those whose word counts for a field; all that it doesn't name stand behind them.
fn rank(field: &Field, sender: &str) -> usize {
    let place = field.authority.iter().position(|word| word == sender);
    place.unwrap_or(field.authority.len())
}

/// Whether two addresses are the same door, spelt in two ways.
pub(crate) fn same_door(field: &Field, said: Option<&Value>, given: &Value) -> bool {
    let Some(said) = said.filter(|_| field.sensitivity == Sensitivity::Address) else {
        return false;
    };
    matches!(
        level(Comparator::Address, &said.to_string(), &given.to_string()),
        Likeness::Equal | Likeness::Door
    )
}
