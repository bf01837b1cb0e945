//! A grant: who may see which units and which kinds of secret, and why. Reads and commits carry one, and ask it; this module
//! never issues grants, which is the business of accounts and roles.

use serde::{Deserialize, Serialize};

use crate::{Sensitivity, UnitCode};

/// Leave to see units and to see some kinds of secret in clear, for a stated reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The account or program that acts.
    pub who: String,
    /// The units it may see, each with everything under it. None means nothing.
    pub units: Vec<UnitCode>,
    /// The kinds of secret shown in clear; every other is masked. What is open is always shown.
    pub reveals: Vec<Sensitivity>,
    /// What the access is for; it goes into the access log.
    pub why: String,
}

impl Grant {
    /// Leave to see one unit with everything under it, all in clear: what the operator of a local ledger has.
    pub fn whole(who: impl Into<String>, unit: UnitCode, why: impl Into<String>) -> Grant {
        Grant {
            who: who.into(),
            units: vec![unit],
            reveals: Sensitivity::ALL.to_vec(),
            why: why.into(),
        }
    }

    /// Whether the unit is one of the granted units or under one.
    pub fn sees(&self, unit: &UnitCode) -> bool {
        self.units.iter().any(|granted| granted.contains(unit))
    }

    /// Whether this kind of secret is shown in clear.
    pub fn reveals(&self, sensitivity: Sensitivity) -> bool {
        sensitivity == Sensitivity::Open || self.reveals.contains(&sensitivity)
    }

    /// The text as this grant may see it: in clear or masked.
    pub fn show(&self, sensitivity: Sensitivity, text: &str) -> String {
        if self.reveals(sensitivity) {
            text.to_owned()
        } else {
            crate::mask::apply(sensitivity, text)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn unit(text: &str) -> UnitCode {
        text.parse().unwrap()
    }

    #[test]
    fn a_grant_sees_its_units_and_what_is_under_them() {
        let grant = Grant::whole("clerk", unit("210203001000"), "sweep");
        assert!(grant.sees(&unit("210203001000")));
        assert!(grant.sees(&unit("210203001003-02")));
        assert!(!grant.sees(&unit("210203002001")));
        assert!(!grant.sees(&unit("210203000000")));
    }

    #[test]
    fn a_grant_without_units_sees_nothing() {
        let grant = Grant {
            who: "x".into(),
            units: vec![],
            reveals: vec![],
            why: String::new(),
        };
        assert!(!grant.sees(&unit("210203001001")));
    }

    #[test]
    fn what_is_not_granted_in_clear_is_masked() {
        let grant = Grant {
            who: "x".into(),
            units: vec![unit("210203001001")],
            reveals: vec![Sensitivity::Name],
            why: String::new(),
        };
        assert_eq!(grant.show(Sensitivity::Open, "102"), "102");
        assert_eq!(grant.show(Sensitivity::Name, "张三丰"), "张三丰");
        assert_eq!(grant.show(Sensitivity::Phone, "13812341234"), "138****1234");
    }
}
