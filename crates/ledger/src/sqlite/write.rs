//! Writing rows to SQLite: many rows per statement, few distinct statements, so that a commit of hundreds of thousands of
//! entries costs a few hundred calls. It writes what it is given and decides nothing.

use super::Session;
use super::columns::{Names, damaged, day, kind_number, place, roll_number, say_number};
use crate::store::{
    Batch, Body, BookRow, CommitRow, EdgeRow, EntryRow, Erasing, KeyRow, PackRow, RecordRow,
    RollRow, SayRow, StoreError, Writing,
};
use async_trait::async_trait;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Sqlite, Transaction};
use std::sync::{Arc, LazyLock};

/// How many rows one call writes: as many as are left of the largest size that fits.
const SIZES: [usize; 4] = [512, 64, 8, 1];

/// SQL that writes several rows in one call, in the sizes it is prepared for.
struct Rows {
    sizes: [(usize, Arc<str>); 4],
}

type Bound = Result<(), sqlx::error::BoxDynError>;

impl Rows {
    /// One `INSERT` with several rows of values for these columns. A row that can't be written fails the commit, so nothing has to be
    /// remembered to take back the rows before it alone (`OR FAIL`).
    fn insert(table: &str, columns: &str, on_conflict: &str) -> Self {
        let row = format!("({})", vec!["?"; columns.split(',').count()].join(","));
        let sql = |rows| {
            let rows = vec![row.as_str(); rows].join(",");
            format!("INSERT OR FAIL INTO {table} ({columns}) VALUES {rows} {on_conflict}")
        };
        Self {
            sizes: SIZES.map(|rows| (rows, Arc::from(sql(rows)))),
        }
    }

    /// Writes all rows, the largest statements first.
    async fn write<R: Send>(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        rows: Vec<R>,
        bind: impl Fn(&mut SqliteArguments, R) -> Bound + Send,
    ) -> Result<(), StoreError> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for (size, sql) in &self.sizes {
            while left >= *size {
                let mut arguments = SqliteArguments::default();
                for row in rows.by_ref().take(*size) {
                    bind(&mut arguments, row).map_err(StoreError::Failed)?;
                }
                sqlx::query_with(AssertSqlSafe(sql.clone()), arguments)
                    .execute(&mut **tx)
                    .await?;
                left -= size;
            }
        }
        Ok(())
    }
}

static BOOKS: LazyLock<Rows> = LazyLock::new(|| {
    let moved = "ON CONFLICT (number) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    Rows::insert(
        "book",
        "number, unit, seq, hash, opened_at, opened_by",
        moved,
    )
});
static ENTRIES: LazyLock<Rows> = LazyLock::new(|| {
    let columns = "place, commit_number, say, register, record, kind, since, until, row, previous, salt, body, hash";
    Rows::insert("entry", columns, "")
});
static RECORDS: LazyLock<Rows> = LazyLock::new(|| {
    let moved = "ON CONFLICT (number) DO UPDATE SET place = excluded.place, book = excluded.book, stays = excluded.stays";
    Rows::insert("record", "number, register, place, book, stays", moved)
});
static KEYS: LazyLock<Rows> = LazyLock::new(|| {
    let columns = "register, scope, key, record";
    Rows::insert("directory", columns, "ON CONFLICT DO NOTHING")
});
static EDGES: LazyLock<Rows> = LazyLock::new(|| {
    let columns = "register, source, target, record";
    Rows::insert("edge", columns, "ON CONFLICT DO NOTHING")
});
static SAYS: LazyLock<Rows> = LazyLock::new(|| {
    let columns = "commit_number, nth, sender, unit, roster, as_of, whole, file, rows, unplaced, since, slices, holes, content";
    Rows::insert("say", columns, "")
});
static ROLLS: LazyLock<Rows> =
    LazyLock::new(|| Rows::insert("roll", "number, say, fields, words", ""));

