"""The people already in the ledger as a plain SQLite table, for pandas to match with. Not timed."""

import pathlib
import sqlite3
import sys

import pyarrow as pa


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    table = pa.ipc.open_file(str(source)).read_all()
    out.unlink(missing_ok=True)
    with sqlite3.connect(out) as connection:
        connection.execute("create table person (id integer primary key, id_number text, name text)")
        columns = [table[name].to_pylist() for name in ("id", "id_number", "name")]
        connection.executemany("insert into person values (?, ?, ?)", zip(*columns))
        connection.execute("create unique index person_by_number on person (id_number)")


if __name__ == "__main__":
    main()
