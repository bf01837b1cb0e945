//! The fold against a naive restatement of what words come to: sets of days instead of spans, one rule after the other.

use ledger::fold::{Assertion, Does, EVER, Missing, NEVER, Rules, at_last, contenders, fold};
use pack::{Exists, FieldSet, Holds};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The days looked at; the first stands for ever, the last for never.
const DAYS: std::ops::RangeInclusive<i32> = -1..=12;
const HOLDS: [Holds; 4] = [Holds::Since, Holds::Seen, Holds::Back, Holds::Ever];
const VOICES: u32 = 3;
/// What a day of the naive restatement is for the fold: as many months later as days, and never one more.
const MONTH: i32 = 31;

fn days(from: i32, until: i32) -> BTreeSet<i32> {
    DAYS.filter(|day| from <= *day && *day < until).collect()
}

/// The spans of one voice, each as the set of its days: one that has the last day is open.
fn spans(rules: &Rules, all: &[Assertion], absences: &[Missing], voice: u32) -> Vec<BTreeSet<i32>> {
    type Order = (i32, i64, bool, u32);
    let mut seen: Vec<(Order, Option<&Assertion>)> = Vec::new();
    for a in all {
        let tells_until = a.does == Does::Tells && a.until != NEVER;
        if a.does == Does::Ends || tells_until || (a.does == Does::There && a.voice == voice) {
            seen.push(((a.as_of, a.commit, a.double, a.word), Some(a)));
        }
    }
    for absence in absences.iter().filter(|_| rules.exists == Exists::Back) {
        if absence.voice == voice {
            seen.push(((absence.as_of, absence.commit, false, 0), None));
        }
    }
    seen.sort_by_key(|(order, _)| *order);
    let mut spans: Vec<BTreeSet<i32>> = Vec::new();
    for ((as_of, ..), what) in seen {
        let open = spans.last().is_some_and(|span| span.contains(DAYS.end()));
        let ended = spans
            .last()
            .and_then(|span| span.last())
            .map(|last| last + 1);
        let cut = match what {
            None => Some(as_of),
            Some(a) if a.does == Does::Ends => Some(a.from.unwrap_or(as_of)),
            Some(a) if a.does == Does::Tells => Some(a.until),
            Some(a) if open && a.until != NEVER => Some(a.until),
            Some(a) if !open && ended.is_some_and(|ended| a.until <= ended) => Some(a.until),
            _ => None,
        };
        let a = what.filter(|a| a.does == Does::There);
        if let Some(day) = cut {
            let last = spans.last_mut().map(|span| span.retain(|on| *on < day));
            if last.is_some() && spans.last().is_some_and(BTreeSet::is_empty) {
                spans.pop();
            }
        } else if let Some(a) = a.filter(|_| !open) {
            let ever = if rules.exists == Exists::Ever {
                EVER
            } else {
                as_of
            };
            // Said from several days at once it is there since the first that had come.
            let same = |b: &&Assertion| {
                (b.does, b.voice, b.as_of, b.commit) == (a.does, a.voice, a.as_of, a.commit)
                    && (b.double, b.until) == (a.double, a.until)
            };
            let first = all.iter().filter(same).filter_map(|b| b.from);
            let mut first: Vec<i32> = first.filter(|day| *day <= as_of).collect();
            first.extend(a.from);
            let from = match (ended, first.into_iter().min()) {
                (None, from) => from.unwrap_or(ever),
                (Some(ended), Some(from)) if from >= ended => from,
                // Back after an end: since the day it is said.
                (Some(ended), _) => as_of.max(ended),
            };
            spans.push(days(from, a.until));
            if spans.last().is_some_and(BTreeSet::is_empty) {
                spans.pop();
            }
        }
    }
    spans
}

/// The first day on which the record has been there without a break by some voice, if it is.
fn since(rules: &Rules, all: &[Assertion], absences: &[Missing], on: i32) -> Option<i32> {
    let spans = (0..VOICES).flat_map(|voice| spans(rules, all, absences, voice));
    let own = spans.filter(|span| span.contains(&on));
    own.filter_map(|span| span.first().copied()).min()
}

