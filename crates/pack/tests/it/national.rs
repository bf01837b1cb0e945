//! The pack shipped with the product loads.

#[test]
fn the_national_pack_has_no_faults() {
    let pack = testhouse::national();
    assert_eq!(pack.id, "national");
    assert_eq!(pack.programmes.len(), 8);
    for subject in &pack.subjects {
        assert_eq!(subject.computed_in_order().len(), subject.computed.len());
    }
}
