"""The same two tables linked by Splink on DuckDB: levels, frequencies and keys like ours where Splink has them, learnt without labels,
one record of each table per person. Prints one JSON object; `total_us` runs from reading the files to the links, without imports."""

import argparse
import json
import logging
import pathlib
import resource
import time

import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.internals.duckdb.database_api import DuckDBAPI

KEYS = [
    block_on("date_of_birth"),
    block_on("given_name", "surname"),
    block_on("surname", "postcode"),
    block_on("given_name", "postcode"),
    block_on("address_1", "street_number"),
    block_on("given_name", "suburb"),
]
MORE_KEYS = [
    block_on("substr(surname, 1, 1)", "substr(given_name, 1, 1)", "postcode"),
    block_on("substr(address_1, 1, 3)", "substr(date_of_birth, 1, 4)"),
    block_on("substr(date_of_birth, 5, 4)", "state", "substr(given_name, 1, 1)"),
    block_on("substr(surname, 1, 3)", "state", "street_number"),
    block_on("substr(address_1, 1, 3)", "substr(suburb, 1, 3)"),
    block_on("address_2"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--keys", choices=["few", "all"], default="all")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    api = DuckDBAPI()
    tables = []
    for name in "AB":
        api.duckdb_con.execute(f"create table t{name} as select * from read_csv('{asked.folder / name}.csv', all_varchar = true, nullstr = '')")
        tables.append(api.register(f"t{name}", dataset_display_name=name))
    words = [0.94, 0.88, 0.7]
    with_frequency = dict(term_frequency_adjustments=True)
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", words).configure(**with_frequency),
            cl.JaroWinklerAtThresholds("surname", words).configure(**with_frequency),
            cl.DamerauLevenshteinAtThresholds("street_number", 1).configure(**with_frequency),
            cl.JaroWinklerAtThresholds("address_1", words).configure(**with_frequency),
            cl.JaroWinklerAtThresholds("address_2", words).configure(**with_frequency),
            cl.JaroWinklerAtThresholds("suburb", words).configure(**with_frequency),
            cl.DamerauLevenshteinAtThresholds("postcode", 1).configure(**with_frequency),
            cl.ExactMatch("state").configure(**with_frequency),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]).configure(**with_frequency),
        ],
        blocking_rules_to_generate_predictions=KEYS + (MORE_KEYS if asked.keys == "all" else []),
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("date_of_birth", "surname"), block_on("given_name", "surname", "postcode")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname", "postcode"))
    predicted = linker.inference.predict(threshold_match_probability=asked.threshold)
    links = linker.clustering.cluster_using_single_best_links(predicted, duplicate_free_datasets=["A", "B"], threshold_match_probability=asked.threshold)
    name = links.physical_name
    found, right = api.duckdb_con.execute(f"""
        select count(*), count(*) filter (where a.person = b.person)
        from {name} l join {name} r on l.cluster_id = r.cluster_id and l.source_dataset = 'A' and r.source_dataset = 'B'
        join tA a on a.rec_id = l.rec_id join tB b on b.rec_id = r.rec_id""").fetchone()
    total = round((time.perf_counter() - started) * 1e6)
    people = api.duckdb_con.execute("select count(*) from tA join tB using (person)").fetchone()[0]
    precision, recall = right / max(found, 1), right / people
    print(json.dumps({"total_us": total, "precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall),
                      "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
