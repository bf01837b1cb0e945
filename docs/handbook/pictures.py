#!/usr/bin/env python3
"""Takes the handbook's pictures anew: generates a street, serves its pages, works in them with Chromium as a clerk would, and keeps what is
seen in docs/handbook/pictures, in both languages. Names and numbers in them are the generator's; what the pages mask stays masked.
Needs Python 3.9, a built `taizhang` and Chromium with a font for Chinese, and nothing else:

    cargo build --bin taizhang && docs/handbook/pictures.py target/debug/taizhang
"""

import base64
import contextlib
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PICTURES = pathlib.Path(__file__).resolve().parent / "pictures"
LANGUAGES = ("zh", "en")
# The day of the street's lists, and how many live there: two communities.
DAY, PEOPLE = "2025-12-31", "16000"
STREET, COMMUNITY = "210203001000", "210203001001"
# Who works here: a name, a role, and in which unit.
HEAD = "周文静"
POSTS = (("李桂英", "clerk", STREET), ("王海燕", "community", COMMUNITY), ("赵建国", "grid", COMMUNITY))
CLERK = POSTS[0][0]
WIDTH = 1000
# The most bytes of a picture, and how well it is kept, in steps until it is small enough.
LARGEST, QUALITIES = 80_000, (88, 80, 70, 60)
PATIENCE = 60


