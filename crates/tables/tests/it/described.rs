//! The reference of the pack's language describes every function that SQL may call, and no other.

use std::fs;

#[test]
fn every_function_is_described_with_what_it_takes_and_gives() {
    let page = fs::read_to_string(testhouse::repository().join("docs/pack.md")).unwrap();
    let (_, table) = page.split_once("| function | |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let described: Vec<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(described, tables::signatures());
}
