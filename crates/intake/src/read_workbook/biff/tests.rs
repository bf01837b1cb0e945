#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_arithmetic,
    reason = "a test fails by panicking"
)]
use std::io::{Cursor, Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::fault::{FileFault, Foreign};
use crate::read_workbook::{Merged, read_workbook};
use crate::sheet::{Area, Cell, Sheet, Workbook};

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/xls");
    std::fs::read(folder.join(name)).unwrap()
}

fn large(name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(fixture("large.zip"))).unwrap();
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// The rows as fixtures/xls/make.py says them.
fn expected(count: usize) -> Vec<Vec<String>> {
    let rows = large("rows.csv");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(rows.as_slice());
    (reader.records().take(count + 1))
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn written(cell: Cell<'_>, formula: bool) -> String {
    let mark = if formula { "=" } else { "" };
    let kind = match cell {
        Cell::Number(_) => "n:",
        Cell::Date(_) => "d:",
        Cell::Bool(_) => "b:",
        Cell::Error => "e:",
        _ => "",
    };
    match cell {
        Cell::Number(n) => format!("{mark}{kind}{n:?}"),
        other => format!("{mark}{kind}{}", other.shown()),
    }
}

fn rows(sheet: &Sheet) -> Vec<Vec<String>> {
    (sheet.rows())
        .map(|row| {
            (0..11)
                .map(|c| written(row.cell(c), row.is_formula(c)))
                .collect()
        })
        .collect()
}

/// A whole number is written 3 or 3.0, a large one in digits or with an exponent, and LibreOffice keeps 15 digits.
fn same(found: &str, wanted: &str) -> bool {
    let number = |text: &str| text.strip_prefix("n:")?.parse::<f64>().ok();
    match (number(found), number(wanted)) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= wanted.abs() * 1e-14,
        _ => found == wanted,
    }
}

/// Checks a file against the rows; `differs` says how its program had to write a cell otherwise.
fn check(name: &str, bytes: &[u8], count: usize, differs: Differs) -> Workbook {
    let book =
        read_workbook(bytes, Merged::Read).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    let (found, wanted) = (rows(&book.sheets[0]), expected(count));
    assert_eq!(found.len(), wanted.len(), "{name}");
    for (nth, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        for (column, wanted) in wanted.iter().enumerate() {
            let wanted = if nth == 0 {
                wanted.clone()
            } else {
                differs(column, wanted)
            };
            let found = &found[column];
            assert!(
                same(found, &wanted),
                "{name}, row {nth}, column {column}: {found} for {wanted}"
            );
        }
    }
    book
}

/// xlwt keeps no values of formulas.
fn by_xlwt(column: usize, cell: &str) -> String {
    if column == 6 {
        "=".to_owned()
    } else {
        cell.to_owned()
    }
}

/// Spreadsheet::WriteExcel knows no truths.
fn by_perl(column: usize, cell: &str) -> String {
    if column == 9 {
        cell.replace("b:", "")
    } else {
        cell.to_owned()
    }
}

/// LibreOffice writes truths as formulas.
fn by_libreoffice(column: usize, cell: &str) -> String {
    if column == 9 {
        format!("={cell}")
    } else {
        cell.to_owned()
    }
}

/// Gnumeric's code page of China lacks this character.
fn by_gnumeric_95(_: usize, cell: &str) -> String {
    cell.replace('㛃', "?")
}

fn as_it_is(_: usize, cell: &str) -> String {
    cell.to_owned()
}

/// How a program writes the cell of a column, given what make.py gave it.
type Differs = fn(usize, &str) -> String;

const WRITERS: [(&str, Differs); 5] = [
    ("xlwt", by_xlwt),
    ("perl", by_perl),
    ("libreoffice-97", by_libreoffice),
    ("gnumeric-97", as_it_is),
    ("gnumeric-95", by_gnumeric_95),
];

#[test]
fn what_several_programs_wrote_reads_alike() {
    for (writer, differs) in WRITERS {
        for count in [1, 5, 60, 3_000] {
            let name = format!("{writer}-{count}.xls");
            let bytes = if count < 3_000 {
                fixture(&name)
            } else {
                large(&name)
            };
            let book = check(&name, &bytes, count, differs);
            assert_eq!(book.sheets[0].name, "名册", "{name}");
            if writer != "perl" {
                assert_eq!(book.sheets[1].name, "旧表", "{name}");
                let (from, to) = ((0, 12), (0, 13));
                assert_eq!(book.sheets[0].merged, [Area { from, to }], "{name}");
            }
        }
    }
    check("from-1904-5.xls", &fixture("from-1904-5.xls"), 5, by_xlwt);
}

