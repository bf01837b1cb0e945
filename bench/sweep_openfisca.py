"""The three programmes both can express, on OpenFisca. Prints one JSON object.

Facts, those about relatives and those that follow from a list that vouches included, are gathered beforehand, by DuckDB, and handed over as
arrays; that is not counted. A fact that is missing is handed over as one that no condition takes. What is counted is
`simulation.calculate` of the three programmes over everyone, in a fresh simulation each time (OpenFisca caches results).
"""

import argparse
import json
import pathlib
import time
from importlib.metadata import version

import duckdb
import numpy
import pyarrow as pa
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.simulations import SimulationBuilder

import sweep_duckdb
from openfisca_taizhang import CountryTaxBenefitSystem, facts

PROGRAMMES = {
    "childcare-subsidy": "childcare_subsidy",
    "one-child-parent-award": "one_child_parent_award",
    "rural-family-support": "rural_family_support",
}
LONG_AGO = "date '1900-01-01'"
QUERY = f"""
select coalesce(birth_date, {LONG_AGO}) as birth_date, coalesce(alive, false) as alive, coalesce(registered, false) as registered,
       coalesce(births_confirmed, false) as births_confirmed, coalesce(nationality, 'unknown') as nationality,
       coalesce(hukou_nature, 'unknown') as hukou_nature, coalesce(spouse_hukou_nature, 'unknown') as spouse_hukou_nature,
       coalesce(certificate_status, 'unknown') as certificate_status, coalesce(children_ever, -1)::int as children_ever,
       coalesce(children_living, -1)::int as children_living, coalesce(girls_living, -1)::int as girls_living,
       coalesce(youngest_child_birth, {LONG_AGO}) as youngest_child_birth
from person_facts
"""
ENUMS = {
    "nationality": facts.Nationality,
    "hukou_nature": facts.Hukou,
    "spouse_hukou_nature": facts.Hukou,
    "certificate_status": facts.CertificateStatus,
}


def write_facts(connection, path):
    """The same facts, blanks and all, for taizhang to be asked the same (`sweep_bench --given`)."""
    table = connection.sql("from person_facts").to_arrow_table()
    views = [pa.field(f.name, pa.string_view() if pa.types.is_string(f.type) else f.type) for f in table.schema]
    table = table.cast(pa.schema(views))
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=65_536)


def inputs(folder, on, facts_path):
    """Each fact as an array over everyone."""
    connection = duckdb.connect(":memory:")
    sweep_duckdb.load(connection, folder)
    sweep_duckdb.rules(connection, on)
    if facts_path:
        write_facts(connection, facts_path)
    arrays = {name: numpy.asarray(column) for name, column in connection.execute(QUERY).fetchnumpy().items()}
    connection.close()
    for name in ("birth_date", "youngest_child_birth"):
        arrays[name] = arrays[name].astype("datetime64[D]")
    for name, words in ENUMS.items():
        codes = {item.name: item.index for item in words}
        indices = numpy.fromiter((codes[word] for word in arrays[name]), dtype=numpy.uint8, count=len(arrays[name]))
        arrays[name] = EnumArray(indices, words)
    return arrays


def simulation(system, arrays, on):
    people = len(arrays["alive"])
    built = SimulationBuilder().build_default_simulation(system, people)
    for name, array in arrays.items():
        built.set_input(name, on, array)
    return built


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("--on", required=True)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--facts", type=pathlib.Path, help="write the facts there too")
    asked = parser.parse_args()
    arrays = inputs(asked.tables, asked.on, asked.facts)
    system = CountryTaxBenefitSystem()
    times, entitled = [], {}
    for _ in range(asked.repeat):
        ready = simulation(system, arrays, asked.on)
        started = time.perf_counter()
        for programme, variable in PROGRAMMES.items():
            entitled[programme] = int(ready.calculate(variable, asked.on).sum())
        times.append(round((time.perf_counter() - started) * 1e6))
    print(json.dumps({"version": version("openfisca-core"), "people": len(arrays["alive"]), "times_us": times, "entitled": entitled,
                      "peak_rss_kib": sweep_duckdb.peak_kib()}))


if __name__ == "__main__":
    main()
