//! Code lists whose values come and go, and where an ID number was first given out.

use jiff::civil::{Date, date};
use kernel::{IdNumber, Lang};
use pack::{CodeList, SourceFile, Text, first_issued};

const NOW: Date = date(2025, 12, 31);

fn number(region: &str, birth: Date) -> IdNumber {
    IdNumber::compose(region, birth, 12).unwrap()
}

fn called(place: &[Text]) -> String {
    place.iter().map(|part| part.get(Lang::Zh)).collect()
}

/// Where a number was given out first, and what that is called now if it is called otherwise.
fn place(region: &str, birth: Date) -> (String, Vec<String>) {
    let place = testhouse::national()
        .first_issued_in(&number(region, birth), NOW)
        .unwrap();
    (
        called(&place.then),
        place.now.iter().map(|place| called(place)).collect(),
    )
}

#[test]
fn a_number_tells_the_county_as_it_was_then_and_what_it_became() {
    let old = date(1960, 1, 1);
    let one = |then: &str, now: &[&str]| {
        (
            then.to_owned(),
            now.iter().map(|now| (*now).to_owned()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(place("210203", old), one("辽宁省大连市西岗区", &[]));
    assert_eq!(place("110103", old), one("北京市崇文区", &["北京市东城区"]));
    assert_eq!(place("120110", old), one("天津市东郊区", &["天津市东丽区"]));
    // By the name of its own time: the same code, given out after the county was made a district.
    assert_eq!(place("120110", date(2001, 1, 1)), one("天津市东丽区", &[]));
    // From Sichuan to a city of its own, by way of a city's districts that are gone, too.
    assert_eq!(
        place("512201", old),
        one("四川省万县地区万县市", &["重庆市万州区"])
    );
    // Divided: everybody of it may live in either.
    assert_eq!(place("429001", date(1965, 1, 1)).1.len(), 2);
    // A city without districts, and the districts of one as a whole.
    assert_eq!(place("441900", old).0, "广东省东莞市");
    assert_eq!(place("210201", old).0, "辽宁省大连市");
}

#[test]
fn a_number_is_given_out_at_birth_or_at_16() {
    assert_eq!(first_issued(date(1950, 5, 1)), date(1984, 12, 31));
    assert_eq!(first_issued(date(1975, 5, 1)), date(1991, 5, 1));
    assert_eq!(first_issued(date(1990, 5, 1)), date(1999, 10, 1));
    assert_eq!(first_issued(date(2010, 5, 1)), date(2010, 5, 1));
}

#[test]
fn what_never_was_a_county_is_told() {
    let pack = testhouse::national();
    let begins = |region: &str| pack.begins_with_region(&number(region, date(1970, 1, 1)));
    // Gone in 2010, gone in 1983, there since 2015, a city's districts as a whole.
    for region in ["110103", "132201", "110118", "210201", "460400"] {
        assert_eq!(begins(region), Some(true), "{region}");
    }
    for region in ["110199", "210000", "660101"] {
        assert_eq!(begins(region), Some(false), "{region}");
    }
    // Residents of Macao, Taiwan, foreigners.
    for region in ["820000", "830000", "911156"] {
        assert_eq!(begins(region), None, "{region}");
    }
}

#[test]
fn every_county_there_ever_was_is_something_now() {
    let pack = testhouse::national();
    let list = pack.regions().unwrap();
    let mut counties = 0;
    for member in list
        .members
        .iter()
        .filter(|member| !member.value.ends_with("00"))
    {
        for span in list.spans_of(&member.value) {
            let became = list.became(span, NOW);
            assert!(!became.is_empty(), "{span:?}");
            assert!(became.iter().all(|span| span.holds(NOW)), "{span:?}");
            counties += 1;
        }
    }
    assert!(counties > 6_000, "{counties}");
    // Provinces have a list of their own, with names in English.
    let provinces = pack.code("province").unwrap();
    for member in &provinces.members {
        let code = format!("{}0000", member.value);
        assert_eq!(list.span_near(&code, NOW).unwrap().name.zh, member.name.zh);
    }
    let all = list
        .members
        .iter()
        .filter(|member| member.value.ends_with("0000"));
    assert_eq!(all.count(), provinces.members.len());
}

/// A small pack whose list `place` has these lines.
fn with_lines(lines: &str) -> Result<CodeList, Vec<String>> {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let list = "[[code]]\nid = \"place\"\nname = { zh = \"地\", en = \"Place\" }\nmembers = \"place.csv\"\n";
    let files = vec![
        file(
            "pack.toml",
            "[pack]\nid = \"p\"\nname = { zh = \"包\", en = \"Pack\" }\nversion = \"1\"\n",
        ),
        file("codes/place.toml", list),
        file("codes/place.csv", lines),
    ];
    match pack::load(files) {
        Ok(pack) => Ok(pack.code("place").unwrap().clone()),
        Err(faulty) => {
            let told = pack::render(&faulty.files, &faulty.faults, Lang::En, false);
            Err(told.lines().map(str::to_owned).collect())
        }
    }
}

#[test]
fn values_in_a_file_are_values_of_a_list() {
    let list = with_lines("# remark\nvalue,zh,en,from,until,successors\n1,甲县,Jia,1981,1990,2;3\n2,甲市,Jia,1990-05-01,,\n3,乙县,Yi,,,\n4,乙县,Yi,,,\n").unwrap();
    let values: Vec<&str> = list
        .members
        .iter()
        .map(|member| member.value.as_str())
        .collect();
    assert_eq!(values, ["1", "2", "3", "4"]);
    assert_eq!(list.find("甲市").unwrap().value, "2");
    assert_eq!(list.find(" 3 ").unwrap().value, "3");
    assert!(list.find("乙县").is_none(), "two are called so");
    assert_eq!(list.member("4").unwrap().name.en, "Yi");
    let first = &list.spans_of("1")[0];
    let became = list.became(first, NOW);
    assert_eq!(
        became.iter().map(|span| &*span.value).collect::<Vec<_>>(),
        ["2", "3"]
    );
    assert_eq!(list.became(first, date(1985, 1, 1)), [first]);
}

#[test]
fn a_bad_line_is_told_with_its_number() {
    let head = "value,zh,from,until,successors\n";
    for (lines, line, said) in [
        ("1,甲,1981\n", 2, "3 cells"),
        ("1,甲,1981,1980,\n", 2, "no later"),
        ("1,甲,198x,,\n", 2, "198x"),
        ("1,\"甲\",1981,,\n", 2, "quotation"),
        (",甲,1981,,\n", 2, "blank"),
        ("1,甲,1981,1990,\n1,乙,1989,,\n", 3, "overlap"),
        ("1,甲,1981,1990,\n1,乙,1990,,9\n", 3, "“9”"),
    ] {
        let told = with_lines(&format!("{head}{lines}")).unwrap_err();
        let place = format!("codes/place.csv:{line}");
        assert!(told.iter().any(|text| text.contains(&place)), "{told:#?}");
        assert!(told.iter().any(|text| text.contains(said)), "{told:#?}");
    }
    let told = with_lines("value,name\n1,甲\n").unwrap_err();
    assert!(told.iter().any(|text| text.contains("“zh”")), "{told:#?}");
    assert!(with_lines("").is_err());
}
