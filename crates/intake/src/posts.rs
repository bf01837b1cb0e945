//! Appointing to posts and ending them: words of the desk about records of the register that keeps posts. The ledger sees to it that only
//! who has the duty does so; here it is seen to that somebody who has it is left.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{Grant, RecordId, UnitCode};
use ledger::{Asked, Asking, LedgerError, Receipt, Source, Target};
use pack::{APPOINTS, Pack, Posts, Role, Said, Value};
use tables::{HeldPost, Snapshot, Tables};

use crate::changes::{Changes, Head, WordDraft};
use crate::fault::pick;
use crate::review::desk_says;

/// Who is to hold which post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Their name.
    pub holder: String,
    /// The role.
    pub role: String,
    /// In which unit.
    pub unit: UnitCode,
    /// From which day on.
    pub from: Date,
    /// The first day on which they don't hold it any more.
    pub until: Option<Date>,
    /// For whom, if they stand in.
    pub stands_in_for: Option<String>,
}

/// Why an appointment can't be made or ended.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(kernel::Lang::En))]
pub enum PostError {
    /// The pack keeps no posts, or has no role for whoever makes a ledger.
    NoPosts,
    /// The pack has no such role.
    NoRole(String, Vec<String>),
    /// A blank name.
    NoName,
    /// An end that isn't after the beginning.
    Backwards,
    /// There is no such post on the day.
    NoPost(RecordId),
    /// Nobody would be left who may appoint.
    LastOne,
    /// The tables can't be read.
    Tables(#[from] tables::TablesError),
    /// The ledger refuses.
    Ledger(#[from] LedgerError),
}

impl PostError {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, lang: kernel::Lang) -> String {
        match self {
            Self::NoPosts => pick(
                lang,
                "规则包没有岗位册，或没有 founds = true 的角色；请补上".into(),
                "the pack keeps no posts, or no role says founds = true; add it".into(),
            ),
            Self::NoRole(role, known) => pick(
                lang,
                format!("没有角色“{role}”；现有：{}", known.join("、")),
                format!("there is no role “{role}”; there are: {}", known.join(", ")),
            ),
            Self::NoName => pick(lang, "请写明姓名".into(), "say whose post it is".into()),
            Self::Backwards => pick(
                lang,
                "离任日期应晚于任职日期".into(),
                "the end should be after the beginning".into(),
            ),
            Self::NoPost(record) => pick(
                lang,
                format!("当日没有 {record} 号岗位，请核对"),
                format!("there is no post {record} on that day; check the number"),
            ),
            Self::LastOne => pick(
                lang,
                "离任后将无人能任免岗位；请先任命他人".into(),
                "nobody would be left who may appoint; appoint somebody else first".into(),
            ),
            Self::Tables(error) => error.message(lang),
            Self::Ledger(error) => error.message(lang),
        }
    }
}

/// Gives whoever makes a ledger its first post, from a day on; nothing happens if the pack has no role for that.
///
/// # Errors
/// The ledger refuses.
pub async fn found(
    tables: &Tables,
    grant: &Grant,
    (unit, from): (UnitCode, Date),
    at: Timestamp,
) -> Result<Option<Receipt>, PostError> {
    let founder = tables.pack().roles.iter().find(|role| role.founds);
    let (Some(role), Ok(_)) = (founder, tables.pack().contract()) else {
        return Ok(None);
    };
    let appointment = Appointment {
        holder: grant.who.clone(),
        role: role.id.clone(),
        unit,
        from,
        until: None,
        stands_in_for: None,
    };
    let source = Source::Founding { unit };
    let receipt = write(tables, grant, (unit, &appointment), (at, source)).await?;
    Ok(Some(receipt))
}

/// Appoints somebody to a post; `root` is the unit of the ledger, in whose book posts are kept.
///
/// # Errors
/// The role isn't there, the name is blank or the dates are the wrong way round; the grant lacks the duty.
pub async fn appoint(
    tables: &Tables,
    grant: &Grant,
    (root, appointment): (UnitCode, &Appointment),
    at: Timestamp,
) -> Result<Receipt, PostError> {
    role(tables.pack(), &appointment.role)?;
    write(tables, grant, (root, appointment), (at, form("appoint"))).await
}

/// Ends a post: from a day on it isn't held any more.
///
/// # Errors
/// There is no such post on the day, or nobody would be left who may appoint; the grant lacks the duty.
pub async fn dismiss(
    tables: &Tables,
    grant: &Grant,
    (root, record, on): (UnitCode, RecordId, Date),
    at: Timestamp,
) -> Result<Receipt, PostError> {
    let kept = posts(tables.pack())?;
    let standing = tables.snapshot().await?;
    if !standing.posts(on).iter().any(|post| post.record == record) {
        return Err(PostError::NoPost(record));
    }
    if !somebody_appoints(tables.pack(), &standing, (root, on), record) {
        return Err(PostError::LastOne);
    }
    let mut changes = Changes::default();
    let say = changes.say(desk_says(root, on));
    let word = WordDraft {
        book: root,
        register: &kept.register.id,
        record: Target::Known(record),
        say,
        said: Said::default(),
    };
    changes.close(word, on);
    let asked = Asking::to("dismiss")
        .with(record.0.to_le_bytes())
        .with(on.to_string());
    commit(tables, changes, grant, asked.done(), (at, form("dismiss"))).await
}

/// Whether somebody who may appoint in a unit is left on a day without one post.
fn somebody_appoints(
    pack: &Pack,
    standing: &Snapshot,
    (root, on): (UnitCode, Date),
    without: RecordId,
) -> bool {
    let appoints = |post: &HeldPost| {
        let role = pack.role(&post.role);
        post.record != without
            && role.is_some_and(|role| {
                Grant::over("", &[post.unit], kernel::Rights::clone(&role.rights), "")
                    .has(APPOINTS, &root)
            })
    };
    standing.posts(on).iter().any(appoints)
}

async fn write(
    tables: &Tables,
    grant: &Grant,
    (root, appointment): (UnitCode, &Appointment),
    (at, source): (Timestamp, Source),
) -> Result<Receipt, PostError> {
    let kept = posts(tables.pack())?;
    if holder(&appointment.holder).is_empty() {
        return Err(PostError::NoName);
    }
    if (appointment.until).is_some_and(|until| until <= appointment.from) {
        return Err(PostError::Backwards);
    }
    let mut body = vec![None; kept.register.fields.len()];
    let text = |text: &str| Some(Value::Text(text.trim().to_owned()));
    body[kept.holder.at] = text(&appointment.holder);
    body[kept.role.at] = text(&appointment.role);
    body[kept.unit.at] = text(appointment.unit.as_str());
    body[kept.stands_in_for.at] = appointment.stands_in_for.as_deref().and_then(text);
    let mut changes = Changes::default();
    let say = changes.say(desk_says(root, appointment.from));
    changes.open(root, &kept.register.id, say, Said::of(body));
    changes.dated(appointment.from, appointment.until);
    let mut asked = Asking::to("appoint")
        .with(holder(&appointment.holder))
        .with(&appointment.role)
        .with(appointment.unit.as_str())
        .with(appointment.from.to_string());
    asked = asked.with(
        appointment
            .until
            .map(|day| day.to_string())
            .unwrap_or_default(),
    );
    asked = asked.with(appointment.stands_in_for.as_deref().unwrap_or_default());
    commit(tables, changes, grant, asked.done(), (at, source)).await
}

fn form(action: &str) -> Source {
    Source::Form {
        action: action.to_owned(),
    }
}

async fn commit(
    tables: &Tables,
    changes: Changes,
    grant: &Grant,
    asked: Asked,
    (recorded_at, source): (Timestamp, Source),
) -> Result<Receipt, PostError> {
    let head = Head {
        asked,
        source,
        recorded_at,
        grant: grant.clone(),
        base: None,
    };
    Ok(tables.ledger().commit(changes.commit(head, None)).await?)
}

fn posts(pack: &Pack) -> Result<&Posts, PostError> {
    match pack.contract() {
        Ok(contract) => Ok(&contract.posts),
        Err(_) => Err(PostError::NoPosts),
    }
}

fn role<'p>(pack: &'p Pack, id: &str) -> Result<&'p Role, PostError> {
    let known = || pack.roles.iter().map(|role| role.id.clone()).collect();
    pack.role(id)
        .ok_or_else(|| PostError::NoRole(id.to_owned(), known()))
}
