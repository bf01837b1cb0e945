//! What `bench/run.py` measures on our side: the sweep over a ledger that is already in memory, and one family asked again
//! with its explanation. It prints one JSON object and, on request, writes the very tables it asked, and what lists cover, so that
//! another engine can be asked the same. Times are wall-clock microseconds; nothing here is a test, because times vary.
//!
//! `sweep_bench DIR --on DATE [--repeat N] [--of ID]… [--programme ID]… [--export FOLDER] [--given FILE] [--households N]`
//!
//! `--of` names the programmes of the whole sweep, all if none is named; each repetition first works out anew for whom lists vouch.
//! `--programme` names those of a smaller one.
//! `--given` takes an Arrow file of facts that somebody else has gathered and asks only the conditions of the named
//! programmes of it: what an engine is measured by that is handed its facts ready made.

#![allow(
    clippy::print_stdout,
    reason = "it reports to the program that started it"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{Int64Type, Schema};
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::date::to_days;
use kernel::normal;
use ledger::Ledger;
use pack::{Pack, SourceFile};
use pack::{Vouches, Whom};
use programmes::{Desk, Sweep, sweep};
use serde_json::{Value, json};
use tables::{AsOf, Session, Snapshot, Tables, bind, date_literal, parameter_literal};

type Fallible<T> = Result<T, Box<dyn Error>>;

struct Asked {
    dir: PathBuf,
    on: Date,
    repeat: usize,
    of: Vec<String>,
    programmes: Vec<String>,
    export: Option<PathBuf>,
    given: Option<PathBuf>,
    households: usize,
}

/// As in `taizhang` itself.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Fallible<()> {
    let asked = asked()?;
    let pack = Arc::new(load(&asked.dir.join("pack"))?);
    let ledger = Ledger::open(&asked.dir, pack.clone()).await?;
    let tables = Tables::new(ledger, pack.clone(), Some(asked.dir.join("cache")));
    let as_of = AsOf::on(asked.on);
    let opening = Instant::now();
    let session = tables.evaluation(as_of, "bench", Timestamp::now()).await?;
    let opened = micros(opening);
    let rss_open = peak();
    let standing = tables.snapshot().await?;
    let of = Some(asked.of.as_slice()).filter(|of| !of.is_empty());
    let all = timed_sweeps((&session, &standing), of, asked.repeat).await?;
    let rss_sweep = peak();
    let only = match asked.programmes.as_slice() {
        [] => Value::Null,
        some => timed_sweeps((&session, &standing), Some(some), asked.repeat).await?,
    };
    let mut rows = serde_json::Map::new();
    for register in &pack.registers {
        rows.insert(
            register.id.clone(),
            session
                .count(&format!("select id from {}", register.id))
                .await?
                .into(),
        );
    }
    if let Some(folder) = &asked.export {
        export(&session, folder).await?;
        export_covers((&tables, &session, &standing), folder).await?;
    }
    let given = match &asked.given {
        Some(file) => given(&session, file, &asked).await?,
        None => Value::Null,
    };
    let households = households(&tables, &session, asked.households).await?;
    let report = json!({
        "on": asked.on.to_string(),
        "threads": std::thread::available_parallelism()?.get(),
        "open_us": opened,
        "rows": rows,
        "all": all,
        "only": only,
        "given": given,
        "households": households,
        "peak_rss_kib": { "open": rss_open, "sweep": rss_sweep, "end": peak() },
    });
    println!("{report}");
    Ok(())
}

