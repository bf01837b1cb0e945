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
MET, NOT_MET = "met", "**not met**"


def middle(times):
    return {"min": min(times), "median": round(statistics.median(times)), "times": times}


class Bench:
    def __init__(self, asked):
        self.asked, self.work = asked, asked.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.taizhang, self.sweep_bench = target / "release/taizhang", target / "release/examples/sweep_bench"
        self.town = self.work / f"town-{asked.people}"
        self.ledger, self.rosters = self.town / "ledger", self.town / "rosters"
        self.tables = self.work / f"tables-{asked.people}"

    # ---- what has to be there first ------------------------------------------------------------------------------------

    def prepare(self):
        if not self.asked.no_build:
            # In one command, so that both get the same features of what they share, and share one build of it.
            run(["cargo", "build", "--release", "-p", "taizhang", "-p", "programmes", "--bin", "taizhang", "--example", "sweep_bench"])
        folder = self.work / "venv"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not self.python.exists():
            venv.create(folder, with_pip=True)
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"])
        done = self.town / "made"
        if not done.exists():
            # 1 means that some answer differs from the town's truth; the time is still a time, and the difference is told.
            command = [self.taizhang, "--lang", "en", "demo", "--data", self.town, "--people", self.asked.people, "--no-serve"]
            output, wall, peak = run(command, codes=(0, 1))
            done.write_text(json.dumps({"output": output, "wall_us": wall, "peak_rss_kib": peak}))
        self.made = json.loads(done.read_text())

    def child(self, script, *arguments):
        return json.loads(run([self.python, HERE / script, *arguments])[0])

    # ---- the sweep -----------------------------------------------------------------------------------------------------

    def sweeps(self):
        on, repeat = self.asked.on, self.asked.repeat
        only = [part for programme in SHARED for part in ("--programme", programme)]
        run([self.sweep_bench, self.ledger, "--on", on, "--repeat", 0, "--households", 0, "--export", self.tables])
        facts = self.work / f"facts-{self.asked.people}.arrow"
        fisca = self.child("sweep_openfisca.py", self.tables, "--on", on, "--repeat", repeat, "--facts", facts)
        command = [self.sweep_bench, self.ledger, "--on", on, "--repeat", repeat, *only, "--given", facts, "--households", 1000]
        ours = json.loads(run(command)[0])
        duck = self.child("sweep_duckdb.py", self.tables, "--on", on, "--repeat", repeat, "--threads", ours["threads"])
        for task, got in duck["tasks"].items():
            same("DuckDB, " + task, ours["all"]["counts"], got["counts"])
        same("OpenFisca", {p: ours["only"]["counts"][p]["entitled"] for p in SHARED}, fisca["entitled"])
        same("facts given", fisca["entitled"], ours["given"]["entitled"])
        _, wall, peak = run([self.taizhang, "--json", "sweep", self.ledger, "--on", on])
        return ours, duck, fisca, {"wall_us": wall, "peak_rss_kib": peak}

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
        results = {}
        for kind in ("csv", "xlsx"):
            path = roster.with_suffix(f".{kind}")
            ours = [self.import_ours(path) for _ in range(self.asked.imports)]
            theirs = [
                self.child("import_pandas.py", path, people, self.work / "pandas.sqlite", "--on", on) for _ in range(self.asked.imports)
            ]
            for name in ("rows", "opened", "repeated", "rejected"):
                same(f"{kind}, {name}", ours[0][name], theirs[0][name])
            results[kind] = {"ours": ours, "theirs": theirs}
        return results

    def import_ours(self, path):
        copy = self.work / "import-ledger"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.ledger, copy)
        os.sync()
        command = [self.taizhang, "--lang", "en", "--json", "import", copy, "--register", "employment", "--unit", self.root()]
        command += [path, "--on", self.asked.on, "--result", copy / "result.xlsx"]
        # 1 means that rows were refused, as they should be.
        output, wall, peak = run(command, codes=(0, 1))
        file = json.JSONDecoder().raw_decode(output)[0]["files"][0]
        shutil.rmtree(copy)
        return {**{name: file[name] for name in ("rows", "opened", "repeated", "rejected")}, "total_us": wall, "peak_rss_kib": peak}

    def root(self):
        """The unit that all communities of the town are under: the ledger's own."""
        communities = sorted(path.name for path in self.rosters.iterdir() if path.is_dir())
        common = next(n for n in (9, 6, 4, 2) if len({code[:n] for code in communities}) == 1)
        return communities[0][:common].ljust(12, "0")


