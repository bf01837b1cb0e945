//! Whether a number format shows a number as a date ([MS-XLS] 2.4.126, [ECMA-376] 18.8.30 and 18.8.31).

use calamine::ExcelDateTimeType;

/// How a format shows a number that isn't just a number: a date or time of day, or a length of time.
pub(super) type Shown = Option<ExcelDateTimeType>;

/// The formats every program knows; 27 to 36 and 50 to 58 are those of East Asia, such as 2025年7月1日.
pub(super) fn built_in(format: u16) -> Shown {
    match format {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(ExcelDateTimeType::DateTime),
        46 => Some(ExcelDateTimeType::TimeDelta),
        _ => None,
    }
}

/// A format that is written out. Only its first section counts: the others are for negative numbers, zero and text.
pub(super) fn written(format: &str) -> Shown {
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => return None,
            // The next one stands for itself, for its width, or is repeated.
            '\\' | '_' | '*' => {
                characters.next();
            }
            '"' => {
                characters.by_ref().find(|c| *c == '"');
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_ascii_lowercase();
                let mut units = inside.chars();
                if let Some(unit @ ('h' | 'm' | 's')) = units.next()
                    && units.all(|c| c == unit)
                {
                    return Some(ExcelDateTimeType::TimeDelta);
                }
            }
            'y' | 'm' | 'd' | 'h' | 's' => return Some(ExcelDateTimeType::DateTime),
            _ => (),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_known() {
        for format in [
            "yyyy-mm-dd",
            "yyyy\"年\"m\"月\"d\"日\";@",
            "[$-804]yyyy\"年\"m\"月\";@",
            "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"",
            "D/M/YY",
            "上午/下午h\"时\"mm\"分\"",
        ] {
            assert_eq!(
                written(format),
                Some(ExcelDateTimeType::DateTime),
                "{format}"
            );
        }
        for format in ["[h]:mm", "[ss].00", "[红色][hh]:mm"] {
            assert_eq!(
                written(format),
                Some(ExcelDateTimeType::TimeDelta),
                "{format}"
            );
        }
        for format in [
            "General",
            "0.00E+00",
            "G/通用格式",
            "@",
            "#,##0.00\"dy\"",
            "[$USD] #,##0",
            "_(* #,##0_);_(d",
            "0\\d",
            "[Red]0",
        ] {
            assert_eq!(written(format), None, "{format}");
        }
    }
}