fn asked() -> Fallible<Asked> {
    let usage = "sweep_bench DIR --on DATE [--repeat N] [--of ID]… [--programme ID]… [--export FOLDER] [--given FILE] [--households N]";
    let mut given = std::env::args().skip(1);
    let dir = PathBuf::from(given.next().ok_or(usage)?);
    let mut asked = Asked {
        dir,
        on: Date::new(2025, 12, 31)?,
        repeat: 5,
        of: Vec::new(),
        programmes: Vec::new(),
        export: None,
        given: None,
        households: 1_000,
    };
    while let Some(name) = given.next() {
        let value = given.next().ok_or(usage)?;
        match name.as_str() {
            "--on" => asked.on = value.parse()?,
            "--repeat" => asked.repeat = value.parse()?,
            "--of" => asked.of.push(value),
            "--programme" => asked.programmes.push(value),
            "--export" => asked.export = Some(PathBuf::from(value)),
            "--given" => asked.given = Some(PathBuf::from(value)),
            "--households" => asked.households = value.parse()?,
            _ => return Err(usage.into()),
        }
    }
    Ok(asked)
}

fn load(folder: &Path) -> Fallible<Pack> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    pack::load(files).map_err(|faulty| {
        format!(
            "the pack in {} has {} faults",
            folder.display(),
            faulty.faults.len()
        )
        .into()
    })
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<SourceFile>) -> Fallible<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root)?.to_string_lossy();
        let name = name.replace('\\', "/");
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if pack::is_read(&name) {
            into.push(SourceFile {
                path: name,
                text: fs::read_to_string(&path)?,
            });
        }
    }
    Ok(())
}

/// Sweeps from what lists cover and SQL text to answers counted, again and again over the same tables.
async fn timed_sweeps(
    (session, standing): (&Session, &Snapshot),
    only: Option<&[String]>,
    repeat: usize,
) -> Fallible<Value> {
    let (mut times, mut vouching) = (Vec::with_capacity(repeat), Vec::with_capacity(repeat));
    let (mut counts, mut causes) = (Value::Null, Value::Null);
    for nth in 0..repeat {
        let started = Instant::now();
        let vouched = standing.vouched_anew(session.as_of().on)?;
        vouching.push(micros(started));
        let session = session.clone().vouching(Arc::new(vouched));
        let answers = sweep(&session, only).await?;
        counts = counted(&answers)?;
        times.push(micros(started));
        if nth + 1 == repeat {
            causes = caused(&answers)?;
        }
    }
    Ok(json!({ "times_us": times, "vouched_us": vouching, "counts": counts, "causes": causes }))
}

/// Of whom it can't be told, how many lack which fact.
fn caused(answers: &Sweep) -> Fallible<Value> {
    let mut causes = serde_json::Map::new();
    for programme in answers.programmes() {
        let own = serde_json::to_value(answers.causes(&programme.id))?;
        causes.insert(programme.id.clone(), own);
    }
    Ok(Value::Object(causes))
}

fn counted(answers: &Sweep) -> Fallible<Value> {
    let mut counts = serde_json::Map::new();
    for programme in answers.programmes() {
        counts.insert(
            programme.id.clone(),
            serde_json::to_value(answers.counts(&programme.id))?,
        );
    }
    Ok(Value::Object(counts))
}

/// The conditions of the named programmes over facts that are there already: an answer per person and programme.
async fn given(session: &Session, file: &Path, asked: &Asked) -> Fallible<Value> {
    let reader = FileReader::try_new(fs::File::open(file)?, None)?;
    session.add_table("given", reader.schema(), reader.collect::<Result<_, _>>()?)?;
    let (mut times, mut entitled) = (Vec::with_capacity(asked.repeat), serde_json::Map::new());
    for _ in 0..asked.repeat {
        let started = Instant::now();
        let rows = session
            .collect(&given_sql(session.pack(), &asked.programmes, asked.on)?)
            .await?;
        for (nth, programme) in asked.programmes.iter().enumerate() {
            let count: usize = rows
                .iter()
                .map(|batch| batch.column(1 + nth).as_boolean().true_count())
                .sum();
            entitled.insert(programme.clone(), count.into());
        }
        times.push(micros(started));
    }
    Ok(json!({ "times_us": times, "entitled": entitled }))
}