def same(what, ours, theirs):
    if ours != theirs:
        raise Failed(f"{what}: the answers differ, so the times mean nothing\n  ours   {ours}\n  theirs {theirs}")


# ---- telling -------------------------------------------------------------------------------------------------------------


def shown(us):
    return f"{us / 1e6:,.2f} s" if us >= 1e6 else f"{us / 1e3:,.1f} ms" if us >= 1e4 else f"{us:,} µs"


def both(times):
    summary = middle(times)
    return f"{shown(summary['median'])} (min {shown(summary['min'])})"


def row(what, ours, theirs, aim=None):
    """A line of the table; `aim` is how many times faster we want to be, by medians."""
    ratio = statistics.median(theirs) / statistics.median(ours)
    verdict = "" if aim is None else MET if ratio >= aim else NOT_MET
    wanted = "" if aim is None else f"≥ {aim:g} ×"
    return f"| {what} | {both(ours)} | {both(theirs)} | {ratio:.2f} × | {wanted} | {verdict} |"


def memory_row(what, kib, most=None):
    verdict = "" if most is None else MET if kib * 1024 < most else NOT_MET
    wanted = "" if most is None else f"< {most / 1e9:g} GB"
    return f"| {what} | {kib * 1024 / 1e9:.2f} GB | | | {wanted} | {verdict} |"


def versions(duck, fisca, imports):
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1:2]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    return (
        f"taizhang {commit} (rustc {rustc[0] if rustc else '?'}, release profile), DuckDB {duck['version']}, "
        f"OpenFisca-Core {fisca['version']}, pandas {imports['csv']['theirs'][0]['version']}, Python {platform.python_version()}"
    )


