#!/usr/bin/env python3
"""Measures the pages under load: simulated users of one office who look, search and make things known, on one machine in one run; writes its
part of RESULTS.md. Nothing but the server and these users runs. See README.md.
"""

import argparse
import asyncio
import json
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from urllib.parse import quote

import results
from results import Failed, run

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
MET, NOT_MET = "met", "**not met**"
# What users look at, how often of a hundred looks, and within how many milliseconds 99 of 100 answers should be there.
KINDS = {
    "a person": (30, 50),
    "a household": (8, 50),
    "search": (14, 50),
    "questions": (4, 50),
    "a programme's list": (16, 100),
    "figures": (8, 100),
    "a figure's rows": (8, 100),
    "first page": (6, 100),
    "imports": (3, 100),
    "an action's form": (3, 50),
}
WRITE_SHARE = 0.10
THINK = (3.0, 8.0)
VISIBLE_MS = 500


class Server:
    """`taizhang serve` over a ledger, until it is stopped."""

    reveal = "phone"

    def __init__(self, taizhang, ledger, on, port):
        posts = json.loads(run([taizhang, "--json", "posts", ledger])[0])
        # Whoever made the ledger manages it, and sees telephones.
        self.holder = posts["posts"][0]["holder"]
        command = [str(taizhang), "--lang", "en", "--as", self.holder, "serve", str(ledger), "--on", on, "--port", str(port), "--reveal", self.reveal, "--why", "bench"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.port, self.key = port, None
        for line in self.process.stdout:
            found = re.search(r"key=([0-9a-f]+)", line)
            if found:
                self.key = found.group(1)
                break
        if self.key is None:
            raise Failed("the server told no address")

    def memory(self):
        """Resident bytes: all, and those that are no pages of files."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"{kind}:\s+(\d+)", status).group(1)) * 1024 for kind in ("VmRSS", "RssAnon")]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Browser:
    """One connection that is kept, with the cookies of somebody at the desk."""

    def __init__(self, server, name):
        self.server, self.name, self.stream = server, name, None

    async def ask(self, method, path, body=None, kind="application/json"):
        for attempt in (0, 1):
            if self.stream is None:
                self.stream = await asyncio.open_connection("127.0.0.1", self.server.port, limit=64 << 20)
            reader, writer = self.stream
            host = f"127.0.0.1:{self.server.port}"
            head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: key={self.server.key}; desk={quote(self.name)}; lang=en\r\n"
            data = (body or "").encode()
            if body is not None:
                head += f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
            try:
                writer.write(head.encode() + b"\r\n" + data)
                await writer.drain()
                return await self.answer(reader)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.stream = None
                if attempt:
                    raise
        return None

    async def answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        length = re.search(r"(?i)content-length: (\d+)", head)
        if length:
            return status, (await reader.readexactly(int(length.group(1)))).decode()
        body = b""
        while True:
            size = int((await reader.readuntil(b"\r\n")).strip() or b"0", 16)
            body += await reader.readexactly(size)
            await reader.readexactly(2)
            if size == 0:
                return status, body.decode()


def a_deed(dice):
    """An action, what is filled in, and what the person's page has to show of it. How often each is done is a guess at an office's day."""
    day = f"2025-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
    words = f"{dice.getrandbits(40):x}"
    kind = dice.choices(["telephone", "visit", "contact", "note", "employment-status", "living-here", "address"], [25, 25, 15, 10, 10, 5, 10])[0]
    if kind == "telephone":
        phone = f"1{dice.randrange(3_000_000_000, 9_999_999_999)}"
        return kind, {"phone": phone}, phone
    if kind == "visit":
        return kind, {"visited_on": day, "result": "met", "note": words}, words
    if kind == "contact":
        return kind, {"made_on": day, "way": "call", "result": "nobody", "note": words}, words
    if kind == "note":
        return kind, {"about": words, "text": "bench"}, words
    if kind == "employment-status":
        return kind, {"status": "unemployed", "since": day}, day
    if kind == "living-here":
        return kind, {"living": dice.choice(["true", "false"]), "since": day}, day
    # Addresses are masked.
    return kind, {"address": f"幸福路{words}号", "moved_on": day}, day


class Load:
    def __init__(self, asked, server):
        self.asked, self.server = asked, server
        self.times = {kind: [] for kind in [*KINDS, "an action"]}
        self.visible, self.errors, self.first = [], [], []
        self.people, self.households, self.paths = [], [], {}

    async def learn(self, browser):
        """People, households, lists and figures to look at."""
        async def page(path):
            status, body = await browser.ask("GET", path)
            if status != 200:
                raise Failed(f"{path} gave {status}")
            return body
        lists = sorted(set(re.findall(r'href="(/programmes/[a-z-]+\?list=[a-z_-]+)', (await page("/programmes")).replace("&amp;", "&"))))
        people = set()
        for path in lists[:12]:
            people.update(re.findall(r'href="/people/(\d+)', await page(path)))
        groups = sorted(set(re.findall(r'href="(/indicators\?group=[a-z0-9_-]+)', await page("/indicators"))))
        rows = set()
        for group in groups:
            rows.update(re.findall(r'href="(/indicators/[a-z0-9_]+)["?]', await page(group)))
        rows = sorted(rows)
        names = set()
        for person in sorted(people)[:60]:
            body = await page(f"/people/{person}")
            people.update(re.findall(r'href="/people/(\d+)"', body))
            self.households += re.findall(r'href="/households/(\d+)"', body)
            names.update(re.findall(r"<h1>([^<]+)</h1>", body))
        self.people = sorted(people, key=int)
        self.households = sorted(set(self.households), key=int)
        self.paths = {
            "search": [f"/people?q={quote(name)}" for name in sorted(names)],
            "questions": ["/review"],
            "a programme's list": lists,
            "figures": groups + sorted(set(re.findall(r'href="(/dashboards/[a-z0-9_-]+)', await page("/indicators")))),
            "a figure's rows": rows,
            "first page": ["/"],
            "imports": ["/imports"],
            "an action's form": ["/actions/telephone"],
        }
        if not (self.people and self.households and lists and rows and names):
            raise Failed("too little was found to look at")
        # What the first reader after a start waits for is told by itself.
        for path in sorted({path for kind, paths in self.paths.items() if kind != "search" for path in paths}):
            begun = time.perf_counter()
            await page(path)
            self.first.append(time.perf_counter() - begun)

    def path(self, kind, dice):
        if kind == "a person":
            return f"/people/{dice.choice(self.people)}"
        if kind == "a household":
            return f"/households/{dice.choice(self.households)}"
        return dice.choice(self.paths[kind])

    async def user(self, nth, until):
        dice, browser = random.Random(nth), Browser(self.server, self.server.holder)
        await asyncio.sleep(dice.uniform(0, THINK[1]))
        kinds, weights = zip(*((kind, weight) for kind, (weight, _) in KINDS.items()))
        while time.monotonic() < until:
            try:
                if self.asked.writes and dice.random() < WRITE_SHARE:
                    await self.act(browser, dice)
                else:
                    kind = dice.choices(kinds, weights)[0]
                    path = self.path(kind, dice)
                    begun = time.perf_counter()
                    status, _ = await browser.ask("GET", path)
                    self.times[kind].append(1000 * (time.perf_counter() - begun))
                    if status != 200:
                        self.errors.append(f"{path}: {status}")
            except (OSError, asyncio.IncompleteReadError) as error:
                self.errors.append(repr(error))
            await asyncio.sleep(dice.uniform(*THINK))

    async def act(self, browser, dice):
        """Something is made known of somebody; then their page is asked, which has to show it."""
        person = dice.choice(self.people)
        action, row, told = a_deed(dice)
        body = json.dumps({"rows": [{"person": int(person), **row}], "write": True, "form": f"{dice.getrandbits(64):x}"})
        begun = time.perf_counter()
        status, said = await browser.ask("POST", f"/api/actions/{action}", body)
        written = time.perf_counter()
        self.times["an action"].append(1000 * (written - begun))
        if status != 200 or json.loads(said)["commit"] is None:
            self.errors.append(f"{action}: {status} {said[:200]}")
            return
        status, shown = await browser.ask("GET", f"/people/{person}")
        if status != 200 or told not in shown:
            self.errors.append(f"/people/{person} doesn't show what was just said by {action}: {status}")
        self.visible.append(1000 * (time.perf_counter() - written))

    async def run(self):
        await self.learn(Browser(self.server, self.server.holder))
        begun = time.monotonic()
        until = begun + 60 * self.asked.minutes
        users = [asyncio.create_task(self.user(nth, until)) for nth in range(self.asked.users)]
        memory = []
        for minute in (0.4 * self.asked.minutes, self.asked.minutes):
            await asyncio.sleep(max(0, begun + 60 * minute - time.monotonic()))
            memory.append(self.server.memory())
        await asyncio.gather(*users)
        return memory


def at(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def report(asked, load, memory, commit):
    lines = [
        f"## Pages under load\n\nMeasured {asked.date} by `bench/pages.py`.\n",
        f"- Machine: {results.machine()}",
        f"- taizhang {commit}, release profile; {asked.people:,} people; {asked.users} users for {asked.minutes:g} minutes, {THINK[0]:g}–{THINK[1]:g} s between two requests of one; "
        + (f"{WRITE_SHARE:.0%} of them write" if asked.writes else "reading only"),
        "- DHIS2 publishes limits of 162 ms for a list and 174 ms for a name, 95th percentile, for other work on another machine: for orientation only.\n",
        "| what | requests | median | 95 % | 99 % | aim for 99 % | |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, times in load.times.items():
        aim = KINDS.get(kind, (0, None))[1]
        if times:
            met = "" if aim is None else MET if at(times, 0.99) < aim else NOT_MET
            shown = "" if aim is None else f"< {aim} ms"
            lines.append(f"| {kind} | {len(times):,} | {statistics.median(times):.1f} ms | {at(times, 0.95):.1f} ms | {at(times, 0.99):.1f} ms | {shown} | {met} |")
    if load.visible:
        met = MET if at(load.visible, 0.99) < VISIBLE_MS else NOT_MET
        lines.append(f"| the person's page after an action, with it | {len(load.visible):,} | {statistics.median(load.visible):.1f} ms | {at(load.visible, 0.95):.1f} ms | {at(load.visible, 0.99):.1f} ms | < {VISIBLE_MS} ms | {met} |")
    (first, own_first), (last, own_last) = memory
    grown = last / first
    lines.append(f"\n- Before, every list, figure and page ({len(load.first)}) was opened once after the start: {statistics.median(load.first):.2f} s in the middle, {max(load.first):.1f} s at most, {sum(load.first):.0f} s together.")
    lines.append(f"- Errors: {len(load.errors)}" + "".join(f"\n  - {error}" for error in load.errors[:5]))
    lines.append(
        f"- Memory: {first / 1e9:.2f} GB at 40 % of the time, {last / 1e9:.2f} GB at the end: {grown:.2f} × (aim ≤ 1.05 ×: {MET if grown <= 1.05 else NOT_MET}); "
        f"without the pages of mapped files {own_first / 1e9:.2f} GB and {own_last / 1e9:.2f} GB: {own_last / own_first:.2f} ×"
    )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taizhang", type=pathlib.Path, help="the release binary")
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=45_651)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--on", default="2025-12-31", help="the day the pages show")
    parser.add_argument("--port", type=int, default=8_743)
    parser.add_argument("--reading-only", dest="writes", action="store_false")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    asked = parser.parse_args()
    taizhang = asked.taizhang.resolve()
    asked.work.mkdir(parents=True, exist_ok=True)
    town = asked.work / f"town-{asked.people}"
    results.town(taizhang, town, asked.people)
    copy = asked.work / "pages-ledger"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(town / "ledger", copy)
    commit = run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"])[0].strip()
    server = Server(taizhang, copy, asked.on, asked.port)
    try:
        load = Load(asked, server)
        memory = asyncio.run(load.run())
    finally:
        server.stop()
    text = report(asked, load, memory, commit)
    print(text)
    part = "pages under load" if asked.writes else f"pages, {asked.people} people"
    results.put(asked.out, part, text)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