fn register(names: &Names, name: &str) -> Result<i64, sqlx::error::BoxDynError> {
    let number = names.number(name);
    number.ok_or_else(|| damaged(format!("register {name} has no number")).into())
}

fn bind_book(to: &mut SqliteArguments, row: BookRow) -> Bound {
    to.add(row.number)?;
    to.add(row.unit)?;
    to.add(row.seq)?;
    to.add(row.hash.to_vec())?;
    to.add(row.opened_at)?;
    to.add(row.opened_by)
}

fn bind_entry(to: &mut SqliteArguments, row: EntryRow, names: &Names) -> Bound {
    to.add(place(row.at))?;
    to.add(row.commit)?;
    to.add(say_number(row.commit, row.say))?;
    to.add(register(names, &row.register)?)?;
    to.add(row.record)?;
    to.add(kind_number(row.kind))?;
    to.add(day(row.from))?;
    to.add(day(row.until))?;
    to.add(row.row)?;
    to.add(row.previous.map(place))?;
    let (salt, body) = match row.body {
        Body::Kept(salt, body) => (salt.to_vec(), Some(body)),
        Body::Erased(digest) => (digest.to_vec(), None),
    };
    to.add(salt)?;
    to.add(body)?;
    to.add(row.hash.to_vec())
}

fn bind_record(to: &mut SqliteArguments, row: RecordRow, names: &Names) -> Bound {
    to.add(row.number)?;
    to.add(register(names, &row.register)?)?;
    to.add(place(row.at))?;
    to.add(row.book)?;
    to.add(row.into)
}

fn bind_key(to: &mut SqliteArguments, row: KeyRow, names: &Names) -> Bound {
    to.add(register(names, &row.register)?)?;
    to.add(row.scope)?;
    to.add(row.key)?;
    to.add(row.record)
}

fn bind_edge(to: &mut SqliteArguments, row: EdgeRow, names: &Names) -> Bound {
    to.add(register(names, &row.register)?)?;
    to.add(row.source)?;
    to.add(row.target)?;
    to.add(row.record)
}

fn bind_say(to: &mut SqliteArguments, SayRow { id, say }: SayRow) -> Bound {
    to.add(id.commit)?;
    to.add(id.nth)?;
    to.add(say.voice.sender)?;
    to.add(say.voice.unit.as_str())?;
    to.add(say.voice.roster)?;
    to.add(day(Some(say.as_of)))?;
    let list = say.list.as_ref();
    to.add(list.map(|list| list.whole.number()))?;
    to.add(list.map(|list| list.file.clone()))?;
    to.add(list.map(|list| list.rows))?;
    to.add(list.map(|list| list.unplaced))?;
    to.add(day(list.and_then(|list| list.since)))?;
    to.add(list.map(|list| list.slices.join("\n")))?;
    to.add(list.map(|list| list.holes.join("\n")))?;
    to.add(list.map(|list| list.content.0.to_vec()))
}

fn bind_roll(to: &mut SqliteArguments, row: RollRow) -> Bound {
    to.add(roll_number(row.commit, row.nth))?;
    to.add(say_number(row.commit, row.say))?;
    to.add(i64::from_le_bytes(row.fields.to_le_bytes()))?;
    to.add(row.words)
}

impl Session {
    /// The names of registers, with those of a batch that are new.
    async fn names_of(&mut self, batch: &Batch) -> Result<Names, StoreError> {
        let names = self.names().await?;
        let mut new: Vec<&Arc<str>> = batch
            .records
            .iter()
            .map(|row| &row.register)
            .filter(|name| names.number(name).is_none())
            .collect();
        new.sort_unstable();
        new.dedup();
        for name in &new {
            let sql = "INSERT INTO register (name) VALUES (?)";
            sqlx::query(sql)
                .bind(&***name)
                .execute(&mut *self.tx)
                .await?;
            self.names = None;
        }
        self.names().await
    }

