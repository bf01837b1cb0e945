"""The sweep on DuckDB: the same tables, in memory, the same conditions, two threads. Prints one JSON object.

All of them begin with what lists cover and who is at home where, and work out for whom each list vouches. `conditions` does what the sweep of
taizhang does: it keeps every condition, every missing fact and what of it waits for a list, of every subject, and counts the answers from them.
`answers` does less: it keeps nobody's reasons, only each subject's answers. A third, `counts`, keeps nothing and only counts.
The causes (of those of whom it can't be told, how many lack which fact) are counted from what is kept, and not timed.
"""

import argparse
import json
import pathlib
import time
import tomllib

import duckdb
import pyarrow as pa

PERSON = [
    "childcare-subsidy", "complication-support", "one-child-parent-award", "rural-family-support",
    "special-support-bereaved", "special-support-disabled-child", "unemployed-retired",
]
COUPLE = ["double-unemployed-couple"]
# What each condition rests on, as far as it may be missing.
PERSON_RESTS = {
    "alive": ["alive"], "registered": ["registered"], "nationality": ["nationality"], "born_from_2022": ["birth_date"],
    "under_three": ["birth_date"], "certified": ["complication_grade"], "certificate": ["certificate_status"],
    "one_child_living": ["children_ever", "children_living"], "child_under_18": ["youngest_child_birth"], "rural": ["hukou_nature"],
    "spouse_rural": ["spouse_hukou_nature"], "born_from_1933": ["birth_date"], "births_confirmed": ["births_confirmed"],
    "children": ["children_ever", "children_living", "girls_living"], "aged_60": ["birth_date"],
    "woman_49": ["sex", "married", "birth_date", "spouse_birth_date"], "only_child": ["children_ever"], "child_lost": ["children_living"],
    "child_living": ["children_living"], "child_disabled": ["child_disability_grade"], "retired": ["employment_status"],
    "cause": ["unemployment_cause"], "retired_by_now": ["retired_on"],
}
COUPLE_RESTS = {
    "married": [], "both_alive": ["husband_alive", "wife_alive"], "either_registered": ["husband_registered", "wife_registered"],
    "both_unemployed": ["husband_employment", "wife_employment"], "certificate": ["husband_certificate", "wife_certificate"],
    "only_child": ["children_ever", "children_living", "husband_children_ever"], "child_under_18": ["youngest_child_birth"],
}
# The conditions of each programme.
CONDITIONS = {
    "childcare-subsidy": ["alive", "registered", "nationality", "born_from_2022", "under_three"],
    "complication-support": ["alive", "registered", "certified"],
    "one-child-parent-award": ["alive", "registered", "certificate", "one_child_living", "child_under_18"],
    "rural-family-support": ["alive", "registered", "rural", "spouse_rural", "born_from_1933", "births_confirmed", "children", "aged_60"],
    "special-support-bereaved": ["alive", "registered", "born_from_1933", "woman_49", "only_child", "child_lost"],
    "special-support-disabled-child": ["alive", "registered", "born_from_1933", "woman_49", "only_child", "child_living", "child_disabled"],
    "unemployed-retired": ["alive", "registered", "retired", "cause", "retired_by_now", "certificate", "only_child"],
    "double-unemployed-couple": list(COUPLE_RESTS),
}
# Nobody can be asked these; facts without a list can only be asked.
NOT_ASKED = {"spouse_birth_date", "children_ever", "husband_children_ever"}
NOT_LISTED = {"sex", "birth_date", "nationality", "hukou_nature", "births_confirmed"}
HERE = pathlib.Path(__file__).parent / "duckdb"
ROSTERS = pathlib.Path(__file__).parents[1] / "packs/national/rosters"


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
    connection.execute("create table list_kind (roster text, whom text, months int)")
    connection.executemany("insert into list_kind values (?, ?, ?)", list(list_kinds()))
    connection.execute("analyze")


