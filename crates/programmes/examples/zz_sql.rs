//! scratch
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use pack::SourceFile;
use std::{fs, path::Path, sync::Arc, time::Instant};
use tables::{AsOf, Tables};
fn collect(root: &Path, folder: &Path, into: &mut Vec<SourceFile>) {
    for e in fs::read_dir(folder).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            collect(root, &p, into)
        } else if p.extension().is_some_and(|x| x == "toml") {
            into.push(SourceFile {
                path: p.strip_prefix(root).unwrap().to_string_lossy().into_owned(),
                text: fs::read_to_string(&p).unwrap(),
            })
        }
    }
}
#[tokio::main]
async fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let dir = Path::new(&dir);
    let mut f = Vec::new();
    let root = dir.join("pack");
    collect(&root, &root, &mut f);
    f.sort_by(|a, b| a.path.cmp(&b.path));
    let pack = Arc::new(pack::load(f).ok().unwrap());
    let ledger = ledger::Ledger::open(dir, pack.clone()).await.unwrap();
    let tables = Tables::new(ledger, pack.clone(), Some(dir.join("cache")));
    let s = tables
        .evaluation(
            AsOf::on("2025-12-31".parse().unwrap()),
            "x",
            jiff::Timestamp::now(),
        )
        .await
        .unwrap();
    for a in std::env::args().skip(2) {
        if let Some(set) = a.strip_prefix("--") {
            if let Some((k, v)) = set.split_once('=') {
                let sql = format!("set {k} = '{v}'");
                s.context()
                    .sql(&sql)
                    .await
                    .unwrap()
                    .collect()
                    .await
                    .unwrap();
                println!("{sql}");
            }
            continue;
        }
        let sql = fs::read_to_string(&a).unwrap();
        for _ in 0..4 {
            let t = Instant::now();
            let q = s.query(&sql).await.unwrap();
            let p = q.create_physical_plan().await.unwrap();
            let planned = t.elapsed();
            let rows = datafusion::physical_plan::collect(p, s.context().task_ctx())
                .await
                .unwrap();
            println!(
                "{a} plan {planned:?} all {:?} rows {}",
                t.elapsed(),
                rows.iter().map(|b| b.num_rows()).sum::<usize>()
            );
        }
        if std::env::var("PLAN").is_ok() {
            let r = s
                .context()
                .sql(&format!("explain analyze {sql}"))
                .await
                .unwrap()
                .collect()
                .await
                .unwrap();
            println!(
                "{}",
                datafusion::arrow::util::pretty::pretty_format_batches(&r).unwrap()
            );
        }
    }
}
