//! What must hold for every value, tried on many.

use jiff::civil::Date;
use kernel::*;
use proptest::prelude::*;

fn dates() -> impl Strategy<Value = Date> {
    (1800_i16..=2200, 1_i8..=12, 1_i8..=31).prop_filter_map("no such day", |(year, month, day)| {
        Date::new(year, month, day).ok()
    })
}

fn periods() -> impl Strategy<Value = Period> {
    let years = || 1000_i16..=9998;
    prop_oneof![
        years().prop_map(Period::Year),
        (years(), 1_u8..=2).prop_map(|(year, half)| Period::Half(year, half)),
        (years(), 1_u8..=4).prop_map(|(year, quarter)| Period::Quarter(year, quarter)),
        (years(), 1_u8..=12).prop_map(|(year, month)| Period::Month(year, month)),
        (dates(), dates()).prop_map(|(a, b)| Period::Span {
            from: a.min(b),
            to: a.max(b)
        }),
    ]
}

/// Counts month by month, as a person with a calendar would.
fn months_counted(from: Date, to: Date) -> i32 {
    let mut months = 0;
    while age::add_months(from, months + 1) <= to {
        months += 1;
    }
    while age::add_months(from, months) > to {
        months -= 1;
    }
    months
}

proptest! {
    #[test]
    fn a_composed_number_is_read_back(region in 100_000_u32..=999_999, birth in dates(), order in 0_u16..=999) {
        let id = IdNumber::compose(&region.to_string(), birth, order).unwrap();
        prop_assert_eq!(IdNumber::read(id.as_str()), Ok((id, vec![])));
        prop_assert_eq!(id.birth(), birth);
        prop_assert_eq!(id.sex(), if order % 2 == 1 { Sex::Male } else { Sex::Female });
        let json = serde_json::to_string(&id).unwrap();
        prop_assert_eq!(serde_json::from_str::<IdNumber>(&json).unwrap(), id);
    }

    #[test]
    fn one_wrong_digit_never_passes(birth in dates(), order in 0_u16..=999, at in 0_usize..17, digit in 0_u8..=9) {
        let id = IdNumber::compose("210203", birth, order).unwrap();
        let mut bytes = id.as_str().as_bytes().to_vec();
        let wrong = b'0' + digit;
        prop_assume!(bytes[at] != wrong);
        bytes[at] = wrong;
        prop_assert!(IdNumber::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn two_neighbours_swapped_never_pass(birth in dates(), order in 0_u16..=999, at in 0_usize..16) {
        let id = IdNumber::compose("210203", birth, order).unwrap();
        let mut bytes = id.as_str().as_bytes().to_vec();
        prop_assume!(bytes[at] != bytes[at + 1]);
        bytes.swap(at, at + 1);
        prop_assert!(IdNumber::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn no_text_makes_a_reader_fail_otherwise_than_by_a_fault(text in ".{0,140}") {
        let _ = (IdNumber::read(&text), CreditCode::read(&text), text.parse::<UnitCode>(), text.parse::<Period>());
        let _ = (Fen::read(&text), date::read(&text), normal(&text));
    }

    #[test]
    fn no_mask_shows_more_than_half_of_a_number(text in "[0-9]{0,24}") {
        for kind in [Sensitivity::Phone, Sensitivity::Account] {
            let masked = mask::apply(kind, &text);
            prop_assert_eq!(masked.chars().count(), text.len());
            let hidden = masked.chars().filter(|ch| *ch == '*').count();
            prop_assert!(hidden >= text.len().min(4));
        }
    }

    #[test]
    fn no_mask_of_an_address_shows_a_digit_after_the_road(number in 1_u32..=9999, room in 1_u32..=9999) {
        let masked = mask::address(&format!("西岗区人民路{number}号{room}"));
        prop_assert_eq!(masked, "西岗区人民路***");
    }

    #[test]
    fn a_period_is_read_back_as_it_was_written(period in periods()) {
        prop_assert_eq!(period.to_string().parse::<Period>(), Ok(period));
        prop_assert!(period.start() <= period.end());
        prop_assert!(period.before() < period.start());
    }

    #[test]
    fn the_months_of_a_period_follow_each_other_and_cover_it(period in periods()) {
        let months = period.months();
        prop_assert!(months[0].contains(period.start()));
        prop_assert!(months[months.len() - 1].contains(period.end()));
        for pair in months.windows(2) {
            prop_assert_eq!(pair[0].end(), pair[1].before());
        }
    }

    #[test]
    fn a_period_begins_before_those_that_sort_after_it(a in periods(), b in periods()) {
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        prop_assert!(a > b || a.start() <= b.start());
    }

    #[test]
    fn full_months_are_those_that_can_be_stepped(from in dates(), to in dates()) {
        prop_assert_eq!(age::months_between(from, to), months_counted(from, to));
    }

    #[test]
    fn an_age_is_reached_on_the_day_that_many_years_later(birth in dates(), years in -10_i32..120, on in dates()) {
        prop_assert_eq!(age::full_years(birth, on) >= years, age::add_years(birth, years) <= on);
    }

    #[test]
    fn day_numbers_agree_with_the_calendar(date in dates(), days in -4_000_000_i32..3_000_000) {
        prop_assert_eq!(date::from_days(date::to_days(date)), Some(date));
        let epoch = Date::new(1970, 1, 1).unwrap();
        prop_assert_eq!(date::to_days(date), epoch.until(date).unwrap().get_days());
        if let Some(date) = date::from_days(days) {
            prop_assert_eq!(date::to_days(date), days);
        }
    }

    #[test]
    fn an_amount_is_read_back_from_its_figures(fen in any::<i64>()) {
        prop_assume!(fen != i64::MIN);
        prop_assert_eq!(Fen(fen).to_string().parse::<Fen>(), Ok(Fen(fen)));
    }

    #[test]
    fn working_days_reached_are_working_days_counted(from in dates(), n in -60_i64..60, off in proptest::collection::btree_set(dates(), 0..8)) {
        let calendar = WorkingDays::new(off, Default::default());
        prop_assert_eq!(calendar.between(from, calendar.add(from, n)), n);
    }

    #[test]
    fn text_once_normal_stays_normal(text in "\\PC{0,40}") {
        prop_assert_eq!(normal(&normal(&text)), normal(&text));
    }
}
