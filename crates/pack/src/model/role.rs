//! Roles and duties: what the holder of a post may read, write and do. Which person holds which post is in the ledger.

use std::sync::Arc;

use kernel::{Reach, Rights};

use crate::{Pack, Place, Register, Text};

/// A duty: something that not everybody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Where it is declared.
    pub place: Place,
}

/// A role: what a post of this kind gives its holder in its unit and all below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Whether whoever makes a ledger holds the first post of this kind.
    pub founds: bool,
    /// What it gives.
    pub rights: Arc<Rights>,
    /// Where it is declared.
    pub place: Place,
}

impl Pack {
    /// The registers of the highest layer that no role names among what it writes: only those may write them who write everything. Where
    /// there are no roles at all, nobody writes, and there are none of these.
    #[must_use]
    pub fn unwritten(&self) -> Vec<&Register> {
        let own = |register: &&Register| {
            let top = self.layers.last();
            top.is_some_and(|layer| layer.files.contains(&register.place.file))
        };
        let written = |register: &&Register| {
            self.roles.iter().any(|role| match &role.rights.writes {
                Reach::All => false,
                Reach::Some(registers) => registers.contains_key(&register.id),
            })
        };
        let registers = self.registers.iter().filter(|_| !self.roles.is_empty());
        let of_people = registers.filter(|own| own.retired.is_none());
        of_people
            .filter(own)
            .filter(|register| !written(register))
            .collect()
    }
}

/// The duty to say who holds which post.
pub const APPOINTS: &str = "appoint";
/// The duty to read the access log.
pub const READS_LOG: &str = "read_log";
/// The duty to erase by law.
pub const ERASES: &str = "erase";
