//! Which facts a reader may see. Programmes are evaluated over everything, so their facts may carry what a grant masks in the
//! tables, such as health. A fact is as secret as the fields its query takes it from, and a computed fact as those it rests on.

use std::collections::BTreeSet;

use kernel::{Grant, Sensitivity};
use pack::{Fact, Pack, Subject};

use crate::question::reach;

/// The facts of a subject that the grant does not show.
#[must_use]
pub fn hidden_facts(pack: &Pack, subject: &Subject, grant: &Grant) -> BTreeSet<String> {
    let mut hidden = BTreeSet::new();
    for group in &subject.groups {
        let query = &group.sql.as_ref().unwrap_or(&subject.sql).text;
        let secret = secret_fields(pack, query, grant);
        if secret.is_empty() {
            continue;
        }
        for fact in &group.facts {
            if taken_from(query, &fact.id)
                .iter()
                .any(|name| secret.contains(name))
            {
                hidden.insert(fact.id.clone());
            }
        }
    }
    for fact in subject.computed_in_order() {
        let named = fact.sql.iter().flat_map(|sql| pack::mentions(&sql.text));
        let mut rests = named
            .map(|(name, _)| name)
            .chain(fact.rests.iter().cloned());
        if rests.any(|name| hidden.contains(&name)) || is_hidden_amount(pack, subject, fact, grant)
        {
            hidden.insert(fact.id.clone());
        }
    }
    hidden
}

/// Whether a fact sums what people are paid by rules that rest on what is hidden of them.
fn is_hidden_amount(pack: &Pack, subject: &Subject, fact: &Fact, grant: &Grant) -> bool {
    let programme = fact.amount_of.as_ref().and_then(|id| pack.programme(id));
    let Some(programme) = programme.filter(|programme| programme.subject != subject.id) else {
        return false;
    };
    let Some(of) = pack.subject(&programme.subject) else {
        return false;
    };
    let hidden = hidden_facts(pack, of, grant);
    let mut rests = BTreeSet::new();
    for sql in programme.conditions_sql().chain(programme.pays_sql()) {
        reach(of, sql, &mut rests);
    }
    !rests.is_disjoint(&hidden)
}

/// The names of masked fields of the registers that a query reads.
fn secret_fields(pack: &Pack, query: &str, grant: &Grant) -> BTreeSet<String> {
    let names = pack::identifiers(query);
    let read = pack
        .registers
        .iter()
        .filter(|register| names.iter().any(|(name, _)| *name == register.id));
    read.flat_map(|register| &register.fields)
        .filter(|field| field.sensitivity != Sensitivity::Open && !grant.reveals(field.sensitivity))
        .map(|field| field.id.clone())
        .collect()
}

/// The names that the column of a query is made of. Where a query has several selects, a name may have become another on
/// the way, so all names of the query count.
fn taken_from(sql: &str, column: &str) -> BTreeSet<String> {
    let all = pack::identifiers(sql);
    let every = || all.iter().map(|(name, _)| name.clone()).collect();
    if all.iter().filter(|(name, _)| name == "select").count() != 1 {
        return every();
    }
    let Some(at) = all.windows(2).find_map(|pair| match pair {
        [(word, before), (name, _)] if word == "as" && name == column => Some(before.start),
        _ => None,
    }) else {
        return BTreeSet::from([column.to_owned()]);
    };
    let Some(start) = expression_start(sql, at) else {
        return every();
    };
    all.iter()
        .filter(|(_, span)| start <= span.start && span.end <= at)
        .map(|(name, _)| name.clone())
        .collect()
}

/// Where the expression before a byte begins: after the comma or the `select` before it, outside parentheses. Nothing when
/// a string or comment makes that uncertain.
fn expression_start(sql: &str, end: usize) -> Option<usize> {
    let before = sql.get(..end)?;
    if before.contains("--") || before.contains("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, ch) in before.char_indices().rev() {
        match ch {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            ')' => depth += 1,
            '(' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::taken_from;

    fn names(sql: &str, column: &str) -> Vec<String> {
        taken_from(sql, column).into_iter().collect()
    }

    #[test]
    fn a_column_is_made_of_the_names_before_its_alias() {
        let sql = "select person as subject, max(case when x.person is null then 0 else x.grade end) as worst, count(*) as n from x";
        let worst = names(sql, "worst");
        assert!(worst.contains(&"grade".to_owned()));
        assert!(!worst.contains(&"subject".to_owned()));
        assert!(!names(sql, "n").contains(&"grade".to_owned()));
    }

    #[test]
    fn a_bare_column_is_made_of_itself() {
        assert_eq!(
            names("select id as subject, grade from x", "grade"),
            ["grade"]
        );
    }

    #[test]
    fn with_several_selects_every_name_counts() {
        let sql = "select s as subject, max(g) as worst from (select person as s, grade as g from x) group by s";
        assert!(names(sql, "worst").contains(&"grade".to_owned()));
    }
}
