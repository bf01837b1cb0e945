//! Any order, one truth: random histories of a tiny town are carried out in random orders, and whatever the order, every day is as a
//! naive model of the lists that stand says. Sending everything again writes nothing, and what is taken back was never there.
//!
//! `ANY_ORDER_CASES` says how many histories, `ANY_ORDER_UNDOS` how many commits are taken back, `ANY_ORDER_SEED` from which seed on.
//! A failure prints the seed and the smallest history found that still fails.

mod doing;
mod hearing;
mod histories;
mod making;
mod model;
mod office;
mod registers;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;

use doing::Office;
use histories::{Deed, Dice, History};
use model::{Day, Model};

/// How many orders each history is carried out in.
const ORDERS: u64 = 3;
/// On how many days each is looked at.
const DAYS: usize = 8;

fn setting(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.and_then(|set| set.parse().ok()).unwrap_or(default)
}

/// Runs a check over seeds on all cores, and stops at the first that fails.
fn over_seeds(cases: u64, check: impl Fn(u64) + Sync) {
    let first = setting("ANY_ORDER_SEED", 0);
    let next = AtomicU64::new(first);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + cases {
                        break;
                    }
                    check(seed);
                }
            });
        }
    });
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

/// Where what is found differs from what should be.
fn differences(should: &Day, found: &Day) -> Vec<String> {
    let mut told = Vec::new();
    for (register, table) in should {
        let none = Default::default();
        let rows = found.get(register).unwrap_or(&none);
        let keys: BTreeSet<&String> = table.keys().chain(rows.keys()).collect();
        for key in keys {
            match (table.get(key), rows.get(key)) {
                (Some(should), None) => told.push(format!("{register} {key}: missing, {should:?}")),
                (None, Some(found)) => told.push(format!("{register} {key}: not so, {found:?}")),
                (Some(should), Some(found)) => {
                    let fields: BTreeSet<&&str> = should.keys().chain(found.keys()).collect();
                    for field in fields {
                        let (should, found) = (should.get(*field), found.get(*field));
                        if should != found && should.is_none_or(|should| should != model::ANY) {
                            told.push(format!(
                                "{register} {key}.{field}: {should:?}, found {found:?}"
                            ));
                        }
                    }
                }
                (None, None) => {}
            }
        }
    }
    told
}

/// The days to look at: some of those on which something changes, and days beside them.
fn days(model: &Model, dice: &mut Dice, most: usize) -> Vec<Date> {
    let mut days: Vec<Date> = model.turns().iter().copied().collect();
    dice.shuffle(&mut days);
    // Most of what happens is in the last year.
    days.sort_by_key(|day| day.year() < 2025);
    days.truncate(most);
    days.into_iter()
        .map(|day| {
            if dice.percent(80) {
                day
            } else {
                dice.around(day, 9)
            }
        })
        .collect()
}

/// Carries a history out in an order, and tells what is otherwise than it should be.
async fn carry_out(
    history: &History,
    order: &[usize],
    dice: &mut Dice,
    most: usize,
) -> Vec<String> {
    let model = Model::of(history);
    let mut office = Office::new().await;
    for nth in order {
        if let Err(told) = office.carry_out(history, *nth).await {
            return vec![format!("deed {nth}: {told}")];
        }
    }
    let named = office.named(&model).await;
    for on in days(&model, dice, most) {
        let found = office.day(&named, on).await;
        let told = differences(&model.day(on), &found);
        if !told.is_empty() {
            return told
                .into_iter()
                .map(|told| format!("{on}: {told}"))
                .collect();
        }
    }
    let day = |unread| Day::from([("unread", unread)]);
    let unread = day(office.unread(&named).await);
    let told = differences(&day(model.unread()), &unread);
    if !told.is_empty() {
        return told;
    }
    let commits = office.commits().await;
    for nth in history.stands() {
        if matches!(history.deeds[nth], Deed::List(_)) {
            let again = office.carry_out(history, nth).await;
            if again.is_err() || office.commits().await != commits {
                return vec![format!(
                    "deed {nth} was carried out again and wrote something: {again:?}"
                )];
            }
        }
    }
    Vec::new()
}

