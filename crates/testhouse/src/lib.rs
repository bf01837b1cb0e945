//! What the tests of several crates share: the packs, read from where they stand in this repository. It knows `kernel` and
//! `pack` only, so that every crate's tests can use it; the product never depends on it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use kernel::Lang;
use pack::{Pack, SourceFile};

/// The top of the repository in which the tests run, wherever they were compiled.
pub fn repository() -> PathBuf {
    let here = std::env::current_dir().expect("tests run somewhere");
    let top = here
        .ancestors()
        .find(|folder| folder.join("packs/national").is_dir());
    top.expect("tests run in the repository").to_owned()
}

/// The national pack, loaded once for all tests of a process.
pub fn national() -> Arc<Pack> {
    static NATIONAL: LazyLock<Arc<Pack>> =
        LazyLock::new(|| loaded(files(&repository().join("packs/national"))));
    NATIONAL.clone()
}

/// The registers that crates know by the pack's contract, and what [`renamed`] calls them.
pub const OTHER_NAMES: [(&str, &str); 10] = [
    ("person", "resident"),
    ("residence", "dwelling"),
    ("household", "hearth"),
    ("kinship", "tie"),
    ("enrolment", "payee"),
    ("death", "passing"),
    ("question", "doubt"),
    ("layout", "heading"),
    ("unit", "place"),
    ("post", "seat"),
];

/// The national pack, in which every register of the contract is called otherwise.
pub fn renamed() -> Arc<Pack> {
    let mut files = files(&repository().join("packs/national"));
    for file in &mut files {
        for (old, new) in OTHER_NAMES {
            let mut replace = |before: &str, after: &str| {
                let (old, new) = (
                    format!("{before}{old}{after}"),
                    format!("{before}{new}{after}"),
                );
                file.text = file.text.replace(&old, &new);
            };
            replace("[register]\nid = \"", "\"");
            replace("register = \"", "\"");
            replace("absent = [\"", "\"");
            if file.path.starts_with("indicators/") {
                replace("needs = [\"", "\"");
                replace(", \"", "\"]");
            }
            if file.path.starts_with("cases/") {
                replace("\n", " = [");
            }
            if file.path.starts_with("roles/") {
                replace("\"", "\"");
                replace("\"", ".");
            }
            file.text = read_from(&file.text, old, new);
            if file.path == format!("linkage/{old}.toml") {
                file.path = format!("linkage/{new}.toml");
            }
        }
    }
    loaded(files)
}

/// SQL that reads another table.
fn read_from(text: &str, old: &str, new: &str) -> String {
    let is_word = |ch: char| ch.is_alphanumeric() || ch == '_';
    let mut read = String::with_capacity(text.len());
    for part in text.split_inclusive(|ch| !is_word(ch)) {
        let before = read.trim_end();
        let reads = ["from", "join"].iter().any(|word| before.ends_with(word));
        match part.strip_prefix(old).filter(|_| reads) {
            Some(rest) if !rest.starts_with(is_word) => read.extend([new, rest]),
            _ => read.push_str(part),
        }
    }
    read
}

/// The pack of these files. Panics with every fault when there are any, as its author would read them.
pub fn loaded(files: Vec<SourceFile>) -> Arc<Pack> {
    match pack::load(files) {
        Ok(pack) => Arc::new(pack),
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, Lang::En, false)
        ),
    }
}

/// The files of a pack, below its folder, in the order of their paths, which are relative to it.
pub fn files(folder: &Path) -> Vec<SourceFile> {
    let read = |path: PathBuf| SourceFile {
        path: relative(&path, folder),
        text: fs::read_to_string(&path).unwrap(),
    };
    let all = walk(folder, "toml").into_iter().chain(walk(folder, "csv"));
    let mut files: Vec<SourceFile> = all.map(read).collect();
    files.retain(|file| pack::is_read(&file.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no files in {}", folder.display());
    files
}

/// Every file below a folder whose name ends so, in the order of their paths.
pub fn walk(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path below a folder, with `/` between its parts whatever the system.
pub fn relative(path: &Path, folder: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap().iter();
    let parts: Vec<&str> = parts.map(|part| part.to_str().unwrap()).collect();
    parts.join("/")
}

/// A list of one community in the layout of the police roster, and the ID numbers on it.
pub struct CommunityList {
    /// The list.
    pub csv: String,
    /// The number of each, in order.
    pub numbers: Vec<String>,
}

/// The people of one of two communities, 0 or 1: each with a number, a telephone, a door and a name of their own, by which it can be told
/// wherever they show that they are of it: 甲 or 乙, 1380 or 1381, 0路 or 1路.
pub fn community(which: usize, people: u16) -> CommunityList {
    let mut csv =
        String::from("户号,姓名,公民身份号码,与户主关系,户籍情况,户别,联系电话,住址,现住状态\n");
    let mut numbers = Vec::new();
    for nth in 0..people {
        let (year, month, day) = (1950 + nth % 50, 1 + nth % 12, 1 + nth % 28);
        let born: jiff::civil::Date = format!("{year}-{month:02}-{day:02}").parse().unwrap();
        let order = 2 * nth + 500 * u16::try_from(which).unwrap();
        let number = kernel::IdNumber::compose("210203", born, order).unwrap();
        let (name, number) = (name(which, nth), number.as_str());
        csv += &format!(
            "{which}{nth},{name},{number},户主,本地户籍,家庭户,138{which}{nth:07},{which}路{nth}号,在住\n"
        );
        numbers.push(number.to_owned());
    }
    CommunityList { csv, numbers }
}

/// The name of one of them.
pub fn name(which: usize, nth: u16) -> String {
    let digits: Vec<char> = "零一二三四五六七八九".chars().collect();
    let digit = |at: u16| digits[usize::from(at)];
    let mut name = String::from(["甲", "乙"][which]);
    name.extend([digit(nth / 10), digit(nth % 10)]);
    name
}

/// The packs that a page's examples make up, the lowest layer first: each block of TOML whose first line names a file, as
/// `# codes/sex.toml`, or of a layer above, as `# county: pack.toml`.
pub fn examples(page: &str) -> Vec<Vec<SourceFile>> {
    let mut layers: Vec<(&str, Vec<SourceFile>)> = vec![("", Vec::new())];
    for block in page.split("```toml\n").skip(1) {
        let (text, _) = block.split_once("```").expect("a block ends");
        let first = text.lines().next().unwrap_or_default();
        let Some(named) = first
            .strip_prefix("# ")
            .filter(|named| named.ends_with(".toml"))
        else {
            continue;
        };
        let (layer, path) = named.split_once(": ").unwrap_or(("", named));
        let file = SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        match layers.iter_mut().find(|(name, _)| *name == layer) {
            Some((_, files)) => files.push(file),
            None => layers.push((layer, vec![file])),
        }
    }
    layers.into_iter().map(|(_, files)| files).collect()
}
