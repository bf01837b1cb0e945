//! Chromium, spoken to through its debugging pipe: one process with a profile of its own, one message a command. It waits for answers up to
//! a limit and passes on what happened meanwhile; it knows nothing of the pages.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Under which name Chromium is found, unless `CHROMIUM` names another.
const PROGRAM: &str = "chromium";

/// A running browser.
pub struct Chromium {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    /// What happened and nobody asked for yet.
    events: VecDeque<Value>,
    sent: u64,
    profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts one for who reads this language. The shell hands our two pipes on as those it is debugged through, 3 and 4.
    pub fn start(lang: &str) -> Chromium {
        let profile = tempfile::tempdir().unwrap();
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| PROGRAM.to_owned());
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"])
            .arg(&program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--font-render-hinting=none",
                "--no-first-run",
                "--no-proxy-server",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("LANGUAGE", lang)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let Ok(message) = message else { return };
                let message = serde_json::from_slice(&message).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut chromium = Chromium {
            child,
            commands,
            answers: receiver,
            events: VecDeque::new(),
            sent: 0,
            profile,
        };
        let folder = chromium.downloads();
        std::fs::create_dir_all(&folder).unwrap();
        let allow = json!({ "behavior": "allow", "downloadPath": folder, "eventsEnabled": true });
        chromium.tell(None, "Browser.setDownloadBehavior", allow);
        chromium
    }

    /// Where downloads go.
    pub fn downloads(&self) -> std::path::PathBuf {
        self.profile.path().join("downloads")
    }

    /// A command that must succeed.
    pub fn tell(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        let asked = format!("{method} {parameters}");
        match self.ask(session, method, parameters) {
            Ok(answer) => answer,
            Err(error) => panic!("{asked}: {error}"),
        }
    }

    /// A command, and what Chromium answers.
    pub fn ask(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, String> {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes);
        sent.expect("Chromium runs; is it installed?");
        let until = Instant::now() + PATIENCE;
        loop {
            let mut answer = self
                .next(until)
                .unwrap_or_else(|| panic!("no answer to {method}"));
            match answer.get("id").and_then(Value::as_u64) {
                Some(id) if id == self.sent => {
                    return match answer.get("error") {
                        Some(error) => Err(error.to_string()),
                        None => Ok(answer["result"].take()),
                    };
                }
                Some(_) => {}
                None => self.events.push_back(answer),
            }
        }
    }

    fn next(&self, until: Instant) -> Option<Value> {
        let left = until.saturating_duration_since(Instant::now());
        self.answers.recv_timeout(left).ok()
    }

    /// Waits until something happens that fits.
    pub fn await_event(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let fits = |event: &Value| event["method"] == what && fits(&event["params"]);
        if let Some(at) = self.events.iter().position(fits) {
            return self.events.remove(at).unwrap();
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let event = self.next(until);
            let event = event.unwrap_or_else(|| panic!("{what} didn't happen"));
            if fits(&event) {
                return event;
            }
            self.events.push_back(event);
        }
    }

    /// What happened since somebody last asked.
    pub fn happened(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // By itself when it can, so that it leaves nothing running; the profile's folder goes with it.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self
                .commands
                .write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        }
        for _ in 0..100 {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
