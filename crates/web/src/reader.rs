//! Who asks, and for what: the language, the date, the period, the unit and the page of a request, each read within bounds
//! before any page sees it. It also writes the addresses that pages link to, so that choices travel along.

use std::fmt::Write as _;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};
use office::{Office, OfficeError, Opens, Source, View};

use crate::cookies::{cookies, worker};
use crate::plain::has_a_digit;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// Where somebody says who they are.
pub(crate) const DESK: &str = "/desk";
/// What stands below the search box while somebody types, without the frame of a page.
const BELOW: &str = "/find/below";
/// The last page that can be asked for.
const LAST_PAGE: usize = 1_000_000;
/// How many questions an address may hold, and how long each may be, in characters.
const MOST_QUESTIONS: usize = 64;
pub(crate) const LONGEST_QUESTION: usize = 200;

/// A request, understood.
pub(crate) struct Reader {
    /// Where it is read.
    pub office: Office,
    /// What may be seen; none on the page that asks who is there, and if that can't be told.
    view: Option<View>,
    /// In which language.
    pub lang: Lang,
    /// The path asked for.
    pub path: String,
    /// What else the address says.
    pub asked: Vec<(String, String)>,
    /// Whether it says things that say nothing, as a form does whose fields are left blank.
    pub spare: bool,
    /// The date to show.
    pub on: Date,
    /// On pages with figures, the day up to which the data of their unit reaches, if anything tells of it.
    pub data: Option<Date>,
    /// Whether the language was chosen by this request.
    pub chosen: bool,
    /// Who says to be at the desk.
    pub desk: Option<String>,
    /// What the navigation counts: questions that wait, and people of whom a fact is missing.
    pub waits: (Option<usize>, Option<usize>),
    /// What the address says was just done, in words.
    pub done: Option<String>,
}

/// A request that can't be understood or let in, and by whom.
pub(crate) struct Refused {
    pub reader: Box<Reader>,
    pub trouble: Trouble,
}

impl FromRequestParts<Office> for Reader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, office: &Office) -> Result<Self, Refused> {
        let mut reader = Self {
            office: office.clone(),
            view: None,
            lang: remembered(parts),
            path: parts.uri.path().to_owned(),
            asked: Vec::new(),
            spare: false,
            on: office.on,
            data: None,
            chosen: false,
            desk: worker(parts),
            waits: (None, None),
            done: None,
        };
        let asked = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        match asked.map_err(|_| UNREADABLE_ADDRESS) {
            Ok(Query(asked)) => {
                let all = asked.len();
                let says = |(_, value): &(String, String)| !value.trim().is_empty();
                reader.asked = asked.into_iter().filter(says).collect();
                reader.spare = reader.asked.len() < all;
            }
            Err(fault) => return Err(reader.refused(Trouble::Question(fault))),
        }
        match reader.settle().await {
            Ok(()) => Ok(reader),
            Err(trouble) => Err(reader.refused(trouble)),
        }
    }
}

/// The language of the cookie; Chinese without one.
fn remembered(parts: &Parts) -> Lang {
    let lang = cookies(parts, "lang=").find_map(|lang| lang.parse().ok());
    lang.unwrap_or(Lang::Zh)
}

