//! Documents as Word will see them: packed completely, every element in the order of the schema, the layout of GB/T 9704-2012.

use std::collections::BTreeMap;

use crate::common::{parts, text};
use jiff::civil::date;
use kernel::Lang;
use quick_xml::Reader;
use quick_xml::events::Event;
use reports::chart::{Bar, Chart};
use reports::document::{Align, DocumentError, Docx, ListCell, Passage, Run, Table, to_docx};

fn run(text: &str, figure: bool) -> Run {
    Run {
        text: text.into(),
        figure,
    }
}

fn heading(level: u8, text: &str) -> Passage {
    Passage::Heading {
        level,
        text: text.into(),
    }
}

fn table() -> Table {
    let row = |name: &str, figure: &str, strong| {
        [name, figure]
            .map(|text| ListCell {
                text: text.into(),
                strong,
            })
            .into()
    };
    Table {
        title: "各社区人口".into(),
        header: ["社区", "人口（人）"].map(String::from).into(),
        rows: vec![row("和平社区", "8,012", false), row("合计", "45,651", true)],
        align: vec![Align::Left, Align::Right],
    }
}

fn chart() -> Chart {
    let bar = |label: &str, value, shown: &str| Bar {
        label: label.into(),
        value,
        shown: shown.into(),
    };
    let bars = vec![bar("和平社区", 86, "0.86"), bar("胜利社区", -120, "-1.20")];
    Chart {
        title: "自然增长率".into(),
        unit: "‰".into(),
        decimals: 2,
        bars,
    }
}

fn document(lang: Lang) -> Docx {
    Docx {
        lang,
        issuer: Some("和平街道办事处文件".into()),
        number: Some("和街发〔2026〕1号".into()),
        title: "2025年工作总结".into(),
        addressee: Some("区卫生健康局".into()),
        blocks: vec![
            heading(1, "基本情况"),
            Passage::Paragraph {
                runs: vec![
                    run("总人口", false),
                    run("45,651", true),
                    run("人 <&> \u{1}“无一遗漏”。", false),
                ],
            },
            heading(2, "人口"),
            Passage::Table(table()),
            heading(2, "增长"),
            Passage::Chart(chart()),
            Passage::Chart(chart()),
            heading(1, "下一步打算"),
        ],
        signed: Some("和平街道办事处".into()),
        date: date(2026, 1, 5),
    }
}

/// The words of a part, without its tags.
fn words(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    let mut words = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(text) => words.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => {
                words.push_str(quick_xml::escape::resolve_predefined_entity(&name).unwrap())
            }
            Event::End(end) if end.name().as_ref() == "w:p" => words.push('\n'),
            Event::Eof => return words,
            _ => {}
        }
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(
        to_docx(&document(Lang::Zh)).unwrap(),
        to_docx(&document(Lang::Zh)).unwrap()
    );
    assert_ne!(
        to_docx(&document(Lang::Zh)).unwrap(),
        to_docx(&document(Lang::En)).unwrap()
    );
}

#[test]
fn every_relationship_leads_to_a_part_and_every_part_has_a_content_type() {
    let parts = parts(&to_docx(&document(Lang::Zh)).unwrap());
    let types = text(&parts, "[Content_Types].xml");
    for (name, content) in parts.iter().filter(|(name, _)| name.ends_with(".rels")) {
        let xml = String::from_utf8(content.clone()).unwrap();
        let folder = name.split("_rels/").next().unwrap();
        for target in xml
            .split("Target=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            let path = if let Some(up) = target.strip_prefix("../") {
                format!("word/{up}")
            } else {
                format!("{folder}{target}")
            };
            assert!(parts.contains_key(&path), "{name} leads to {path}");
            let known = types.contains(&format!("PartName=\"/{path}\"")) || path.ends_with(".xlsx");
            assert!(known, "{path} has no content type");
        }
    }
    for name in types
        .split("PartName=\"/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(parts.contains_key(name), "{name} is promised");
    }
    let embedded = crate::common::parts(&parts["word/embeddings/chart1.xlsx"]);
    assert!(text(&embedded, "xl/worksheets/sheet1.xml").contains("<v>-1.2</v>"));
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    let order: BTreeMap<&str, Vec<&str>> = include_str!("ooxml-order.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(": ").unwrap())
        .map(|(parent, children)| (parent, children.split(' ').collect()))
        .collect();
    for lang in [Lang::Zh, Lang::En] {
        for (name, content) in parts(&to_docx(&document(lang)).unwrap()) {
            if name.ends_with(".xml") || name.ends_with(".rels") {
                check_order(&name, &String::from_utf8(content).unwrap(), &order);
            }
        }
    }
}

fn check_order(part: &str, xml: &str, order: &BTreeMap<&str, Vec<&str>>) {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<(String, usize)> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let name = tag.name().as_ref().to_owned();
            if let Some((parent, last)) = open.last_mut()
                && let Some(children) = order.get(parent.as_str())
            {
                let at = children.iter().position(|child| *child == name);
                let at = at.unwrap_or_else(|| panic!("{part}: {name} isn't known in {parent}"));
                assert!(at >= *last, "{part}: {name} stands too late in {parent}");
                *last = at;
            }
            if matches!(event, Event::Start(_)) {
                open.push((name, 0));
            }
        }
        match event {
            Event::End(_) => drop(open.pop()),
            Event::Eof => return assert!(open.is_empty()),
            _ => {}
        }
    }
}

