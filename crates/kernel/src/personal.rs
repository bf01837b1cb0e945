//! Whether a text holds what looks like the number of a person or a telephone, so that it is kept out of addresses and of what is
//! remembered beside the ledger. It judges by shape alone and errs on the side of yes for numbers with a mistyped digit; it never repairs.

use crate::text::normal;

/// Whether a text has an ID number (of 18 or 15 characters, also with a wrong check character), a mobile number, or a telephone with its
/// area code in it, whatever the width of its digits and the blanks and hyphens between them.
#[must_use]
pub fn has_personal_number(text: &str) -> bool {
    let plain: Vec<char> = normal(text)
        .chars()
        .filter(|ch| !matches!(ch, '-' | '－' | '—' | '–'))
        .collect();
    let mut at = 0;
    while at < plain.len() {
        let digits = plain[at..].iter().take_while(|ch| ch.is_ascii_digit());
        let end = at + digits.count();
        let run: String = plain[at..end].iter().collect();
        let cross = matches!(plain.get(end), Some('X' | 'x' | '×' | 'Ｘ'));
        if looks_personal(&run, cross) {
            return true;
        }
        at = end.max(at) + 1;
    }
    false
}

/// Whether digits, with an X behind them or not, look like such a number.
fn looks_personal(run: &str, cross: bool) -> bool {
    let day = |from: usize, century: &str| {
        let digits = &run[from..];
        let date = match century {
            "" => digits.get(..8).map(str::to_owned),
            century => digits.get(..6).map(|rest| format!("{century}{rest}")),
        };
        date.is_some_and(|date| is_a_day(&date))
    };
    match run.len() {
        17 if cross => day(6, ""),
        18 => day(6, ""),
        15 => day(6, "19"),
        11 if run.starts_with('1') => run.as_bytes()[1] >= b'3',
        13 => run.starts_with("861") && run.as_bytes()[3] >= b'3',
        10..=12 => run.starts_with('0'),
        _ => false,
    }
}

/// Whether eight digits are a day on which somebody who is spoken of may have been born.
fn is_a_day(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|text| text.parse().ok());
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return false;
    };
    (1800..=2200_i16).contains(&year)
        && jiff::civil::Date::new(year, month as i8, day as i8).is_ok()
}

#[cfg(test)]
mod tests {
    use super::has_personal_number;

    #[test]
    fn numbers_of_people_are_seen_in_any_spelling() {
        for text in [
            "110105194912310021",
            "11010519491231002X",
            "证号１１０１０５１９４９１２３１００２Ｘ",
            "110105 19491231 0029",
            "110105491231002",
            "13900001234",
            "电话 139-0000-1234",
            "+86 139 0000 1234",
            "0411-84330000",
        ] {
            assert!(has_personal_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "",
            "王芳",
            "幸福路12号3单元401",
            "2025-12-31",
            "210203001001",
            "2102030010010001",
            "91210200000000000X",
            "4294967297",
            "12000000000",
        ] {
            assert!(!has_personal_number(text), "{text}");
        }
    }
}