/// Whether a path shows figures.
fn has_figures(path: &str) -> bool {
    let path = path.strip_prefix("/api").unwrap_or(path);
    let starts = |part: &str| {
        path.strip_prefix(part)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path == "/"
        || ["/indicators", "/dashboards", "/work-reports", "/units"]
            .iter()
            .any(|part| starts(part))
}

impl Reader {
    fn refused(self, trouble: Trouble) -> Refused {
        Refused {
            reader: Box::new(self),
            trouble,
        }
    }

    /// Reads what every page understands, and lets the reader in.
    async fn settle(&mut self) -> Result<(), Trouble> {
        if let Some(lang) = self.ask("lang").and_then(|lang| lang.parse().ok()) {
            (self.lang, self.chosen) = (lang, true);
        }
        if self.asked.len() > MOST_QUESTIONS {
            return Err(Trouble::Question(TOO_MANY_QUESTIONS));
        }
        if (self.asked.iter()).any(|(_, value)| value.chars().count() > LONGEST_QUESTION) {
            return Err(Trouble::Question(words::TOO_LONG_QUESTION));
        }
        if let Some(on) = self.ask("on") {
            let on = on
                .parse::<Date>()
                .ok()
                .filter(|on| (1990..=2100).contains(&on.year()));
            self.on = on.ok_or(Trouble::Question(words::BAD_DATE))?;
        }
        if self.path != DESK {
            let view = self.office.view(self.desk.as_deref(), &self.path).await;
            self.view = match view {
                Err(OfficeError::Nobody) => None,
                view => Some(view?),
            };
        }
        if self.view.is_some() && has_figures(&self.path) {
            let scope = self.unit().ok().flatten();
            let scope = scope.unwrap_or_else(|| self.root());
            self.data = self.office.reaches(&scope).await?;
        }
        let framed = !self.path.starts_with("/api/") && self.path != BELOW;
        if let Some(view) = self.view.as_ref().filter(|_| framed) {
            self.waits = view.at_hand(self.on).await?;
            let done = self.ask("done").and_then(|done| done.parse().ok());
            if let Some(done) = done {
                let commit = view.commit(done).await.ok();
                self.done = commit.map(|commit| self.made_known(&commit.source));
            }
        }
        Ok(())
    }

    /// What a commit made known, in words.
    fn made_known(&self, source: &Source) -> String {
        let pack = &self.office.pack;
        match source {
            Source::Form { action } => pack.action(action).map_or_else(String::new, |action| {
                action.name().get(self.lang).to_owned()
            }),
            source => office::shown::source(pack, None, source, self.lang),
        }
    }

    /// What may be seen.
    ///
    /// # Errors
    /// Nobody who holds a post has said to be at the desk.
    pub fn view(&self) -> Result<&View, Trouble> {
        self.view.as_ref().ok_or(Trouble::Nobody)
    }

    /// Which doors are open.
    pub fn opens(&self) -> Opens {
        self.view.as_ref().map_or_else(Opens::default, View::opens)
    }

    /// The unit of the reader's first page.
    pub fn root(&self) -> UnitCode {
        self.view
            .as_ref()
            .map_or(self.office.root, |view| view.root)
    }

    /// What the address says under a name; nothing when it is blank.
    pub fn ask(&self, name: &str) -> Option<&str> {
        let found = self.asked.iter().find(|(asked, _)| asked == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The period asked for; otherwise the year up to the day that the data reaches, the site's where figures don't
    /// follow it, or the year up to the date asked for.
    pub fn period(&self) -> Result<Period, Trouble> {
        let Some(asked) = self.ask("period") else {
            let same = self.on == self.office.on;
            let data = self.data.filter(|_| self.office.follows);
            return Ok(match (same, data) {
                (true, Some(day)) => Period::year_of(day).gone_by(day),
                (true, None) => self.office.period,
                (false, _) => Period::year_of(self.on).gone_by(self.on),
            });
        };
        let bounded = |period: &Period| {
            (1990..=2100).contains(&period.start().year())
                && (1990..=2100).contains(&period.end().year())
        };
        let period = asked.parse::<Period>().ok().filter(bounded);
        let period = period.ok_or(Trouble::Question(BAD_PERIOD))?;
        Ok(period.gone_by(self.office.on.max(self.on)))
    }

    /// The unit asked for as a query parameter, for links that stay within it.
    pub fn within(&self) -> Vec<(&'static str, &str)> {
        let unit = self.ask("unit").map(|unit| ("unit", unit));
        unit.into_iter().collect()
    }

    /// The unit asked for, if any; one out of scope does not exist.
    pub fn unit(&self) -> Result<Option<UnitCode>, Trouble> {
        let Some(asked) = self.ask("unit") else {
            return Ok(None);
        };
        let unit: UnitCode = asked.parse().map_err(|_| Trouble::Question(BAD_UNIT))?;
        if self.view()?.grant().sees(&unit) {
            Ok(Some(unit))
        } else {
            Err(Trouble::Absent)
        }
    }

    /// The page of a list, from 1.
    pub fn page(&self) -> Result<usize, Trouble> {
        let Some(asked) = self.ask("page") else {
            return Ok(1);
        };
        let page = asked
            .parse()
            .ok()
            .filter(|page| (1..=LAST_PAGE).contains(page));
        page.ok_or(Trouble::Question(BAD_PAGE))
    }

    /// The view, of somebody who may write.
    ///
    /// # Errors
    /// The pages only show, or nobody has said who is at the desk.
    pub fn writer(&self) -> Result<&View, Trouble> {
        if !self.office.writes {
            return Err(Trouble::ReadOnly);
        }
        let view = self.view()?;
        view.writer()?;
        Ok(view)
    }

    /// Words in the reader's language.
    pub fn say(&self, words: Words) -> &'static str {
        words.get(self.lang)
    }

    /// An address with questions, and the date if it isn't the usual one.
    pub fn link(&self, path: &str, questions: &[(&str, &str)]) -> String {
        let on = (self.on != self.office.on).then(|| self.on.to_string());
        let on = on
            .iter()
            .filter(|_| questions.iter().all(|(name, _)| *name != "on"));
        address(
            path,
            questions
                .iter()
                .copied()
                .chain(on.map(|on| ("on", on.as_str()))),
        )
    }

    /// This address without some of its questions; the page of a list starts again.
    pub fn here_without(&self, left_out: impl Fn(&str, &str) -> bool) -> String {
        let kept = self.asked.iter().map(|(name, value)| (&**name, &**value));
        let kept =
            kept.filter(|(name, value)| !["lang", "page"].contains(name) && !left_out(name, value));
        address(&self.path, kept)
    }

    /// This address's questions at another path, of which some are left out.
    pub fn asked_at(&self, path: &str, left_out: &[&str]) -> String {
        let kept = self.asked.iter().map(|(name, value)| (&**name, &**value));
        address(path, kept.filter(|(name, _)| !left_out.contains(name)))
    }

    /// This address with one question changed; the page of a list starts again unless that is what changes.
    pub fn here_with(&self, name: &str, value: &str) -> String {
        let kept = self.asked.iter().map(|(name, value)| (&**name, &**value));
        let kept = kept.filter(|(asked, _)| {
            *asked != name && *asked != "lang" && (*asked != "page" || name == "lang")
        });
        address(
            &self.path,
            kept.filter(|(asked, value)| *asked != "q" || !has_a_digit(value))
                .chain([(name, value)]),
        )
    }
}

fn address<'a>(path: &str, questions: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    for (nth, (name, value)) in questions.enumerate() {
        address.push(if nth == 0 { '?' } else { '&' });
        escape(name, &mut address);
        address.push('=');
        escape(value, &mut address);
    }
    address
}

/// Writes a text so that it can stand in an address or a cookie.
pub(crate) fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            let _infallible = write!(into, "%{byte:02X}");
        }
    }
}

words! {
    UNREADABLE_ADDRESS: "网址中的参数无法识别。", "The questions in the address cannot be read.";
    TOO_MANY_QUESTIONS: "网址中的参数过多。", "The address asks too many things at once.";
    BAD_PERIOD: "期间请写成 2025、2025H1、2025Q3 或 2025-07 的样子，年份在1990至2100之间。", "Write the period as 2025, 2025H1, 2025Q3 or 2025-07, between the years 1990 and 2100.";
    BAD_UNIT: "单位代码应为12位数字。", "A unit code has 12 digits.";
    BAD_PAGE: "页码应为从1开始的整数。", "A page is a whole number from 1.";
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_escaped() {
        let questions = [("unit", "210203001001"), ("q", "王 &小明\"")];
        assert_eq!(
            address("/people", questions.into_iter()),
            "/people?unit=210203001001&q=%E7%8E%8B%20%26%E5%B0%8F%E6%98%8E%22"
        );
    }
}
