//! Whom the rows of a roster are about, and which of its cells tell who that is. What names somebody else tells nothing of them.

use linkage::Design;
use pack::{FieldType, Questions};

use super::{Build, Origin, Step};
use crate::fault::IntakeError;
use crate::said::{BIRTH, NUMBER, SAID};
use crate::who::evidence::names;

/// The people a roster is about: who they are is told by what it says of them.
pub(crate) struct People<'p> {
    /// The step that finds or opens the person.
    pub step: usize,
    /// What is said of the person, in the order of [`crate::said::SAID`].
    pub said: [Option<Saying>; SAID.len()],
    /// Which of what is said the number tells where nothing else is said.
    pub told: Vec<(usize, FieldType)>,
    /// The column that says when they were born.
    pub birth: Option<usize>,
    /// The roster.
    pub roster: String,
    /// How people are recognised.
    pub design: Design,
    /// For each of what is said, its place among the columns of the design.
    pub columns: [Option<usize>; SAID.len()],
    /// Where what is left to ask is kept.
    pub questions: &'p Questions,
    /// The columns of the roster, by id.
    pub columns_of_roster: Vec<String>,
}

/// Where one thing that is said of somebody comes from, and which record keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Saying {
    pub origin: Origin,
    /// What the field holds.
    pub kind: FieldType,
    /// The step whose record it is written to, and the field.
    pub step: usize,
    pub field: usize,
}

impl<'p> Build<'p, '_> {
    /// The people of a roster.
    pub(super) fn people(&self) -> Result<People<'p>, IntakeError> {
        let person = &self.contract.people.register.id;
        let of = |step: &Step<'_>| step.register.id == *person;
        let opened = self.steps.iter().position(|step| of(step) && step.create);
        let step = opened
            .or_else(|| self.steps.iter().position(of))
            .ok_or_else(|| self.unfit(person))?;
        let text = self
            .pack
            .linkage(person)
            .ok_or_else(|| self.unfit(format!("linkage/{person}.toml")))?;
        let design = Design::parse(text).map_err(|error| self.unfit(error.to_string()))?;
        let said = SAID.map(|id| self.saying(id, step));
        let wanted = design.columns();
        let columns = SAID.map(|id| wanted.iter().position(|column| *column == id));
        let birth = match &said[BIRTH] {
            Some(Saying {
                origin: Origin::Column(column) | Origin::Day(column),
                ..
            }) => Some(*column),
            _ => None,
        };
        let register = self.steps[step].register;
        let number = said[NUMBER].as_ref().filter(|number| number.step == step);
        let told = said.iter().enumerate().filter_map(|(what, saying)| {
            let saying = saying.as_ref().filter(|saying| saying.step == step)?;
            let told = (saying.field, number?.field);
            (register.told().any(|pair| pair == told)).then(|| (what, saying.kind.clone()))
        });
        let told = told.collect();
        Ok(People {
            step,
            said,
            told,
            birth,
            roster: self.roster.id.clone(),
            design,
            columns,
            questions: &self.contract.questions,
            columns_of_roster: self.roster.columns.iter().map(|c| c.id.clone()).collect(),
        })
    }

    /// Where what is said of the person of a step under this name comes from: the first cell that is written to a field so named. What
    /// their own register has is said of them there alone, the rest by what names them, or by what something names together with
    /// them: the office somebody went to has a name, too, which isn't theirs.
    fn saying(&self, field: &str, of: usize) -> Option<Saying> {
        let register = self.steps[of].register;
        let own = |at: usize| at == of || self.steps[at].of == Some(of);
        let about = |at: usize| names(&self.steps[at], of).is_some();
        let through = |at: usize| {
            let mut steps = self.steps.iter();
            steps.any(|step| names(step, of).is_some() && names(step, at).is_some())
        };
        let cell = |at: usize| {
            let step = &self.steps[at];
            let (field, declared) = step.register.field(field)?;
            let (_, origin) = step.set.iter().find(|(set, _)| *set == field)?;
            let cell = matches!(
                origin,
                Origin::Column(_)
                    | Origin::Birth(_)
                    | Origin::Sex(_)
                    | Origin::Number(_)
                    | Origin::Day(_)
            );
            cell.then(|| Saying {
                origin: origin.clone(),
                kind: declared.kind.clone(),
                step: at,
                field,
            })
        };
        let steps = 0..self.steps.len();
        if register.field(field).is_some() {
            return steps.filter(|at| own(*at)).find_map(cell);
        }
        let others = || {
            steps
                .clone()
                .filter(|at| self.steps[*at].register.id != register.id)
        };
        let told = others().filter(|at| about(*at)).find_map(cell);
        told.or_else(|| others().filter(|at| through(*at)).find_map(cell))
    }
}
