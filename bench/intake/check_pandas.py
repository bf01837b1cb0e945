"""Reads and checks a police roster with pandas: what `taizhang import` does before it looks into the ledger, done the way someone
good at pandas would.

Read; clean texts; clean and check ID numbers (GB 11643); parse dates in six spellings; map code words; clean telephones; see that what is
required is there; mark rows repeated. Whatever can be is vectorised or done once per distinct value. Prints one JSON object with the time of each step; imports aren't
counted.
"""

import argparse
import json
import pathlib
import sys
import time
import tomllib
import unicodedata

import numpy
import pandas

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from import_pandas import clean_ids, parse_dates  # noqa: E402
from sweep_duckdb import peak_kib  # noqa: E402

ROSTER = "police-households"
LONGEST_TEXT = 2_000
BLANK = r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
NO_VALUE = r"[-—–－/／\\*]+|无|空|至今|暂无|不详|未知"


def read(path, engine):
    if path.suffix == ".xlsx":
        return pandas.read_excel(path, dtype=object, engine=engine)
    return pandas.read_csv(path, dtype=str)


def load(pack):
    """The columns of the roster, and the words of its codes."""
    with open(pack / "rosters" / f"{ROSTER}.toml", "rb") as file:
        columns = tomllib.load(file)["column"]
    codes = {}
    for path in (pack / "codes").glob("*.toml"):
        with open(path, "rb") as file:
            for code in tomllib.load(file)["code"]:
                codes[code["id"]] = {
                    word: member["value"] for member in code.get("member", []) for word in (member["value"], member["zh"], member["en"], *member.get("synonyms", []))
                }
    return columns, codes


def once(column, function):
    """A column with every distinct value put through a function once."""
    places, distinct = pandas.factorize(column)
    done = pandas.Series([function(value) for value in distinct], dtype=object)
    return pandas.Series(done.reindex(places).to_numpy(), index=column.index)


def clean_text(column):
    """Texts without blanks and full-width letters; empty ones are nothing."""
    text = column.astype("str")
    odd = text.str.contains(BLANK + r"|[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]", regex=True).fillna(False).to_numpy(dtype=bool)
    if odd.any():
        text = text.copy()
        text[odd] = text[odd].str.replace(BLANK + "+", "", regex=True).str.normalize("NFKC")
        text = text.mask(text == "")
    return text


def clean_phones(column):
    """Telephone numbers, or nothing where there is none."""
    text = column.astype("str")
    plain = text.str.fullmatch(r"1[0-9]{10}").fillna(False).to_numpy(dtype=bool)
    odd = text[~plain].dropna()
    odd = odd.str.normalize("NFKC").str.replace(r"\([^0-9()]*\)\s*$", "", regex=True).str.replace(r"[—–]", "-", regex=True)
    odd = odd.str.replace(r"^\s*\+", "", regex=True).str.replace(r"[\s'().]", "", regex=True)
    digits = odd.str.replace("-", "")
    national = digits.str.replace(r"^86", "", regex=True)
    mobile = national.str.fullmatch(r"1[0-9]{10}")
    odd = odd.mask(mobile, national)
    fits = odd.str.fullmatch(r"[0-9-]+") & digits.str.len().between(3, 16)
    text = text.copy()
    text[odd.index] = odd.where(fits)
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("--on", required=True)
    parser.add_argument("--pack", type=pathlib.Path, required=True)
    parser.add_argument("--engine", default="openpyxl")
    asked = parser.parse_args()
    on = pandas.Timestamp(asked.on)
    columns, codes = load(asked.pack)
    steps, began = {}, time.perf_counter()

    def step(name):
        nonlocal began
        now = time.perf_counter()
        steps[name], began = steps.get(name, 0) + round((now - began) * 1e6), now

    rows = read(asked.list, asked.engine)
    rows.columns = [column["id"] for column in columns]
    step("read")
    repeated = rows.duplicated().to_numpy()
    step("repeats")
    valid = numpy.ones(len(rows), dtype=bool)
    for column in columns:
        id, kind, written = column["id"], column["type"], rows[column["id"]]
        if kind == "text":
            rows[id] = clean_text(written)
            valid &= ~(rows[id].str.len() > LONGEST_TEXT).fillna(False).to_numpy(dtype=bool)
        elif kind == "id_number":
            rows[id], whole = clean_ids(written)
            born = pandas.to_datetime(rows[id].str.slice(6, 14).where(whole), format="%Y%m%d", errors="coerce")
            rows[id] = rows[id].where(whole)
            valid &= whole & (born.notna() & (born >= pandas.Timestamp("1800-01-01")) & (born <= on)).to_numpy()
        elif kind == "date":
            written = written.mask(written.astype("str").str.fullmatch(r"\s*|" + NO_VALUE).fillna(False).to_numpy(dtype=bool))
            rows[id] = parse_dates(written)
        elif kind == "code":
            words = codes[column["code"]]
            rows[id] = once(written, lambda word: words.get("".join(unicodedata.normalize("NFKC", word).split())))
        elif kind == "phone":
            rows[id] = clean_phones(written)
        # What can't be read and can be done without is left out.
        if column.get("required"):
            valid &= rows[id].notna().to_numpy()
        step(kind)
    rows.loc[rows["birth_date"] > on, "birth_date"] = pandas.NaT
    step("rows")
    print(json.dumps({
        "rows": len(rows), "rejected": int((~valid).sum()), "repeated": int((repeated & valid).sum()), "steps_us": steps,
        "total_us": sum(steps.values()), "version": pandas.__version__, "peak_rss_kib": peak_kib(),
    }))


if __name__ == "__main__":
    main()
