//! A work report reads as people write: money without noughts that say nothing, those left out named once, nothing drawn of nothing.

use jiff::civil::date;
use kernel::{Lang, Period, UnitCode};
use reports::document::{Docx, Passage};
use reports::indicator::{Exact, Figure};
use reports::known::Unknown;
use reports::work_report::{self, Filling, Imprint};

/// The street's report with one figure of 50,000 for everything, without some units; of the communities there is nothing.
fn report(lang: Lang, without: &[&str]) -> Docx {
    let pack = testhouse::national();
    let mut reports = pack.reports.iter();
    let report = reports.find(|report| report.id == "street-yearly").unwrap();
    let (whole, parts) = work_report::needed(&pack, report);
    let mut filling = Filling::default();
    for id in whole {
        let indicator = pack.indicator(&id).unwrap();
        let without = without
            .iter()
            .map(|unit| (unit.parse().unwrap(), Unknown::NoRows));
        let mut figure = Figure::unknown(indicator, without.collect());
        figure.value = Some(Exact::whole(50_000));
        filling.whole.insert(id, figure);
    }
    let communities = [("210203001001", "林景社区"), ("210203001002", "望海社区")];
    for id in parts {
        let nothing = Figure::unknown(pack.indicator(&id).unwrap(), Vec::new());
        filling.parts.insert(id, vec![nothing; communities.len()]);
    }
    let about = Imprint {
        unit: "210203001000".parse().unwrap(),
        name: "桂林街道".to_owned(),
        parts: communities
            .map(|(code, name)| (UnitCode::parse(code).unwrap(), name.to_owned()))
            .to_vec(),
        date: date(2026, 1, 5),
        called: std::collections::BTreeMap::new(),
        warning: None,
        notes: Vec::new(),
    };
    let about = (&about, Period::Year(2025));
    work_report::compose((&pack, report), &filling, about, lang).unwrap()
}

/// The paragraphs of it.
fn text(document: &Docx) -> String {
    let passages = document.blocks.iter();
    let paragraphs = passages.filter_map(|passage| match passage {
        Passage::Paragraph { runs } => Some(runs.iter().map(|run| run.text.as_str())),
        _ => None,
    });
    paragraphs.flatten().collect()
}

#[test]
fn money_reads_as_people_write_it() {
    let zh = text(&report(Lang::Zh, &[]));
    assert!(zh.contains("投入5万元，免费发放50000份"), "{zh}");
    assert!(!zh.contains("50000.00"), "{zh}");
    let en = text(&report(Lang::En, &[]));
    assert!(
        en.contains("for 50,000 yuan, of which 50,000 copies"),
        "{en}"
    );
}

#[test]
fn units_left_out_are_named_once_and_not_by_their_grids() {
    let community = ["210203001001", "210203001001-01", "210203001001-02"];
    let zh = text(&report(Lang::Zh, &community));
    assert!(zh.contains("总人口50000人"), "{zh}");
    assert!(
        zh.contains("、总户数、育龄妇女") && zh.contains("不含林景社区。）"),
        "{zh}"
    );
    let mut left_out = zh.split("不含").skip(1);
    let named = |text: &str| {
        text.split('）')
            .next()
            .is_some_and(|named| named.contains("网格"))
    };
    assert!(!left_out.any(named), "{zh}");
    let grids = ["210203001002-01", "210203001002-03"];
    let zh = text(&report(Lang::Zh, &grids));
    assert!(zh.contains("不含望海社区一部分。）"), "{zh}");
}

#[test]
fn of_nothing_no_chart_is_drawn() {
    let document = report(Lang::Zh, &[]);
    let mut passages = document.blocks.iter();
    assert!(!passages.any(|passage| matches!(passage, Passage::Chart(_))));
    let zh = text(&document);
    assert!(
        zh.contains("各社区总人口") && zh.contains("无数据。"),
        "{zh}"
    );
}
