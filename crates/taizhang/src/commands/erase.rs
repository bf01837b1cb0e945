//! `taizhang erase`: the entries of a record, and erasing what some of them say, by a document and two people.

use std::process::ExitCode;

use kernel::{EntryKind, Lang};
use ledger::{Access, Entry, Receipt};
use pack::Register;
use serde_json::json;
use tables::Caller;

use crate::arguments::Erase;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::say::Say;

/// Lists the entries of a record, or erases some of them: each by a commit of its own, in order, until one is refused.
pub async fn run(asked: &Erase, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let registers = (&folder.pack.registers[..], Kind::Registers);
    let register = folder.named(&asked.register, registers)?;
    let grant = folder.grant(&[], "erase").await?;
    let what = Access::Record {
        register: register.id.clone(),
        record: asked.record,
    };
    let grant = folder.ledger.admit(grant, now(), what).await?;
    let entries = folder.ledger.history(&register.id, asked.record).await?;
    let entries: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| grant.reads(&register.id, &entry.book))
        .collect();
    if entries.is_empty() {
        let record = asked.record;
        return Err(Failure::new(
            format!("这一册里没有记录 {record}，或不在权限内"),
            format!("there is no record {record} in this register, or not within reach"),
        ));
    }
    let Some((document, second)) = asked.document.as_deref().zip(asked.second.as_deref()) else {
        list(&entries, register, say)?;
        return Ok(ExitCode::SUCCESS);
    };
    holds(&folder, second).await?;
    // All places are looked for before anything is erased.
    let chosen = asked.entries.iter().map(|place| {
        let found = entries.iter().find(|entry| place_of(entry) == *place);
        found.ok_or_else(|| {
            Failure::new(
                format!("这条记录没有“{place}”这一条；请照列出的写"),
                format!("the record has no entry “{place}”; write it as it is listed"),
            )
        })
    });
    for entry in chosen.collect::<Result<Vec<_>, _>>()? {
        let by = [grant.who.as_str(), second];
        let erased = folder.ledger.erase(entry.at, document, by, now(), &grant);
        told(&place_of(entry), &erased.await?, say)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a second person who has no post with the duty to erase.
async fn holds(folder: &Folder, second: &str) -> Result<(), Failure> {
    let root = folder.root().await?;
    let who = Caller { name: second, root };
    let grant = folder.tables.grant(&who, today(), "erase").await?;
    match grant.has(pack::ERASES, &root) {
        true => Ok(()),
        false => Err(Failure::new(
            format!("“{second}”的岗位没有依法删除的职责"),
            format!("no post of “{second}” has the duty to erase"),
        )),
    }
}

/// Where an entry stands, as it is typed.
fn place_of(entry: &Entry) -> String {
    format!("{}.{}", entry.book, entry.at.seq)
}

/// The entries, oldest first, by the fields they speak of: never by what they say.
fn list(entries: &[Entry], register: &Register, say: &Say) -> Result<(), Failure> {
    let fields = |entry: &Entry| {
        let body = entry.body.as_deref()?;
        let said = register.decode_said(body).ok()?;
        let names = said.spoken.iter().filter_map(|at| register.fields.get(at));
        let names = names.map(|field| field.name.get(say.lang));
        Some(names.collect::<Vec<_>>().join(say.pick("、", ", ")))
    };
    if say.json {
        let entries = entries.iter().map(|entry| {
            json!({
                "entry": place_of(entry), "kind": entry.kind.as_str(), "commit": entry.commit, "erased": entry.body.is_none(),
                "fields": fields(entry),
            })
        });
        return say.value(&json!({ "entries": entries.collect::<Vec<_>>() }));
    }
    for entry in entries {
        let what = match (&entry.body, entry.kind) {
            (None, _) => say.pick("已删除", "erased").to_owned(),
            (_, EntryKind::Transfer | EntryKind::Merge | EntryKind::Undo) => "—".to_owned(),
            _ => fields(entry).unwrap_or_default(),
        };
        let (kind, commit) = (entry.kind.label(say.lang), entry.commit);
        say.line(match say.lang {
            Lang::Zh => format!("{}  {kind}  第 {commit} 号提交  {what}", place_of(entry)),
            Lang::En => format!("{}  {kind}  commit {commit}  {what}", place_of(entry)),
        });
    }
    Ok(())
}

fn told(place: &str, receipt: &Receipt, say: &Say) -> Result<(), Failure> {
    if say.json {
        return say
            .value(&json!({ "erased": place, "commit": receipt.commit, "seal": receipt.seal }));
    }
    say.line(match say.lang {
        Lang::Zh => format!("{place} 的内容已删除，记为第 {} 号提交", receipt.commit),
        Lang::En => format!("What {place} said is erased, as commit {}", receipt.commit),
    });
    say.line(super::receipt(receipt, say.lang));
    Ok(())
}
