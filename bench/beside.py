#!/usr/bin/env python3
"""Measures a taizhang beside the version before it, both on one machine in one run, turn by turn; writes its part of RESULTS.md.

Each of the two binaries works on a ledger it made itself, of the same town. Beside each, or in `examples` beside it, lies its
`sweep_bench`. See README.md.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import results
from results import Failed, run
from run import MET, NOT_MET, both, shown

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
LISTS = ["police", "health", "insurance", "community"]
POLICE, POLICE_UNIT = "police-households", "210203000000"
MOST = 1.15


class Version:
    """A binary, and the town it made."""

    def __init__(self, name, taizhang, work, town):
        self.name, self.taizhang, self.work = name, taizhang.resolve(), work
        places = [self.taizhang.parent / "examples" / "sweep_bench", self.taizhang.parent / "sweep_bench"]
        self.sweep_bench = next((place for place in places if place.exists()), places[0])
        self.town = town.resolve()
        self.ledger = self.town / "ledger"

    def sweep_command(self, on):
        """The whole command, from start to the lists compared."""
        output, wall, peak = run([self.taizhang, "--json", "sweep", self.ledger, "--on", on])
        return {"answers": json.loads(output), "us": wall, "peak_rss_kib": peak}

    def sweep(self, on, repeat):
        """The sweep over columns in memory, and a family asked again: the median of each in a process of its own."""
        found = json.loads(run([self.sweep_bench, self.ledger, "--on", on, "--repeat", repeat, "--households", 1000])[0])
        return {
            "answers": found["all"]["counts"],
            "sweep_us": round(statistics.median(found["all"]["times_us"])),
            "family_us": round(statistics.median(found["households"]["times_us"])),
            "open_us": found["open_us"],
            "peak_rss_kib": found["peak_rss_kib"]["end"],
        }

    def import_list(self, path, unit, on):
        """A list imported into a copy of the ledger."""
        copy = results.copied(self.ledger, self.work / "beside-ledger")
        before = results.stored(copy)
        command = [self.taizhang, "--lang", "en", "--json", "import", copy, "--register", "employment", "--unit", unit, path]
        # 1 means that rows were refused, as they should be.
        output, wall, peak = run([*command, "--on", on, "--result", copy / "result.xlsx"], codes=(0, 1))
        added = sum(results.stored(copy).values()) - sum(before.values())
        shutil.rmtree(copy)
        return {**told(output), "us": wall, "peak_rss_kib": peak, "added": added}

    def dry_run(self, path, on):
        """A long list held against an empty ledger; nothing is written but the result workbook."""
        ledger = self.work / "beside-ledger"
        shutil.rmtree(ledger, ignore_errors=True)
        run([self.taizhang, "init", ledger, "--unit", POLICE_UNIT])
        command = [self.taizhang, "--lang", "en", "--json", "import", ledger, "--register", POLICE, "--unit", POLICE_UNIT, path]
        output, wall, peak = run([*command, "--on", on, "--dry-run", "--result", self.work / "beside-result.xlsx"], codes=(0, 1))
        shutil.rmtree(ledger)
        return {**told(output), "us": wall, "peak_rss_kib": peak}

    def link(self, folder):
        """The lists of a town without ID numbers, linked."""
        tables = [folder / f"{name}.csv" for name in LISTS]
        command = [self.taizhang, "--json", "link", *tables, "--config", HERE / "linkage/residents.toml", "-o", self.work / "beside-pairs.csv"]
        output, wall, peak = run([*command, "--truth", "真值"])
        found = json.loads(output)
        return {"answers": found["against_truth"], "records": found["records"], "us": wall, "peak_rss_kib": peak}


def told(output):
    found = json.JSONDecoder().raw_decode(output)[0]
    file = found["files"][0]
    return {"answers": {name: file[name] for name in ("rows", "opened", "repeated", "rejected")}, "times_us": found["times_us"]}


class Bench:
    def __init__(self, asked):
        self.asked, self.work = asked, asked.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        towns = asked.old_town or self.work / f"old-town-{asked.people}", asked.new_town or self.work / f"town-{asked.people}"
        made = self.work / ("venv/Scripts/python.exe" if os.name == "nt" else "venv/bin/python")
        self.python = asked.python or (made if made.exists() else sys.executable)
        self.both = [Version("before", asked.old, self.work, towns[0]), Version("now", asked.new, self.work, towns[1])]

    def turns(self, what, repeat=None):
        """Does the same with the one and the other, turn by turn; who begins takes turns, too."""
        found = {version.name: [] for version in self.both}
        for nth in range(repeat or self.asked.repeat):
            for version in self.both if nth % 2 == 0 else reversed(self.both):
                found[version.name].append(what(version))
        return found

    def employment(self):
        """The list that `run.py` imports too, without its path's end."""
        asked = self.asked
        path = self.work / f"employment-{asked.people}-{asked.rows}"
        if not path.with_suffix(".xlsx").exists():
            rosters = self.both[1].town / "rosters"
            if not any(rosters.glob("*/police-households.csv")):
                rosters = self.work / f"rosters-{asked.people}"
                run([self.both[1].taizhang, "town", "generate", rosters, "--people", asked.people, "--csv"])
            run([self.python, HERE / "make_roster.py", rosters, path, "--rows", asked.rows, "--on", asked.on])
        return path

    def long_list(self):
        """The list of `intake/run.py`, without its path's end."""
        asked, path = self.asked, self.work / f"intake/{self.asked.long}-0"
        if not path.with_suffix(".xlsx").exists():
            people = max(2_000, round(asked.long * 2.1))
            town = self.work / f"town-{people}"
            if not (town / "units.csv").exists():
                run([self.both[1].taizhang, "town", "generate", town, "--people", people, "--csv"])
            run([self.python, HERE / "intake/make_list.py", town, path.parent, "--rows", asked.long, "--on", asked.on])
        return path

    def residents(self):
        folder = self.work / f"unnumbered-{self.asked.residents}"
        if not (folder / "middle/police.csv").exists():
            run([self.both[1].taizhang, "town", "generate", folder, "--people", self.asked.residents, "--unnumbered"])
        return folder / "middle"

    def measure(self):
        asked, on = self.asked, self.asked.on
        employment, long, residents = self.employment(), self.long_list(), self.residents()
        made = {version.name: results.town(version.taizhang, version.town, asked.people) for version in self.both}
        unit = results.root(self.both[1].town / "rosters")
        found = {"made": made}
        tasks = {
            "sweep command": lambda version: version.sweep_command(on),
            "sweep": lambda version: version.sweep(on, asked.sweeps),
            **{f"import {kind}": self.importing(employment.with_suffix(f".{kind}"), unit) for kind in ("xlsx", "csv")},
            **{f"dry run {kind}": self.trying(long.with_suffix(f".{kind}")) for kind in asked.dry_run},
            "link": lambda version: version.link(residents),
        }
        for name, task in tasks.items():
            if asked.only and name not in asked.only:
                continue
            found[name] = self.turns(task)
            # Kept as it comes: a long run that is broken off loses nothing.
            (self.work / "beside.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))
        return found

    def importing(self, path, unit):
        return lambda version: version.import_list(path, unit, self.asked.on)

    def trying(self, path):
        return lambda version: version.dry_run(path, self.asked.on)


# ---- telling -------------------------------------------------------------------------------------------------------------


def ratio_row(what, before, now, most=MOST):
    ratio = statistics.median(now) / statistics.median(before)
    wanted, verdict = ("", "") if most is None else (f"≤ {most:g} ×", MET if ratio <= most else NOT_MET)
    return f"| {what} | {both(before)} | {both(now)} | {ratio:.2f} × | {wanted} | {verdict} |"


def size_row(what, before, now, most=None, relative=None):
    """Bytes; `most` of them now, or so many times those before."""
    wanted = "" if most is None and relative is None else f"< {most / 1e9:g} GB" if most else f"≤ {relative:g} ×"
    met = now < most if most else relative is None or now <= before * relative
    verdict = "" if wanted == "" else MET if met else NOT_MET
    return f"| {what} | {before / 1e9:.2f} GB | {now / 1e9:.2f} GB | {now / before:.2f} × | {wanted} | {verdict} |"


def pick(found, task, name="us"):
    return [[one[name] for one in found[task][version]] for version in ("before", "now")]


def peaks(found, task):
    return [max(one["peak_rss_kib"] for one in found[task][version]) * 1024 for version in ("before", "now")]


def differences(found):
    """Where the two say different things: every answer, figure, count and row that both tell."""
    told = []
    made = [found["made"][version]["found"] for version in ("before", "now")]
    for name in ("rows", "rejected", "planted", "answers", "figures"):
        if made[0][name] != made[1][name]:
            told.append(f"demo, {name}: {made[0][name]} before, {made[1][name]} now")
    for task, of in found.items():
        if task == "made":
            continue
        before, now = of["before"][0]["answers"], of["now"][0]["answers"]
        if isinstance(before, dict) and isinstance(now, dict):
            both = before.keys() & now.keys()
            before, now = ({key: one[key] for key in one if key in both} for one in (before, now))
        if before != now:
            told.append(f"{task}: {before} before, {now} now")
    return told


def report(bench, found):
    asked, made = bench.asked, found["made"]
    answers = made["now"]["found"]["answers"]
    lines = [
        "## Beside the version before", "", f"Measured {asked.date} by `bench/beside.py`: both on one machine in one run, turn by turn, {asked.repeat} times each.", "",
        f"- Machine: {results.machine()}",
        f"- Versions: {asked.old_commit} before, {asked.new_commit} now; release profile of both",
        f"- Each over the ledger that it made itself of the same town of {asked.people:,} people; the list imported has {asked.rows:,} rows, that of the dry run "
        f"{asked.long:,}, the linked ones are {asked.residents:,} people × {len(LISTS)} departments with the middle level of slips",
        *([f"- {asked.note}"] if asked.note else []),
        "", "| what | before | now | now ÷ before | aim | |", "|---|---|---|---|---|---|",
    ]
    if "sweep" in found:
        lines += [
            ratio_row("Sweep: eight programmes, every condition kept", *pick(found, "sweep", "sweep_us")),
            ratio_row("One family re-evaluated with its explanation", *pick(found, "sweep", "family_us")),
            ratio_row("for context: opening the columns from their cache", *pick(found, "sweep", "open_us"), None),
        ]
    if "sweep command" in found:
        lines.append(ratio_row("`taizhang sweep` as a command, from start to the three lists compared", *pick(found, "sweep command")))
    kinds = {f"import {kind}": f"Import of {asked.rows:,} rows .{kind}, the whole command" for kind in ("xlsx", "csv")}
    kinds |= {f"dry run {kind}": f"Dry run of {asked.long:,} rows .{kind}" for kind in ("xlsx", "csv")}
    lines += [ratio_row(what, *pick(found, task)) for task, what in kinds.items() if task in found]
    if "link" in found:
        lines.append(ratio_row(f"Linkage of {found['link']['now'][0]['records']:,} rows of residents, the whole command", *pick(found, "link")))
    lines.append(ratio_row("Demo: the town made, imported, asked and reported, once each", *([made[name]["wall_us"]] for name in ("before", "now")), None))
    demo = [made[name]["peak_rss_kib"] * 1024 for name in ("before", "now")]
    lines.append(size_row("Peak memory of the demo", *demo, most=5e9))
    if "sweep command" in found:
        lines.append(size_row("Peak memory of `taizhang sweep`", *peaks(found, "sweep command"), most=2e9))
    for task, what in kinds.items():
        if task in found:
            lines.append(size_row(f"Peak memory, {what[0].lower()}{what[1:]}", *peaks(found, task)))
    lines.append(size_row("The ledger's file after the demo", *(made[name]["sizes"]["ledger.sqlite"] for name in ("before", "now")), relative=1))
    other = differences(found)
    truth = ", ".join(f"{results.differ(made[name])} {name}" for name in ("before", "now"))
    lines += [
        "",
        f"- Held against the town's truth, {answers:,} answers and every figure: {truth} differ.",
        "- What the two tell is the same: every count of every programme, every figure, rows taken, repeated and refused, pairs against the truth."
        if not other
        else f"- What the two tell differently: {'; '.join(other)}.",
    ]
    for task in kinds:
        if task in found:
            lines.append(f"- Stages, {task}: before {stages(found[task]['before'])}; now {stages(found[task]['now'])}.")
    for kind in ("xlsx", "csv"):
        if f"import {kind}" in found:
            before, now = pick(found, f"import {kind}", "added")
            lines.append(f"- The import .{kind} added {statistics.median(before) / 1e6:,.1f} MB to the ledger before, {statistics.median(now) / 1e6:,.1f} MB now.")
    return "\n".join(lines) + "\n"


def stages(measured):
    return ", ".join(f"{name.replace('_', ' ')} {shown(round(statistics.median(one['times_us'][name] for one in measured)))}" for name in measured[0]["times_us"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=pathlib.Path, help="the binary of the version before")
    parser.add_argument("new", type=pathlib.Path, help="the binary of now")
    parser.add_argument("--old-commit", required=True)
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    parser.add_argument("--new-commit", default=head)
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=300_000, help="of the list imported")
    parser.add_argument("--long", type=int, default=1_000_000, help="rows of the list of the dry run, at most a sheet")
    parser.add_argument("--residents", type=int, default=125_000, help="people of the lists that are linked")
    parser.add_argument("--on", default="2025-12-31", help="the date the programmes are asked for")
    parser.add_argument("--repeat", type=int, default=5, help="turns of each")
    parser.add_argument("--sweeps", type=int, default=7, help="sweeps in one process, of which the median counts")
    parser.add_argument("--dry-run", nargs="*", default=["csv", "xlsx"], help="kinds of list for the dry run")
    parser.add_argument("--only", nargs="*", help="these tasks only: sweep command, sweep, import xlsx, …")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--old-town", type=pathlib.Path, help="where the version before has its town, or makes it")
    parser.add_argument("--new-town", type=pathlib.Path, help="where that of now has its town, or makes it [default: that of run.py]")
    parser.add_argument("--python", help="a Python that has openpyxl, if lists are to be made [default: that of run.py]")
    parser.add_argument("--no-build", action="store_true", help="as always here: nothing is built")
    parser.add_argument("--note", help="what else is to be known of the run")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    bench = Bench(parser.parse_args())
    try:
        found = bench.measure()
    except Failed as failure:
        sys.exit(str(failure))
    text = report(bench, found)
    results.put(bench.asked.out, "beside the version before", text)
    print(text)


if __name__ == "__main__":
    main()
