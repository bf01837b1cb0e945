//! Reading the files of a pack from disk, which the crate itself never does.

use std::fs;
use std::path::{Path, PathBuf};

use pack::SourceFile;

/// The crate's directory.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files under a directory, with paths relative to it.
pub fn files(directory: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    walk(directory, directory, &mut files);
    assert!(!files.is_empty(), "no files in {}", directory.display());
    files
}

fn walk(top: &Path, directory: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(top, &path, files);
            continue;
        }
        let parts: Vec<_> = path
            .strip_prefix(top)
            .unwrap()
            .iter()
            .map(|p| p.to_str().unwrap())
            .collect();
        files.push(SourceFile {
            path: parts.join("/"),
            text: fs::read_to_string(&path).unwrap(),
        });
    }
}
