//! Compound files, as Excel wrote before 2007: bytes that begin like one are the file, others the workbook's stream in a sound
//! one. A reader that gives up in a panic is caught by `read_workbook`; what gets out, hangs or takes the memory is a fault.
#![no_main]

use std::io::{Cursor, Write};
use std::sync::Once;

use libfuzzer_sys::fuzz_target;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        let _answer = intake::read_workbook(bytes, intake::Merged::Read);
        return;
    }
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream("/Workbook").unwrap();
    stream.write_all(bytes).unwrap();
    stream.flush().unwrap();
    drop(stream);
    let file = file.into_inner().into_inner();
    let _answer = intake::read_workbook(&file, intake::Merged::Read);
});
