//! What people are told when a text is not understood: every fault, in both languages.

use kernel::*;

/// One line per fault: what was written, then the message in Chinese and in English.
#[track_caller]
fn check(fault: impl Fn(Lang) -> String, zh: &str, en: &str) {
    assert_eq!(
        (fault(Lang::Zh).as_str(), fault(Lang::En).as_str()),
        (zh, en)
    );
}

#[test]
fn an_id_number_is_refused_with_what_to_do() {
    let told = |text: &'static str| move |lang| IdNumber::read(text).unwrap_err().message(lang);
    check(told(""), "身份证号未填写", "the ID number is missing");
    check(
        told("1101051949123100"),
        "身份证号应为18位（或旧式15位），现为16位，请核对",
        "an ID number has 18 characters (or 15 in the old form), this one has 16; please check it",
    );
    check(
        told("11010519491231O02X"),
        "身份证号第15位不应是“O”，请核对",
        "character 15 of the ID number cannot be “O”; please check it",
    );
    check(
        told("11010519491331002X"),
        "身份证号中的出生日期不存在，请核对第7至14位",
        "the date of birth in the ID number does not exist; please check digits 7 to 14",
    );
    check(
        told("110105194912310021"),
        "身份证号校验不符：按前17位，末位应为X，请逐位核对",
        "the ID number fails its check: after these 17 digits the last should be X; please compare each digit",
    );
    check(
        told("4.40524E+17"),
        "身份证号被表格存成了数值，末尾几位已丢失，请将该列设为文本格式后重新填写",
        "the spreadsheet kept the ID number as a quantity and its last digits are lost; please format the column as text \
         and enter it again",
    );
}

#[test]
fn a_unit_code_is_refused_with_how_it_is_written() {
    let told = |text: &'static str| move |lang| text.parse::<UnitCode>().unwrap_err().message(lang);
    check(
        told("21020300100"),
        "单位代码应为12位数字，现为11位，请补全",
        "a unit code has 12 digits, this one has 11; please complete it",
    );
    check(
        told("210203001001-3"),
        "网格编号“3”应为01至999，不足两位的前面补0",
        "the grid number “3” should be 01 to 999, written with at least two digits",
    );
    check(
        told("210203001000-03"),
        "网格只能设在社区、村之下，请先写全社区、村的12位代码",
        "a grid belongs to a community; write the community's 12 digits before it",
    );
}

#[test]
fn a_period_is_refused_with_how_it_is_written() {
    let told = |text: &'static str| move |lang| text.parse::<Period>().unwrap_err().message(lang);
    check(
        told("2025年"),
        "看不懂时期“2025年”，请写成2025（年）、2025H1（半年）、2025Q3（季度）、2025-07（月）或2025-01-01..2025-06-30（起止）",
        "“2025年” is not a period; write 2025 (year), 2025H1 (half), 2025Q3 (quarter), 2025-07 (month) or \
         2025-01-01..2025-06-30 (from–to)",
    );
    check(
        told("2025-06-30..2025-01-01"),
        "时期的截止日2025-01-01早于起始日2025-06-30，请对调",
        "the period ends on 2025-01-01, before it begins on 2025-06-30; please swap them",
    );
}

#[test]
fn an_amount_is_refused_with_how_it_is_written() {
    let told = |text: &'static str| move |lang| Fen::read(text).unwrap_err().message(lang);
    check(told(" "), "金额未填写", "the amount is missing");
    check(
        told("五百"),
        "“五百”不是金额，请以元为单位填写，如1234.50",
        "“五百” is not an amount; write yuan, for example 1234.50",
    );
    check(
        told("0.001"),
        "金额“0.001”小于分的部分无法入账，请保留两位小数",
        "the amount “0.001” has a part smaller than a fen; please keep two decimals",
    );
}

#[test]
fn a_credit_code_is_refused_with_what_to_do() {
    let told = |text: &'static str| move |lang| CreditCode::read(text).unwrap_err().message(lang);
    check(
        told("91350100I000100Y43"),
        "统一社会信用代码第9位不应是“I”（不使用I、O、S、V、Z），请核对",
        "character 9 of the credit code cannot be “I” (I, O, S, V and Z are not used); please check it",
    );
    check(
        told("91350100M000100Y44"),
        "统一社会信用代码校验不符：按前17位，末位应为3，请逐位核对",
        "the credit code fails its check: the last character should be 3; please compare each one",
    );
}

#[test]
fn a_number_is_never_whole_in_a_log() {
    let id: IdNumber = "11010519491231002X".parse().unwrap();
    assert_eq!(format!("{id:?}"), "IdNumber(******************)");
}
