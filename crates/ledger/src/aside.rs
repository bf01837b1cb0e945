//! Small things that are kept beside the ledger and are no truth, such as the lists that somebody saved: a file each, for this user of the
//! computer only, written whole and onto the disk. Nothing of the ledger rests on them: one that is missing is none.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::ledger::Ledger;

/// The largest of them that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Where they are kept.
#[derive(Debug)]
pub(crate) enum Aside {
    /// In the ledger's folder.
    Folder(PathBuf),
    /// As long as the process lasts.
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
}

impl Aside {
    pub(crate) fn in_memory() -> Aside {
        Aside::Memory(Mutex::default())
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Aside::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(kept.get(name).cloned())
            }
            Aside::Folder(folder) => {
                let path = folder.join(name);
                match fs::metadata(&path) {
                    Ok(there) if there.len() > LARGEST => Ok(None),
                    Ok(_) => fs::read(path).map(Some),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }

    fn change<E: From<io::Error>>(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        match self {
            Aside::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let bytes = change(kept.get(name).cloned())?;
                kept.insert(name.to_owned(), bytes);
                Ok(())
            }
            Aside::Folder(folder) => {
                let lock = private()
                    .create(true)
                    .open(folder.join(format!("{name}.lock")))?;
                lock.lock()?;
                let bytes = change(self.read(name)?)?;
                Ok(write_private(folder, name, &bytes)?)
            }
        }
    }
}

impl Ledger {
    /// What is kept beside the ledger under a name of ours; none if there is nothing, or more than we keep.
    ///
    /// # Errors
    /// It can't be read.
    pub fn aside(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.aside.read(name)
    }

    /// Changes what is kept beside the ledger under a name of ours, made of what is there: nobody else changes it meanwhile, in
    /// whatever process. It is on disk when this returns.
    ///
    /// # Errors
    /// What `change` says; it can't be read or written. What was there stays.
    pub fn change_aside<E: From<io::Error>>(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        self.aside.change(name, change)
    }
}

/// Writes a file that only this user can open beside its place, onto the disk, then into its place, and the folder that names it.
fn write_private(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!("{name}.{}.part", std::process::id()));
    // One left over from an interrupted writing may be open to others.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// To write files that only this user can open.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}