/// Whether an assertion says its field on a day, forward from its own day.
fn holds(rules: &Rules, field: usize, a: &Assertion, absences: &[Missing], on: i32) -> bool {
    let from = a.from.unwrap_or(a.as_of);
    let start = match (a.does, rules.holds[field]) {
        (Does::Corrects, _) => a.from.unwrap_or(EVER),
        (_, Holds::Ever) => EVER,
        (_, Holds::Since) => from,
        (_, Holds::Seen | Holds::Back) => from.max(a.as_of),
    };
    start <= on && !ended(rules, a, absences, on)
}

fn ended(rules: &Rules, a: &Assertion, absences: &[Missing], on: i32) -> bool {
    let drops = |absence: &Missing| {
        absence.voice == a.voice && a.as_of < absence.as_of && absence.as_of <= on
    };
    on >= a.until || (rules.exists == Exists::Back && absences.iter().any(drops))
}

fn rank(rules: &Rules, field: usize, a: &Assertion) -> u8 {
    rules.ranks[field][a.voice as usize]
}

/// The words for a field on a day between which only who speaks decides: of each speaker the last recorded, of that what holds from the
/// last day, by speaker.
fn equals(
    rules: &Rules,
    all: &[Assertion],
    absences: &[Missing],
    field: usize,
    on: i32,
) -> Vec<u32> {
    let speak: Vec<&Assertion> = all
        .iter()
        .filter(|a| a.fields.has(field) && a.does != Does::Ends)
        .collect();
    let mut left: Vec<&Assertion> = speak
        .iter()
        .copied()
        .filter(|a| holds(rules, field, a, absences, on))
        .collect();
    let backward = left.is_empty() && rules.holds[field] == Holds::Back;
    if backward {
        left = speak;
        left.retain(|a| a.from.unwrap_or(EVER) <= on && !ended(rules, a, absences, on));
        // One that names a day between is neither before nor after its own.
        left.retain(|a| a.does != Does::Corrects || a.from.is_some());
    }
    let keep = |left: &mut Vec<&Assertion>, key: &dyn Fn(&Assertion) -> i64| {
        let best = left.iter().map(|a| key(a)).min();
        left.retain(|a| Some(key(a)) == best);
    };
    if backward {
        keep(&mut left, &|a| i64::from(a.as_of));
    }
    let old = |a: &Assertion| {
        let age = on - a.as_of;
        !backward && rules.stale[field].is_some_and(|months| age >= i32::from(months))
    };
    keep(&mut left, &|a| {
        let rank = i64::from(rank(rules, field, a));
        if old(a) { i64::from(u8::MAX) } else { rank }
    });
    if rules.holds[field] == Holds::Ever {
        keep(&mut left, &|a| i64::from(a.double));
    }
    keep(&mut left, &|a| -i64::from(a.as_of));
    keep(&mut left, &|a| i64::from(rank(rules, field, a)));
    keep(&mut left, &|a| i64::from(a.does != Does::Corrects));
    keep(&mut left, &|a| i64::from(a.double));
    let last = |speaker: u32| {
        let speaks = |a: &&Assertion| rules.speakers[a.voice as usize] == speaker;
        let mut own: Vec<&Assertion> = left.iter().copied().filter(speaks).collect();
        keep(&mut own, &|a| -a.commit);
        keep(&mut own, &|a| -i64::from(a.from.unwrap_or(a.as_of)));
        keep(&mut own, &|a| -i64::from(a.word));
        own.first().map(|a| a.word)
    };
    (0..VOICES).filter_map(last).collect()
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        6 => Just(Does::There),
        2 => Just(Does::Tells),
        2 => Just(Does::Corrects),
        1 => Just(Does::Ends),
    ]
}

