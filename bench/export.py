#!/usr/bin/env python3
"""Measures how fast a long list is exported: a register of a town, fetched as CSV and as a workbook from `taizhang serve`, beside XlsxWriter and
csv of Python writing the same cells. Writes its part of RESULTS.md. See README.md.
"""

import argparse
import csv
import http.client
import io
import pathlib
import shutil
import statistics
import sys
import tempfile
import time
import zipfile

import results
from pages import Server
from results import Failed, run

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
MET, NOT_MET = "met", "**not met**"
AIM_S = 3.0
TIMES = 5


def fetched(server, path):
    """A file of the pages, and how many seconds it took until its last byte was there."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=600)
    begun = time.perf_counter()
    connection.request("GET", path, headers={"cookie": f"key={server.key}; lang=en"})
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - begun
    connection.close()
    if answer.status != 200:
        raise Failed(f"{path} gave {answer.status}")
    return body, took


def cells(body):
    """The rows of a CSV, and how many cells they have in all."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    return rows, sum(len(row) for row in rows)


def of_python(rows, folder):
    """Seconds in which Python writes the same cells: as CSV, and as a workbook with XlsxWriter's constant memory."""
    begun = time.perf_counter()
    with open(folder / "base.csv", "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    as_csv = time.perf_counter() - begun
    try:
        import xlsxwriter
    except ImportError:
        return as_csv, None
    begun = time.perf_counter()
    book = xlsxwriter.Workbook(folder / "base.xlsx", {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell)
    book.close()
    return as_csv, time.perf_counter() - begun


def measured(server, path):
    """A file, and the seconds of each time it was fetched."""
    taken, body = [], b""
    for _ in range(TIMES):
        body, took = fetched(server, path)
        taken.append(took)
    return body, taken


def told(taken):
    return f"{statistics.median(taken):.2f} s ({min(taken):.2f})"


def report(asked, commit, rows, count, files, base):
    (text, text_took), (book, book_took), resident = files
    as_csv, as_book = base
    lines = [
        f"## A long list as a file\n\nMeasured {asked.date} by `bench/export.py`.\n",
        f"- Machine: {results.machine()}",
        f"- taizhang {commit}; the register `{asked.register}` of a town of {asked.people:,} people: {len(rows) - 1:,} rows, {count:,} cells; from the request to the last byte, {TIMES} times each, after one that isn't counted",
        f"- The server held {resident / 1e9:.2f} GB at the end\n",
        "| what | median (least) | size | aim | |",
        "|---|---|---|---|---|",
    ]
    for what, taken, body in (("CSV", text_took, text), ("workbook", book_took, book)):
        met = MET if statistics.median(taken) < AIM_S else NOT_MET
        lines.append(f"| {what} | {told(taken)} | {len(body) / 1e6:.1f} MB | < {AIM_S:g} s | {met} |")
    lines.append(f"| *the same cells*: Python's csv | {as_csv:.2f} s | | | |")
    if as_book is not None:
        lines.append(f"| *the same cells*: XlsxWriter, constant memory | {as_book:.2f} s | | | |")
    lines.append("\nThe two of Python have the cells in memory already; what the server does besides is to read, filter, sort and mask the records of one reader's rights and to name what they refer to.")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taizhang", type=pathlib.Path, help="the release binary")
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--people", type=int, default=110_000, help="how many the town has; a register of residences has one row and more for each")
    parser.add_argument("--register", default="residence")
    parser.add_argument("--on", default="2025-12-31", help="the day the pages show")
    parser.add_argument("--port", type=int, default=8_744)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    asked = parser.parse_args()
    taizhang = asked.taizhang.resolve()
    asked.work.mkdir(parents=True, exist_ok=True)
    town = asked.work / f"town-{asked.people}"
    results.town(taizhang, town, asked.people)
    copy = asked.work / "export-ledger"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(town / "ledger", copy)
    commit = run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"])[0].strip()
    path = f"/registers/{asked.register}/export"
    server = Server(taizhang, copy, asked.on, asked.port)
    try:
        rows, count = cells(fetched(server, f"{path}.csv")[0])
        text, book = measured(server, f"{path}.csv"), measured(server, f"{path}.xlsx")
        resident = server.memory()
    finally:
        server.stop()
        shutil.rmtree(copy, ignore_errors=True)
    if cells(text[0]) != (rows, count):
        raise Failed("the list differs from one time to the next")
    # A title, the notes and the header stand above the rows of a workbook.
    with zipfile.ZipFile(io.BytesIO(book[0])) as parts:
        held = parts.read("xl/worksheets/sheet1.xml").count(b"<row ")
    if held < len(rows):
        raise Failed(f"the workbook has {held} rows, the CSV {len(rows)}")
    with tempfile.TemporaryDirectory(dir=asked.work) as folder:
        base = of_python(rows, pathlib.Path(folder))
    text = report(asked, commit, rows, count, (text, book, resident), base)
    print(text)
    results.put(asked.out, "a long list as a file", text)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
