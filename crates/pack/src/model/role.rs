//! Roles and duties: what the holder of a post may read, write and do. Which person holds which post is in the ledger.

use std::sync::Arc;

use kernel::Rights;

use crate::{Place, Text};

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

/// The duty to say who holds which post.
pub const APPOINTS: &str = "appoint";
/// The duty to read the access log.
pub const READS_LOG: &str = "read_log";
/// The duty to erase by law.
pub const ERASES: &str = "erase";
