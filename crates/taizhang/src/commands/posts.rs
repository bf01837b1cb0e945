//! `taizhang posts`: who holds which post, appointing and dismissing.

use std::process::ExitCode;

use intake::Appointment;
use kernel::Lang;
use ledger::{Access, Admitted, Receipt};
use serde_json::json;

use crate::arguments::PostsOf;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::units;
use crate::say::Say;

/// Lists the posts held on a day, or appoints to one, or ends one.
pub async fn run(asked: &PostsOf, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let (root, on) = (folder.root().await?, asked.on.unwrap_or_else(today));
    let grant = folder.grant(&[], "posts").await?;
    if let Some(record) = asked.dismiss {
        let receipt = intake::dismiss(&folder.tables, &grant, (root, record, on), now());
        return recorded(&receipt.await?, say);
    }
    let appointed = asked.appoint.as_ref().zip(asked.role.as_ref());
    if let Some(((holder, role), unit)) = appointed.zip(asked.unit.as_ref()) {
        let roles = (&folder.pack.roles[..], Kind::Roles);
        let appointment = Appointment {
            holder: holder.clone(),
            role: folder.named(role, roles)?.id.clone(),
            unit: folder.unit(unit, on).await?,
            from: on,
            until: asked.until,
            stands_in_for: asked.stands_in_for.clone(),
        };
        let receipt = intake::appoint(&folder.tables, &grant, (root, &appointment), now());
        return recorded(&receipt.await?, say);
    }
    let name = "posts".to_owned();
    let access = Access::Command { name };
    let admitted = folder.ledger.admit(grant, now(), access).await?;
    list(&folder, &admitted, on, say).await
}

async fn list(
    folder: &Folder,
    seen_by: &Admitted,
    on: jiff::civil::Date,
    say: &Say,
) -> Result<ExitCode, Failure> {
    let posts = folder.tables.snapshot().await?.posts(on);
    let role = |id: &str| {
        let role = folder.pack.role(id);
        role.map_or_else(|| id.to_owned(), |role| role.name.get(say.lang).to_owned())
    };
    if say.json {
        let posts = posts.iter().map(|post| {
            json!({
                "post": post.record, "holder": post.holder, "role": post.role, "unit": post.unit,
                "stands_in_for": post.stands_in_for,
            })
        });
        say.value(&json!({ "posts": posts.collect::<Vec<_>>() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let units = units(folder, seen_by, on, now()).await?;
    let rows = posts.iter().map(|post| {
        let stands_in = post.stands_in_for.clone().unwrap_or_default();
        vec![
            post.record.to_string(),
            post.holder.clone(),
            role(&post.role),
            units.name(post.unit.as_str()),
            stands_in,
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = match say.lang {
        Lang::Zh => ["岗位", "任职人", "角色", "单位", "代谁行使"],
        Lang::En => ["Post", "Holder", "Role", "Unit", "Stands in for"],
    };
    match rows.is_empty() {
        true => say.line(say.pick(
            "还没有岗位：谁打开台账，谁就有全部权限。",
            "There are no posts yet: whoever opens the ledger has every right.",
        )),
        false => say.table(&header, &rows),
    }
    Ok(ExitCode::SUCCESS)
}

fn recorded(receipt: &Receipt, say: &Say) -> Result<ExitCode, Failure> {
    if say.json {
        say.value(&json!({ "commit": receipt.commit, "seal": receipt.seal, "post": receipt.opened.first() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    say.line(match say.lang {
        Lang::Zh => format!("已记入，第 {} 号提交", receipt.commit),
        Lang::En => format!("Recorded as commit {}", receipt.commit),
    });
    say.line(super::receipt(receipt, say.lang));
    Ok(ExitCode::SUCCESS)
}
