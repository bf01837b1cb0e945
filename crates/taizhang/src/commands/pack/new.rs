//! `taizhang pack new`: the files of a pack to begin with. They load without faults and hold one case.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kernel::Lang;

use crate::arguments::PackNew;
use crate::failure::Failure;
use crate::packs;
use crate::say::Say;

/// The files of a pack that stands alone, and of one that stands on another.
const ALONE: [(&str, &str); 5] = [
    ("pack.toml", include_str!("alone/pack.toml")),
    ("registers/person.toml", include_str!("alone/register.toml")),
    ("subjects/person.toml", include_str!("alone/subject.toml")),
    (
        "programmes/example.toml",
        include_str!("alone/programme.toml"),
    ),
    ("cases/example.toml", include_str!("alone/cases.toml")),
];
const OVER: [(&str, &str); 3] = [
    ("pack.toml", include_str!("over/pack.toml")),
    (
        "programmes/example.toml",
        include_str!("over/programme.toml"),
    ),
    ("cases/example.toml", include_str!("over/cases.toml")),
];

/// Writes the files of a new pack.
pub fn new(wish: &PackNew, say: &Say) -> Result<ExitCode, Failure> {
    let dir = &wish.dir;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        let shown = dir.display();
        return Err(Failure::new(
            format!("文件夹 {shown} 不是空的；请换一个新文件夹"),
            format!("the folder {shown} is not empty; choose a new one"),
        ));
    }
    // A folder that the pack stands on is found from its own.
    fs::create_dir_all(dir).map_err(|error| Failure::io(dir, error))?;
    let id = id_of(dir);
    let name = wish.name.clone().unwrap_or_else(|| id.clone());
    let name_en = wish.name_en.clone().unwrap_or_else(|| id.clone());
    let mut words = vec![
        ("ID", id),
        ("NAME", quoted(&name)),
        ("NAME_EN", quoted(&name_en)),
    ];
    let files: &[(&str, &str)] = match &wish.extends {
        None => &ALONE,
        Some(base) => {
            words.push(("EXTENDS", quoted(base)));
            words.extend(of_base(dir, base, say)?);
            &OVER
        }
    };
    for (path, text) in files {
        let mut text = (*text).to_owned();
        for (word, put) in &words {
            text = text.replace(&format!("«{word}»"), put);
        }
        let path = dir.join(path);
        let parent = path.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(|error| Failure::io(parent, error))?;
        fs::write(&path, text).map_err(|error| Failure::io(&path, error))?;
    }
    let shown = dir.display();
    say.done(match say.lang {
        Lang::Zh => format!("已写入 {shown}。programmes/example.toml 和 cases/example.toml 只是示例，用前请改写或删去。改好后运行 taizhang pack check {shown} 和 taizhang pack test {shown}；写法见 docs/pack.md"),
        Lang::En => format!("Written to {shown}. programmes/example.toml and cases/example.toml are examples: change or delete them before the pack is used. Then run taizhang pack check {shown} and taizhang pack test {shown}; docs/pack.md is the reference"),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// An id made of the folder's name, as far as it can be one.
fn id_of(dir: &Path) -> String {
    let name = dir
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let id: String = name.chars().filter(|c| good(*c)).take(64).collect();
    let id = id.to_ascii_lowercase();
    if id.starts_with(|c: char| c.is_ascii_lowercase()) {
        id
    } else {
        "my-pack".to_owned()
    }
}

/// Without what would end a string in TOML.
fn quoted(text: &str) -> String {
    let plain = |c: &char| !c.is_control() && *c != '"' && *c != '\\';
    text.chars().filter(plain).collect()
}

/// What the example takes from the pack below: about whom it decides, and the register whose records these are.
fn of_base(dir: &Path, base: &str, say: &Say) -> Result<Vec<(&'static str, String)>, Failure> {
    let folder = dir.join(base);
    let name = if base.contains('/') {
        folder.to_string_lossy().into_owned()
    } else {
        base.to_owned()
    };
    let pack = packs::load(&name, say)?;
    let of_case = |case: &pack::RuleCase| {
        let subject = &pack.programme(&case.programme)?.subject;
        let is_it = |row: &pack::CaseRow| row.key.as_ref() == Some(&case.subject);
        let mut registers = case.people.iter();
        let (register, _) = registers.find(|(_, rows)| rows.iter().any(is_it))?;
        let own = pack.subject(subject)?.members == ["subject"];
        own.then(|| (subject.clone(), register.clone()))
    };
    let found = pack.cases.iter().find_map(of_case);
    let (subject, register) = found.ok_or_else(|| {
        Failure::new(
            format!("规则包 {base} 没有以个人为对象的用例，无法写出示例；请用 pack new 新建独立的规则包"),
            format!("the pack {base} has no case about a person to make an example from; make a pack that stands alone"),
        )
    })?;
    Ok(vec![("SUBJECT", subject), ("REGISTER", register)])
}
