//! What a file as a whole comes to, after its rows: questions that are left, people who have left, that the list came in, and
//! what was said of its headings. It adds to the plan and writes nothing itself.

use std::path::Path;

use ledger::LedgerError;
use pack::Value;

use super::{Checked, Run, name_of};
use crate::outcome::RowOutcome;
use crate::plan::{Absent, Before, Plan, Verdict, set};
use crate::question::Question;

impl Run<'_> {
    /// What the file as a whole comes to: what is left to ask, who has left, and that the list came in.
    pub(super) async fn conclude(
        &self,
        path: &Path,
        checked: &Checked,
        results: &[RowOutcome],
        plan: &mut Plan<'_>,
    ) -> Result<Absent, LedgerError> {
        let Some(people) = &self.script.people else {
            return Ok(Absent::default());
        };
        let name = name_of(path);
        let questions: Vec<Question> = (plan.people.iter())
            .flat_map(|word| &word.recognised.questions)
            .map(|(_, question)| Question {
                place: (name.clone(), question.place.1),
                ..question.clone()
            })
            .collect();
        for question in questions {
            plan.put(people.question_at, None, &question.body(people.question));
        }
        let digest = checked.rows.digest();
        let not = |verdict| {
            matches!(
                verdict,
                Verdict::Rejected | Verdict::Skipped | Verdict::Repeated
            )
        };
        let rows = results.iter().filter(|row| !not(row.verdict)).count();
        if rows == 0 {
            return Ok(Absent::default());
        }
        let before = self
            .ledger
            .records(self.request.unit, &people.delivery.id)
            .await?;
        let decoded = |found: &ledger::Found| people.delivery.decode(&found.body).ok();
        let field = |body: &pack::Record, id: &str| {
            people
                .delivery
                .field(id)
                .and_then(|(at, _)| body[at].clone())
        };
        let same = |body: &pack::Record, id: &str, wanted: &Value| {
            field(body, id).as_ref() == Some(wanted)
        };
        let (roster, digest) = (Value::Text(people.roster.clone()), Value::Text(digest));
        let on = Value::Date(self.request.on);
        let mut known = None;
        let mut other = Before::default();
        for found in before.into_iter().filter(|found| !found.closed) {
            let Some(body) = decoded(&found).filter(|body| same(body, "roster", &roster)) else {
                continue;
            };
            if same(&body, "digest", &digest) {
                known = Some(found);
            } else {
                other.same_day |= same(&body, "of", &on);
                let of = field(&body, "of").and_then(|of| of.as_date());
                other.later |= of.is_some_and(|of| of > self.request.on);
            }
        }
        let absent = plan
            .leave(self.ledger, &checked.rows, self.request.absence, other)
            .await?;
        // A list that came before and changes nothing leaves no trace.
        if known.is_some() && plan.marks.is_empty() {
            return Ok(absent);
        }
        let mut body = vec![None; people.delivery.fields.len()];
        for (id, value) in [
            ("roster", roster),
            ("digest", digest),
            ("of", on),
            ("file", Value::Text(name)),
            ("rows", Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))),
        ] {
            set(people.delivery, &mut body, id, value);
        }
        let changes = known
            .as_ref()
            .is_none_or(|found| decoded(found).as_ref() != Some(&body));
        if changes {
            plan.put(people.delivery_at, known, &body);
        }
        Ok(absent)
    }
}