class Browser:
    """One page of Chromium, spoken to through its debugging pipe."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory()
        to_read, self.commands = os.pipe()
        self.answers, to_write = os.pipe()

        def pipes():
            # Chromium reads from 3 and writes to 4, whatever numbers the pipes have here.
            read, write = os.dup(to_read), os.dup(to_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        options = (
            "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --force-color-profile=srgb "
            "--font-render-hinting=none --no-first-run --no-proxy-server --remote-debugging-pipe"
        )
        program = os.environ.get("CHROMIUM", "chromium")
        self.process = subprocess.Popen(
            [program, *options.split(), f"--user-data-dir={self.profile.name}"],
            close_fds=False,
            preexec_fn=pipes,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.number, self.session, self.rest = 0, None, b""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("Page.enable")
        self.tell("Emulation.setDeviceMetricsOverride", width=WIDTH, height=760, deviceScaleFactor=1, mobile=False)

    def tell(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self.message())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def message(self):
        while b"\0" not in self.rest:
            read = os.read(self.answers, 1 << 20)
            if not read:
                raise RuntimeError("Chromium ended")
            self.rest += read
        message, self.rest = self.rest.split(b"\0", 1)
        return message

    def ask(self, expression):
        answer = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # While one page makes place for another nothing can be asked.
            with contextlib.suppress(RuntimeError):
                if self.ask(expression) is True:
                    return
            time.sleep(0.03)
        raise RuntimeError(f"waited in vain for {expression} at {self.ask('location.href + document.body.innerText.slice(0, 2000)')}")

    def go(self, address):
        self.ask("window.isOld = true")
        self.tell("Page.navigate", url=address)
        self.arrived()

    def arrived(self):
        self.until("!window.isOld && document.readyState === 'complete' && location.href !== 'about:blank'")

    def follow(self, selector):
        self.ask("window.isOld = true")
        self.click(selector)
        self.arrived()

    def click(self, selector):
        self.ask(f"document.querySelector({json.dumps(selector)}).click()")

    def fill(self, selector, text):
        self.ask(f"document.querySelector({json.dumps(selector)}).focus()")
        self.tell("Input.insertText", text=text)

    def choose(self, selector, value):
        self.ask(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")

    def attach(self, selector, file):
        found = self.tell("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.tell("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def close(self):
        with contextlib.suppress(RuntimeError):
            self.session = None
            self.tell("Browser.close")
        self.process.wait(PATIENCE)
        self.profile.cleanup()


# Puts a numbered disc beside what the text speaks of.
MARK = """(selector, number) => {
  const it = [...document.querySelectorAll(selector)].find(it => it.getClientRects().length);
  if (!it) throw new Error('nothing is ' + selector);
  const box = it.getClientRects()[0], disc = document.createElement('b');
  disc.textContent = number;
  Object.assign(disc.style, { position: 'absolute', zIndex: 9, left: Math.max(0, box.left + scrollX - 26) + 'px', top: box.top + scrollY + Math.min(box.height, 30) / 2 - 11 + 'px',
    width: '22px', height: '22px', borderRadius: '50%', background: '#b3261e', color: '#fff', font: '700 13px/22px sans-serif', textAlign: 'center' });
  document.body.append(disc);
}"""

# The part of the page from the top of what is first to the bottom of what is last.
PART = """(selectors, most) => {
  const boxes = selectors.flatMap(selector => [...document.querySelectorAll(selector)]).map(it => it.getBoundingClientRect()).filter(box => box.height);
  const top = Math.max(0, Math.min(...boxes.map(box => box.top)) + scrollY - 10);
  const bottom = Math.max(...boxes.map(box => box.bottom)) + scrollY + 10;
  return [top, Math.min(bottom - top, most)];
}"""


class Clerk:
    """Somebody who works in the pages and takes pictures of them."""

    def __init__(self, address, lang):
        self.browser, self.lang = Browser(), lang
        self.site = address.split("/?")[0]
        self.browser.go(address)
        self.go(f"/?lang={lang}")

    def __getattr__(self, name):
        return getattr(self.browser, name)

    def go(self, path):
        self.browser.go(self.site + path)

    def sit_down(self, name):
        self.go("/desk?to=/actions")
        self.choose("#desk", name)
        self.follow("form.desk button")

    def picture(self, name, *parts, marks=(), most=620):
        """Keeps a part of the page, with discs beside what is marked."""
        for number, selector in enumerate(marks, 1):
            self.ask(f"({MARK})({json.dumps(selector)}, {number})")
        # Nothing is outlined but what somebody types into, below which something may hang.
        self.ask("document.activeElement.matches('form.find input') || document.activeElement.blur()")
        top, height = self.ask(f"({PART})({json.dumps(parts)}, {most})")
        clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": 1}
        for quality in QUALITIES:
            taken = self.tell("Page.captureScreenshot", format="webp", quality=quality, captureBeyondViewport=True, clip=clip)
            taken = bare(base64.b64decode(taken["data"]))
            if len(taken) <= LARGEST:
                break
        else:
            raise RuntimeError(f"{name} takes {len(taken)} bytes")
        file = PICTURES / f"{name}.{self.lang}.webp"
        file.write_bytes(taken)
        print(f"{file.name}: {WIDTH} x {height:.0f}, {len(taken) / 1000:.0f} kB")


def bare(webp):
    """A WebP file with nothing in it but the picture: no colour profile, which some have and others don't."""
    at = 12
    while at < len(webp):
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if webp[at : at + 4] == b"VP8 ":
            chunk = webp[at:end]
            return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk
        at = end
    raise RuntimeError("a picture isn't as Chromium used to write them")


