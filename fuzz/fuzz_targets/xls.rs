//! Compound files, as Excel wrote before 2007. A reader that gives up in a panic is caught by `read_workbook`; what gets out,
//! hangs or takes the memory is a fault.
#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    let mut file = vec![0xD0, 0xCF, 0x11, 0xE0];
    file.extend(bytes.strip_prefix(&file[..]).unwrap_or(bytes));
    let _answer = intake::read_workbook(&file, intake::Merged::Read);
});
