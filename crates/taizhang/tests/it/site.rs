//! The program serving the pages of a generated place, as its user starts it. Each place is made once; each test has a copy
//! of it, which it may write to.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

use crate::common::taizhang;

/// The day of the places' lists.
const ON: &str = "2025-12-31";

/// The pages, served until this is dropped.
pub struct Site {
    server: Child,
    /// The address that was printed, with its key.
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Site {
    /// Serves a copy of the street.
    pub fn serve() -> Site {
        Site::of("street")
    }

    /// Serves a copy of a place.
    pub fn of(place: &str) -> Site {
        static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger");
        let made = {
            let mut all = MADE.lock().unwrap();
            let made = all.entry(place.to_owned()).or_insert_with(|| make(place));
            made.clone()
        };
        copy(&made, &ledger);
        let mut server = Command::new(env!("CARGO_BIN_EXE_taizhang"))
            .args(["serve", "--json", "--port", "0", "--on", ON])
            .arg(&ledger)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = String::new();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        while serde_json::from_str::<Value>(&told).is_err() {
            let read = output.read_line(&mut told).unwrap();
            assert!(read > 0, "the server ended: {told}");
        }
        // What it says later has to go somewhere.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let told: Value = serde_json::from_str(&told).unwrap();
        Site {
            server,
            address: told["address"].as_str().unwrap().to_owned(),
            _folder: folder,
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Makes a place, instead of the one that the last run made: a street of 2,000 people, another of as many as it has by itself.
fn make(place: &str) -> PathBuf {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("walks-{place}"));
    let data_text = data.to_str().unwrap();
    let mut typed = vec!["demo", "--json", "--no-serve", "--place", place];
    typed.extend(["--data", data_text]);
    if place == "street" {
        typed.extend(["--people", "2000"]);
    }
    let made = taizhang(&typed);
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{told}");
    data.join("ledger")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(&from, &to).unwrap()),
        }
    }
}