fn assertion() -> impl Strategy<Value = Assertion> {
    let until = prop_oneof![3 => Just(NEVER), 1 => 0..11_i32];
    let named = prop::option::of(0..10_i32);
    (
        0..16_u64,
        named,
        until,
        0..8_i32,
        0..VOICES,
        1..5_i64,
        does(),
        any::<bool>(),
    )
        .prop_map(
            |(fields, from, until, as_of, voice, commit, does, double)| Assertion {
                word: 0,
                fields: FieldSet(fields),
                from,
                until,
                as_of,
                voice,
                commit,
                does,
                double,
            },
        )
}

fn absence() -> impl Strategy<Value = Missing> {
    (0..VOICES, 0..10_i32, 1..5_i64).prop_map(|(voice, as_of, commit)| Missing {
        voice,
        as_of,
        commit,
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let ranks = prop::collection::vec(prop::collection::vec(0..2_u8, VOICES as usize), 4);
    let stale = prop::collection::vec(prop::option::of(1..3_u16), 4);
    let same = prop::array::uniform2(any::<bool>());
    (any::<bool>(), ranks, stale, same).prop_map(|(ever, ranks, stale, same)| Rules {
        exists: if ever { Exists::Ever } else { Exists::Back },
        holds: HOLDS.to_vec(),
        // Whether the second voice is of the speaker of the first, and the third of that of the second.
        speakers: match same {
            [true, true] => vec![0, 0, 0],
            [true, false] => vec![0, 0, 2],
            [false, true] => vec![0, 1, 1],
            [false, false] => vec![0, 1, 2],
        },
        ranks,
        stale,
        newest: NEVER,
    })
}

fn all() -> impl Strategy<Value = Vec<Assertion>> {
    prop::collection::vec(assertion(), 0..8).prop_map(|mut all| {
        for (word, a) in (1..).zip(&mut all) {
            a.word = word;
        }
        all
    })
}

/// The same with a month for a day.
fn in_months(all: &[Assertion], absences: &[Missing]) -> (Vec<Assertion>, Vec<Missing>) {
    let scaled = |day: i32| if day == NEVER { NEVER } else { day * MONTH };
    let all = all.iter().map(|a| Assertion {
        from: a.from.map(scaled),
        until: scaled(a.until),
        as_of: scaled(a.as_of),
        ..*a
    });
    let absences = absences.iter().map(|a| Missing {
        as_of: scaled(a.as_of),
        ..*a
    });
    (all.collect(), absences.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn what_words_come_to_is_what_the_days_say(
        rules in rules(),
        all in all(),
        absences in prop::collection::vec(absence(), 0..3),
    ) {
        let (said, missing) = in_months(&all, &absences);
        for on in 0..*DAYS.end() {
            let folded = fold(&rules, &said, &missing, on * MONTH);
            let naive = since(&rules, &all, &absences, on);
            let since = folded.since.map(|day| (day.max(-MONTH)) / MONTH);
            prop_assert_eq!(since, naive, "on {}", on);
            for field in 0..HOLDS.len() {
                let found = folded.stands[field].map(|at| all[at as usize].word);
                let equals = equals(&rules, &all, &absences, field, on);
                let naive = naive.and_then(|_| equals.first().copied());
                prop_assert_eq!(found, naive, "field {} on {}", field, on);
                let contenders = contenders(&rules, &said, &missing, field, on * MONTH).into_iter();
                let contenders: Vec<u32> = contenders.map(|at| all[at as usize].word).collect();
                prop_assert_eq!(contenders, equals, "field {} on {}", field, on);
            }
        }
    }

    #[test]
    fn the_order_in_which_assertions_are_given_changes_nothing(
        rules in rules(),
        all in all(),
        absences in prop::collection::vec(absence(), 0..3),
        on in 0..12_i32,
    ) {
        let mut turned = all.clone();
        turned.reverse();
        let words = |given: &[Assertion]| {
            let folded = fold(&rules, given, &absences, on);
            let word = |at: Option<u32>| at.map(|at| given[at as usize].word);
            (folded.since, folded.stands.into_iter().map(word).collect::<Vec<_>>())
        };
        prop_assert_eq!(words(&all), words(&turned));
    }
}

#[test]
fn authority_that_is_stale_counts_no_more_against_what_is_newer() {
    let day = |text: &str| kernel::date::to_days(text.parse().unwrap());
    let said = |word, voice, as_of: &str| Assertion {
        word,
        fields: FieldSet(1),
        from: None,
        until: NEVER,
        as_of: day(as_of),
        voice,
        commit: i64::from(word),
        does: Does::There,
        double: false,
    };
    let mut rules = Rules {
        exists: Exists::Back,
        holds: vec![Holds::Seen],
        speakers: vec![0, 1, 2],
        ranks: vec![vec![0, 1, 2]],
        stale: vec![Some(24)],
        newest: day("2026-05-31"),
    };
    // The resident in May, the police twice after, and a health list of one day with the police's last.
    let all = [
        said(1, 0, "2024-05-31"),
        said(2, 1, "2025-01-10"),
        said(3, 1, "2025-06-01"),
        said(4, 2, "2025-06-01"),
    ];
    let stands = |rules: &Rules, on: i32| {
        let at = fold(rules, &all, &[], on).stands[0].unwrap() as usize;
        all[at].word
    };
    assert_eq!(stands(&rules, day("2026-05-30")), 1);
    assert_eq!(stands(&rules, day("2026-05-31")), 3);
    // All stale: the newest stands, and of one day the one of more authority; nobody has to be asked.
    assert_eq!(stands(&rules, day("2030-01-01")), 3);
    assert_eq!(contenders(&rules, &all, &[], 0, day("2030-01-01")), [2]);
    // At last is as of the newest day of which anything was said.
    assert_eq!(stands(&rules, at_last()), 3);
    rules.newest = day("2026-05-30");
    assert_eq!(stands(&rules, at_last()), 1);
    rules.stale = vec![None];
    assert_eq!(stands(&rules, day("2030-01-01")), 1);
}

#[test]
fn of_one_speaker_the_last_recorded_stands_whatever_list_it_was() {
    let said = |word: u32, voice, commit, from| Assertion {
        word,
        fields: FieldSet(1),
        from,
        until: NEVER,
        as_of: 100,
        voice,
        commit,
        does: Does::There,
        double: false,
    };
    let rules = Rules {
        exists: Exists::Ever,
        holds: vec![Holds::Since],
        speakers: vec![0, 0, 2],
        ranks: vec![vec![u8::MAX; 3]],
        stale: vec![None],
        newest: 100,
    };
    let stands = |all: &[Assertion], on| {
        let at = fold(&rules, all, &[], on).stands[0];
        at.map(|at| all[at as usize].word)
    };
    // Two lists of one sender: nobody is asked, and the later corrects the earlier, whichever list has the smaller name.
    let lists = [said(1, 1, 1, None), said(2, 0, 2, None)];
    assert_eq!(stands(&lists, 100), Some(2));
    assert_eq!(contenders(&rules, &lists, &[], 0, 100), [1]);
    let lists = [said(1, 0, 1, None), said(2, 1, 2, None)];
    assert_eq!(stands(&lists, 100), Some(2));
    assert_eq!(contenders(&rules, &lists, &[], 0, 100), [1]);
    // Another sender is asked about.
    let lists = [said(1, 2, 1, None), said(2, 1, 2, None)];
    assert_eq!(stands(&lists, 100), Some(2));
    assert_eq!(contenders(&rules, &lists, &[], 0, 100), [1, 0]);
    // What one list says from two days holds from each, in whatever order it was put down.
    for all in [
        [said(1, 0, 1, Some(10)), said(2, 0, 1, Some(60))],
        [said(2, 0, 1, Some(60)), said(1, 0, 1, Some(10))],
        [said(7, 0, 1, Some(10)), said(2, 0, 1, Some(60))],
    ] {
        assert_eq!(stands(&all, 60), Some(2));
        assert_ne!(stands(&all, 59), Some(2));
        assert_eq!(fold(&rules, &all, &[], 60).since, Some(10));
        assert_eq!(stands(&all, 9), None);
    }
}