fn given_sql(pack: &Pack, programmes: &[String], on: Date) -> Fallible<String> {
    let day = date_literal(on);
    let subject = pack
        .subject("person")
        .ok_or("the pack has no subject person")?;
    let mut answers = Vec::new();
    for id in programmes {
        let programme = pack.programme(id).ok_or("no such programme")?;
        let value = |name: &str| match name {
            "on" => Some(day.clone()),
            _ => programme
                .parameter(name)
                .and_then(|parameter| parameter.on(on))
                .map(|dated| parameter_literal(&dated.value)),
        };
        let conditions = programme
            .conditions
            .iter()
            .map(|condition| Ok(format!("({})", bind(&condition.holds, &value)?)));
        answers.push(conditions.collect::<Fallible<Vec<_>>>()?.join(" and "));
    }
    let mentioned = pack::mentions(&answers.join(" and "));
    let mut computed = String::new();
    for fact in subject.computed_in_order() {
        if let (Some(sql), true) = (
            &fact.sql,
            mentioned.iter().any(|(name, _)| *name == fact.id),
        ) {
            computed += &format!(
                ", {} as {}",
                bind(sql, &|name| (name == "on").then(|| day.clone()))?,
                fact.id
            );
        }
    }
    Ok(format!(
        "select subject, {} from (select *{computed} from given)",
        answers.join(", ")
    ))
}

/// Heads of households, evenly spread, each asked anew: the rows around found, every programme answered with its reasons.
async fn households(tables: &Tables, session: &Session, wanted: usize) -> Fallible<Value> {
    if wanted == 0 {
        return Ok(Value::Null);
    }
    let mut heads = Vec::new();
    for batch in session
        .collect("select person from residence where counted and relation_to_head = '02' order by person")
        .await?
    {
        heads.extend(batch.column(0).as_primitive::<Int64Type>().iter().flatten());
    }
    let step = (heads.len() / wanted).max(1);
    let chosen: Vec<i64> = heads.into_iter().step_by(step).take(wanted).collect();
    let indexing = Instant::now();
    let relatives = tables.relatives(session.as_of()).await?;
    let indexed = micros(indexing);
    let planning = Instant::now();
    let mut desk = Desk::new(tables.pack(), session.as_of(), None).await?;
    let planned = micros(planning);
    let (mut times, mut explanations) = (Vec::with_capacity(chosen.len()), 0);
    for person in chosen {
        let started = Instant::now();
        let answers = desk.explain(person, relatives.around(person)?).await?;
        times.push(micros(started));
        explanations += answers.len();
    }
    Ok(
        json!({ "index_us": indexed, "plan_us": planned, "times_us": times, "explanations": explanations }),
    )
}

/// Writes every register as the session sees it, one Arrow file each.
async fn export(session: &Session, folder: &Path) -> Fallible<()> {
    fs::create_dir_all(folder)?;
    for register in &session.pack().registers {
        let frame = session
            .query(&format!("select * from {}", register.id))
            .await?;
        let shape = frame.schema().as_arrow().clone();
        write(folder, &register.id, shape, &frame.collect().await?)?;
    }
    Ok(())
}

