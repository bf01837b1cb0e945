//! One page of the browser, used as somebody at it would: what can be seen is pressed and typed into by mouse and keyboard events, and a
//! step is over when the next page is there. What is asked of a page is asked in its own script.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::chromium::{Chromium, PATIENCE};

/// How the page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// A small screen on a desk, 1366 × 768.
    Desk,
    /// A telephone, 390 × 844.
    Phone,
    /// The text between the margins of A4.
    Paper,
}

impl View {
    /// What files of it are called.
    pub fn name(self) -> &'static str {
        match self {
            View::Desk => "1366",
            View::Phone => "390",
            View::Paper => "print",
        }
    }
}

/// A page in a browser of its own.
pub struct Tab {
    chromium: Chromium,
    session: String,
    site: String,
}

impl Tab {
    /// Opens the pages at the address that was printed, with its key.
    pub fn open(address: &str, lang: &str) -> Tab {
        let mut chromium = Chromium::start(lang);
        let made = chromium.tell(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = chromium.tell(None, "Target.attachToTarget", attach);
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let (site, _) = address.split_once("/?").unwrap();
        let mut tab = Tab {
            chromium,
            session,
            site: site.to_owned(),
        };
        for domain in ["Page.enable", "Log.enable", "Runtime.enable"] {
            tab.tell(domain, json!({}));
        }
        tab.view(View::Desk);
        tab.load(address);
        tab
    }

    fn tell(&mut self, method: &str, parameters: Value) -> Value {
        let session = self.session.clone();
        self.chromium.tell(Some(&session), method, parameters)
    }

    /// Looks at the page so from now on.
    pub fn view(&mut self, view: View) {
        let (width, height, mobile) = match view {
            View::Desk => (1366, 768, false),
            View::Phone => (390, 844, true),
            View::Paper => (688, 1010, false),
        };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.tell("Emulation.setDeviceMetricsOverride", metrics);
        let media = match view {
            View::Paper => "print",
            View::Desk | View::Phone => "",
        };
        self.tell("Emulation.setEmulatedMedia", json!({ "media": media }));
    }

    /// Goes to an address of the site.
    pub fn go(&mut self, path: &str) {
        let address = format!("{}{path}", self.site);
        self.load(&address);
    }

    fn load(&mut self, address: &str) {
        self.mark();
        let went = self.tell("Page.navigate", json!({ "url": address }));
        assert!(went["errorText"].is_null(), "{address}: {went}");
        self.arrived(address);
    }

    /// Marks the page there is, so that the next can be told from it.
    fn mark(&mut self) {
        let _ = self.try_ask("window.isOld = true");
    }

    fn arrived(&mut self, what: &str) {
        self.until(
            "!window.isOld && document.readyState === 'complete' && location.href !== 'about:blank'",
            what,
        );
    }

    /// What an expression of the page's script comes to.
    pub fn ask(&mut self, expression: &str) -> Value {
        match self.try_ask(expression) {
            Ok(value) => value,
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    fn try_ask(&mut self, expression: &str) -> Result<Value, String> {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let session = self.session.clone();
        let answer = self
            .chromium
            .ask(Some(&session), "Runtime.evaluate", asked)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown.to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// The same, as text.
    pub fn text(&mut self, expression: &str) -> String {
        let value = self.ask(expression);
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("{expression} is {value} on {}", self.tell_where()))
            .to_owned()
    }

    /// Where the page is, and what it says first.
    fn tell_where(&mut self) -> String {
        let told =
            "location.pathname + location.search + '\\n' + document.body.innerText.slice(0, 3000)";
        let told = self.try_ask(told).unwrap_or_default();
        told.as_str().unwrap_or_default().to_owned()
    }

    /// The path of the page.
    pub fn path(&mut self) -> String {
        self.text("location.pathname")
    }

    /// Waits until an expression holds.
    pub fn until(&mut self, expression: &str, what: &str) {
        let until = Instant::now() + PATIENCE;
        // While one page makes place for another nothing can be asked.
        while self.try_ask(expression) != Ok(Value::Bool(true)) {
            let shown = || format!("waited in vain for {what}: {expression}");
            if Instant::now() >= until {
                panic!("{} on {}", shown(), self.tell_where());
            }
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    /// Whether something is on the page.
    pub fn has(&mut self, selector: &str) -> bool {
        self.ask(&format!("document.querySelector({selector:?}) !== null")) == Value::Bool(true)
    }

    /// Presses what a selector finds first, where it can be seen.
    pub fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const it = document.querySelector({selector:?}); if (!it) return null; \
             it.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }}); const box = [...it.getClientRects()].find(box => box.width && box.height); \
             if (!box) return null; const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; \
             const top = document.elementFromPoint(x, y); return it === top || it.contains(top) || top?.closest('label')?.contains(it) ? [x, y] : null; }})()"
        );
        let at = self.ask(&place);
        let Some([x, y]) = at.as_array().map(Vec::as_slice) else {
            panic!("{selector} can't be pressed on {}", self.tell_where());
        };
        let (x, y) = (x.clone(), y.clone());
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.tell("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses something that leads to another page, and waits for that.
    pub fn follow(&mut self, selector: &str) {
        self.mark();
        self.click(selector);
        self.arrived(selector);
    }

    /// Presses the link or button that says so.
    pub fn follow_words(&mut self, within: &str, words: &str) {
        let found = format!(
            "(() => {{ for (const old of document.querySelectorAll('[data-walk]')) delete old.dataset.walk; \
             const it = [...document.querySelectorAll({within:?})].find(it => it.innerText.trim() === {words:?}); \
             if (it) it.dataset.walk = 'here'; return Boolean(it); }})()"
        );
        assert!(
            self.ask(&found) == Value::Bool(true),
            "no {words} in {within} on {}",
            self.tell_where()
        );
        self.follow("[data-walk=here]");
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "ArrowUp" => (38, ""),
            "ArrowDown" => (40, ""),
            _ => panic!("no key {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.tell("Input.dispatchKeyEvent", event);
        }
    }

    /// Presses a key that leads to another page, and waits for that.
    pub fn press_to_leave(&mut self, key: &str) {
        self.mark();
        self.press(key);
        self.arrived(key);
    }

    /// Types where the cursor is, character by character.
    pub fn type_in(&mut self, text: &str) {
        for ch in text.chars() {
            self.tell("Input.insertText", json!({ "text": ch.to_string() }));
        }
    }

    /// Puts the cursor into a field, empties it and types.
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.ask("document.activeElement.select?.()");
        self.type_in(text);
        let value = self.text(&format!("document.querySelector({selector:?}).value"));
        assert_eq!(value, text, "{selector}");
    }

    /// Chooses in a list, or a day. What drops down isn't part of the page, so the value is set as choosing it would.
    pub fn choose(&mut self, selector: &str, value: &str) {
        let chosen = format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.value = {value:?}; \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); return it.value; }})()"
        );
        assert_eq!(self.text(&chosen), value, "{selector}");
    }

    /// Chooses a file for a field that takes one.
    pub fn attach(&mut self, selector: &str, file: &Path) {
        let found = json!({ "expression": format!("document.querySelector({selector:?})") });
        let found = self.tell("Runtime.evaluate", found);
        let chosen = json!({ "files": [file], "objectId": found["result"]["objectId"] });
        self.tell("DOM.setFileInputFiles", chosen);
    }

    /// The page as a picture, all of it.
    pub fn picture(&mut self, file: &Path) {
        let size = "(() => { const it = document.documentElement; return [Math.min(it.scrollWidth, 1366), Math.min(it.scrollHeight, 6000)]; })()";
        let size = self.ask(size);
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.tell("Page.captureScreenshot", asked);
        std::fs::write(file, bytes(&taken["data"])).unwrap();
    }

    /// The page as it is printed.
    pub fn printed(&mut self) -> Vec<u8> {
        let printed = self.tell("Page.printToPDF", json!({ "preferCSSPageSize": true }));
        bytes(&printed["data"])
    }

    /// Presses a link to a file, and gives the file once it is there.
    pub fn download(&mut self, selector: &str) -> PathBuf {
        self.click(selector);
        let begun = self
            .chromium
            .await_event("Browser.downloadWillBegin", |_| true);
        let (id, name) = (
            &begun["params"]["guid"],
            &begun["params"]["suggestedFilename"],
        );
        self.chromium
            .await_event("Browser.downloadProgress", |event| {
                event["guid"] == *id && event["state"] == "completed"
            });
        self.chromium.downloads().join(name.as_str().unwrap())
    }

    /// What went wrong in the pages since somebody last asked: errors of scripts, and what their policy refused.
    pub fn complaints(&mut self) -> Vec<String> {
        let told = self.chromium.happened().into_iter().filter_map(|event| {
            let told = &event["params"];
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" => Some(told["exceptionDetails"].to_string()),
                "Log.entryAdded" if told["entry"]["level"] == "error" => {
                    Some(told["entry"].to_string())
                }
                _ => None,
            }
        });
        told.collect()
    }
}

/// Bytes that come as base64.
fn bytes(text: &Value) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for ch in text.as_str().unwrap().bytes() {
        let value = match ch {
            b'A'..=b'Z' => ch - b'A',
            b'a'..=b'z' => ch - b'a' + 26,
            b'0'..=b'9' => ch - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}
