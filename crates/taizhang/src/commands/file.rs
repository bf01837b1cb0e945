//! `taizhang file`: files that records refer to, kept beside the ledger, and taken out by whom the record shows them.

use std::path::Path;
use std::process::ExitCode;

use kernel::Lang;
use pack::{FileRef, LARGEST_FILE};
use serde_json::json;
use tables::AsOf;

use crate::arguments::FileOf;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::say::Say;

/// Keeps files, or takes one out.
pub async fn run(asked: &FileOf, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    match asked.of.as_deref().zip(asked.out.as_deref()) {
        Some((place, out)) => take_out(&folder, asked, place, out, say).await?,
        None => keep(&folder, asked, say).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Keeps files; all are looked at before the first is kept.
async fn keep(folder: &Folder, asked: &FileOf, say: &Say) -> Result<(), Failure> {
    let grant = folder.grant(&[], "file").await?;
    if !grant.units().iter().any(|unit| grant.writes(None, unit)) {
        let who = &grant.who;
        return Err(Failure::new(
            format!("“{who}”的岗位不能登记，也不能保存附件"),
            format!("no post of “{who}” writes anything, so it keeps no files"),
        ));
    }
    let read = asked.files.iter().map(|path| {
        let bytes = read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = FileRef::of(&name, &bytes)
            .map_err(|fault| of(path, fault.message(Lang::Zh), fault.message(Lang::En)))?;
        Ok((file, bytes))
    });
    let read: Vec<(FileRef, Vec<u8>)> = read.collect::<Result<_, Failure>>()?;
    let mut kept = Vec::new();
    for (file, bytes) in read {
        kept.push(folder.ledger.keep_file(file.name(), &bytes)?.to_string());
    }
    if say.json {
        return say.value(&json!({ "files": kept }));
    }
    for file in kept {
        say.line(file);
    }
    Ok(())
}

/// The bytes of a file to be kept, if it isn't too large.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let large = std::fs::metadata(path).is_ok_and(|file| file.len() > LARGEST_FILE);
    if large {
        return Err(of(
            path,
            "超过 20 MB，请压缩或拆分",
            "larger than 20 MB; compress or split it",
        ));
    }
    std::fs::read(path).map_err(|error| Failure::io(path, error))
}

fn of(path: &Path, zh: &str, en: &str) -> Failure {
    let path = path.display();
    Failure::new(format!("{path}：{zh}"), format!("{path}: {en}"))
}

/// Writes the file of a field, where none is yet.
async fn take_out(
    folder: &Folder,
    asked: &FileOf,
    place: &str,
    out: &Path,
    say: &Say,
) -> Result<(), Failure> {
    let absent = || {
        Failure::new(
            format!("“{place}”没有附件，或不在权限内；请写成 登记册.记录号.项目"),
            format!("“{place}” has no file, or not within reach; write REGISTER.RECORD.FIELD"),
        )
    };
    let place = folder.place(place)?.ok_or_else(absent)?;
    let register = folder.pack.register(&place.register).ok_or_else(absent)?;
    let (_, field) = register.field(&place.field).ok_or_else(absent)?;
    let why = asked.clear.why.as_deref().unwrap_or("file");
    let admitted = folder
        .admit(&asked.clear.reveal, ("file", why), now())
        .await?;
    let session = folder.tables.session(&admitted, AsOf::on(today())).await?;
    let sql = format!(
        "select {} from {} where id = {}",
        field.id, register.id, place.record.0
    );
    let rows = tables::show(&session.collect(&sql).await?)?;
    let text = rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next()?);
    let file: Option<FileRef> = text.and_then(|text| text.parse().ok());
    let file = file.ok_or_else(absent)?;
    let bytes = folder.ledger.file(&file)?;
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create_new(true).open(out);
    let written = written.and_then(|mut to| std::io::Write::write_all(&mut to, &bytes));
    written.map_err(|error| Failure::io(out, error))?;
    if say.json {
        return say.value(&json!({ "file": file.to_string() }));
    }
    say.line(file.name());
    Ok(())
}