/// Writes what lists cover, of whom they don't tell, and who is at home where on their days and on the day of the session: what it takes to
/// work out for whom they vouch.
async fn export_covers(
    (tables, session, standing): (&Tables, &Session, &Snapshot),
    folder: &Path,
) -> Fallible<()> {
    let pack = session.pack();
    let on = session.as_of().on;
    let mut days = BTreeSet::from([on]);
    let mut covers = Covers::default();
    for (id, cover) in (0..).zip(standing.covers()) {
        let Some(vouching) = pack
            .roster(&cover.roster)
            .and_then(|own| own.vouching.as_ref())
        else {
            continue;
        };
        // A list that carries what has ended tells of days before its own, of those at home on its own.
        if cover.from <= on && on < cover.until {
            days.insert(cover.as_of);
        }
        covers.ids.push(id);
        covers.rosters.push(&cover.roster);
        covers.units.push(cover.unit.to_string());
        covers.hows.push(match vouching.how {
            Vouches::Roll => "roll",
            Vouches::Events(_) => "events",
        });
        covers.whoms.push(match vouching.whom {
            Whom::Registered => "registered",
            Whom::Living => "living",
            Whom::Either => "either",
        });
        let dates = [cover.as_of, cover.from, cover.until].map(to_days);
        for (column, day) in covers.days.iter_mut().zip(dates) {
            column.push(day);
        }
        covers.partial.push(cover.partial.is_some());
        covers
            .holes
            .extend(cover.holes.iter().map(|name| (id, normal(name))));
        covers
            .may_be
            .extend(cover.may_be.iter().map(|person| (id, *person)));
    }
    covers.write(folder)?;
    let (people, names): (Vec<_>, Vec<_>) = standing.names_said().into_iter().unzip();
    columns(
        folder,
        "person_name",
        vec![("person", ints(people)), ("name", texts(names))],
    )?;
    let books = tables.ledger().books().await?;
    let units = books.into_iter().map(|book| book.unit.to_string());
    columns(folder, "book_unit", vec![("unit", texts(units.collect()))])?;
    let (mut homes, mut shape) = (Vec::new(), Schema::empty());
    for day in days {
        let session = tables
            .passing_evaluation(AsOf::on(day), "bench", Timestamp::now())
            .await?;
        let frame = session
            .query(&format!("select {} as day, person, unit, registered, living from residence where person is not null", date_literal(day)))
            .await?;
        shape = frame.schema().as_arrow().clone();
        homes.extend(frame.collect().await?);
    }
    write(folder, "home", shape, &homes)
}

/// What lists cover, as columns.
#[derive(Default)]
struct Covers<'a> {
    ids: Vec<i64>,
    rosters: Vec<&'a str>,
    units: Vec<String>,
    hows: Vec<&'static str>,
    whoms: Vec<&'static str>,
    /// The list's day, and from and until when it vouches.
    days: [Vec<i32>; 3],
    partial: Vec<bool>,
    holes: BTreeSet<(i64, String)>,
    may_be: BTreeSet<(i64, i64)>,
}

impl Covers<'_> {
    fn write(self, folder: &Path) -> Fallible<()> {
        let [as_of, from, until] = self
            .days
            .map(|days| Arc::new(Date32Array::from(days)) as ArrayRef);
        let covers = vec![
            ("id", ints(self.ids)),
            ("roster", texts(self.rosters)),
            ("unit", texts(self.units)),
            ("how", texts(self.hows)),
            ("whom", texts(self.whoms)),
            ("as_of", as_of),
            ("from_day", from),
            ("until_day", until),
            ("partial", Arc::new(BooleanArray::from(self.partial))),
        ];
        columns(folder, "cover", covers)?;
        let (ids, names): (Vec<_>, Vec<_>) = self.holes.into_iter().unzip();
        columns(
            folder,
            "cover_hole",
            vec![("cover", ints(ids)), ("name", texts(names))],
        )?;
        let (ids, people): (Vec<_>, Vec<_>) = self.may_be.into_iter().unzip();
        columns(
            folder,
            "cover_may_be",
            vec![("cover", ints(ids)), ("person", ints(people))],
        )
    }
}

fn ints(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

fn texts<T: AsRef<str>>(values: Vec<T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Writes a table of columns.
fn columns(folder: &Path, table: &str, columns: Vec<(&str, ArrayRef)>) -> Fallible<()> {
    let rows = RecordBatch::try_from_iter(columns)?;
    write(folder, table, rows.schema().as_ref().clone(), &[rows])
}

/// Writes a table as an Arrow file.
fn write(folder: &Path, table: &str, shape: Schema, rows: &[RecordBatch]) -> Fallible<()> {
    let file = fs::File::create(folder.join(format!("{table}.arrow")))?;
    let mut writer = FileWriter::try_new(file, &shape)?;
    for batch in rows {
        writer.write(batch)?;
    }
    Ok(writer.finish()?)
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// The most memory this process has held, in KiB; nothing where the system does not tell.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
