//! Any bytes as a file: whatever they are, the reader says what it made of them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _answer = intake::read_workbook(bytes, intake::Merged::Read);
});
