//! Packs the parts of a document into a .docx file (ECMA-376 Part 2).
//! Parts stand in a fixed order with a fixed time, so that the same document gives the same bytes.
//! The parts that don't depend on the document are files under parts/.

use std::io::{Cursor, Write as _};

use kernel::Lang;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{DocumentError, Docx, drawing};
use crate::chart::Chart;
use crate::xml::Xml;

const STYLES: &str = include_str!("parts/styles.xml");
const SETTINGS: &str = include_str!("parts/settings.xml");
const FONTS: &str = include_str!("parts/fontTable.xml");
const FOOTER_ODD: &str = include_str!("parts/footer-odd.xml");
const FOOTER_EVEN: &str = include_str!("parts/footer-even.xml");

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// Packs the main part, the charts and everything they need.
pub(super) fn pack(
    document: &Docx,
    body: &str,
    charts: &[&Chart],
) -> Result<Vec<u8>, DocumentError> {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, content: &[u8]| parts.push((name.to_owned(), content.to_vec()));
    add(
        "[Content_Types].xml",
        content_types(charts.len()).as_bytes(),
    );
    add("_rels/.rels", package_relations().as_bytes());
    add("docProps/core.xml", core_properties(document).as_bytes());
    add("docProps/app.xml", app_properties().as_bytes());
    add("word/document.xml", body.as_bytes());
    add(
        "word/_rels/document.xml.rels",
        document_relations(charts.len()).as_bytes(),
    );
    add("word/styles.xml", styles(document.lang).as_bytes());
    add("word/settings.xml", SETTINGS.as_bytes());
    add("word/fontTable.xml", FONTS.as_bytes());
    add("word/footer1.xml", FOOTER_ODD.as_bytes());
    add("word/footer2.xml", FOOTER_EVEN.as_bytes());
    for (number, chart) in (1..).zip(charts) {
        add(
            &format!("word/charts/chart{number}.xml"),
            drawing::part(chart).as_bytes(),
        );
        add(
            &format!("word/charts/_rels/chart{number}.xml.rels"),
            chart_relations(number).as_bytes(),
        );
        add(
            &format!("word/embeddings/chart{number}.xlsx"),
            &drawing::workbook(chart)?,
        );
    }
    zipped(&parts)
}

/// The styles. Chinese typefaces have poor Latin letters, so an English document sets all its Latin text in one face.
fn styles(lang: Lang) -> String {
    match lang {
        Lang::Zh => STYLES.to_owned(),
        Lang::En => {
            ["方正小标宋简体", "黑体", "宋体"]
                .iter()
                .fold(STYLES.to_owned(), |styles, face| {
                    let latin = format!("w:ascii=\"{face}\" w:hAnsi=\"{face}\"");
                    styles.replace(
                        &latin,
                        "w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\"",
                    )
                })
        }
    }
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Result<Vec<u8>, DocumentError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name.as_str(), options)
            .map_err(|fault| DocumentError::Write(fault.to_string()))?;
        zip.write_all(content)
            .map_err(|fault| DocumentError::Write(fault.to_string()))?;
    }
    zip.finish()
        .map(Cursor::into_inner)
        .map_err(|fault| DocumentError::Write(fault.to_string()))
}

