//! Where packs come from: a folder, or the national pack built into the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, DirEntry, include_dir};
use pack::{Pack, SourceFile};

use crate::failure::Failure;
use crate::say::Say;

static NATIONAL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../packs/national");

/// The most files a pack may have, and the most bytes of one.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The files of a pack: `national`, or a folder.
pub fn files(name: &str) -> Result<Vec<SourceFile>, Failure> {
    let folder = Path::new(name);
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(folder, folder, &mut files)?;
    } else if name == "national" {
        embedded(&NATIONAL, &mut files);
    } else {
        return Err(Failure::new(
            format!("没有规则包文件夹 {name}；可写 national 使用内置的国家通用规则包"),
            format!("there is no pack folder {name}; write national for the pack built in"),
        ));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn embedded(folder: &Dir<'_>, into: &mut Vec<SourceFile>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => embedded(folder, into),
            DirEntry::File(file) => {
                if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                    into.push(SourceFile {
                        path: path.replace('\\', "/"),
                        text: text.to_owned(),
                    });
                }
            }
        }
    }
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<SourceFile>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| Failure::io(folder, error))? {
        let path: PathBuf = entry.map_err(|error| Failure::io(folder, error))?.path();
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let size = fs::metadata(&path)
                .map_err(|error| Failure::io(&path, error))?
                .len();
            if into.len() >= MOST_FILES || size > MOST_BYTES {
                return Err(Failure::io(
                    &path,
                    "a pack has at most 2,000 files of at most 4 MiB / 规则包最多 2000 个文件、每个不超过 4 MiB",
                ));
            }
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, error))?;
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            into.push(SourceFile { path: name, text });
        }
    }
    Ok(())
}

/// Loads a pack; its faults are drawn for the user.
pub fn load(name: &str, files: Vec<SourceFile>, say: &Say) -> Result<Arc<Pack>, Failure> {
    pack::load(files).map(Arc::new).map_err(|faulty| {
        say.aside(&pack::render(
            &faulty.files,
            &faulty.faults,
            say.lang,
            false,
        ));
        Failure::new(
            format!(
                "规则包 {name} 有 {} 处错误，请逐一更正",
                faulty.faults.len()
            ),
            format!(
                "the pack {name} has {} faults; mend them first",
                faulty.faults.len()
            ),
        )
    })
}
