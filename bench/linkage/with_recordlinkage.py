"""The same two tables linked by the Python Record Linkage Toolkit: its comparisons, its own expectation and maximisation (ECM), no labels.
Prints one JSON object."""

import argparse
import json
import pathlib
import resource
import time

import pandas
import recordlinkage


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    asked = parser.parse_args()
    started = time.perf_counter()
    a, b = (pandas.read_csv(asked.folder / f"{name}.csv", dtype=str, index_col="rec_id", skipinitialspace=True) for name in "AB")
    for table in (a, b):
        table["initials"] = table["given_name"].str[:1] + table["surname"].str[:1]
    indexer = recordlinkage.Index()
    for key in (["date_of_birth"], ["given_name", "surname"], ["surname", "postcode"], ["given_name", "postcode"], ["address_1", "street_number"],
                ["given_name", "suburb"], ["initials", "postcode"]):
        indexer.block(key)
    pairs = indexer.index(a, b)
    compare = recordlinkage.Compare()
    for column in ("given_name", "surname", "address_1", "address_2", "suburb"):
        compare.string(column, column, method="jarowinkler", threshold=0.88, label=column)
    for column in ("street_number", "postcode", "state", "date_of_birth"):
        compare.exact(column, column, label=column)
    vectors = compare.compute(pairs, a, b)
    found = recordlinkage.ECMClassifier().fit_predict(vectors)
    found = recordlinkage.OneToOneLinking().compute(found) if hasattr(recordlinkage, "OneToOneLinking") else found
    total = round((time.perf_counter() - started) * 1e6)
    right = sum(a.at[left, "person"] == b.at[other, "person"] for left, other in found)
    precision, recall = right / max(len(found), 1), right / len(set(a["person"]) & set(b["person"]))
    print(json.dumps({"total_us": total, "precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall),
                      "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
