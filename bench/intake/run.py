#!/usr/bin/env python3
"""Measures reading and checking of police rosters of up to two million people beside pandas with openpyxl, and the whole
`taizhang import --dry-run`, in one run on one machine; writes its part of ../RESULTS.md. See ../README.md."""

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

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import results  # noqa: E402
from results import Failed, run  # noqa: E402

ROSTER, UNIT = "police-households", "210203000000"
SHEET = 1_000_000
KINDS = ["xlsx", "csv"]
MET, NOT_MET = "met", "**not met**"


class Bench:
    def __init__(self, asked):
        self.asked, self.work = asked, asked.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.taizhang, self.check_bench = target / "release/taizhang", target / "release/examples/check_bench"
        self.town, self.lists = self.work / f"town-{asked.people}", self.work / "intake"

    def prepare(self):
        if not self.asked.no_build:
            # In one command, so that both get the same features of what they share, and share one build of it.
            run(["cargo", "build", "--release", "-p", "taizhang", "-p", "intake", "--bin", "taizhang", "--example", "check_bench"])
        folder = self.asked.venv or self.work / "venv"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not self.python.exists():
            venv.create(folder, with_pip=True)
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE.parent / "requirements.txt"])
        sizes = [self.asked.rows, *self.asked.growth]
        names = [name for rows in sizes for name in self.names(rows)] + ["faulty"]
        if not all((self.lists / f"{name}.{kind}").exists() for name in names for kind in KINDS):
            if not (self.town / "units.csv").exists():
                run([self.taizhang, "town", "generate", self.town, "--people", self.asked.people, "--csv"])
            run([self.python, HERE / "make_list.py", self.town, self.lists, "--rows", *sizes, "--faulty", 20_000, "--on", self.asked.on])

    @staticmethod
    def names(rows):
        """The files of so many rows: as few as hold them."""
        files = -(-rows // SHEET)
        return [f"{rows // files}-{nth}" for nth in range(files)]

    def paths(self, rows, kind):
        return [self.lists / f"{name}.{kind}" for name in self.names(rows)]

    # ---- one measurement each -------------------------------------------------------------------------------------------

    def checked(self, path):
        """Ours: reading and checking, as a process of its own."""
        output, wall, peak = run([self.check_bench, ROSTER, UNIT, self.asked.on, path])
        found = json.loads(output)
        return {**found, "total_us": wall, "peak_rss_kib": peak}

    def dry_run(self, paths):
        """Ours: the whole command over an empty ledger."""
        ledger, result = self.work / "intake-ledger", self.work / "intake-result.xlsx"
        shutil.rmtree(ledger, ignore_errors=True)
        run([self.taizhang, "init", ledger, "--unit", UNIT])
        command = [self.taizhang, "--lang", "en", "--json", "import", ledger, "--register", ROSTER, "--unit", UNIT, *paths]
        # 1 means that rows would be refused.
        output, wall, peak = run([*command, "--on", self.asked.on, "--dry-run", "--result", result], codes=(0, 1))
        shutil.rmtree(ledger)
        found = json.JSONDecoder().raw_decode(output)[0]
        counts = {name: sum(file[name] for file in found["files"]) for name in ("rows", "opened", "repeated", "rejected")}
        return {**counts, "times_us": found["times_us"], "total_us": wall, "peak_rss_kib": peak}

    def pandas(self, path, engine="openpyxl"):
        output, _, peak = run([self.python, HERE / "check_pandas.py", path, "--on", self.asked.on, "--pack", ROOT / "packs/national", "--engine", engine])
        return {**json.loads(output), "peak_rss_kib": peak}

    # ---- the tasks --------------------------------------------------------------------------------------------------------

    def agree(self):
        """Both find the same in a list with faults; otherwise the times mean nothing."""
        for kind in KINDS:
            path = self.lists / f"faulty.{kind}"
            ours, theirs = self.dry_run([path]), self.pandas(path)
            for name in ("rows", "repeated", "rejected"):
                if ours[name] != theirs[name]:
                    raise Failed(f"faulty.{kind}, {name}: the answers differ\n  ours   {ours[name]}\n  theirs {theirs[name]}")
        return ours

    def measure(self):
        asked = self.asked
        found = {"agree": self.agree(), "check": {}, "pandas": {}, "calamine": {}, "dry_run": {}}
        for kind in KINDS:
            path, = self.paths(asked.rows, kind)
            found["check"][kind] = [self.checked(path) for _ in range(asked.repeat)]
            found["dry_run"][kind] = [self.dry_run([path]) for _ in range(asked.repeat)]
            if not asked.skip_pandas:
                found["pandas"][kind] = [self.pandas(path) for _ in range(asked.repeat)]
                for theirs in found["pandas"][kind]:
                    for name in ("rows", "repeated", "rejected"):
                        if theirs[name] != found["dry_run"][kind][0][name]:
                            raise Failed(f".{kind}, {name}: the answers differ\n  ours   {found['dry_run'][kind][0][name]}\n  theirs {theirs[name]}")
        if not asked.skip_pandas:
            path, = self.paths(asked.rows, "xlsx")
            found["calamine"] = [self.pandas(path, "calamine") for _ in range(asked.repeat)]
        found["growth"] = {}
        if not asked.skip_growth:
            for rows in asked.growth:
                for kind in KINDS:
                    paths = self.paths(rows, kind)
                    # Files of one command are read one after the other, so several say nothing new of reading by itself.
                    check = [self.checked(path) for path in paths for _ in range(asked.repeat)] if len(paths) == 1 else None
                    found["growth"][f"{rows} {kind}"] = {"check": check, "dry_run": [self.dry_run(paths) for _ in range(asked.repeat)]}
        return found


# ---- telling -------------------------------------------------------------------------------------------------------------


def median(measured, name="total_us"):
    return statistics.median(one[name] for one in measured)


def shown(us):
    return f"{us / 1e6:,.2f} s"


def both(measured):
    return f"{shown(median(measured))} (min {shown(min(one['total_us'] for one in measured))})"


def peak(measured):
    return max(one["peak_rss_kib"] for one in measured) * 1024


def gigabytes(size):
    return f"{size / 1e9:.2f} GB"


def row(what, ours, theirs, aim=None):
    ratio = median(theirs) / median(ours)
    verdict, wanted = ("", "") if aim is None else (MET if ratio >= aim else NOT_MET, f"≥ {aim:g} ×")
    return f"| {what} | {both(ours)} | {both(theirs)} | {ratio:.1f} × | {wanted} | {verdict} |"


def memory_row(what, ours, theirs, most=None):
    verdict, wanted = ("", "") if most is None else (MET if peak(ours) < most else NOT_MET, f"< {most / 1e9:g} GB")
    return f"| {what} | {gigabytes(peak(ours))} | {gigabytes(peak(theirs)) if theirs else ''} | | {wanted} | {verdict} |"


def stages(measured):
    names = measured[0]["times_us"]
    return ", ".join(f"{name.replace('_', ' ')} {shown(statistics.median(one['times_us'][name] for one in measured))}" for name in names)


def steps(measured):
    return ", ".join(f"{name.replace('_', ' ')} {shown(statistics.median(one['steps_us'][name] for one in measured))}" for name in measured[0]["steps_us"])


def read_and_checked(one):
    return one["times_us"]["reading"] + one["times_us"]["checking"]


def report(bench, found):
    asked, check, dry, theirs = bench.asked, found["check"], found["dry_run"], found["pandas"]
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1:2]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    version = f", pandas {theirs['csv'][0]['version']}" if theirs else ""
    agreed = found["agree"]
    lines = [
        "## Reading and checking a long roster", "", f"Measured {asked.date} by `bench/intake/run.py`; {asked.repeat} repetitions.", "",
        f"- Machine: {results.machine()}",
        f"- Versions: taizhang {commit} (rustc {rustc[0] if rustc else '?'}, release profile){version}, Python {platform.python_version()}",
        f"- List: {asked.rows:,} people of a generated town in the 19 columns of the police roster; .xlsx "
        f"{bench.paths(asked.rows, 'xlsx')[0].stat().st_size / 1e6:,.0f} MB, .csv {bench.paths(asked.rows, 'csv')[0].stat().st_size / 1e6:,.0f} MB",
        *([f"- {asked.note}"] if asked.note else []),
        "", "| what | taizhang | pandas | ratio | aim | |", "|---|---|---|---|---|---|",
    ]
    if theirs:
        lines += [
            row(f"Read and check {asked.rows:,} rows .xlsx — pandas with openpyxl", check["xlsx"], theirs["xlsx"], 10),
            row(f"Read and check {asked.rows:,} rows .csv — pandas", check["csv"], theirs["csv"]),
            row("for context: .xlsx — pandas with the calamine reader", check["xlsx"], found["calamine"]),
            row("for context: the whole `import --dry-run` .xlsx — pandas only reading and checking", dry["xlsx"], theirs["xlsx"]),
            row("for context: the whole `import --dry-run` .csv — pandas only reading and checking", dry["csv"], theirs["csv"]),
        ]
    else:
        lines += [f"| Read and check {asked.rows:,} rows .{kind} | {both(check[kind])} | | | | |" for kind in KINDS]
        lines += [f"| the whole `import --dry-run` .{kind} | {both(dry[kind])} | | | | |" for kind in KINDS]
    lines += [memory_row(f"Peak memory, read and check .{kind}", check[kind], theirs.get(kind), 1e9) for kind in KINDS]
    lines += [memory_row(f"Peak memory, the whole `import --dry-run` .{kind}", dry[kind], None) for kind in KINDS]
    lines += [
        "",
        "Reading and checking is what an import does before it looks into the ledger, and all that pandas does here. The dry run goes on: it looks "
        "up every number in the ledger (an empty one), says what would become of every row, and writes a workbook with a line for each.",
        "",
        f"- Answers agree: in a list of {agreed['rows']:,} rows with faults both find {agreed['rejected']:,} to be refused and {agreed['repeated']:,} repeated; "
        f"in the long one neither finds any. A run in which they differ stops.",
        *(f"- Stages of the dry run, .{kind}: {stages(dry[kind])}." for kind in KINDS),
    ]
    if theirs:
        lines += [f"- Steps of pandas, .{kind}: {steps(theirs[kind])}." for kind in KINDS]
    if found["growth"]:
        lines += ["", "### Growth", "", "| rows | kind | read and check | µs a row | peak memory | dry run | µs a row | peak memory |", "|---|---|---|---|---|---|---|---|"]
        sizes = sorted([*asked.growth, asked.rows])
        ratios = {}
        for kind in KINDS:
            for rows in sizes:
                one = found["growth"].get(f"{rows} {kind}") or {"check": check[kind], "dry_run": dry[kind]}
                inner = statistics.median(map(read_and_checked, one["dry_run"]))
                ratios[rows, kind] = (inner, median(one["dry_run"]))
                own = f"{shown(median(one['check']))} | {median(one['check']) / rows:.2f} | {gigabytes(peak(one['check']))}" if one["check"] else f"{shown(inner)} | {inner / rows:.2f} | "
                lines.append(f"| {rows:,} | .{kind} | {own} | {shown(median(one['dry_run']))} | {median(one['dry_run']) / rows:.2f} | {gigabytes(peak(one['dry_run']))} |")
        if max(sizes) > asked.rows:
            of = {kind: [ratios[max(sizes), kind][at] / ratios[asked.rows, kind][at] for at in (0, 1)] for kind in KINDS}
            told = "; ".join(f".{kind} {check:.2f} × reading and checking, {whole:.2f} × the whole dry run" for kind, (check, whole) in of.items())
            lines += [
                "", f"{max(sizes):,} rows are {len(bench.names(max(sizes)))} files in one command, since a sheet ends at 1,048,576 rows; their reading and checking is told by the "
                f"stages of the dry run. Against {asked.rows:,} rows: {told}.",
            ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the list, at most a sheet")
    parser.add_argument("--growth", type=int, nargs="*", default=[250_000, 500_000, 2_000_000], help="other sizes, ours only")
    parser.add_argument("--people", type=int, default=2_100_000, help="of the town the lists are drawn from")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--on", default="2025-12-31", help="the day the lists speak of")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--venv", type=pathlib.Path, help="a Python environment to use instead of one in the folder")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "RESULTS.md")
    parser.add_argument("--note", help="what else is to be known of the run")
    parser.add_argument("--no-build", action="store_true", help="the release binaries are there")
    parser.add_argument("--skip-pandas", action="store_true", help="measure ours only")
    parser.add_argument("--skip-growth", action="store_true", help="measure the one size only")
    bench = Bench(parser.parse_args())
    if bench.asked.rows > SHEET:
        parser.error(f"--rows is at most {SHEET}; a larger size goes to --growth")
    try:
        bench.prepare()
        found = bench.measure()
    except Failed as failure:
        sys.exit(str(failure))
    (bench.work / "intake.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))
    text = report(bench, found)
    results.put(bench.asked.out, "long rosters", text)
    print(text)


if __name__ == "__main__":
    main()