/// A history and an order in which it doesn't come out as it should, and what is otherwise.
struct Failure {
    history: History,
    order: Vec<usize>,
    told: Vec<String>,
}

/// Whether a history comes to the same in some random orders.
fn fails(history: &History, seed: u64) -> Option<Failure> {
    (0..ORDERS).find_map(|nth| {
        let mut dice = Dice::new(seed * 1_000 + nth);
        let order = history.order(&mut dice);
        let told = block_on(carry_out(history, &order, &mut dice, DAYS));
        (!told.is_empty()).then(|| Failure {
            history: history.clone(),
            order,
            told,
        })
    })
}

impl Failure {
    /// What fails in the same order with fewer deeds and rows.
    fn shrunk(mut self) -> Failure {
        let mut smaller = true;
        while smaller {
            smaller = false;
            for nth in 1..self.history.deeds.len() {
                let there = self.history.deeds[nth] != Deed::Nothing;
                smaller |= there && self.still(self.history.without(nth));
            }
        }
        for nth in 1..self.history.deeds.len() {
            let mut row = 0;
            while let Some(less) = self.history.without_row(nth, row) {
                row += usize::from(!self.still(less));
            }
        }
        self
    }

    /// Takes a smaller history, if it fails on any day, and not for want of somebody to merge.
    fn still(&mut self, less: History) -> bool {
        let mut dice = Dice::new(0);
        let told = block_on(carry_out(&less, &self.order, &mut dice, usize::MAX));
        let other = |told: &[String]| told.iter().any(|told| told.contains("nobody has"));
        if told.is_empty() || other(&told) && !other(&self.told) {
            return false;
        }
        (self.history, self.told) = (less, told);
        true
    }

    fn report(&self, seed: u64) -> ! {
        let Failure {
            history,
            order,
            told,
        } = self;
        let order = order
            .iter()
            .filter(|nth| history.deeds[**nth] != Deed::Nothing);
        let order: Vec<&usize> = order.collect();
        panic!(
            "seed {seed}, in the order {order:?}:\n{history}\n{}",
            told.join("\n")
        );
    }
}

/// What once went wrong, in many orders.
#[test]
fn histories_that_went_wrong() {
    let text = include_str!("went_wrong.txt");
    for case in text.split("\n\n").skip(1) {
        let history = History::read(case);
        for seed in 0..2 {
            if let Some(failure) = fails(&history, seed) {
                failure.report(seed);
            }
            block_on(taken_back(&history, seed));
        }
    }
}

#[test]
fn any_order_comes_to_the_same() {
    over_seeds(setting("ANY_ORDER_CASES", 40), |seed| {
        let history = making::history(seed);
        if let Some(failure) = fails(&history, seed) {
            failure.shrunk().report(seed);
        }
    });
}

#[test]
fn what_is_taken_back_was_never_there() {
    let done = AtomicU64::new(0);
    let cases = setting("ANY_ORDER_UNDOS", 60);
    over_seeds(cases, |seed| {
        if done.load(Ordering::Relaxed) < cases {
            let history = making::history(seed);
            done.fetch_add(block_on(taken_back(&history, seed)), Ordering::Relaxed);
        }
    });
}

/// Carries a history out, takes back each last commit of it now and then and does it again; how many were taken back.
async fn taken_back(history: &History, seed: u64) -> u64 {
    let mut dice = Dice::new(seed);
    let model = Model::of(history);
    let mut office = Office::new().await;
    let mut count = 0;
    for nth in history.order(&mut dice) {
        if matches!(history.deeds[nth], Deed::Undo(_)) || nth == 0 || dice.percent(50) {
            office.carry_out(history, nth).await.unwrap();
            continue;
        }
        let days = days(&model, &mut dice, 2);
        let before = office.everything(&days).await;
        let commits = office.commits().await;
        office.carry_out(history, nth).await.unwrap();
        if office.commits().await == commits {
            continue;
        }
        office.take_back(nth).await.unwrap();
        let after = office.everything(&days).await;
        let left: Vec<&String> = before.symmetric_difference(&after).collect();
        assert!(
            left.is_empty(),
            "seed {seed}: deed {nth} left {left:#?} in\n{history}"
        );
        count += 1;
        office.carry_out(history, nth).await.unwrap();
    }
    count
}
