//! The pack shipped with the product loads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use kernel::Lang;

#[test]
fn the_national_pack_has_no_faults() {
    let files = common::files(&common::root().join("../../packs/national"));
    match pack::load(files) {
        Ok(pack) => {
            assert_eq!(pack.id, "national");
            assert_eq!(pack.programmes.len(), 8);
            for subject in &pack.subjects {
                assert_eq!(subject.computed_in_order().len(), subject.computed.len());
            }
        }
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, Lang::En, false)
        ),
    }
}