def list_kinds():
    """The lists that vouch: for whom, and for how many months."""
    for path in sorted(ROSTERS.glob("*.toml")):
        roster = tomllib.loads(path.read_text("utf-8"))["roster"]
        if vouches := roster.get("vouches"):
            number, unit = vouches["lasts"].split()
            yield roster["id"], vouches["whom"], int(number) * (12 if unit.startswith("year") else 1)


def rules(connection, on):
    """The views of the rules, and what they stand on."""
    gather(connection, on)
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


def gather(connection, on):
    connection.execute((HERE / "gather.sql").read_text().replace(":on", on))


def conditions(connection, on):
    gather(connection, on)
    connection.execute("create or replace temp table person_kept as from person_conditions")
    connection.execute("create or replace temp table couple_kept as from couple_conditions")
    return {
        **counted(connection, "answers_of_people('person_kept')", PERSON),
        **counted(connection, "answers_of_couples('couple_kept')", COUPLE),
    }


def answers(connection, on):
    gather(connection, on)
    connection.execute("create or replace temp table person_kept as from answers_of_people('person_conditions')")
    connection.execute("create or replace temp table couple_kept as from answers_of_couples('couple_conditions')")
    return {**counted(connection, "person_kept", PERSON), **counted(connection, "couple_kept", COUPLE)}


def counts(connection, on):
    gather(connection, on)
    return {
        **counted(connection, "answers_of_people('person_conditions')", PERSON),
        **counted(connection, "answers_of_couples('couple_conditions')", COUPLE),
    }


def causes(connection, kept, answers_of, programmes, rests):
    """Of the subjects of whom it can't be told, how many lack which fact: to be asked, or of a list."""
    found = {}
    for programme in programmes:
        unanswered = {}
        for condition in CONDITIONS[programme]:
            for fact in rests[condition]:
                unanswered.setdefault(fact, []).append(f'k."{condition}" is null')
        parts = []
        for fact, of in unanswered.items():
            waits = "false" if fact in NOT_LISTED else f"k.w_{fact}"
            lacks = f"k.n_{fact} and ({' or '.join(of)})"
            parts += [f"count(*) filter ({lacks} and not {waits})", f"count(*) filter ({lacks} and {waits})"]
        query = f"""select {', '.join(parts)} from {kept} k join {answers_of}('{kept}') a on a.subject = k.subject where a."{programme}" is null"""
        row = connection.execute(query).fetchone()
        found[programme] = {
            "ask": {fact: row[2 * n] for n, fact in enumerate(unanswered) if row[2 * n] and fact not in NOT_ASKED},
            "wait": {fact: row[2 * n + 1] for n, fact in enumerate(unanswered) if row[2 * n + 1]},
        }
    return found


def timed(connection, task, on, repeat):
    times = []
    for _ in range(repeat):
        connection.execute("drop table if exists person_kept; drop table if exists couple_kept")
        started = time.perf_counter()
        got = task(connection, on)
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
        text = (HERE / "gather.sql").read_text().replace(":on", asked.on)
        for statement in connection.extract_statements(text):
            started = time.perf_counter()
            connection.execute(statement)
            print(round((time.perf_counter() - started) * 1e3, 1), "ms", " ".join(statement.query.split())[:90])
        for view in ["person_conditions", "couple_conditions"]:
            print(connection.execute(f"explain analyze create or replace temp table kept as from {view}").fetchall()[0][1])
        return
    loaded = peak_kib()
    gathering = timed(connection, gather, asked.on, asked.repeat)["times_us"]
    tasks = {task.__name__: timed(connection, task, asked.on, asked.repeat) for task in (answers, counts, conditions)}
    lacking = {
        **causes(connection, "person_kept", "answers_of_people", PERSON, PERSON_RESTS),
        **causes(connection, "couple_kept", "answers_of_couples", COUPLE, COUPLE_RESTS),
    }
    print(json.dumps({"version": duckdb.__version__, "gather_us": gathering, "tasks": tasks, "causes": lacking, "peak_rss_kib": {"open": loaded, "end": peak_kib()}}))


if __name__ == "__main__":
    main()