    async fn put_pack(&mut self, row: PackRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO pack (ordinal, digest, name) VALUES (?, ?, ?)")
            .bind(row.ordinal)
            .bind(row.digest.to_vec())
            .bind(row.name)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn put_commit(&mut self, row: CommitRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO commits (number, asked, actor, source, recorded_at, rights, pack, undoes, undone_by, units, opened, \
                   entries, heads, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(row.number)
            .bind(row.asked.to_vec())
            .bind(row.actor)
            .bind(row.source)
            .bind(row.recorded_at)
            .bind(row.rights)
            .bind(row.pack)
            .bind(row.undoes)
            .bind(row.undone_by)
            .bind(row.units)
            .bind(row.opened)
            .bind(row.entries)
            .bind(row.heads)
            .bind(row.seal.to_vec())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn erase(&mut self, erasing: Erasing, names: &Names) -> Result<(), StoreError> {
        let Erasing {
            row,
            left,
            keys,
            edges,
        } = erasing;
        let tx = &mut *self.tx;
        sqlx::query(
            "INSERT INTO erasure (commit_number, place, first, second) VALUES (?, ?, ?, ?)",
        )
        .bind(row.commit)
        .bind(place(row.at))
        .bind(row.by[0].as_str())
        .bind(row.by[1].as_str())
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE entry SET salt = ?, body = NULL WHERE place = ?")
            .bind(left.to_vec())
            .bind(place(row.at))
            .execute(&mut *tx)
            .await?;
        let key =
            "DELETE FROM directory WHERE register = ? AND scope = ? AND key = ? AND record = ?";
        for row in keys {
            let mut arguments = SqliteArguments::default();
            bind_key(&mut arguments, row, names).map_err(StoreError::Failed)?;
            sqlx::query_with(key, arguments).execute(&mut *tx).await?;
        }
        let edge =
            "DELETE FROM edge WHERE register = ? AND source = ? AND target = ? AND record = ?";
        for row in edges {
            let mut arguments = SqliteArguments::default();
            bind_edge(&mut arguments, row, names).map_err(StoreError::Failed)?;
            sqlx::query_with(edge, arguments).execute(&mut *tx).await?;
        }
        self.erased = true;
        Ok(())
    }
}

#[async_trait]
impl Writing for Session {
    async fn put(&mut self, mut batch: Batch) -> Result<(), StoreError> {
        let names = &self.names_of(&batch).await?;
        if let Some(pack) = batch.pack.take() {
            self.put_pack(pack).await?;
        }
        if let Some((undone, by)) = batch.undone.take() {
            let sql = "UPDATE commits SET undone_by = ? WHERE number = ?";
            sqlx::query(sql)
                .bind(by)
                .bind(undone)
                .execute(&mut *self.tx)
                .await?;
        }
        if let Some(commit) = batch.commit.take() {
            self.put_commit(commit).await?;
        }
        if let Some(erasing) = batch.erasing.take() {
            self.erase(erasing, names).await?;
        }
        let tx = &mut self.tx;
        BOOKS.write(tx, batch.books, bind_book).await?;
        SAYS.write(tx, batch.says, bind_say).await?;
        ROLLS.write(tx, batch.rolls, bind_roll).await?;
        let entry = |to: &mut SqliteArguments, row| bind_entry(to, row, names);
        ENTRIES.write(tx, batch.entries, entry).await?;
        let record = |to: &mut SqliteArguments, row| bind_record(to, row, names);
        RECORDS.write(tx, batch.records, record).await?;
        let key = |to: &mut SqliteArguments, row| bind_key(to, row, names);
        KEYS.write(tx, batch.keys, key).await?;
        let edge = |to: &mut SqliteArguments, row| bind_edge(to, row, names);
        EDGES.write(tx, batch.edges, edge).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let (erased, writer) = (self.erased, self.writer.clone());
        self.tx.commit().await?;
        if erased {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            sqlx::query(sql).execute(&writer).await?;
        }
        Ok(())
    }
}