class Office:
    """A ledger whose pages are served until this is closed."""

    def __init__(self, program, ledger):
        self.server = subprocess.Popen(
            [program, "serve", "--json", "--port", "0", "--on", DAY, ledger], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        told = b""
        while not told.rstrip().endswith(b"}"):
            line = self.server.stdout.readline()
            if not line:
                raise RuntimeError(f"the server ended: {told.decode()}")
            told += line
        self.address = json.loads(told)["address"]

    def close(self):
        self.server.terminate()
        self.server.wait(PATIENCE)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def street(program, folder):
    """A street with its lists taken in and people at work, and a list that leaves questions."""
    run(program, "demo", "--no-serve", "--people", PEOPLE, "--data", folder, "--as", HEAD)
    ledger = folder / "ledger"
    for name, role, unit in POSTS:
        run(program, "posts", ledger, "--as", HEAD, "--on", DAY, "--appoint", name, "--role", role, "--unit", unit)
    run(program, "town", "generate", folder / "unnumbered", "--people", PEOPLE, "--unnumbered")
    with open(folder / "unnumbered/middle/health.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    # The list names who a row really is, which no department does.
    columns = {"建档人": "姓名", "性别": "性别", "出生日期": "出生日期", "电话": "联系电话", "现住址": "住址"}
    with open(folder / "健康档案.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in [row for row in rows if "林景社区" in row["住址"]][:600]:
            writer.writerow(row[column] for column in columns.values())
    return ledger


def first_steps(clerk):
    clerk.picture("begin", "section.steps")


def first_page(clerk):
    clerk.go("/")
    clerk.picture("first-page", "div.title", "section[aria-labelledby=ranked]", marks=("#today", "#ranked"))


def finding(clerk):
    clerk.go("/")
    clerk.fill("form.find input", "wangfang")
    clerk.until("document.querySelectorAll('#found [role=option]').length > 2")
    clerk.picture("searching", "header.top", "#found", most=430)


def person(clerk):
    clerk.go("/programmes/childcare-subsidy?list=missed")
    clerk.follow("table.visit th a[href^='/people/']")
    clerk.picture("people", "div.title", "details.verdict[open]", marks=("dl.facts", "nav.offered", "main h2"), most=760)


def lists(clerk):
    clerk.go("/programmes/childcare-subsidy?list=to-find-out")
    # Two rows tell as much as three.
    clerk.ask("[...document.querySelectorAll('table.visit tbody tr')].pop().remove()")
    clerk.picture("lists", ".tabs", "fieldset.batch", marks=("p.reason, ol.reasons-told", "table.visit thead", "fieldset.batch legend"), most=820)


def doing(clerk):
    clerk.go("/programmes/childcare-subsidy?list=to-find-out")
    clerk.follow("a.answer-it")
    clerk.choose("[name='i.nationality']", "CHN")
    clerk.follow("button[value=look]")
    clerk.picture("doing", "div.title", "section.outcome", marks=("section.outcome h2", "section.outcome h3"))


def importing(clerk, file):
    clerk.go("/imports/new")
    clerk.choose("#roster", "residents-health")
    clerk.choose("#unit", COMMUNITY)
    clerk.attach("#file", file)
    clerk.follow("form.tall button")
    clerk.picture("importing", "div.title", "form.columns-said", marks=("dl.line", "form.columns-said"), most=800)
    clerk.follow("form[action*='/imports/dry/'] button[type=submit]")


def review(clerk):
    clerk.go("/review")
    clerk.follow("a.begin")
    clerk.picture("review", "div.title", ".decide", marks=("table.beside thead", "table.beside tr.total", ".decide button"))


def registers(clerk):
    clerk.go(f"/registers/employment?f.status=unemployed&f.since.from=2024-01-01&unit={COMMUNITY}")
    clerk.picture("registers", "div.title", "table.records", marks=("details.choosing", "ul.chosen", "table.records thead"), most=480)


def figures(clerk):
    clerk.go("/dashboards/old-age")
    clerk.picture("figures", "div.title", "section:nth-of-type(1)", marks=("p.note",))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(program, "init", folder / "new", "--unit", STREET, "--as", HEAD)
        ledger = street(program, folder / "street")
        list_file = folder / "street/健康档案.csv"
        for lang in LANGUAGES:
            work(program, folder / "new", lang, HEAD, (first_steps,))
            # Each language works in a ledger of its own, so that both see the same.
            served = folder / lang
            shutil.copytree(ledger, served)
            scenes = (first_page, finding, person, lists, doing, registers, figures, lambda clerk: importing(clerk, list_file), review)
            work(program, served, lang, CLERK, scenes)


def work(program, ledger, lang, name, scenes):
    """Somebody sits down at a ledger's pages and goes through scenes."""
    with contextlib.closing(Office(program, ledger)) as office, contextlib.closing(Clerk(office.address, lang)) as clerk:
        clerk.sit_down(name)
        clerk.go("/")
        for scene in scenes:
            scene(clerk)


if __name__ == "__main__":
    main()
