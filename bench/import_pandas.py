"""The import of an employment list with pandas: the same job as `taizhang import`, done the way someone good at pandas would.

Read; clean and check ID numbers (GB 11643); parse dates; map code words; drop repeated rows; match with the people already
there; write employment rows and refused rows to SQLite in one transaction. Everything that can be vectorised or done once
per distinct value is. Prints one JSON object with the time of each step.
"""

import argparse
import json
import pathlib
import sqlite3
import time

import numpy
import pandas

from sweep_duckdb import peak_kib

COLUMNS = {
    "姓名": "name", "公民身份号码": "id_number", "就业状态": "status", "失业日期": "since", "失业原因": "cause", "退休日期": "retired_on",
}
STATUS = {
    "在业": "employed", "就业": "employed", "在职": "employed", "失业": "unemployed", "登记失业": "unemployed", "无业": "unemployed",
    "退休": "retired", "已退休": "retired", "离退休": "retired",
}
CAUSE = {
    "企业破产": "bankruptcy", "破产": "bankruptcy", "企业改制": "restructuring", "改制": "restructuring", "企业撤销": "cancellation",
    "撤销": "cancellation", "企业分流": "diversion", "分流": "diversion", "下岗分流": "diversion", "其他": "other", "其它": "other",
    "个人原因": "other", "合同到期": "other",
}
WEIGHTS = numpy.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=numpy.int32)
CHECKS = numpy.frombuffer(b"10X98765432", dtype=numpy.uint8)


def read(path):
    if path.suffix == ".xlsx":
        return pandas.read_excel(path, dtype=object, engine="openpyxl").rename(columns=COLUMNS)
    return pandas.read_csv(path, dtype=str).rename(columns=COLUMNS)


def check_digits(digits17):
    """The check character of each row of a (rows × 17) array of digits."""
    return CHECKS[(digits17 @ WEIGHTS) % 11]


def clean_ids(column):
    """Cleaned ID numbers, and which are valid."""
    text = column.astype("str")
    plain = text.str.fullmatch(r"[0-9]{17}[0-9X]").fillna(False).to_numpy(dtype=bool)
    odd = text[~plain]
    odd = odd.str.normalize("NFKC").str.replace(r"[\s'’`\u200b]", "", regex=True).str.upper()
    fifteen = odd.str.fullmatch(r"[0-9]{15}")
    if fifteen.any():
        first17 = odd[fifteen].str.slice(0, 6) + "19" + odd[fifteen].str.slice(6)
        digits = numpy.array(first17.tolist(), dtype="S17").view(numpy.uint8).reshape(-1, 17).astype(numpy.int32) - 48
        odd[fifteen] = first17.to_numpy(dtype=object) + numpy.array([chr(c) for c in check_digits(digits)], dtype=object)
    text = text.copy()
    text[~plain] = odd
    shaped = plain.copy()
    shaped[~plain] = odd.str.fullmatch(r"[0-9]{17}[0-9X]").fillna(False).to_numpy(dtype=bool)
    valid = numpy.zeros(len(text), dtype=bool)
    raw = numpy.array(text[shaped].tolist(), dtype="S18").view(numpy.uint8).reshape(-1, 18)
    valid[shaped] = check_digits(raw[:, :17].astype(numpy.int32) - 48) == raw[:, 17]
    return text, valid


def clean_names(column):
    text = column.astype("str")
    odd = text.str.contains(r"\s", regex=True)
    text = text.copy()
    text[odd] = text[odd].str.replace(r"\s+", "", regex=True)
    return text


def parse_dates(column):
    """Dates in any of the six spellings, each distinct spelling once."""
    codes, distinct = pandas.factorize(column)
    text = pandas.Series(distinct, dtype=object).astype("str").str.slice(0, 11)
    text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", regex=True)
    text = text.str.replace(r"[年月./]", "-", regex=True).str.replace("日", "").str.strip()
    parsed = pandas.to_datetime(text, format="%Y-%m-%d", errors="coerce").to_numpy()
    parsed = numpy.append(parsed, numpy.datetime64("NaT"))
    return pandas.Series(parsed[codes], index=column.index)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("people", type=pathlib.Path, help="SQLite file with person(id, id_number, name)")
    parser.add_argument("out", type=pathlib.Path, help="SQLite file to write")
    parser.add_argument("--on", required=True)
    asked = parser.parse_args()
    asked.out.unlink(missing_ok=True)
    on = pandas.Timestamp(asked.on)
    steps, began = {}, time.perf_counter()

    def step(name):
        nonlocal began
        now = time.perf_counter()
        steps[name], began = round((now - began) * 1e6), now

    rows = read(asked.list)
    step("read")
    repeated = rows.duplicated()
    rows = rows[~repeated]
    rows["id_number"], valid = clean_ids(rows["id_number"])
    rows["name"] = clean_names(rows["name"])
    step("clean")
    rows["birth"] = pandas.to_datetime(rows["id_number"].str.slice(6, 14).where(valid), format="%Y%m%d", errors="coerce")
    rows["since"] = parse_dates(rows["since"])
    rows["retired_on"] = parse_dates(rows["retired_on"])
    for column, words in (("status", STATUS), ("cause", CAUSE)):
        written = rows[column]
        rows[column] = written.map(words)
        valid &= (rows[column].notna() | written.isna()).to_numpy()
    valid &= (rows["birth"].notna() & (rows["birth"] <= on)).to_numpy()
    step("parse")
    with sqlite3.connect(asked.people) as connection:
        people = pandas.read_sql("select id as person, id_number, name as known_name from person", connection)
    matched = rows[valid].merge(people, on="id_number", how="left")
    # Whoever isn't known is opened by name and number, with the next number for a record.
    stranger = matched["person"].isna()
    known = stranger | (matched["known_name"] == matched["name"])
    first = ~matched["id_number"].duplicated()
    opened = matched[stranger & first][["name", "id_number"]].reset_index(drop=True)
    opened.insert(0, "id", opened.index + people["person"].max() + 1)
    matched["person"] = matched["person"].fillna(matched["id_number"].map(opened.set_index("id_number")["id"]))
    step("match")
    taken = matched[known & first]
    taken = pandas.DataFrame({
        "person": taken["person"].astype("int64"),
        "holds_from": taken["since"].fillna(taken["birth"]).dt.strftime("%Y-%m-%d"),
        "status": taken["status"],
        "since": taken["since"].dt.strftime("%Y-%m-%d"),
        "cause": taken["cause"],
        "retired_on": taken["retired_on"].dt.strftime("%Y-%m-%d"),
    })
    refused = pandas.concat([rows[~valid], matched[~known]])[["name", "id_number"]]
    connection = sqlite3.connect(asked.out)
    connection.execute("pragma journal_mode = wal")
    with connection:
        opened.to_sql("person", connection, index=False)
        taken.to_sql("employment", connection, index=False)
        refused.to_sql("refused", connection, index=False)
    connection.close()
    step("write")
    print(json.dumps({
        "rows": len(repeated), "opened": len(taken), "repeated": int(repeated.sum()), "rejected": len(refused), "steps_us": steps,
        "total_us": sum(steps.values()), "version": pandas.__version__, "peak_rss_kib": peak_kib(),
    }))


if __name__ == "__main__":
    main()
