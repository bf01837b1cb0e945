"""The sweep on DuckDB: the same tables, in memory, the same conditions, two threads. Prints one JSON object.

Two tasks are timed. `conditions` does what the sweep of taizhang does: it keeps every condition and every missing fact of
every subject, and counts the answers from them. `answers` does less: it keeps nobody's reasons, only each subject's answers.
A third, `counts`, keeps nothing and only counts.
"""

import argparse
import json
import pathlib
import time

import duckdb
import pyarrow as pa

PERSON = [
    "childcare-subsidy", "complication-support", "one-child-parent-award", "rural-family-support",
    "special-support-bereaved", "special-support-disabled-child", "unemployed-retired",
]
COUPLE = ["double-unemployed-couple"]
HERE = pathlib.Path(__file__).parent / "duckdb"


def load(connection, folder):
    """Every register as an in-memory table of DuckDB's own format."""
    for path in sorted(folder.glob("*.arrow")):
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        plain = [pa.field(f.name, pa.string() if pa.types.is_string_view(f.type) else f.type) for f in table.schema]
        table = table.cast(pa.schema(plain))
        connection.register("incoming", table)
        connection.execute(f"create table {path.stem} as select * from incoming")
        connection.unregister("incoming")
        del table
    connection.execute("analyze")


def rules(connection, on):
    """The views of the rules, and what they stand on."""
    gather(connection)
    connection.execute((HERE / "rules.sql").read_text().replace(":on", on))
    connection.execute((HERE / "answers.sql").read_text())


def counted(connection, source, programmes):
    """How many subjects got each answer, in one pass."""
    parts = [
        f'count(*) filter (where "{p}"), count(*) filter (where not "{p}"), count(*) filter (where "{p}" is null)'
        for p in programmes
    ]
    row = connection.execute(f"select {', '.join(parts)} from {source}").fetchone()
    return {
        p: {"entitled": row[3 * n], "not_entitled": row[3 * n + 1], "cannot_tell": row[3 * n + 2]}
        for n, p in enumerate(programmes)
    }


def gather(connection):
    connection.execute((HERE / "gather.sql").read_text())


def conditions(connection):
    gather(connection)
    connection.execute("create or replace temp table person_kept as from person_conditions")
    connection.execute("create or replace temp table couple_kept as from couple_conditions")
    return {
        **counted(connection, "answers_of_people('person_kept')", PERSON),
        **counted(connection, "answers_of_couples('couple_kept')", COUPLE),
    }


def answers(connection):
    gather(connection)
    connection.execute("create or replace temp table person_kept as from answers_of_people('person_conditions')")
    connection.execute("create or replace temp table couple_kept as from answers_of_couples('couple_conditions')")
    return {**counted(connection, "person_kept", PERSON), **counted(connection, "couple_kept", COUPLE)}


def counts(connection):
    gather(connection)
    return {
        **counted(connection, "answers_of_people('person_conditions')", PERSON),
        **counted(connection, "answers_of_couples('couple_conditions')", COUPLE),
    }


def timed(connection, task, repeat):
    times = []
    for _ in range(repeat):
        connection.execute("drop table if exists person_kept; drop table if exists couple_kept")
        started = time.perf_counter()
        got = task(connection)
        times.append(round((time.perf_counter() - started) * 1e6))
    return {"times_us": times, "counts": got}


def peak_kib():
    status = pathlib.Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else []:
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("--on", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--explain", action="store_true", help="print the plans' times instead")
    asked = parser.parse_args()
    connection = duckdb.connect(":memory:")
    connection.execute(f"set threads = {asked.threads}")
    connection.execute("set preserve_insertion_order = false")
    load(connection, asked.tables)
    rules(connection, asked.on)
    if asked.explain:
        for view in ["person_conditions", "couple_conditions"]:
            print(connection.execute(f"explain analyze create or replace temp table kept as from {view}").fetchall()[0][1])
        return
    loaded = peak_kib()
    tasks = {task.__name__: timed(connection, task, asked.repeat) for task in (conditions, answers, counts)}
    print(json.dumps({"version": duckdb.__version__, "tasks": tasks, "peak_rss_kib": {"open": loaded, "end": peak_kib()}}))


if __name__ == "__main__":
    main()
