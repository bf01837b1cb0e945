#!/usr/bin/env python3
"""Measures `taizhang link` on public data beside Splink and the Python Record Linkage Toolkit, and on lists of residents without
ID numbers, in one run on one machine; writes its part of ../RESULTS.md. See ../README.md."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import results  # noqa: E402
from results import Failed, run  # noqa: E402

LISTS = ["police", "health", "insurance", "community"]
LEVELS = ["low", "middle", "high"]
MET, NOT_MET = "met", "**not met**"


class Bench:
    def __init__(self, asked):
        self.asked, self.work = asked, asked.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.taizhang = target / "release/taizhang"

    def prepare(self):
        if not self.asked.no_build:
            run(["cargo", "build", "--release", "-p", "taizhang"])
        folder = self.work / "venv-linkage"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not self.python.exists():
            venv.create(folder, with_pip=True)
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"])

    def ours(self, tables, design, truth):
        command = [self.taizhang, "--json", "link", *tables, "--config", HERE / design, "-o", self.work / "pairs.csv", "--truth", truth]
        output, wall, peak = run(command)
        found = json.loads(output)
        return {**found, **found["against_truth"], "total_us": wall, "peak_rss_kib": peak}

    def theirs(self, script, *arguments):
        return json.loads(run([self.python, HERE / script, *arguments])[0])

    def febrl(self):
        folder = self.work / "febrl"
        run([self.python, HERE / "febrl.py", folder])
        tables = [folder / "A.csv", folder / "B.csv"]
        return {
            "taizhang link": self.ours(tables, "people.toml", "person"),
            "Splink": self.theirs("with_splink.py", folder, "--threshold", "0.9"),
            "recordlinkage": self.theirs("with_recordlinkage.py", folder),
        }

    def large(self):
        folder = self.work / f"people-{self.asked.people}"
        if not (folder / "B.csv").exists():
            run([self.python, HERE / "make_people.py", folder, "--people", self.asked.people])
        tables = [folder / "A.csv", folder / "B.csv"]
        return {
            "taizhang link": self.ours(tables, "people.toml", "person"),
            "Splink": self.theirs("with_splink.py", folder, "--threshold", "0.9"),
        }

    def residents(self, people, levels):
        folder = self.work / f"unnumbered-{people}"
        if not folder.exists():
            run([self.taizhang, "town", "generate", folder, "--people", people, "--unnumbered"])
        found = {}
        for level in levels:
            tables = [folder / level / f"{name}.csv" for name in LISTS]
            found[level] = self.ours(tables, "residents.toml", "真值")
        return found


def seconds(us):
    return f"{us / 1e6:,.2f} s"


def gigabytes(kib):
    return f"{kib * 1024 / 1e9:.2f} GB"


def verdict(met):
    return MET if met else NOT_MET


def report(bench, febrl, large, residents, scale):
    asked = bench.asked
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1:2]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    lines = [
        "## Linkage", "", f"Measured {asked.date} by `bench/linkage/run.py`. No labels anywhere; thresholds fixed beforehand.", "",
        f"- Machine: {results.machine()}",
        f"- Versions: taizhang {commit} (rustc {rustc[0] if rustc else '?'}, release profile), Splink 5.0.0 on DuckDB 2.0.0, "
        f"recordlinkage 0.16, Python {platform.python_version()}",
        "", "### FEBRL 4 without soc_sec_id: 5,000 with 5,000 records", "",
        "| | precision | recall | F1 | total time | peak memory |", "|---|---|---|---|---|---|",
    ]
    for name, got in febrl.items():
        lines.append(f"| {name} | {got['precision']:.4f} | {got['recall']:.4f} | {got['f1']:.4f} | {seconds(got['total_us'])} | {gigabytes(got['peak_rss_kib'])} |")
    own = febrl["taizhang link"]
    lines += [
        "", f"Aims: F1 ≥ 0.993 ({verdict(own['f1'] >= 0.993)}); {own['candidates_recall']:.4f} of the true pairs are candidates, ≥ 0.998 ({verdict(own['candidates_recall'] >= 0.998)}).",
        "", f"### {asked.people:,} with {asked.people:,} people made after FEBRL", "",
        "| | precision | recall | total time | ratio | peak memory |", "|---|---|---|---|---|---|",
    ]
    own = large["taizhang link"]
    for name, got in large.items():
        ratio = "" if got is own else f"{got['total_us'] / own['total_us']:.1f} ×"
        lines.append(f"| {name} | {got['precision']:.6f} | {got['recall']:.6f} | {seconds(got['total_us'])} | {ratio} | {gigabytes(got['peak_rss_kib'])} |")
    ratio = large["Splink"]["total_us"] / own["total_us"]
    lines += [
        "", f"Aim: at least 5 × Splink's total time ({verdict(ratio >= 5)}). Ours weighs {own['weighed']:,} pairs; writing the pairs with every term is counted.",
        "", f"### Residents' lists without ID numbers: {asked.residents:,} people × 4 departments", "",
        "Before any review. A question is a pair of groups that may be one person; it is not decided.", "",
        "| slips | precision | recall | B-cubed F1 | questions for 1,000 rows | |", "|---|---|---|---|---|---|",
    ]
    for level, got in residents.items():
        met = verdict(got["precision"] >= 0.999 and got["recall"] >= 0.99) if level == "middle" else ""
        lines.append(
            f"| {level} | {got['precision']:.6f} | {got['recall']:.4f} | {got['b_cubed_f1']:.4f} | {got['questions'] / got['records'] * 1000:.2f} | {met} |")
    lines += ["", "Aim on the middle level: precision ≥ 0.999 at recall ≥ 0.99.", "", "### Growth, middle level", "", "| rows | time | µs a row | peak memory | precision | recall |", "|---|---|---|---|---|---|"]
    for got in scale:
        lines.append(
            f"| {got['records']:,} | {seconds(got['total_us'])} | {got['total_us'] / got['records']:.1f} | {gigabytes(got['peak_rss_kib'])} | {got['precision']:.6f} | {got['recall']:.4f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=250_000, help="of the two large tables")
    parser.add_argument("--residents", type=int, default=45_651)
    parser.add_argument("--growth", type=int, nargs="*", default=[125_000, 250_000, 500_000], help="people of the four lists; each is on all four")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "RESULTS.md")
    parser.add_argument("--no-build", action="store_true", help="the release binary is there")
    bench = Bench(parser.parse_args())
    try:
        bench.prepare()
        febrl, large = bench.febrl(), bench.large()
        residents = bench.residents(bench.asked.residents, LEVELS)
        scale = [residents["middle"], *(bench.residents(people, ["middle"])["middle"] for people in bench.asked.growth)]
    except Failed as failure:
        sys.exit(str(failure))
    text = report(bench, febrl, large, residents, scale)
    results.put(bench.asked.out, "linkage", text)
    print(text)


if __name__ == "__main__":
    main()
