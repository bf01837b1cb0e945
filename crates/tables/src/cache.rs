//! Histories on disk, so that a restart does not replay the ledger. One folder per book: a file per register and a
//! manifest, written last and swapped in whole, that says up to which entry of the book's chain the files reach.
//! A manifest whose hash is not that of the ledger's chain is ignored: a cache can be dropped at any time, never trusted blindly.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use kernel::UnitCode;
use pack::Pack;
use serde::{Deserialize, Serialize};

use crate::error::TablesError;
use crate::history::History;

/// The histories of one book up to one entry of its chain.
#[derive(Clone, Debug)]
pub(crate) struct BookHistory {
    /// Sequence of the last entry included; 0 for none.
    pub seq: i64,
    /// The chain's hash at that entry.
    pub hash: String,
    /// By register id; registers without entries are absent.
    pub registers: BTreeMap<String, History>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    seq: i64,
    hash: String,
    /// File name by register.
    files: BTreeMap<String, String>,
}

const MANIFEST: &str = "manifest.json";

/// The cached histories of a book, or nothing when there are none that fit the pack.
pub(crate) fn load(folder: &Path, pack: &Pack, book: UnitCode) -> Option<BookHistory> {
    let folder = folder.join(book.to_string());
    let manifest: Manifest = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
    let mut registers = BTreeMap::new();
    for (id, file) in manifest.files {
        let register = pack.register(&id)?;
        registers.insert(id, History::restore(register, read(&folder.join(file))?)?);
    }
    Some(BookHistory {
        seq: manifest.seq,
        hash: manifest.hash,
        registers,
    })
}

fn read(path: &Path) -> Option<RecordBatch> {
    let mut reader = FileReader::try_new(File::open(path).ok()?, None).ok()?;
    reader.next()?.ok()
}

/// Writes the histories of a book; files of older manifests are removed afterwards.
pub(crate) fn save(
    folder: &Path,
    book: UnitCode,
    history: &BookHistory,
) -> Result<(), TablesError> {
    let folder = folder.join(book.to_string());
    make(&folder)?;
    let mut files = BTreeMap::new();
    for (id, register) in &history.registers {
        let seq = register.last_seq();
        let name = format!("{id}-{seq}.arrow");
        let path = folder.join(&name);
        if !path.exists() {
            write(&path, register.as_columns())?;
        }
        files.insert(id.clone(), name);
    }
    let manifest = Manifest {
        seq: history.seq,
        hash: history.hash.clone(),
        files,
    };
    let text = serde_json::to_vec(&manifest).map_err(|error| failed(&folder, error.into()))?;
    replace(&folder.join(MANIFEST), &text)?;
    remove_others(&folder, &manifest);
    Ok(())
}

fn make(folder: &Path) -> Result<(), TablesError> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))
}

fn write(path: &Path, columns: &RecordBatch) -> Result<(), TablesError> {
    let part = part_of(path);
    let file = File::create(&part).map_err(|error| failed(&part, error))?;
    let mut writer = FileWriter::try_new(BufWriter::new(file), &columns.schema())?;
    writer.write(columns)?;
    writer.finish()?;
    drop(writer);
    fs::rename(&part, path).map_err(|error| failed(path, error))
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), TablesError> {
    let part = part_of(path);
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|error| failed(path, error))
}

fn part_of(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.part", std::process::id()))
}

/// Old files only take up room; one that cannot be removed does no harm.
fn remove_others(folder: &Path, manifest: &Manifest) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kept = name == MANIFEST || manifest.files.values().any(|file| *file == name);
        if !kept && name.ends_with(".arrow") {
            let _ignored = fs::remove_file(entry.path());
        }
    }
}

fn failed(path: &Path, source: std::io::Error) -> TablesError {
    TablesError::Cache {
        path: path.display().to_string(),
        source,
    }
}