#[test]
fn styles_that_are_used_are_declared() {
    let parts = parts(&to_docx(&document(Lang::Zh)).unwrap());
    let styles = text(&parts, "word/styles.xml");
    for part in [
        "word/document.xml",
        "word/footer1.xml",
        "word/footer2.xml",
        "word/styles.xml",
    ] {
        let xml = text(&parts, part);
        for tag in ["w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:next"] {
            for name in xml
                .split(&format!("<{tag} w:val=\""))
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
            {
                assert!(
                    styles.contains(&format!("w:styleId=\"{name}\"")),
                    "{part}: no style {name}"
                );
            }
        }
    }
}

#[test]
fn the_page_is_that_of_the_standard() {
    let parts = parts(&to_docx(&document(Lang::Zh)).unwrap());
    let body = text(&parts, "word/document.xml");
    // 37, 35, 28 and 26 mm in twentieths of a point; the text area is then 156 × 225 mm.
    assert!(body.contains(r#"<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588""#));
    assert!(body.contains(r#"<w:pgSz w:w="11906" w:h="16838"/>"#));
    let styles = text(&parts, "word/styles.xml");
    assert!(
        styles.contains(r#"<w:sz w:val="32"/>"#)
            && styles.contains(r#"w:line="579" w:lineRule="exact""#)
    );
    assert!(text(&parts, "word/settings.xml").contains("<w:evenAndOddHeaders/>"));
    assert!(words(&text(&parts, "word/footer1.xml")).contains("— "));
}

#[test]
fn the_writer_numbers_headings_and_completes_addressee_and_date() {
    let parts = parts(&to_docx(&document(Lang::Zh)).unwrap());
    let body = words(&text(&parts, "word/document.xml"));
    let lines: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        lines,
        [
            "和平街道办事处文件",
            "和街发〔2026〕1号",
            "2025年工作总结",
            "区卫生健康局：",
            "一、基本情况",
            "总人口45,651人 <&> “无一遗漏”。",
            "（一）人口",
            "各社区人口",
            "社区",
            "人口（人）",
            "和平社区",
            "8,012",
            "合计",
            "45,651",
            "（二）增长",
            "二、下一步打算",
            "和平街道办事处",
            "2026年1月5日",
        ]
    );
    let xml = text(&parts, "word/document.xml");
    assert_eq!(xml.matches(r#"<w:rStyle w:val="Figure"/>"#).count(), 1);
    assert_eq!(xml.matches("<w:tblHeader/>").count(), 1);
}

#[test]
fn a_chart_keeps_its_exact_values() {
    let parts = parts(&to_docx(&document(Lang::Zh)).unwrap());
    let chart = text(&parts, "word/charts/chart2.xml");
    assert!(
        chart.contains(
            "<c:pt idx=\"0\"><c:v>0.86</c:v></c:pt><c:pt idx=\"1\"><c:v>-1.20</c:v></c:pt>"
        )
    );
    assert!(chart.contains("<a:t>自然增长率（‰）</a:t>") && chart.contains("formatCode=\"0.00\""));
    assert!(
        text(&parts, "word/document.xml")
            .contains("descr=\"自然增长率 (‰): 和平社区 0.86; 胜利社区 -1.20\"")
    );
}

#[test]
fn properties_carry_the_date_of_the_document() {
    let parts = parts(&to_docx(&document(Lang::En)).unwrap());
    let core = text(&parts, "docProps/core.xml");
    assert!(
        core.contains("2026-01-05T00:00:00Z") && core.contains("<dc:language>en-US</dc:language>")
    );
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let with = |block| Docx {
        blocks: vec![block],
        ..document(Lang::Zh)
    };
    let fault = |block| to_docx(&with(block)).unwrap_err();
    let level = fault(heading(4, "细目"));
    assert_eq!(
        level,
        DocumentError::Level {
            text: "细目".into(),
            level: 4
        }
    );
    assert_eq!(level.message(Lang::Zh), "标题“细目”的级别为4，应为1至3级。");
    let mut ragged = table();
    ragged.rows[1].pop();
    let ragged = fault(Passage::Table(ragged));
    assert_eq!(
        ragged.message(Lang::Zh),
        "表“各社区人口”第2行有1格，表头有2列。请使每行的格数与表头一致。"
    );
    let wide = Table {
        header: vec!["x".into(); 17],
        rows: vec![],
        ..table()
    };
    assert!(
        fault(Passage::Table(wide))
            .message(Lang::En)
            .contains("17 columns")
    );
    assert!(matches!(
        fault(Passage::Table(Table {
            header: vec![],
            rows: vec![],
            ..table()
        })),
        DocumentError::Columns { columns: 0, .. }
    ));
    let crowded = Chart {
        bars: vec![chart().bars[0].clone(); 37],
        ..chart()
    };
    assert!(matches!(
        fault(Passage::Chart(crowded)),
        DocumentError::Long { count: 37, .. }
    ));
}

#[test]
fn a_bare_document_has_no_red_head() {
    let bare = Docx {
        issuer: None,
        number: None,
        addressee: None,
        signed: None,
        blocks: vec![],
        ..document(Lang::Zh)
    };
    let parts = parts(&to_docx(&bare).unwrap());
    assert_eq!(
        words(&text(&parts, "word/document.xml")).trim(),
        "2025年工作总结\n2026年1月5日"
    );
    assert!(!parts.contains_key("word/charts/chart1.xml"));
}