def report(bench, ours, duck, fisca, command, imports):
    asked, tasks = bench.asked, duck["tasks"]
    household = sorted(ours["households"]["times_us"])
    median, p95 = household[len(household) // 2], household[len(household) * 95 // 100]
    people = ours["rows"]["person"]
    lines = [
        "## Sweep and import",
        "",
        f"Measured {asked.date} by `bench/run.py`.",
        "",
        f"- Machine: {results.machine()}",
        f"- Versions: {versions(duck, fisca, imports)}",
        f"- Town: {asked.people:,} people wished, {people:,} person records, {ours['rows']['kinship']:,} of kinship, "
        f"{ours['rows']['residence']:,} residences; {asked.repeat} repetitions of each sweep, {asked.imports} of each import",
        "",
        "| what | taizhang | the other | ratio | aim | |",
        "|---|---|---|---|---|---|",
        row("Sweep: eight programmes, every condition kept — DuckDB, the same kept", ours["all"]["times_us"], tasks["conditions"]["times_us"], 1),
        row("the same — DuckDB keeping answers only", ours["all"]["times_us"], tasks["answers"]["times_us"]),
        row("the same — DuckDB counting only", ours["all"]["times_us"], tasks["counts"]["times_us"]),
        row("Three programmes on facts given — OpenFisca, the same facts given", ours["given"]["times_us"], fisca["times_us"], 10),
        row("Three programmes from the registers, joins and reasons included — OpenFisca, facts given", ours["only"]["times_us"], fisca["times_us"]),
    ]
    for kind in ("xlsx", "csv"):
        mine, their = imports[kind]["ours"], imports[kind]["theirs"]
        lines.append(row(f"Import of {asked.rows:,} rows .{kind} — pandas", [m["total_us"] for m in mine], [t["total_us"] for t in their], 10))
    for kind in ("xlsx", "csv"):
        mine, their = imports[kind]["ours"], imports[kind]["theirs"]
        lines.append(row(f"for context: whole import .{kind} — pandas only reading the file", [m["total_us"] for m in mine], [t["steps_us"]["read"] for t in their]))
    made = []
    if bench.made["wall_us"]:
        made.append(
            f"- Making the town, importing it all and writing its lists and report (`taizhang demo --people {asked.people}`): "
            f"{shown(bench.made['wall_us'])}, {bench.made['peak_rss_kib'] * 1024 / 1e9:.2f} GB."
        )
    verdict = MET if median <= 1_250 else NOT_MET
    lines += [
        f"| One household re-evaluated with its explanation, all programmes (95th percentile {shown(p95)}) | {shown(median)} | | | about 1 ms | {verdict} |",
        memory_row(f"Peak memory of `taizhang sweep`, {asked.people:,} people", command["peak_rss_kib"], 2e9),
        memory_row("Peak memory of the sweep in one process, seven programmes and couples, repeated", ours["peak_rss_kib"]["sweep"], 2e9),
        memory_row("Peak memory of the import, .xlsx", max(m["peak_rss_kib"] for m in imports["xlsx"]["ours"])),
        memory_row("Peak memory of the import, .csv", max(m["peak_rss_kib"] for m in imports["csv"]["ours"])),
        "",
        "### Beside the table",
        "",
        f"- Answers agree: every programme, every answer, with DuckDB; who is entitled, with OpenFisca; rows taken, repeated and refused, with pandas "
        f"({imports['csv']['ours'][0]['opened']:,} taken, {imports['csv']['ours'][0]['repeated']:,} repeated, {imports['csv']['ours'][0]['rejected']:,} refused). A run in which they differ stops.",
        f"- Import speed: {asked.rows / statistics.median(m['total_us'] for m in imports['csv']['ours']) * 1e6:,.0f} rows/s from .csv, "
        f"{asked.rows / statistics.median(m['total_us'] for m in imports['xlsx']['ours']) * 1e6:,.0f} rows/s from .xlsx, with the hash chain, the history, "
        "the durable commit and the result workbook of every row.",
        f"- `taizhang sweep` as a command, from start to the three lists compared: {shown(command['wall_us'])}; "
        f"opening the columns from their cache: {shown(ours['open_us'])}.",
        f"- pandas, steps of .xlsx: {steps(imports['xlsx']['theirs'])}; of .csv: {steps(imports['csv']['theirs'])}.",
        f"- Memory of the others: DuckDB {duck['peak_rss_kib']['end'] * 1024 / 1e9:.2f} GB, OpenFisca {fisca['peak_rss_kib'] * 1024 / 1e9:.2f} GB "
        f"(with the making of its inputs), pandas {max(t['peak_rss_kib'] for t in imports['xlsx']['theirs']) * 1024 / 1e9:.2f} GB.",
        "- Peak memory of an import and of the demo is resident memory as the system counts it: the ledger's file, which several sessions map, counts once for each.",
        *made,
        "",
    ]
    return "\n".join(lines)


def steps(theirs):
    return ", ".join(f"{name} {shown(round(statistics.median(t['steps_us'][name] for t in theirs)))}" for name in theirs[0]["steps_us"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=300_000, help="of the lists imported")
    parser.add_argument("--on", default="2025-12-31", help="the date the programmes are asked for")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions of each sweep")
    parser.add_argument("--imports", type=int, default=3, help="repetitions of each import")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    parser.add_argument("--no-build", action="store_true", help="the release binaries are there")
    bench = Bench(parser.parse_args())
    try:
        bench.prepare()
        ours, duck, fisca, command = bench.sweeps()
        sweeps = {"made": bench.made, "ours": ours, "duckdb": duck, "openfisca": fisca, "command": command}
        (bench.work / "sweeps.json").write_text(json.dumps(sweeps, ensure_ascii=False, indent=1))
        imports = bench.imports()
    except Failed as failure:
        sys.exit(str(failure))
    (bench.work / "results.json").write_text(json.dumps({**sweeps, "imports": imports}, ensure_ascii=False, indent=1))
    text = report(bench, ours, duck, fisca, command, imports)
    results.put(bench.asked.out, "sweep and import", text)
    print(text)


if __name__ == "__main__":
    main()
