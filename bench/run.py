#!/usr/bin/env python3
"""Measures taizhang against DuckDB, OpenFisca and pandas in one run on one machine, and writes RESULTS.md beside itself.

Needs a Rust toolchain and Python 3.11 or later; everything else goes into a folder of its own (`--work`). See README.md.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import venv

import results
from results import Failed, run

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = ["childcare-subsidy", "one-child-parent-award", "rural-family-support"]
EIGHT = [
    "childcare-subsidy", "complication-support", "double-unemployed-couple", "one-child-parent-award", "rural-family-support",
    "special-support-bereaved", "special-support-disabled-child", "unemployed-retired",
]
MET, NOT_MET = "met", "**not met**"


def middle(times):
    return {"min": min(times), "median": round(statistics.median(times)), "times": times}


class Bench:
    def __init__(self, asked):
        self.asked, self.work = asked, asked.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.taizhang = target / "release/taizhang"
        self.sweep_bench, self.floor_bench = (target / "release/examples" / name for name in ("sweep_bench", "floor_bench"))
        self.town = self.work / f"town-{asked.people}"
        self.ledger, self.rosters = self.town / "ledger", self.town / "rosters"
        self.tables = self.work / f"tables-{asked.people}"

    # ---- what has to be there first ------------------------------------------------------------------------------------

    def prepare(self):
        if not self.asked.no_build:
            # In one command, so that all get the same features of what they share, and share one build of it.
            examples = ["--example", "sweep_bench", "--example", "floor_bench"]
            run(["cargo", "build", "--release", "--locked", "-p", "taizhang", "-p", "programmes", "--bin", "taizhang", *examples])
        folder = self.work / "venv"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not self.python.exists():
            venv.create(folder, with_pip=True)
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"])
        self.made = results.town(self.taizhang, self.town, self.asked.people)

    def child(self, script, *arguments):
        return json.loads(run([self.python, HERE / script, *arguments])[0])

    # ---- the sweep -----------------------------------------------------------------------------------------------------

    def sweeps(self):
        on, repeat = self.asked.on, self.asked.repeat
        only = [part for programme in EIGHT for part in ("--of", programme)]
        only += [part for programme in SHARED for part in ("--programme", programme)]
        run([self.sweep_bench, self.ledger, "--on", on, "--repeat", 0, "--households", 0, "--export", self.tables])
        facts = self.work / f"facts-{self.asked.people}.arrow"
        fisca = self.child("sweep_openfisca.py", self.tables, "--on", on, "--repeat", repeat, "--facts", facts)
        command = [self.sweep_bench, self.ledger, "--on", on, "--repeat", repeat, *only, "--given", facts, "--households", 1000]
        ours = json.loads(run(command)[0])
        duck = self.child("sweep_duckdb.py", self.tables, "--on", on, "--repeat", repeat, "--threads", ours["threads"])
        for task, got in duck["tasks"].items():
            same("DuckDB, " + task, ours["all"]["counts"], got["counts"])
        same("DuckDB, causes", ours["all"]["causes"], duck["causes"])
        same("OpenFisca", {p: ours["only"]["counts"][p]["entitled"] for p in SHARED}, fisca["entitled"])
        same("facts given", fisca["entitled"], ours["given"]["entitled"])
        commands = [run([self.taizhang, "--json", "sweep", self.ledger, "--on", on]) for _ in range(self.asked.commands)]
        return ours, duck, fisca, {"times_us": [wall for _, wall, _ in commands], "peak_rss_kib": max(peak for _, _, peak in commands)}

    # ---- the import ----------------------------------------------------------------------------------------------------

    def imports(self):
        on, rows = self.asked.on, self.asked.rows
        roster, people = self.work / f"employment-{self.asked.people}-{rows}", self.work / f"people-{self.asked.people}.sqlite"
        if not roster.with_suffix(".xlsx").exists():
            lists = self.rosters
            if not any(lists.glob("*/police-households.csv")):
                # A small demo writes workbooks; the same town once more as text.
                lists = self.work / f"rosters-{self.asked.people}"
                run([self.taizhang, "town", "generate", lists, "--people", self.asked.people, "--csv"])
            run([self.python, HERE / "make_roster.py", lists, roster, "--rows", rows, "--on", on])
        run([self.python, HERE / "people_sqlite.py", self.tables / "person.arrow", people])
        unit, measured = results.root(self.rosters), {}
        for kind in ("csv", "xlsx"):
            path = roster.with_suffix(f".{kind}")
            ours = [self.import_ours(path, unit) for _ in range(self.asked.imports)]
            theirs = [
                self.child("import_pandas.py", path, people, self.work / "pandas.sqlite", "--on", on) for _ in range(self.asked.imports)
            ]
            for name in ("rows", "opened", "repeated", "rejected"):
                same(f"{kind}, {name}", ours[0][name], theirs[0][name])
            measured[kind] = {"ours": ours, "theirs": theirs}
        return measured

    def import_ours(self, path, unit):
        """An import into a copy of the ledger, and right after it its floor: reading the list and storing as many bytes as it added."""
        copy = results.copied(self.ledger, self.work / "import-ledger")
        before = results.stored(copy)
        command = [self.taizhang, "--lang", "en", "--json", "import", copy, "--register", "employment", "--unit", unit]
        command += [path, "--on", self.asked.on, "--result", copy / "result.xlsx"]
        # 1 means that rows were refused, as they should be.
        output, wall, peak = run(command, codes=(0, 1))
        found = json.JSONDecoder().raw_decode(output)[0]
        added = sum(results.stored(copy).values()) - sum(before.values())
        shutil.rmtree(copy)
        floor = json.loads(run([self.floor_bench, path, added])[0])
        counts = {name: found["files"][0][name] for name in ("rows", "opened", "repeated", "rejected")}
        return {**counts, "times_us": found["times_us"], "total_us": wall, "peak_rss_kib": peak, "added": added, "floor": floor}


def same(what, ours, theirs):
    if ours != theirs:
        raise Failed(f"{what}: the answers differ, so the times mean nothing\n  ours   {ours}\n  theirs {theirs}")


# ---- telling -------------------------------------------------------------------------------------------------------------


def shown(us):
    return f"{us / 1e6:,.2f} s" if us >= 1e6 else f"{us / 1e3:,.1f} ms" if us >= 1e4 else f"{us:,} µs"


def both(times):
    summary = middle(times)
    return shown(times[0]) if len(times) == 1 else f"{shown(summary['median'])} (min {shown(summary['min'])})"


def row(what, ours, theirs, aim=None):
    """A line of the table; `aim` is how many times faster we want to be, by medians."""
    ratio = statistics.median(theirs) / statistics.median(ours)
    verdict = "" if aim is None else MET if ratio >= aim else NOT_MET
    wanted = "" if aim is None else f"≥ {aim:g} ×"
    return f"| {what} | {both(ours)} | {both(theirs)} | {ratio:.2f} × | {wanted} | {verdict} |"


def most_row(what, shown_as, value, most, wanted):
    """A line of the table that tells one figure of ours, which is to be at most so much."""
    return f"| {what} | {shown_as} | | | ≤ {wanted} | {MET if value <= most else NOT_MET} |"


def memory_row(what, kib, most=None):
    verdict = "" if most is None else MET if kib * 1024 < most else NOT_MET
    wanted = "" if most is None else f"< {most / 1e9:g} GB"
    return f"| {what} | {kib * 1024 / 1e9:.2f} GB | | | {wanted} | {verdict} |"


def versions(**others):
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1:2]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    others = ", ".join(f"{name.replace('_', '-')} {version}" for name, version in others.items())
    return f"taizhang {commit} (rustc {rustc[0] if rustc else '?'}, release profile), {others}, Python {platform.python_version()}"


def head(bench, title, town, versions):
    return [
        f"## {title}",
        "",
        f"Measured {bench.asked.date} by `bench/run.py`.",
        "",
        f"- Machine: {results.machine()}",
        f"- Versions: {versions}",
        f"- Town: {bench.asked.people:,} people wished{town}",
        "",
        "| what | taizhang | the other | ratio | aim | |",
        "|---|---|---|---|---|---|",
    ]


def report_sweep(bench, ours, duck, fisca, command):
    asked, tasks, made = bench.asked, duck["tasks"], bench.made
    household = sorted(ours["households"]["times_us"])
    median, p95 = household[len(household) // 2], household[len(household) * 95 // 100]
    found, wrong, people = made["found"], results.differ(made), ours["rows"]["person"]
    counts, causes = ours["all"]["counts"], ours["all"]["causes"]
    untold = sum(of["cannot_tell"] for of in counts.values())
    ask, wait = (sum(sum(of[kind].values()) for of in causes.values()) for kind in ("ask", "wait"))
    started, rest = round(statistics.median(command["times_us"])), [all - own for all, own in zip(ours["all"]["times_us"], ours["all"]["vouched_us"])]
    town = (
        f", {people:,} person records, {ours['rows']['kinship']:,} of kinship, {ours['rows']['residence']:,} residences; "
        f"{asked.repeat} repetitions of each sweep, {asked.commands} of the command"
    )
    lines = head(bench, "Sweep", town, versions(DuckDB=duck["version"], OpenFisca_Core=fisca["version"])) + [
        row("Sweep: eight programmes, whom lists vouch for, every condition and cause kept — DuckDB, the same kept", ours["all"]["times_us"], tasks["conditions"]["times_us"], 1.2),
        row("the same — DuckDB keeping answers only", ours["all"]["times_us"], tasks["answers"]["times_us"]),
        row("the same — DuckDB counting only", ours["all"]["times_us"], tasks["counts"]["times_us"]),
        row("Three programmes on facts given — OpenFisca, the same facts given", ours["given"]["times_us"], fisca["times_us"], 10),
        row("Three programmes from the registers, joins and reasons included — OpenFisca, facts given", ours["only"]["times_us"], fisca["times_us"]),
        f"| Answers, figures and refused rows of the demo that differ from the town's truth, of {found['answers']:,} answers | {wrong} | | | 0 | {MET if wrong == 0 else NOT_MET} |",
        most_row(f"One household re-evaluated with its explanation, all programmes (95th percentile {shown(p95)})", shown(median), median, 1_200, "1.2 ms"),
        most_row("`taizhang sweep` as a command, from start to the three lists compared", both(command["times_us"]), started, 3_000_000, "3 s"),
        memory_row(f"Peak memory of `taizhang demo`, {asked.people:,} people", made["peak_rss_kib"], 5e9),
        memory_row(f"Peak memory of `taizhang sweep`, {asked.people:,} people", command["peak_rss_kib"], 2e9),
        memory_row("Peak memory of the sweep in one process, eight programmes, repeated", ours["peak_rss_kib"]["sweep"], 2e9),
        f"| The ledger's file after the demo | {made['sizes']['ledger.sqlite'] / 1e9:.2f} GB | | | | |",
        "",
        "### Beside the table",
        "",
        f"- Answers and causes agree: every programme, every answer, and of the {untold:,} answers that can't be told how many lack which fact ({ask:,} to be asked, {wait:,} of a list), with DuckDB; "
        "who is entitled, with OpenFisca. A run in which they differ stops.",
        f"- Of our time, {shown(round(statistics.median(ours['all']['vouched_us'])))} is for whom lists vouch and {shown(round(statistics.median(rest)))} all else; "
        f"of DuckDB's, {shown(round(statistics.median(duck['gather_us'])))} is what is gathered before the two queries, that included.",
        f"- Opening the columns from their cache: {shown(ours['open_us'])}.",
        f"- Memory of the others: DuckDB {duck['peak_rss_kib']['end'] * 1024 / 1e9:.2f} GB, OpenFisca {fisca['peak_rss_kib'] * 1024 / 1e9:.2f} GB (with the making of its inputs).",
        "- Peak memory of the demo is resident memory as the system counts it: the ledger's file, which several sessions map, counts once for each.",
        f"- Making the town, importing it all and writing its lists and report (`taizhang demo --people {asked.people}`): {shown(made['wall_us'])}.",
        "",
    ]
    return "\n".join(lines)


def report_imports(bench, imports):
    asked = bench.asked
    lines = head(bench, "Import", f"; {asked.imports} repetitions of each import", versions(pandas=imports["csv"]["theirs"][0]["version"]))
    for kind in ("xlsx", "csv"):
        mine, their = imports[kind]["ours"], imports[kind]["theirs"]
        lines.append(row(f"Import of {asked.rows:,} rows .{kind} — pandas", [m["total_us"] for m in mine], [t["total_us"] for t in their], 10))
    for kind in ("xlsx", "csv"):
        mine, their = imports[kind]["ours"], imports[kind]["theirs"]
        lines.append(row(f"for context: whole import .{kind} — pandas only reading the file", [m["total_us"] for m in mine], [t["steps_us"]["read"] for t in their]))
    lines += [
        memory_row("Peak memory of the import, .xlsx", max(m["peak_rss_kib"] for m in imports["xlsx"]["ours"])),
        memory_row("Peak memory of the import, .csv", max(m["peak_rss_kib"] for m in imports["csv"]["ours"])),
        "",
        *floors(asked.rows, imports),
        "",
        "### Beside the table",
        "",
        f"- Rows taken, repeated and refused agree with pandas "
        f"({imports['csv']['ours'][0]['opened']:,} taken, {imports['csv']['ours'][0]['repeated']:,} repeated, {imports['csv']['ours'][0]['rejected']:,} refused). A run in which they differ stops.",
        f"- Import speed: {asked.rows / statistics.median(m['total_us'] for m in imports['csv']['ours']) * 1e6:,.0f} rows/s from .csv, "
        f"{asked.rows / statistics.median(m['total_us'] for m in imports['xlsx']['ours']) * 1e6:,.0f} rows/s from .xlsx, with the hash chain, the history, "
        "the durable commit and the result workbook of every row.",
        f"- pandas, steps of .xlsx: {steps(imports['xlsx']['theirs'])}; of .csv: {steps(imports['csv']['theirs'])}. "
        f"Its memory: {max(t['peak_rss_kib'] for t in imports['xlsx']['theirs']) * 1024 / 1e9:.2f} GB.",
        "- Peak memory of an import is resident memory as the system counts it: the ledger's file, which several sessions map, counts once for each.",
        "",
    ]
    return "\n".join(lines)


def floors(rows, imports):
    """The import beside its floor, which is part of the same run."""
    lines = [
        "### The import beside its floor",
        "",
        "The floor reads the same list with the same reader and stores as many bytes as the import added to the ledger, in one durable transaction.",
        "",
        "| list | import without the result workbook | its floor | import ÷ floor | aim | | the result workbook | the whole command |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, most in (("xlsx", 2.5), ("csv", 4)):
        ours = imports[kind]["ours"]
        inner = [sum(us for stage, us in m["times_us"].items() if stage != "result_workbook") for m in ours]
        floor = [m["floor"]["read_us"] + m["floor"]["store_us"] for m in ours]
        ratio = statistics.median(inner) / statistics.median(floor)
        books = [m["times_us"]["result_workbook"] for m in ours]
        lines.append(
            f"| {rows:,} rows .{kind} | {both(inner)} | {both(floor)} | {ratio:.2f} × | ≤ {most:g} × | {MET if ratio <= most else NOT_MET} "
            f"| {both(books)} | {both([m['total_us'] for m in ours])} |"
        )
    lines.append("")
    for kind in ("xlsx", "csv"):
        ours = imports[kind]["ours"]
        floor = [{"read": m["floor"]["read_us"], "store": m["floor"]["store_us"]} for m in ours]
        lines.append(
            f"- .{kind}: stages of the import {parts([m['times_us'] for m in ours])}, and {shown(round(statistics.median(map(unstaged, ours))))} to open the ledger "
            f"and to end; the floor {parts(floor)}; {statistics.median(m['added'] for m in ours) / 1e6:,.1f} MB added to the ledger."
        )
    return lines


def unstaged(measured):
    """What a command takes besides the stages it tells."""
    return measured["total_us"] - sum(measured["times_us"].values())


def parts(measured):
    """The medians of what each part took."""
    return ", ".join(f"{name.replace('_', ' ')} {shown(round(statistics.median(one[name] for one in measured)))}" for name in measured[0])


def steps(theirs):
    return parts([t["steps_us"] for t in theirs])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=300_000, help="of the lists imported")
    parser.add_argument("--on", default="2025-12-31", help="the date the programmes are asked for")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions of each sweep")
    parser.add_argument("--commands", type=int, default=5, help="repetitions of `taizhang sweep` as a command")
    parser.add_argument("--imports", type=int, default=5, help="repetitions of each import")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    parser.add_argument("--sweep-only", action="store_true", help="measure the sweep, and no import")
    parser.add_argument("--no-build", action="store_true", help="the release binaries are there")
    bench = Bench(parser.parse_args())
    try:
        bench.prepare()
        ours, duck, fisca, command = bench.sweeps()
        sweeps = {"made": bench.made, "ours": ours, "duckdb": duck, "openfisca": fisca, "command": command}
        (bench.work / "sweeps.json").write_text(json.dumps(sweeps, ensure_ascii=False, indent=1))
        results.put(bench.asked.out, "sweep", text := report_sweep(bench, ours, duck, fisca, command))
        print(text)
        if bench.asked.sweep_only:
            return
        imports = bench.imports()
    except Failed as failure:
        sys.exit(str(failure))
    (bench.work / "results.json").write_text(json.dumps({**sweeps, "imports": imports}, ensure_ascii=False, indent=1))
    results.put(bench.asked.out, "import", text := report_imports(bench, imports))
    print(text)


if __name__ == "__main__":
    main()
