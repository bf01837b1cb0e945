#!/usr/bin/env python3
"""Imports four departments' lists without ID numbers of a whole town, three levels of slips, into an empty ledger, one after the
other, and holds who the ledger thinks they are against the truth; then imports everything again from a ledger opened anew. Writes
its part of ../RESULTS.md. See ../README.md."""

import argparse
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import results  # noqa: E402
from results import Failed, run  # noqa: E402

LEVELS = ["low", "middle", "high"]
MET, NOT_MET = "met", "**not met**"


def measured(asked):
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    if not asked.no_build:
        # In one command, so that both get the same features of what they share, and share one build of it.
        run(["cargo", "build", "--release", "-p", "taizhang", "-p", "intake", "--bin", "taizhang", "--example", "people_bench"])
    lists = asked.work.resolve() / f"unnumbered-{asked.people}"
    if not all((lists / level / "police.csv").exists() for level in LEVELS):
        run([target / "taizhang", "town", "generate", lists, "--people", asked.people, "--unnumbered"])
    found = {}
    for level in LEVELS:
        output, wall, memory = run([target / "examples/people_bench", lists / level])
        found[level] = {**json.loads(output.splitlines()[-1]), "memory": memory}
    return found


def report(asked, found):
    middle = found["middle"]
    lines = [
        "## People of four lists without ID numbers, imported one after the other",
        "",
        f"Measured {asked.date} by `bench/intake/people.py`. {middle['people']:,} people, {middle['rows']:,} rows; before any question is answered.",
        "",
        f"- Machine: {results.machine()}",
        "",
        "| slips | precision | recall | B-cubed F1 | people lost | two taken for one | one taken for several | questions for 1,000 rows | of these with the right person first | entries when imported again | time of the four imports |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for level, of in found.items():
        lines.append(
            f"| {level} | {of['precision']:.6f} | {of['recall']:.4f} | {of['b_cubed_f1']:.4f} | {of['lost']} | {of['merged']} | {of['split']} "
            f"| {of['questions_per_thousand']:.2f} | {of['right_first'] / max(of['asked'], 1):.1%} | {of['entries_when_imported_again']} | {of['seconds']:.1f} s |"
        )
    aims = [
        ("nobody lost, on any level", all(of["lost"] == 0 for of in found.values())),
        ("no two taken for one, on any level", all(of["merged"] == 0 for of in found.values())),
        ("under 5 questions for 1,000 rows on the middle level", middle["questions_per_thousand"] < 5),
        ("importing again, from a ledger opened anew, writes nothing", all(of["entries_when_imported_again"] == 0 for of in found.values())),
    ]
    lines += ["", "Aims: " + "; ".join(f"{aim} ({MET if met else NOT_MET})" for aim, met in aims) + "."]
    lines += [
        "",
        "Each list is recognised against a ledger that has only the lists before it, and what was decided stays decided; so recall is below that of "
        "linking all four at once. Of a question whose first candidate is right nearly always, that last one in some hundreds would still make one "
        "person of two; so it is asked. Who is one person in two records can be merged by two people, with all that refers to them.",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", required=True, help="the day of the measurement, for the report")
    parser.add_argument("--people", type=int, default=45_651)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/RESULTS.md")
    parser.add_argument("--no-build", action="store_true")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    try:
        text = report(asked, measured(asked))
    except Failed as failed:
        sys.exit(str(failed))
    results.put(asked.out, "people of four lists", text)
    print(text)


if __name__ == "__main__":
    main()