/// The records alone, without code page, with that of China, and with the "Western" of programs that never thought of it.
#[test]
fn records_without_a_container_are_read() {
    fn text(_: usize, cell: &str) -> String {
        let cell = cell.trim_start_matches('=');
        cell.split_once(':')
            .map_or(cell, |(_, rest)| rest)
            .to_owned()
    }
    for name in ["bare-5.xls", "bare-936-5.xls", "bare-1252-5.xls"] {
        let book = read_workbook(&fixture(name), Merged::Ignored).unwrap();
        let wanted: Vec<Vec<String>> = expected(5)
            .iter()
            .enumerate()
            .map(|(nth, row)| {
                row.iter()
                    .map(|cell| {
                        if nth == 0 {
                            cell.clone()
                        } else {
                            text(0, cell)
                        }
                    })
                    .collect()
            })
            .collect();
        let found = rows(&book.sheets[0]);
        for (found, wanted) in found.iter().zip(&wanted) {
            // The damaged number is text here, in the notation of its program.
            assert_eq!(
                [&found[..3], &found[4..]],
                [&wanted[..3], &wanted[4..]],
                "{name}"
            );
        }
        assert_eq!(found.len(), wanted.len());
    }
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// A workbook of one sheet with these records in the part for all sheets, and these in the sheet.
fn workbook(globals: &[Vec<u8>], cells: &[Vec<u8>]) -> Vec<u8> {
    let begin = |what: u8| record(0x0809, &[0, 6, what, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut stream = [begin(5), globals.concat()].concat();
    let at = u32::try_from(stream.len() + 4 + 9 + 4)
        .unwrap()
        .to_le_bytes();
    stream.extend(record(0x0085, &[&at[..], &[0, 0, 1, 0, b'a']].concat()));
    stream.extend(record(0x000A, &[]));
    stream.extend([begin(16), cells.concat(), record(0x000A, &[])].concat());
    stream
}

fn read(stream: &[u8]) -> Result<Workbook, FileFault> {
    super::read(stream, Merged::Read)
}

/// The first row's cells.
fn first(stream: &[u8]) -> Vec<String> {
    let book = read(stream).unwrap();
    let row = book.sheets[0].row(0).unwrap();
    row.cells()
        .map(|(column, cell)| written(cell, row.is_formula(column)))
        .collect()
}

#[test]
fn shared_texts_go_on_in_other_records_anywhere() {
    // Four characters, the first two of one byte each; then the second record's flags say two bytes each.
    let table = record(
        0x00FC,
        &[&[2, 0, 0, 0, 2, 0, 0, 0][..], &[4, 0, 0, b'A', b'B']].concat(),
    );
    // Then a text with a run of formatting and a phonetic part, cut within its length.
    let next = record(0x003C, &[1, 0x2D, 0x4E, 0x87, 0x65, 2]);
    let last = record(
        0x003C,
        &[
            0, 0x0D, 1, 0, 3, 0, 0, 0, 0xF7, 0x53, 0x01, 0x78, 1, 1, 1, 1, 9, 9, 9,
        ],
    );
    let cells = [
        record(0x00FD, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        record(0x00FD, &[0, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
    ];
    assert_eq!(
        first(&workbook(&[table.clone(), next.clone(), last], &cells)),
        ["AB中文", "号码"]
    );
    // A table that breaks off, and a cell of a text that isn't in it.
    assert!(matches!(
        read(&workbook(&[table, next], &cells)),
        Err(FileFault::Damaged { .. })
    ));
    assert!(matches!(
        read(&workbook(&[], &cells)),
        Err(FileFault::Damaged { .. })
    ));
}

#[test]
fn every_kind_of_cell_is_read() {
    let date = record(0x00E0, &[0, 0, 14, 0]);
    let packed = |n: u32| n.to_le_bytes();
    let place = |column: u8, format: u8| [0, 0, column, 0, format, 0];
    let cells = [
        // Several numbers of a row: 7, 1.23 as a hundredth of 123, the day 45658.
        record(
            0x00BD,
            &[
                &[0, 0, 0, 0, 9, 0][..],
                &packed(7 << 2 | 2),
                &[9, 0],
                &packed(123 << 2 | 3),
                &[0, 0],
                &packed(45_658 << 2 | 2),
                &[2, 0],
            ]
            .concat(),
        ),
        record(
            0x0203,
            &[&place(3, 9)[..], &210_203_195_005_010_112_f64.to_le_bytes()].concat(),
        ),
        record(0x0205, &[&place(4, 0)[..], &[1, 0]].concat()),
        record(0x0205, &[&place(5, 0)[..], &[0x2A, 1]].concat()),
        // Formulas: a number, a text that follows, a truth, an error, an empty text.
        record(
            0x0006,
            &[&place(6, 9)[..], &2.5_f64.to_le_bytes(), &[0; 8]].concat(),
        ),
        record(
            0x0006,
            &[&place(7, 9)[..], &[0, 0, 0, 0, 0, 0, 255, 255], &[0; 8]].concat(),
        ),
        record(0x0207, &[1, 0, 1, 0x37, 0x75]),
        record(
            0x0006,
            &[&place(8, 9)[..], &[1, 0, 1, 0, 0, 0, 255, 255], &[0; 8]].concat(),
        ),
        record(
            0x0006,
            &[&place(9, 9)[..], &[2, 0, 42, 0, 0, 0, 255, 255], &[0; 8]].concat(),
        ),
        record(
            0x0006,
            &[&place(10, 9)[..], &[3, 0, 0, 0, 0, 0, 255, 255], &[0; 8]].concat(),
        ),
        // A chart has cells of its own, and a cell said twice holds what was said last.
        record(0x0809, &[0, 6, 32, 0]),
        record(0x0203, &[&place(11, 9)[..], &1_f64.to_le_bytes()].concat()),
        record(0x000A, &[]),
        record(0x0204, &[&place(4, 0)[..], &[1, 0, 0, b'x']].concat()),
    ];
    assert_eq!(
        first(&workbook(&[date], &cells)),
        [
            "n:7.0",
            "n:1.23",
            "d:2025-01-01",
            "n:2.102031950050101e17",
            "x",
            "e:#N/A",
            "=n:2.5",
            "=男",
            "=b:TRUE",
            "=e:#N/A",
            "="
        ]
    );
}

#[test]
fn what_isn_t_read_is_said() {
    assert_eq!(
        read(&workbook(&[record(0x002F, &[0; 6])], &[])).unwrap_err(),
        FileFault::Password
    );
    let old = FileFault::NotASpreadsheet {
        what: Foreign::OldWorkbook,
    };
    for start in [
        [9, 0, 4, 0, 2, 0, 16, 0],
        [9, 2, 6, 0, 0, 0, 16, 0],
        [9, 4, 6, 0, 0, 0, 16, 0],
    ] {
        let bytes = [&start[..], &[0; 60]].concat();
        assert_eq!(read_workbook(&bytes, Merged::Ignored).unwrap_err(), old);
    }
    // A file without an end has lost rows; two sheets in one place would be read twice.
    let whole = workbook(&[], &[record(0x0203, &[0; 14])]);
    assert!(read(&whole).is_ok());
    for cut in 0..whole.len() {
        assert!(
            matches!(read(&whole[..cut]), Err(FileFault::Damaged { .. })),
            "{cut}"
        );
    }
    let wide = workbook(
        &[],
        &[record(0x0203, &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    );
    assert!(matches!(read(&wide), Err(FileFault::Damaged { .. })));
}

#[test]
fn sheets_and_texts_can_t_be_many_times_the_file() {
    // A sheet that two names lead to.
    let single = workbook(&[], &[record(0x0203, &[0; 14]), record(0x1000, &[0; 400])]);
    let sheet = u32::try_from(20 + 13 + 4 + 13).unwrap().to_le_bytes();
    let bound = record(0x0085, &[&sheet[..], &[0, 0, 1, 0, b'a']].concat());
    let twice = [&single[..20], &bound, &bound, &single[33..]].concat();
    assert!(matches!(read(&twice), Err(FileFault::Damaged { .. })));
    // Two long texts in turn, 65,536 times.
    let long = |letter: u8| [&[0x00, 0x20, 0][..], &[letter; 0x2000]].concat();
    let table = [
        &record(
            0x00FC,
            &[&[2, 0, 0, 0, 2, 0, 0, 0], long(b'a').as_slice()].concat(),
        )[..],
        &record(0x003C, &long(b'b')),
    ]
    .concat();
    let cells: Vec<Vec<u8>> = (0..65_535_u16)
        .map(|row| {
            record(
                0x00FD,
                &[
                    &row.to_le_bytes()[..],
                    &[0, 0, 0, 0, u8::from(row % 2 == 0), 0, 0, 0],
                ]
                .concat(),
            )
        })
        .collect();
    assert!(matches!(
        read(&workbook(&[table], &cells)),
        Err(FileFault::TooManyCells { .. })
    ));
}

#[test]
fn cut_files_are_damaged() {
    for (writer, _) in WRITERS {
        let whole = fixture(&format!("{writer}-60.xls"));
        for cut in (512..whole.len()).step_by(512) {
            // What is cut off may lie behind the workbook.
            if let Ok(book) = read_workbook(&whole[..cut], Merged::Read) {
                assert_eq!(book.sheets[0].len(), 61, "{writer}, cut at {cut}");
            }
        }
    }
}

/// The most memory this process has held, in MiB; nothing where the system doesn't say.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<usize>()
        .ok()
        .map(|kib| kib >> 10)
}

const ALONE: &str = "read_workbook::biff::tests::altered_files_end_soon_and_hold_little";

/// Altered anywhere, a file is read or refused within a second, without a panic. In a process of its own, it holds less than
/// 200 MB.
#[test]
fn altered_files_end_soon_and_hold_little() {
    if std::env::var_os("ALTERED_FILES_ALONE").is_none() {
        let this = std::env::current_exe().unwrap();
        let alone = std::process::Command::new(this)
            .args([ALONE, "--exact", "--nocapture"])
            .env("ALTERED_FILES_ALONE", "1")
            .output()
            .unwrap();
        assert!(
            alone.status.success(),
            "{}",
            String::from_utf8_lossy(&alone.stderr)
        );
        return;
    }
    let files: Vec<Vec<u8>> = (WRITERS
        .iter()
        .map(|(writer, _)| fixture(&format!("{writer}-5.xls"))))
    .chain(["gnumeric-97-60.xls", "bare-5.xls"].map(fixture))
    .collect();
    let change = (any::<prop::sample::Index>(), any::<u8>());
    // Most of what leads anywhere stands in the first sector and in the first records.
    let place = prop_oneof![Just(0.02), Just(0.2), Just(1.0)];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 2_000,
        ..ProptestConfig::default()
    });
    let case = (
        0..files.len(),
        place,
        prop::collection::vec(change, 1..12),
        any::<bool>(),
    );
    runner
        .run(&case, |(which, share, changes, stream)| {
            let mut bytes = files[which].clone();
            // The records themselves in a sound container, or the file.
            if stream && let Ok(records) = crate::read_workbook::compound::workbook(&bytes) {
                bytes = records;
            }
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a small file"
            )]
            let room = ((bytes.len() as f64 * share) as usize).max(1);
            for (at, byte) in &changes {
                let at = at.index(room);
                bytes[at] = *byte;
            }
            let began = Instant::now();
            let _read = match stream {
                true => read(&bytes),
                false => read_workbook(&bytes, Merged::Read),
            };
            prop_assert!(began.elapsed() < Duration::from_secs(1));
            Ok(())
        })
        .unwrap();
    // Sectors that lead in a circle or far behind the end, in every table.
    for whole in &files {
        for at in (0..whole.len() - 4).step_by(4) {
            for sector in [0_u32, 1, 0xFFFF_FFF0, 0xFFFF_FFFE] {
                let mut bytes = whole.clone();
                bytes[at..at + 4].copy_from_slice(&sector.to_le_bytes());
                let began = Instant::now();
                let _read = read_workbook(&bytes, Merged::Read);
                assert!(began.elapsed() < Duration::from_secs(1), "{at}: {sector}");
            }
        }
    }
    assert!(peak().is_none_or(|mib| mib < 190), "{:?} MiB", peak());
    std::io::stdout().flush().unwrap();
}
