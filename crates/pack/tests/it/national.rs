//! The pack shipped with the product loads.

#[test]
fn the_national_pack_has_no_faults() {
    let pack = testhouse::national();
    assert_eq!(pack.id, "national");
    assert!(pack.programmes.len() >= 8);
    for subject in &pack.subjects {
        assert_eq!(subject.computed_in_order().len(), subject.computed.len());
    }
}

#[test]
fn every_row_of_the_mission_has_a_register() {
    let pack = testhouse::national();
    for row in &pack.code(pack::MISSION).unwrap().members {
        // Reports are made of what the others keep.
        let serves = |register: &pack::Register| register.serves.contains(&row.value);
        assert!(
            row.value == "S37" || pack.registers.iter().any(serves),
            "{}",
            row.value
        );
    }
}
