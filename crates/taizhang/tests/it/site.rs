//! The program serving the pages of a generated place, as its user starts it. Each place is made once; each test has a copy
//! of it, which it may write to.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use serde_json::Value;

use crate::common::taizhang;

/// The day of the places' lists.
const ON: &str = "2025-12-31";

/// The pages, served until this is dropped, or the tests are over.
pub struct Site {
    server: Child,
    /// Open as long as the server is to run.
    runs: Option<ChildStdin>,
    /// The address that was printed, with its key.
    pub address: String,
}

impl Site {
    /// Serves a copy of a place, for itself.
    pub fn of(place: &str) -> Site {
        Site::named(place, "own")
    }

    /// Serves a copy of the street, for all who ask for it.
    pub fn shared() -> &'static Site {
        static SHARED: LazyLock<Site> = LazyLock::new(|| Site::named("street", "shared"));
        &SHARED
    }

    /// The same, for those who only look around: what they find follows from nothing that others do meanwhile.
    pub fn looked_at() -> &'static Site {
        static LOOKED_AT: LazyLock<Site> = LazyLock::new(|| Site::named("street", "looked-at"));
        &LOOKED_AT
    }

    fn named(place: &str, name: &str) -> Site {
        static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
        let ledger = folder(&format!("served-{place}-{name}")).join("ledger");
        let made = {
            let mut all = MADE.lock().unwrap();
            let made = all.entry(place.to_owned()).or_insert_with(|| make(place));
            made.clone()
        };
        let _ = fs::remove_dir_all(&ledger);
        copy(&made, &ledger);
        // What it tells of itself (TAIZHANG_LOG) is left beside the ledger.
        let log = fs::File::create(ledger.with_extension("log")).unwrap();
        // The server ends when its first input does: with this process, if not before.
        let mut server = Command::new("sh")
            .args(["-c", "\"$@\" & read end; kill $!", "sh"])
            .arg(env!("CARGO_BIN_EXE_taizhang"))
            .args(["serve", "--json", "--port", "0", "--on", ON])
            .arg(&ledger)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
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
            runs: server.stdin.take(),
            server,
            address: told["address"].as_str().unwrap().to_owned(),
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.runs.take());
        let _ = self.server.wait();
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Makes a place, unless this very program has made it before: a street of 2,000 people, another of as many as it has by itself.
fn make(place: &str) -> PathBuf {
    let data = folder(&format!("walks-{place}"));
    let program = fs::metadata(env!("CARGO_BIN_EXE_taizhang")).unwrap();
    let by = format!("{:?} {}", program.modified().unwrap(), program.len());
    let mark = data.join("made-by");
    if fs::read_to_string(&mark).is_ok_and(|made| made == by) {
        return data.join("ledger");
    }
    let _ = fs::remove_file(&mark);
    let data_text = data.to_str().unwrap();
    let mut typed = vec!["demo", "--json", "--no-serve", "--place", place];
    typed.extend(["--data", data_text]);
    if place == "street" {
        typed.extend(["--people", "2000"]);
    }
    let made = taizhang(&typed);
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{told}");
    fs::write(mark, by).unwrap();
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
