//! The numbers of headings and the date of a document as GB/T 9704-2012 writes them.
//! 一、 then （一） then 1. (clause 7.3.3); in English 1. then 1.1 then 1.1.1.
//! A heading's number counts from its nearest higher heading; nothing here knows about layout.

use jiff::civil::Date;
use kernel::Lang;

/// Counts headings of the three levels.
#[derive(Default)]
pub(super) struct Numbering {
    counts: [u32; 3],
}

impl Numbering {
    /// The number of the next heading of this level (1 to 3), with its punctuation.
    pub(super) fn next(&mut self, level: usize, lang: Lang) -> String {
        let at = level.clamp(1, 3) - 1;
        self.counts[at] += 1;
        self.counts[at + 1..].fill(0);
        let [first, second, third] = self.counts;
        match (lang, at) {
            (Lang::Zh, 0) => format!("{}、", chinese(first)),
            (Lang::Zh, 1) => format!("（{}）", chinese(second)),
            (Lang::Zh, _) => format!("{third}."),
            (Lang::En, 0) => format!("{first}. "),
            (Lang::En, 1) => format!("{first}.{second} "),
            (Lang::En, _) => format!("{first}.{second}.{third} "),
        }
    }
}

/// A counting number in Chinese characters: 一, 十, 十二, 一百零三. Beyond 999 in figures.
fn chinese(number: u32) -> String {
    const FIGURES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    if number == 0 || number > 999 {
        return number.to_string();
    }
    let figure = |n: u32| FIGURES[n as usize % 10];
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    let mut words = String::new();
    if hundreds > 0 {
        words.push_str(figure(hundreds));
        words.push('百');
    }
    match (hundreds, tens, ones) {
        (_, 0, 0) => {}
        (0, 0, _) => {}
        (_, 0, _) => words.push('零'),
        (0, 1, _) => words.push('十'),
        _ => {
            words.push_str(figure(tens));
            words.push('十');
        }
    }
    words.push_str(figure(ones));
    words
}

/// The date of a document: in figures, without leading zeros (GB/T 9704-2012 clause 7.3.5.4).
pub(super) fn written(date: Date, lang: Lang) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match lang {
        Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::En => {
            let month = usize::try_from(date.month())
                .ok()
                .and_then(|month| MONTHS.get(month - 1))
                .unwrap_or(&"");
            format!("{} {} {}", date.day(), month, date.year())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_count_within_the_heading_above() {
        let mut numbering = Numbering::default();
        let numbers: Vec<String> = [1, 2, 2, 3, 3, 1, 2, 3]
            .map(|level| numbering.next(level, Lang::Zh))
            .into();
        assert_eq!(
            numbers,
            [
                "一、",
                "（一）",
                "（二）",
                "1.",
                "2.",
                "二、",
                "（一）",
                "1."
            ]
        );
        let mut numbering = Numbering::default();
        let numbers: Vec<String> = [1, 2, 3, 1]
            .map(|level| numbering.next(level, Lang::En))
            .into();
        assert_eq!(numbers, ["1. ", "1.1 ", "1.1.1 ", "2. "]);
    }

    #[test]
    fn chinese_numbers_are_written_as_they_are_said() {
        for (number, words) in [
            (1, "一"),
            (9, "九"),
            (10, "十"),
            (11, "十一"),
            (20, "二十"),
            (37, "三十七"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (215, "二百一十五"),
            (999, "九百九十九"),
            (1000, "1000"),
        ] {
            assert_eq!(chinese(number), words);
        }
    }

    #[test]
    fn dates_carry_no_leading_zeros() {
        let date = jiff::civil::date(2026, 1, 5);
        assert_eq!(written(date, Lang::Zh), "2026年1月5日");
        assert_eq!(written(date, Lang::En), "5 January 2026");
    }
}
