//! The order of names: by how they are read, as lists of people are sorted in offices. Characters that sound alike keep together, and a
//! surname has the reading it has as one. It sorts, and is no function of a pack's language.

use std::sync::Arc;

use datafusion::arrow::array::StringViewArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, cast::as_string_view_array};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use pinyin::{Pinyin, ToPinyin};

/// The function's name in SQL.
pub const SPELLED: &str = "spelled";

/// Surnames that aren't read as their character mostly is.
const SURNAMES: [(char, &str); 15] = [
    ('单', "shan"),
    ('曾', "zeng"),
    ('查', "zha"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('区', "ou"),
    ('盖', "ge"),
    ('尉', "wei"),
    ('缪', "miao"),
    ('朴', "piao"),
    ('翟', "zhai"),
    ('乐', "yue"),
    ('员', "yun"),
    ('那', "na"),
    ('覃', "qin"),
];

/// The key by which a name is sorted: of each character the reading, then the character.
#[must_use]
pub fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() * 3);
    for (nth, ch) in name.chars().enumerate() {
        let surname = SURNAMES.iter().find(|(own, _)| nth == 0 && *own == ch);
        let read = match surname {
            Some((_, read)) => Some(*read),
            None => ch.to_pinyin().map(Pinyin::plain),
        };
        key.push_str(read.unwrap_or_default());
        key.push(' ');
        key.push(ch);
    }
    key
}

/// The key as a function of SQL.
pub(crate) fn function() -> ScalarUDF {
    let body = |args: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(args)?;
        let names = as_string_view_array(&arrays[0])?.iter();
        let keys: StringViewArray = names.map(|name| name.map(key)).collect();
        Ok(ColumnarValue::Array(Arc::new(keys)))
    };
    create_udf(
        SPELLED,
        vec![DataType::Utf8View],
        DataType::Utf8View,
        Volatility::Immutable,
        Arc::new(body),
    )
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn names_are_in_the_order_of_their_sounds() {
        let mut names = [
            "魏强", "刘敏", "傅华", "龚平", "单丽", "黄勇", "刘民", "曾静", "关山",
        ];
        names.sort_by_cached_key(|name| key(name));
        let sorted = [
            "傅华", "龚平", "关山", "黄勇", "刘敏", "刘民", "单丽", "魏强", "曾静",
        ];
        assert_eq!(names, sorted);
    }
}
