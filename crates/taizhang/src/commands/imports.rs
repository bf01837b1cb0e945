//! `taizhang imports` and `taizhang undo`: the journal of what was written, and taking a commit back.

use std::process::ExitCode;

use kernel::Lang;
use kernel::text::counted;
use ledger::CommitInfo;
use office::shown;
use serde_json::{Value, json};

use crate::arguments::{Imports, Undo};
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::units;
use crate::say::Say;

/// Lists the commits, the latest first.
pub async fn run(asked: &Imports, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let grant = folder.admit(&[], ("imports", "imports"), now()).await?;
    let commits = folder
        .ledger
        .commits(&grant, asked.before, asked.most)
        .await?;
    if say.json {
        let commits: Vec<Value> = commits.iter().map(described).collect();
        say.value(&json!({ "commits": commits }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let units = units(&folder, &grant, today(), now()).await?;
    for commit in &commits {
        let source = shown::source(&folder.pack, Some(&units), &commit.source, say.lang);
        say.line(told(commit, &source, say.lang));
    }
    if let Some(last) = commits.last().filter(|_| commits.len() == asked.most) {
        let (dir, number) = (asked.dir.display(), last.number);
        say.line(match say.lang {
            Lang::Zh => format!("更早的：taizhang imports {dir} --before {number}"),
            Lang::En => format!("Earlier ones: taizhang imports {dir} --before {number}"),
        });
    }
    if commits.is_empty() {
        say.line(say.pick("还没有记入任何内容。", "Nothing has been written yet."));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a commit back, whole or not at all.
pub async fn undo(asked: &Undo, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let grant = folder.grant(&[], "undo").await?;
    let receipt = folder.ledger.undo(asked.commit, now(), &grant).await?;
    if say.json {
        let value = json!({ "commit": receipt.commit, "entries": receipt.entries, "seal": receipt.seal, "undone": asked.commit });
        say.value(&value)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (undone, commit, entries) = (asked.commit, receipt.commit, receipt.entries);
    say.line(match (say.lang, receipt.repeated) {
        (Lang::Zh, false) => {
            format!("第 {undone} 号提交已撤回：{entries} 条，记为第 {commit} 号提交")
        }
        (Lang::Zh, true) => format!("第 {undone} 号提交此前已撤回（第 {commit} 号提交）"),
        (Lang::En, false) => {
            let entries = counted(entries, "entry", "entries");
            format!("Commit {undone} is taken back: {entries}, as commit {commit}")
        }
        (Lang::En, true) => format!("Commit {undone} was taken back before, by commit {commit}"),
    });
    say.line(super::receipt(&receipt, say.lang));
    Ok(ExitCode::SUCCESS)
}

fn told(commit: &CommitInfo, source: &str, lang: Lang) -> String {
    let CommitInfo {
        number,
        actor,
        entries,
        ..
    } = commit;
    let at = shown::moment(commit.recorded_at);
    let back = match (commit.undone_by, lang) {
        (None, _) => String::new(),
        (Some(by), Lang::Zh) => format!("  已被第 {by} 号提交撤回"),
        (Some(by), Lang::En) => format!("  taken back by {by}"),
    };
    match lang {
        Lang::Zh => format!("{number}  {at}  {actor}  {source}  {entries} 条{back}"),
        Lang::En => {
            let entries = counted(entries, "entry", "entries");
            format!("{number}  {at}  {actor}  {source}  {entries}{back}")
        }
    }
}

fn described(commit: &CommitInfo) -> Value {
    json!({
        "commit": commit.number, "recorded_at": commit.recorded_at.to_string(), "actor": commit.actor, "source": commit.source, "undoes": commit.undoes,
        "entries": commit.entries, "books": commit.books, "undone_by": commit.undone_by,
    })
}
