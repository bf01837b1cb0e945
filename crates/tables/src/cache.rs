//! Words on disk, so that a restart does not replay the ledger. One folder per book: a file per register and a manifest. Files
//! are known by their content: each carries its book, its register's declaration and the hash of the last entry in it, and the
//! manifest the digest of its bytes, the registers there were and how many words had been erased; what doesn't match in all of it, or can't be read, is no cache. A cache can be dropped at
//! any time, never trusted blindly.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::ipc::convert::fb_to_schema;
use datafusion::arrow::ipc::reader::{FileDecoder, read_footer_length};
use datafusion::arrow::ipc::root_as_footer;
use datafusion::arrow::ipc::writer::FileWriter;
use ledger::{Book, Digest};
use pack::{FieldSet, Pack, Register};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::TablesError;
use crate::feed::{AsRead, Feed};
use crate::words::{Arrival, BookWords, Merged};

#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The unit of the book.
    unit: String,
    /// The last entry included.
    seq: i64,
    /// The chain's hash there.
    hash: Digest,
    /// How many words had been erased.
    erased: usize,
    /// The registers there were.
    registers: Vec<String>,
    /// By register.
    files: BTreeMap<String, Kept>,
    arrivals: Vec<Arrival>,
    merges: Vec<Merged>,
}

/// A file of one register.
#[derive(Serialize, Deserialize)]
struct Kept {
    file: String,
    /// The digest of its bytes.
    digest: Digest,
    /// The digest of the register's declaration.
    declared: Digest,
    /// The hash of the last entry in it.
    hash: Digest,
    /// What rows say is unknown.
    unknown: BTreeMap<u32, u64>,
    /// What could not be read.
    as_read: AsRead,
}

const MANIFEST: &str = "manifest.json";

/// The cached words of a book, or nothing when there are none that fit.
pub(crate) fn load(folder: &Path, pack: &Pack, book: &Book) -> Option<BookWords> {
    let folder = folder.join(book.unit.to_string());
    let manifest: Manifest = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
    if manifest.unit != book.unit.to_string() || manifest.registers != registers(pack) {
        return None;
    }
    let mut feeds = BTreeMap::new();
    for (id, kept) in manifest.files {
        let register = pack.register(&id)?;
        let bytes = fs::read(folder.join(&kept.file)).ok()?;
        if digest(&bytes) != kept.digest || declared(register) != kept.declared {
            return None;
        }
        let unknown = kept.unknown.into_iter();
        let unknown = unknown.map(|(row, bits)| (row, FieldSet(bits))).collect();
        let feed = Feed::restore(register, read(bytes)?, unknown, kept.as_read, kept.hash)?;
        feeds.insert(id, Arc::new(feed));
    }
    Some(BookWords {
        book: Book {
            seq: manifest.seq,
            hash: manifest.hash,
            ..book.clone()
        },
        cached: manifest.seq,
        erased: manifest.erased,
        feeds,
        arrivals: Arc::new(manifest.arrivals),
        merges: Arc::new(manifest.merges),
    })
}

/// The columns in a file's bytes, where they lie. A reader that panics over them has found no cache.
fn read(bytes: Vec<u8>) -> Option<RecordBatch> {
    let read = || {
        let bytes = Buffer::from(bytes);
        let end = bytes.len().checked_sub(10)?;
        let length = read_footer_length(bytes[end..].try_into().ok()?).ok()?;
        let footer = root_as_footer(&bytes[end.checked_sub(length)?..end]).ok()?;
        let schema = Arc::new(fb_to_schema(footer.schema()?));
        let block = footer.recordBatches()?.iter().next()?;
        let length = usize::try_from(block.bodyLength()).ok()?;
        let length = length + usize::try_from(block.metaDataLength()).ok()?;
        let data = bytes.slice_with_length(usize::try_from(block.offset()).ok()?, length);
        let decoder = FileDecoder::new(schema, footer.version());
        decoder.read_record_batch(block, &data).ok()?
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Writes the words of a book; files of older manifests are removed afterwards.
pub(crate) fn save(folder: &Path, pack: &Pack, words: &BookWords) -> Result<(), TablesError> {
    let folder = folder.join(words.book.unit.to_string());
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let before: Option<Manifest> = fs::read(folder.join(MANIFEST))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    let before = before.filter(|manifest| manifest.erased == words.erased);
    let mut before = before.map(|manifest| manifest.files).unwrap_or_default();
    let mut files = BTreeMap::new();
    for (id, feed) in &words.feeds {
        let Some(register) = pack.register(id) else {
            continue;
        };
        let declared = declared(register);
        let same = |kept: &Kept| kept.hash == feed.hash() && kept.declared == declared;
        let kept = match before.remove(id).filter(same) {
            Some(kept) if folder.join(&kept.file).exists() => kept,
            _ => keep(&folder, id, feed, declared)?,
        };
        files.insert(id.clone(), kept);
    }
    let manifest = Manifest {
        unit: words.book.unit.to_string(),
        seq: words.book.seq,
        hash: words.book.hash,
        erased: words.erased,
        registers: registers(pack),
        files,
        arrivals: words.arrivals.to_vec(),
        merges: words.merges.to_vec(),
    };
    let text = serde_json::to_vec(&manifest).map_err(|error| failed(&folder, error.into()))?;
    replace(&folder.join(MANIFEST), &text)?;
    remove_others(&folder, &manifest);
    Ok(())
}

fn keep(folder: &Path, id: &str, feed: &Feed, declared: Digest) -> Result<Kept, TablesError> {
    let columns = feed.as_columns();
    let mut bytes = Vec::with_capacity(columns.get_array_memory_size());
    let mut writer = FileWriter::try_new(&mut bytes, &columns.schema())?;
    writer.write(columns)?;
    writer.finish()?;
    drop(writer);
    let digest = digest(&bytes);
    let file = format!("{id}-{}.arrow", &digest.to_string()[..32]);
    replace(&folder.join(&file), &bytes)?;
    let unknown = feed.unknown().iter();
    Ok(Kept {
        file,
        digest,
        declared,
        hash: feed.hash(),
        unknown: unknown.map(|(row, fields)| (*row, fields.0)).collect(),
        as_read: feed.as_read().clone(),
    })
}

fn digest(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

fn registers(pack: &Pack) -> Vec<String> {
    let registers = pack.registers.iter();
    registers.map(|register| register.id.clone()).collect()
}

/// The digest of what columns a register has, and of what kinds.
fn declared(register: &Register) -> Digest {
    let mut text = register.id.clone();
    for field in &register.fields {
        text.push_str(&format!(
            "\n{} {:?} {:?}",
            field.id, field.kind, field.told_by
        ));
    }
    digest(text.as_bytes())
}

/// Writes a file whole: beside its place, onto the disk, then into its place.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), TablesError> {
    let part = part_of(path);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(|error| failed(path, error))
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
        let kept = name == MANIFEST || manifest.files.values().any(|kept| kept.file == name);
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
