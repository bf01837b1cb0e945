//! The bytes of the files that records refer to, found by their digest. They lie beside the ledger's own file, one file each, written
//! whole and onto the disk before a word may name them, and never written over. What no word names does no harm.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pack::FileRef;

use crate::error::LedgerError;
use crate::ledger::Ledger;

/// Where files are kept.
#[derive(Debug)]
pub(crate) enum Files {
    /// In a folder, which is made with the first of them.
    Folder(PathBuf),
    /// As long as the process lasts.
    Memory(Mutex<BTreeMap<[u8; 32], Vec<u8>>>),
}

impl Files {
    pub(crate) fn in_memory() -> Files {
        Files::Memory(Mutex::default())
    }

    /// Keeps the bytes of a file; those that are there already stay as they are.
    pub(crate) fn keep(&self, file: &FileRef, bytes: &[u8]) -> io::Result<()> {
        match self {
            Files::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.entry(file.digest()).or_insert_with(|| bytes.to_vec());
                Ok(())
            }
            // One that was cut or altered is put right by who has its bytes.
            Files::Folder(_) if self.read(file)?.is_some_and(|kept| file.is_of(&kept)) => Ok(()),
            Files::Folder(folder) => write_whole(&path(folder, file.digest()), bytes),
        }
    }

    /// The bytes kept under a file's digest, whatever they are; none if there are none.
    pub(crate) fn read(&self, file: &FileRef) -> io::Result<Option<Vec<u8>>> {
        match self {
            Files::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(kept.get(&file.digest()).cloned())
            }
            Files::Folder(folder) => match fs::read(path(folder, file.digest())) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                read => read.map(Some),
            },
        }
    }

    /// Whether a file is there, as large as it should be.
    pub(crate) fn has(&self, file: &FileRef) -> bool {
        match self {
            Files::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.contains_key(&file.digest())
            }
            Files::Folder(folder) => {
                let there = fs::metadata(path(folder, file.digest()));
                there.is_ok_and(|there| there.is_file() && there.len() == file.size())
            }
        }
    }

    /// What lies there, by the names under which it does.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let folder = match self {
            Files::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                return Ok(kept.keys().map(|digest| name(*digest)).collect());
            }
            Files::Folder(folder) => folder,
        };
        let mut names = Vec::new();
        let firsts = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
            firsts => firsts?,
        };
        for first in firsts {
            let first = first?.path();
            for file in fs::read_dir(&first)? {
                let file = file?.path();
                let below = file.strip_prefix(folder).unwrap_or(&file);
                names.push(below.to_string_lossy().replace('\\', "/"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Takes the bytes of a file away.
    pub(crate) fn remove(&self, digest: [u8; 32]) -> io::Result<()> {
        match self {
            Files::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.remove(&digest);
                Ok(())
            }
            Files::Folder(folder) => match fs::remove_file(path(folder, digest)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            },
        }
    }
}

impl Ledger {
    /// Keeps the bytes of a file, so that words may refer to it. They are on disk when this returns.
    ///
    /// # Errors
    /// The file is empty, too large or of no known kind, its name can't be used, or it can't be written.
    pub fn keep_file(&self, name: &str, bytes: &[u8]) -> Result<FileRef, LedgerError> {
        let file = FileRef::of(name, bytes).map_err(LedgerError::BadFile)?;
        let kept = self.files.keep(&file, bytes);
        kept.map_err(LedgerError::Files)?;
        Ok(file)
    }

    /// The bytes of a file that a record refers to. Who may read the record is not asked here.
    ///
    /// # Errors
    /// They aren't there, or aren't what they were, or can't be read.
    pub fn file(&self, file: &FileRef) -> Result<Vec<u8>, LedgerError> {
        let bytes = self.files.read(file).map_err(LedgerError::Files)?;
        bytes
            .filter(|bytes| file.is_of(bytes))
            .ok_or_else(|| LedgerError::FileDamaged(file.name().to_owned()))
    }
}

/// The name under which a file lies: by the first two digits of its digest, so that no folder holds too many.
pub(crate) fn name(digest: [u8; 32]) -> String {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let (first, rest) = digits.split_at(2);
    format!("{first}/{rest}")
}

fn path(folder: &Path, digest: [u8; 32]) -> PathBuf {
    folder.join(name(digest))
}

/// Writes a file beside its place, onto the disk, then into its place, and the folder that names it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    File::open(folder)?.sync_all()
}
