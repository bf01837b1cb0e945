//! Where packs come from: a folder, or the national pack built into the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, DirEntry, include_dir};
use kernel::Lang;
use pack::{Pack, SourceFile};

use crate::failure::Failure;
use crate::say::Say;

static NATIONAL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../packs/national");

/// What the pack built in is called.
const NATIONAL_NAME: &str = "national";

/// The most files a pack may have, and the most bytes of one.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The most packs that may stand on one another.
const MOST_LAYERS: usize = 8;

/// The files of a pack, layer by layer, the lowest first: of `national`, or of a folder and of what it says it stands on.
pub fn layers(name: &str) -> Result<Vec<Vec<SourceFile>>, Failure> {
    let folder = Path::new(name);
    if folder.is_dir() {
        let stored = stored(folder)?;
        if !stored.is_empty() {
            return Ok(stored);
        }
    }
    let (mut layers, mut next) = (Vec::new(), Some(name.to_owned()));
    while let Some(name) = next {
        if layers.len() == MOST_LAYERS {
            return Err(Failure::new(
                format!(
                    "规则包叠加超过 {MOST_LAYERS} 层；请查看各层 pack.toml 的 extends 是否成环"
                ),
                format!(
                    "over {MOST_LAYERS} packs stand on one another; see whether `extends` of their pack.toml leads in a ring"
                ),
            ));
        }
        let files = files(&name)?;
        next = pack::extends(&files).map(|base| beside(&name, &base));
        layers.push(files);
    }
    layers.reverse();
    Ok(layers)
}

/// What `extends` of a pack's folder means: a pack built in, or with a `/` in it a folder beside.
fn beside(name: &str, base: &str) -> String {
    if base.contains('/') {
        Path::new(name).join(base).to_string_lossy().into_owned()
    } else {
        base.to_owned()
    }
}

/// The layers in the folder of a ledger, as [`store`] writes several; none if it holds one.
fn stored(folder: &Path) -> Result<Vec<Vec<SourceFile>>, Failure> {
    if folder.join("pack.toml").is_file() {
        return Ok(Vec::new());
    }
    let mut layers = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Failure::io(folder, error))? {
        let path = entry.map_err(|error| Failure::io(folder, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.split_once('-')?.0.parse::<usize>().ok());
        if let Some(number) = number.filter(|_| path.join("pack.toml").is_file()) {
            layers.push((number, files(&path.to_string_lossy())?));
        }
    }
    layers.sort_by_key(|(number, _)| *number);
    Ok(layers.into_iter().map(|(_, files)| files).collect())
}

/// Writes a pack's files into the folder of a ledger, several layers each in a folder of its own, numbered from the lowest.
pub fn store(pack: &Pack, folder: &Path) -> Result<(), Failure> {
    for (nth, layer) in pack.layers.iter().enumerate() {
        for file in &pack.files[layer.files.clone()] {
            let path = match &pack.layers[..] {
                [_] => folder.join(&file.path),
                _ => folder.join(format!("{nth}-{}", file.path)),
            };
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(|error| Failure::io(parent, error))?;
            fs::write(&path, &file.text).map_err(|error| Failure::io(&path, error))?;
        }
    }
    Ok(())
}

/// The files of one layer: `national`, or a folder.
fn files(name: &str) -> Result<Vec<SourceFile>, Failure> {
    let folder = Path::new(name);
    let mut files = Vec::new();
    if name == NATIONAL_NAME && !folder.is_dir() {
        embedded(&NATIONAL, &mut files);
    } else if folder.is_dir() {
        collect(folder, folder, &mut files)?;
    } else {
        return Err(match pack::nearest(name, [NATIONAL_NAME]) {
            Some(near) => Failure::new(
                format!("没有规则包文件夹 {name}；是否想写内置的“{near}”？"),
                format!(
                    "there is no pack folder {name}; did you mean “{near}”, the pack built in?"
                ),
            ),
            None => Failure::new(
                format!("没有规则包文件夹 {name}；可写 national 使用内置的国家通用规则包"),
                format!("there is no pack folder {name}; write national for the pack built in"),
            ),
        });
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
        let name = path.strip_prefix(root).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if pack::is_read(&name) {
            let size = fs::metadata(&path)
                .map_err(|error| Failure::io(&path, error))?
                .len();
            if into.len() >= MOST_FILES || size > MOST_BYTES {
                let path = path.display();
                return Err(Failure::new(
                    format!("{path}：规则包最多 2000 个文件、每个不超过 4 MiB"),
                    format!("{path}: a pack has at most 2,000 files of at most 4 MiB"),
                ));
            }
            let bytes = fs::read(&path).map_err(|error| Failure::io(&path, error))?;
            let text = String::from_utf8(bytes).map_err(|_| {
                let path = path.display();
                Failure::new(
                    format!("{path}：不是 UTF-8 编码（可能存成了 GBK）；请用编辑器另存为 UTF-8"),
                    format!(
                        "{path}: this isn't UTF-8 (it may be GBK); save it as UTF-8 in the editor"
                    ),
                )
            })?;
            into.push(SourceFile { path: name, text });
        }
    }
    Ok(())
}

/// Files that were meant to be of a pack, but that end in `.toml.txt`, as editors of Windows save them.
pub fn misnamed(name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(name)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let named = path.to_string_lossy().to_lowercase();
            if path.is_dir() {
                open.push(path);
            } else if named.ends_with(".toml.txt") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Loads a pack; its faults are drawn for the user.
pub fn load(name: &str, say: &Say) -> Result<Arc<Pack>, Failure> {
    pack::load_layers(layers(name)?)
        .map(Arc::new)
        .map_err(|faulty| {
            say.aside(&pack::render(
                &faulty.files,
                &faulty.faults,
                say.lang,
                false,
            ));
            Failure::new(
                format!("规则包“{name}”请先改好：{}", faulty.message(Lang::Zh)),
                format!("mend the pack “{name}” first: {faulty}"),
            )
        })
}