fn content_types(charts: usize) -> String {
    let mut xml = Xml::file();
    xml.element(
        "Types",
        &[(
            "xmlns",
            "http://schemas.openxmlformats.org/package/2006/content-types",
        )],
        |xml| {
            for (extension, kind) in [
                (
                    "rels",
                    "application/vnd.openxmlformats-package.relationships+xml",
                ),
                ("xml", "application/xml"),
                (
                    "xlsx",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
            ] {
                xml.empty(
                    "Default",
                    &[("Extension", extension), ("ContentType", kind)],
                );
            }
            let mut part = |name: &str, kind: &str| {
                xml.empty("Override", &[("PartName", name), ("ContentType", kind)])
            };
            part(
                "/docProps/core.xml",
                "application/vnd.openxmlformats-package.core-properties+xml",
            );
            part(
                "/docProps/app.xml",
                "application/vnd.openxmlformats-officedocument.extended-properties+xml",
            );
            part("/word/document.xml", &format!("{WORD}.document.main+xml"));
            part("/word/styles.xml", &format!("{WORD}.styles+xml"));
            part("/word/settings.xml", &format!("{WORD}.settings+xml"));
            part("/word/fontTable.xml", &format!("{WORD}.fontTable+xml"));
            part("/word/footer1.xml", &format!("{WORD}.footer+xml"));
            part("/word/footer2.xml", &format!("{WORD}.footer+xml"));
            for number in 1..=charts {
                part(
                    &format!("/word/charts/chart{number}.xml"),
                    "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
                );
            }
        },
    );
    xml.finish()
}

/// A .rels part: identifier, type, target of each relationship.
fn relations(relations: &[(String, String, String)]) -> String {
    let mut xml = Xml::file();
    xml.element("Relationships", &[("xmlns", RELATIONS)], |xml| {
        for (id, kind, target) in relations {
            xml.empty(
                "Relationship",
                &[("Id", id), ("Type", kind), ("Target", target)],
            );
        }
    });
    xml.finish()
}

fn package_relations() -> String {
    relations(&[
        (
            "rId1".into(),
            format!("{OFFICE}/officeDocument"),
            "word/document.xml".into(),
        ),
        (
            "rId2".into(),
            format!("{RELATIONS}/metadata/core-properties"),
            "docProps/core.xml".into(),
        ),
        (
            "rId3".into(),
            format!("{OFFICE}/extended-properties"),
            "docProps/app.xml".into(),
        ),
    ])
}

fn document_relations(charts: usize) -> String {
    let mut all: Vec<(String, String, String)> = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdFonts", "fontTable", "fontTable.xml"),
        ("rIdOdd", "footer", "footer1.xml"),
        ("rIdEven", "footer", "footer2.xml"),
    ]
    .map(|(id, kind, target)| (id.into(), format!("{OFFICE}/{kind}"), target.into()))
    .into();
    all.extend((1..=charts).map(|number| {
        (
            format!("rIdChart{number}"),
            format!("{OFFICE}/chart"),
            format!("charts/chart{number}.xml"),
        )
    }));
    relations(&all)
}

fn chart_relations(number: usize) -> String {
    relations(&[(
        "rIdWorkbook".into(),
        format!("{OFFICE}/package"),
        format!("../embeddings/chart{number}.xlsx"),
    )])
}

fn core_properties(document: &Docx) -> String {
    let time = format!("{}T00:00:00Z", document.date);
    let mut xml = Xml::file();
    let namespaces = [
        (
            "xmlns:cp",
            "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
        ),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:dcmitype", "http://purl.org/dc/dcmitype/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    xml.element("cp:coreProperties", &namespaces, |xml| {
        xml.text("dc:title", &[], &document.title);
        xml.text(
            "dc:creator",
            &[],
            document
                .signed
                .as_deref()
                .or(document.issuer.as_deref())
                .unwrap_or("Taizhang"),
        );
        xml.text("cp:lastModifiedBy", &[], "Taizhang");
        xml.text("dcterms:created", &[("xsi:type", "dcterms:W3CDTF")], &time);
        xml.text("dcterms:modified", &[("xsi:type", "dcterms:W3CDTF")], &time);
        xml.text(
            "dc:language",
            &[],
            if document.lang == Lang::Zh {
                "zh-CN"
            } else {
                "en-US"
            },
        );
    });
    xml.finish()
}

fn app_properties() -> String {
    let mut xml = Xml::file();
    xml.element(
        "Properties",
        &[(
            "xmlns",
            "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
        )],
        |xml| {
            xml.text("Application", &[], "Taizhang");
        },
    );
    xml.finish()
}
